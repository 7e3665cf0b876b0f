"""The tools of servers by their own source: where it is found, and when it is the better word."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Manifest
from tests.installation import facts_of, npx, saved, servers

SERVER = """
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("own")

@mcp.tool()
def delete_order(order_id: str) -> str:
    '''Delete an order for good.'''
    return order_id
"""
SWITCHED = """
import os
from mcp.server.fastmcp import FastMCP
mcp = FastMCP("own")

@mcp.tool()
def get_order() -> str: ...

if os.environ.get("ALLOW_WRITES") == "1":
    @mcp.tool()
    def set_order() -> str: ...
"""
NODE = """
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
const server = new McpServer({ name: "own", version: "1.0.0" });
server.tool("delete_note", "Delete a note", {}, async () => ({ content: [] }));
"""
GO = """
package main
import "github.com/mark3labs/mcp-go/mcp"
func main() {
    s := server.NewMCPServer("own", "1")
    s.AddTool(mcp.NewTool("delete_page"), nil)
}
"""
MODULE = {"srv/go.mod": "module example.com/own\n", "srv/cmd/own/main.go": GO}
INFO = "acme_server-1.2.3.dist-info"
UV = "~/.local/share/uv/tools/acme-server/lib/python3.12/site-packages/"
FILES = "@modelcontextprotocol/server-filesystem"


def manifest(folder: Path, entry: Any, files: dict[str, Any], manifests: Any = None) -> Manifest:
    """The manifest of a server `x` of Claude Code's project."""
    facts = facts_of(folder, {".mcp.json": servers(x=entry), **files}, manifests)
    return facts.access.manifests["claude-code/x"]


def names(found: Manifest) -> list[str]:
    return [tool.name for tool in found.tools]


def python(*args: str, **env: str) -> dict[str, Any]:
    return {"command": "python", "args": list(args), "env": env}


PLACES = [
    (python("srv/server.py"), {"srv/server.py": SERVER}, "its source in srv/server.py", ["delete_order"]),
    (
        python("-m", "own.server"),
        {"src/own/server.py": SERVER, "src/own/__init__.py": ""},
        "its source in ./src/own",
        ["delete_order"],
    ),
    (
        {"command": "node", "args": ["srv/index.js"]},
        {"srv/index.js": NODE, "srv/package.json": {"name": "own", "version": "0.1.0", "type": "module"}},
        "its source in srv/index.js",
        ["delete_note"],
    ),
    (
        {"command": "uvx", "args": ["acme-server==1.2.3"]},
        {UV + f"{INFO}/RECORD": f"{INFO}/METADATA,,\nacme/__init__.py,,\n", UV + "acme/__init__.py": SERVER},
        f"its source 1.2.3 in {UV}acme",
        ["delete_order"],
    ),
    (
        npx("acme-notes@2.0.0"),
        {
            "node_modules/acme-notes/package.json": {
                "name": "acme-notes",
                "version": "2.0.0",
                "main": "x.js",
            },
            "node_modules/acme-notes/x.js": NODE,
        },
        "its source 2.0.0 in node_modules/acme-notes",
        ["delete_note"],
    ),
    (
        {"command": "go", "args": ["run", "./srv/cmd/own"]},
        MODULE,
        "its source in ./srv",
        ["delete_page"],
    ),
    (
        {"command": "go", "args": ["-C", "srv", "run", "./cmd/own"]},
        MODULE,
        "its source in ./srv",
        ["delete_page"],
    ),
]


@pytest.mark.parametrize(("entry", "files", "reason", "tools"), PLACES)
def test_where_source_is_found(tmp_path: Path, entry: Any, files: Any, reason: str, tools: list[str]) -> None:
    found = manifest(tmp_path, entry, files)
    assert (found.source, found.reason, names(found)) == ("source", reason, tools)


def test_a_pinned_package_and_a_file_of_ones_own_are_what_runs(tmp_path: Path) -> None:
    own = manifest(tmp_path / "a", python("srv/server.py"), {"srv/server.py": SERVER})
    pinned = manifest(tmp_path / "b", PLACES[4][0], PLACES[4][1])
    loose = manifest(tmp_path / "c", npx("acme-notes"), PLACES[4][1])
    assert [one.certainty for one in (own, pinned, loose)] == [
        *(Certainty.CERTAIN, Certainty.CERTAIN),
        Certainty.POSSIBLE,
    ]


def test_what_was_built_may_be_of_another_state_than_the_source_beside_it(tmp_path: Path) -> None:
    run = manifest(tmp_path / "run", {"command": "go", "args": ["run", "./srv/cmd/own"]}, MODULE)
    built = manifest(tmp_path / "built", {"command": "./srv/bin/own"}, {**MODULE, "srv/bin/own": "\x7fELF"})
    assert [names(run), names(built)] == [["delete_page"]] * 2
    assert [one.certainty for one in (run, built)] == [Certainty.CERTAIN, Certainty.POSSIBLE]


def test_another_version_than_the_pinned_one_says_nothing(tmp_path: Path) -> None:
    assert manifest(tmp_path, npx("acme-notes@3.0.0"), PLACES[4][1]).source == "none"


def test_a_tool_that_is_off_counts_once_its_switch_is_named(tmp_path: Path) -> None:
    files = {"srv/server.py": SWITCHED}
    assert names(manifest(tmp_path / "off", python("srv/server.py"), files)) == ["get_order"]
    on = python("srv/server.py", ALLOW_WRITES="1")
    assert names(manifest(tmp_path / "on", on, files)) == ["get_order", "set_order"]


def test_a_manifest_that_was_handed_over_is_better(tmp_path: Path) -> None:
    found = manifest(tmp_path, python("srv/server.py"), {"srv/server.py": SERVER}, {"x": saved("get_a")})
    assert (found.source, names(found)) == ("supplied", ["get_a"])


def test_the_catalog_speaks_for_the_version_that_it_knows(tmp_path: Path) -> None:
    bare = manifest(tmp_path / "bare", npx(FILES), {})
    assert (bare.source, bare.complete) == ("catalog", True)
    folder = f"node_modules/{FILES}/"
    same = {folder + "package.json": {"name": FILES, "version": bare.version}, folder + "index.js": NODE}
    assert manifest(tmp_path / "same", npx(FILES), same).source == "catalog"
    other = {
        folder + "package.json": {"name": FILES, "version": "9.9.9", "main": "index.js"},
        folder + "index.js": NODE,
    }
    newer = manifest(tmp_path / "other", npx(FILES), other)
    assert (newer.source, newer.version, names(newer)) == ("source", "9.9.9", ["delete_note"])


def test_source_that_is_no_server_leaves_its_tools_unknown(tmp_path: Path) -> None:
    found = manifest(tmp_path, python("srv/x.py"), {"srv/x.py": "print('no server')\n"})
    assert (found.source, found.complete, names(found)) == ("none", False, [])
    assert found.reason == "it is a program of your own, and neither its source nor a manifest was found"


@pytest.mark.parametrize(
    "name", ["x" * 5_000 + ".py", "a/../../../etc/passwd", "srv\0.py", "~/" + "y/" * 900]
)
def test_names_that_lead_nowhere(tmp_path: Path, name: str) -> None:
    assert manifest(tmp_path, python(name), {}).source == "none"


def test_source_outside_what_is_audited_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(SERVER, encoding="utf-8")
    assert manifest(tmp_path / "site", python(str(tmp_path / "elsewhere.py")), {}).source == "none"
