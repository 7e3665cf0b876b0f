"""The clients that mcpaudit knows, in the order in which reports list them."""

from mcpaudit.clients.client import Client
from mcpaudit.clients.known import (
    auggie,
    claude_code,
    claude_desktop,
    codex,
    cody,
    copilot_cli,
    cursor,
    gemini_cli,
    kilo_code,
    opencode,
    qwen_code,
    vscode,
)

CLIENTS: tuple[Client, ...] = (
    claude_code.CLIENT,
    claude_desktop.CLIENT,
    cursor.CLIENT,
    cody.CLIENT,
    vscode.CLIENT,
    codex.CLIENT,
    gemini_cli.CLIENT,
    copilot_cli.CLIENT,
    qwen_code.CLIENT,
    opencode.CLIENT,
    kilo_code.CLIENT,
    auggie.CLIENT,
)
