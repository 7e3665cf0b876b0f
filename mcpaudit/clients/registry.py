"""The clients that mcpaudit knows, in the order in which reports list them."""

from collections.abc import Callable
from dataclasses import dataclass

from mcpaudit.clients import (
    auggie,
    claude_code,
    claude_desktop,
    codex,
    cody,
    copilot_cli,
    cursor,
    gemini_cli,
    given_file,
    kilo_code,
    opencode,
    qwen_code,
    vscode,
)
from mcpaudit.clients.client import AgentConfig, Decide
from mcpaudit.clients.reading import Reading


@dataclass(frozen=True, slots=True)
class Client:
    """One MCP client: how its files are read and how it decides."""

    id: str
    title: str
    load: Callable[[Reading], AgentConfig | None]
    """Reads the client's files; `None` where the site has none."""
    decide: Decide


CLIENTS = (
    Client(claude_code.ID, claude_code.TITLE, claude_code.load, claude_code.decide),
    Client(claude_desktop.ID, claude_desktop.TITLE, claude_desktop.load, claude_desktop.decide),
    Client(cursor.ID, cursor.TITLE, cursor.load, cursor.decide),
    Client(cody.ID, cody.TITLE, cody.load, cody.decide),
    Client(vscode.ID, vscode.TITLE, vscode.load, vscode.decide),
    Client(codex.ID, codex.TITLE, codex.load, codex.decide),
    Client(gemini_cli.ID, gemini_cli.TITLE, gemini_cli.load, gemini_cli.decide),
    Client(copilot_cli.ID, copilot_cli.TITLE, copilot_cli.load, copilot_cli.decide),
    Client(qwen_code.ID, qwen_code.TITLE, qwen_code.load, qwen_code.decide),
    Client(opencode.ID, opencode.TITLE, opencode.load, opencode.decide),
    Client(kilo_code.ID, kilo_code.TITLE, kilo_code.load, kilo_code.decide),
    Client(auggie.ID, auggie.TITLE, auggie.load, auggie.decide),
)

DECIDES: dict[str, Decide] = {client.id: client.decide for client in CLIENTS} | {
    given_file.ID: given_file.decide
}
