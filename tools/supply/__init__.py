"""What mcpaudit itself is made of: locks, SBOM, builds."""
