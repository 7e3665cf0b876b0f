"""Files that declare servers, and what of them is a list of tools."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.manifests.formats import read_offer
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.gap import Gap


def read(folder: Path, name: str, content: Any) -> Offer | Gap:
    text = yaml.safe_dump(content) if name.endswith((".yaml", ".yml")) else json.dumps(content)
    (folder / name).write_text(text)
    return read_offer(folder / name, name)


def offered(folder: Path, name: str, content: Any) -> Offer:
    found = read(folder, name, content)
    assert isinstance(found, Offer)
    return found


TOOL = {"name": "get_page", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
PROVIDED = "io.modelcontextprotocol.registry/publisher-provided"


def test_an_entry_of_toolhive_in_the_registry_form_has_whole_tools(tmp_path: Path) -> None:
    body = {"status": "Active", "tool_definitions": [TOOL], "tools": ["get_page"]}
    entry = {
        "name": "io.github.acme/wiki",
        "version": "1.2.0",
        "packages": [{"environmentVariables": [{"name": "WIKI_TOKEN"}]}],
        "_meta": {PROVIDED: {"io.github.stacklok": {"ghcr.io/acme/wiki:1.2.0": body}}},
    }
    found = offered(tmp_path, "server.json", entry)
    assert (found.source, found.complete, found.version) == ("registry", True, "1.2.0")
    assert found.tools[0].annotations == {"readOnlyHint": True}


def test_an_older_entry_of_toolhive_has_names_only(tmp_path: Path) -> None:
    entry = {
        "image": "ghcr.io/acme/wiki:1",
        "transport": "stdio",
        "tier": "Community",
        "tools": ["get_page", "write_page"],
        "env_vars": [{"name": "WIKI_TOKEN", "secret": True}],
    }
    found = offered(tmp_path, "spec.yaml", entry)
    assert [tool.name for tool in found.tools] == ["get_page", "write_page"]
    assert found.needs_env == ("WIKI_TOKEN",)


def test_a_registry_entry_without_tools_stays_one(tmp_path: Path) -> None:
    entry = {
        "name": "io.github.acme/wiki",
        "packages": [{"identifier": "acme-wiki"}],
        "_meta": {PROVIDED: {}},
    }
    found = offered(tmp_path, "server.json", entry)
    assert (found.source, found.tools, found.complete) == ("registry", (), False)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        (
            "smithery.yaml",
            {"startCommand": {"type": "stdio", "configSchema": {"properties": {"apiKey": {}}}}},
            "Smithery configuration",
        ),
        ("smithery.yaml", {"runtime": "typescript"}, "Smithery configuration"),
        (
            "plugin.json",
            {"name": "kit", "version": "1.0.0", "mcpServers": {"a": {"command": "x"}, "b": {}}},
            "names servers (a, b) and no tools",
        ),
        ("gemini-extension.json", {"name": "k", "version": "1", "mcpServers": "x.json"}, "and no tools"),
    ],
)
def test_what_lists_no_tools_says_so(tmp_path: Path, name: str, content: Any, says: str) -> None:
    found = offered(tmp_path, name, content)
    assert (found.tools, found.complete) == ((), False)
    assert says in found.reason


@pytest.mark.parametrize("content", [{}, {"a": 1}, {"mcpServers": {}}, {"startup": {}}, 5, "x", None])
def test_what_is_none_of_them_is_a_gap(tmp_path: Path, content: Any) -> None:
    found = read(tmp_path, "x.json", content)
    assert isinstance(found, Gap)
    assert "no saved tools/list" in found.reason
