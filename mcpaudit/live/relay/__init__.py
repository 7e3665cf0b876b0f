"""A transparent relay between a client and a server that records what passes (`mcpaudit live record`)."""
