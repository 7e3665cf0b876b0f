"""The page on adding a client names what a client that is there has: each file, each line, each block."""

import re
from pathlib import Path

import pytest

from mcpaudit.clients.client import Client
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.knowledge.builtin import builtin_manifest
from tests.clients.kit import trials

PAGE = Path("docs/adding-a-client.md").read_text(encoding="utf-8")


def test_every_path_of_the_page_is_there() -> None:
    paths = re.findall(r"`((?:mcpaudit|tests|docs)/[\w./-]+)`", PAGE)
    assert len(paths) >= 8
    assert [path for path in paths if not Path(path).exists()] == []


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_every_client_went_the_same_way(client: Client) -> None:
    name = client.id
    module = name.replace("-", "_")
    known = Path("mcpaudit/clients/known")
    assert (known / f"{module}.py").exists() or (known / module / "__init__.py").exists()
    assert Path(f"mcpaudit/knowledge/clients/{name}.yaml").exists()
    assert builtin_manifest(name).complete
    assert name in trials() or Path(f"tests/clients/test_{module}.py").exists()


def test_a_client_that_a_table_tells_is_short() -> None:
    for path in Path("mcpaudit/clients/known").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "Declared(" in text:
            assert len(text.splitlines()) <= 130, path
