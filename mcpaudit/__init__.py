"""mcpaudit: what can your agents really reach?"""

__version__ = "0.1.0"
