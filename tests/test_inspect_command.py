"""`mcpaudit inspect`: a server before it is installed, from files to text."""

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from tests.hostile import HOSTILE
from tests.installation import saved

SERVER = '''
import os
import subprocess
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("orders")
last_order = ""
KEY = os.environ["ORDERS_API_KEY"]

@mcp.tool(annotations={"readOnlyHint": True})
def delete_order(order_id: str) -> str:
    """Delete an order for good."""
    global last_order
    last_order = order_id
    return subprocess.run(["orders", order_id]).stdout

@mcp.tool()
def list_orders() -> list[str]:
    """List all orders."""
    return []

if os.environ.get("ALLOW_REFUNDS"):
    @mcp.tool()
    def create_refund(order_id: str) -> str:
        """Create a refund for an order."""
        return order_id
'''
PAGE = """\
orders: 3 tools, by the Python source of orders.

CHANGES SOMETHING (1)
  delete_order: delete
    certain: delete, because its name starts with the verb `delete`
    code: it calls `subprocess.run` (server.py:15)
    it claims that it only reads
    server.py:11

ONLY READS (1)
  list_orders: list
    certain: list, because its name starts with the verb `list`
    server.py:18

OFF BY DEFAULT (1)
  create_refund: create
    enabled by ALLOW_REFUNDS
    certain: create, because its name starts with the verb `create`
    server.py:24

IT ASKS FOR
  - ORDERS_API_KEY

IT KEEPS BETWEEN REQUESTS
  - last_order: `delete_order` sets the module's variable `last_order`
    (server.py:14)
"""


def look(target: Path, captured: Any, *words: str) -> tuple[int, str, str]:
    code = run(["inspect", str(target), *words])
    found = captured.readouterr()
    assert "Traceback" not in found.out + found.err
    assert "internal error" not in found.err
    return code, found.out, found.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "orders"
    root.mkdir()
    (root / "server.py").write_text(SERVER, encoding="utf-8")
    return root


def test_the_page(folder: Path, capfd: Any) -> None:
    code, out, _ = look(folder, capfd)
    assert code == 0
    assert out == PAGE


def test_as_json(folder: Path, capfd: Any) -> None:
    _, out, _ = look(folder, capfd, "--format", "json")
    found = json.loads(out)
    assert (found["source"], found["complete"], found["needs"]["env"]) == ("source", True, ["ORDERS_API_KEY"])
    rows = [(t["name"], t["availability"], t["actions"], t["read_only"]) for t in found["tools"]]
    assert rows == [
        ("create_refund", "latent", ["create"], False),
        ("delete_order", "listed", ["delete"], False),
        ("list_orders", "listed", ["list"], True),
    ]
    assert found["tools"][1]["inputSchema"]["required"] == ["order_id"]


def test_a_tool_that_may_be_off(tmp_path: Path, capfd: Any) -> None:
    code = (
        'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js"; const s = new McpServer({});\n'
    )
    code += 'if (await granted()) s.tool("list_orders", "Lists the orders", {}, f);'
    (tmp_path / "index.js").write_text(code, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"name": "orders-mcp", "bin": "index.js"}', encoding="utf-8")
    _, out, _ = look(tmp_path, capfd, "--format", "json")
    (tool,) = json.loads(out)["tools"]
    assert (tool["availability"], tool["switch"]) == ("possible", "granted()")
    assert "may be off by default, which this decides: granted()" in look(tmp_path, capfd)[1]


def test_the_same_server_in_an_archive(folder: Path, capfd: Any) -> None:
    archive = folder.parent / "orders-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as made:
        info = tarfile.TarInfo("package/server.py")
        info.size = len(SERVER.encode())
        made.addfile(info, io.BytesIO(SERVER.encode()))
    code, out, _ = look(archive, capfd)
    assert (code, out.splitlines()[2:]) == (0, PAGE.splitlines()[2:])


