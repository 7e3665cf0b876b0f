"""Workspaces of several folders, in VS Code and Cursor."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import collect, installed, npx, servers

WORKSPACE = {"folders": [{"path": "."}, {"path": "api"}, {"path": "../sister"}, {"name": "no path"}]}


def files(**more: Any) -> dict[str, Any]:
    return {"team.code-workspace": WORKSPACE, **more}


def test_vs_code_reads_the_servers_of_every_folder(tmp_path: Path) -> None:
    own = {
        ".vscode/mcp.json": {"servers": {"a": npx("root")}},
        "api/.vscode/mcp.json": {"servers": {"b": npx("api", "${workspaceFolder}/x")}},
        "api/.mcp.json": servers(c=npx("shared", "${workspaceFolder}/x")),
        "../sister/.vscode/mcp.json": {"servers": {"d": npx("sister")}},
        "other/.vscode/mcp.json": {"servers": {"e": npx("not-opened")}},
    }
    found = installed(collect(tmp_path, files(**own)), "vscode")
    assert {name: (one.server.id, one.level) for name, one in found.items()} == {
        "a": ("npm:root", "workspace"),
        "b": ("npm:api", "workspace folder"),
        "c": ("npm:shared", "workspace folder"),
        "d": ("npm:sister", "workspace folder"),
    }
    # The variable is the folder's own, and the shared file has none.
    assert found["b"].entry.args[-1].text == str(tmp_path / "project" / "api" / "x")
    assert found["c"].entry.args[-1].text == "${workspaceFolder}/x"
    assert found["d"].place.file == "../sister/.vscode/mcp.json"


def test_the_audited_folder_hides_what_another_folder_calls_the_same(tmp_path: Path) -> None:
    own = {
        ".vscode/mcp.json": {"servers": {"a": npx("root")}},
        "api/.vscode/mcp.json": {"servers": {"a": npx("api")}},
    }
    found = installed(collect(tmp_path, files(**own)), "vscode")
    assert {one.server.id for one in found.values() if one.reachable} == {"npm:root"}


def test_cursor_loads_the_servers_of_every_folder_beside_each_other(tmp_path: Path) -> None:
    own = {".cursor/mcp.json": servers(a=npx("root")), "api/.cursor/mcp.json": servers(a=npx("api"))}
    found = installed(collect(tmp_path, files(**own)), "cursor")
    assert {one.server.id for one in found.values() if one.reachable} == {"npm:root", "npm:api"}


@pytest.mark.parametrize("folders", [None, {}, [1], [{"path": 5}], [{"path": ""}], [{"path": "\x00"}], "x"])
def test_nonsense_in_a_workspace_file_opens_nothing(tmp_path: Path, folders: Any) -> None:
    own = {"team.code-workspace": {"folders": folders}, ".vscode/mcp.json": {"servers": {"a": npx("root")}}}
    assert set(installed(collect(tmp_path, own), "vscode")) == {"a"}


def test_without_a_workspace_file_a_folder_stands_alone(tmp_path: Path) -> None:
    own = {
        ".vscode/mcp.json": {"servers": {"a": npx("root")}},
        "api/.vscode/mcp.json": {"servers": {"b": npx("api")}},
    }
    assert set(installed(collect(tmp_path, own), "vscode")) == {"a"}
