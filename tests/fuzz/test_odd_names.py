"""Files and folders with names that nobody gives: each is read or told, and shown as text."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from tests.installation import npx, servers

pytestmark = [
    pytest.mark.promise("any-bytes"),
    pytest.mark.skipif(sys.platform != "linux", reason="Linux takes any bytes in a name"),
]
NAMES = (
    b"a\nb", b"\xff\xfe", b"\xc3\x28", b"\x1b]0;x\x07", b"\x01\x7f", b"...", b".. ", b" ", b"-rf", b"a" * 240,
    "\u202egnp".encode(), "\u200b".encode(), b"*",
    b"{project}", b"~", b"C:", b"a\\b", b"%2e%2e", b"::error::x",
)  # fmt: skip
SOURCE = b"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef kept(): ...\n"
ENTRY = json.dumps(servers(kept=npx("server-kept"))).encode()
# A folder in which any file counts, how its files end, what they hold, and the command that reads them.
FOLDERS: dict[str, tuple[str, str, bytes, str]] = {
    "agents": (".kiro/agents", ".json", ENTRY, "check . --no-home"),
    "agent pages": (".github/agents", ".md", b"---\nname: x\n---\n", "check . --no-home"),
    "policies": ("policies", ".yaml", b"kind: Policy\n", "check . --no-home --policy policies"),
    "manifests": ("manifests", ".json", b'{"tools": []}', "check . --no-home --manifests manifests"),
    "source": ("source", ".py", SOURCE, "inspect source"),
    "script": ("source", ".js", b"export const x = 1;\n", "inspect source"),
    "logs": ("logs", ".jsonl", b"{}\n", "usage logs"),
    "reviews": (".mcpaudit/reviews/x/signatures", ".json", b"{}", "check . --no-home"),
}


@pytest.mark.parametrize("kind", FOLDERS)
def test_files_and_folders_of_any_name_are_read_or_told(
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    record_property: Callable[[str, int], None],
) -> None:
    where, ending, content, line = FOLDERS[kind]
    for name in map(os.fsdecode, NAMES):
        (tmp_path / where / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / where / f"{name}{ending}").write_bytes(content)
        (tmp_path / where / name / f"x{ending}").write_bytes(content)
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_bytes(ENTRY)
    monkeypatch.chdir(tmp_path)
    for more in ([], ["--format", "json"]) if line.startswith("check") else ([],):
        code = run([*line.split(), *more])
        out, err = capfdbinary.readouterr()
        assert code in (0, 1, 2, 3, 4), err
        said = (out + err).decode("utf-8")
        assert said
        assert "Traceback" not in said
        # JSON is data: only what a terminal shows has to be seen.
        assert more or all(one.isprintable() for line in said.split("\n") for one in line)
        assert "\n::" not in said
    record_property("files with odd names", 2 * len(NAMES))