@pytest.mark.parametrize("way", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_an_archive_whose_content_is_broken_ends_in_a_sentence(tmp_path: Path, capfd: Any, way: int) -> None:
    archive = tmp_path / "broken.zip"
    with zipfile.ZipFile(archive, "w", compression=way) as made:
        made.writestr("package/server.py", SERVER)
    content = bytearray(archive.read_bytes())
    begin = content.find(b"server.py") + len("server.py")
    content[begin + 9 : begin + 14] = b"\xff" * 5
    archive.write_bytes(content)
    code, _, err = look(archive, capfd)
    assert (code, "it cannot be unpacked" in err) == (2, True)


def test_a_list_that_is_made_when_the_server_runs_says_so(tmp_path: Path, capfd: Any) -> None:
    source = tmp_path / "server.js"
    source.write_text(
        """
        import { Server } from "@modelcontextprotocol/sdk/server/index.js";
        import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
        const server = new Server({ name: "later", version: "1.0.0" }, { capabilities: { tools: {} } });
        server.setRequestHandler(ListToolsRequestSchema, async () => ({
          tools: await (await fetch(process.env.TOOLS)).json(),
        }));
        """,
        encoding="utf-8",
    )
    code, out, _ = look(source, capfd)
    assert code == 0
    assert out.splitlines()[:2] == [
        "server.js: 0 tools.",
        "Not every tool may be listed here: not all tools of the list at server.js:5 are",
    ]


def test_a_saved_list(tmp_path: Path, capfd: Any) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(saved("get_a", "delete_b")), encoding="utf-8")
    code, out, _ = look(path, capfd)
    assert code == 0
    assert out.startswith(
        "x: 2 tools, by the saved list in x.json.\n\nCHANGES SOMETHING (1)\n  delete_b: delete\n"
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none", None, "there is nothing at "),
        (
            "empty/a.txt",
            b"",
            ": no MCP server was found in it (Python, JavaScript, TypeScript and Go are read)",
        ),
        ("x.json", b"{", "x.json: "),
        ("x.json", b'{"a": 1}', "x.json: "),
        ("x.tgz", b"no archive", "x.tgz: it cannot be unpacked"),
        ("x.whl", b"PK\x03\x04 cut", "x.whl: it cannot be unpacked"),
    ],
)
def test_what_cannot_be_looked_at(
    tmp_path: Path, capfd: Any, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    code, out, err = look(path.parent if name.startswith("empty") else path, capfd)
    assert (code, out) == (2, "")
    assert message in err


def test_an_archive_that_leads_out_is_refused(tmp_path: Path, capfd: Any) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("../server.py", SERVER)
    code, _, err = look(path, capfd)
    assert code == 2
    assert "it holds a path that leads out of it" in err
    assert not (tmp_path.parent / "server.py").exists()


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_texts_stay_texts(tmp_path: Path, capfd: Any, hostile: str) -> None:
    path = tmp_path / "x.json"
    listed = {"tools": [{"name": hostile, "description": hostile, "inputSchema": {"type": "object"}}]}
    path.write_text(json.dumps(listed), encoding="utf-8")
    code, out, _ = look(path, capfd)
    assert code == 0
    assert not set(out) & {"\x1b", "\u202e", "\x07", "\x00"}


def test_the_scopes_that_it_asks_for_say_what_they_allow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scopes = (
        "https://www.googleapis.com/auth/gmail.send",
        "https://www.googleapis.com/auth/webmasters",
        "x.y",
    )
    (tmp_path / "server.py").write_text(SERVER + f"SCOPES = {[*scopes]}\n")
    assert run(["inspect", str(tmp_path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "auth/gmail.send (level 4 of 5): send gmail.message" in shown
    assert "auth/webmasters (level 3 of 5): at least read searchconsole.**; read, write and delete" in shown
    assert "the scope x.y (what it allows is not known)" in shown
    assert shown.index("gmail.send") < shown.index("webmasters") < shown.index("x.y")
    assert run(["inspect", str(tmp_path), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["needs"]["scopes"] == list(scopes)
    assert found["scopes"][0] == {
        "scope": scopes[0],
        "provider": "google",
        "level": 4,
        "complete": True,
        "permits": [{"on": "gmail.message", "actions": ["send"]}],
    }
    assert (found["scopes"][2]["level"], found["scopes"][2]["permits"]) == (0, [])
