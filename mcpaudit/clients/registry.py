"""The clients that mcpaudit knows, in the order in which reports list them."""

from mcpaudit.clients.client import Client
from mcpaudit.clients.known import (
    amazon_q,
    auggie,
    claude_code,
    claude_desktop,
    cline,
    codex,
    cody,
    copilot_cli,
    cursor,
    gemini_cli,
    kilo_code,
    kiro,
    opencode,
    qwen_code,
    roo_code,
    vscode,
    windsurf,
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
    windsurf.CLIENT,
    cline.CLIENT,
    roo_code.CLIENT,
    kiro.CLIENT,
    amazon_q.CLIENT,
)
