"""What is true of every client's decisions."""

import sys
from pathlib import Path

import pytest

from mcpaudit.clients.client import Client
from mcpaudit.clients.registry import CLIENTS


def _source(client: Client) -> str:
    module = Path(sys.modules[client.decide.__module__].__file__ or "")
    files = sorted(module.parent.glob("*.py")) if module.parent.name != "known" else [module]
    return "\n".join(file.read_text("utf-8") for file in files)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_a_client_that_looks_at_hints_says_so(client: Client) -> None:
    assert client.believes == ("tool.hints" in _source(client))


def test_some_believe_and_most_do_not() -> None:
    assert {client.id for client in CLIENTS if client.believes} == {"codex", "gemini-cli", "goose", "vscode"}
