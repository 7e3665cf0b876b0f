"""`mcpaudit lock --fetch`: packages' sources from a small index on this machine."""

import io
import json
import os
import tarfile
import zipfile
from base64 import b64encode
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from tests.installation import npx, servers, site_of
from tests.live.test_fetch import Index, index

NODE = b"""
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
const server = new McpServer({ name: "own", version: "1.0.0" });
server.tool("delete_note", "Delete a note", {}, async () => ({ content: [] }));
require("node:fs").writeFileSync("/tmp/ran", "");
"""
PYTHON = b"from mcp.server.fastmcp import FastMCP\nm = FastMCP('x')\n@m.tool()\ndef get_time() -> str: ...\n"


def tar(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    return raw.getvalue()


def npm(state: Index, archive: bytes, digest: bytes | None = None) -> str:
    """Offer `acme-notes` 2.0.0; the hash that the index names."""
    integrity = "sha512-" + b64encode(digest or sha512(archive).digest()).decode()
    dist = {"tarball": f"{state.url}n/-/n-2.0.0.tgz", "integrity": integrity}
    metadata = {"dist-tags": {"latest": "2.0.0"}, "versions": {"2.0.0": {"dist": dist}}}
    state.answers |= {"/acme-notes": json.dumps(metadata).encode(), "/n/-/n-2.0.0.tgz": archive}
    return integrity


NOTES = tar({"package/package.json": b'{"name": "acme-notes", "main": "x.js"}', "package/x.js": NODE})


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of who runs it, where the index is configured."""
    own = tmp_path / "own"
    own.mkdir()
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_", "npm_", "NPM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(own))
    return own


def lock(folder: Path, captured: Any, *words: str) -> tuple[int, str, str, list[dict[str, Any]]]:
    code = run(["lock", "--no-home", *words, str(folder / "project")])
    out, err = captured.readouterr()
    file = folder / "project/mcpaudit.lock"
    return code, out, err, json.loads(file.read_text())["servers"] if file.exists() else []


def test_a_package_that_is_not_installed(tmp_path: Path, home: Path, capfd: Any) -> None:
    site_of(tmp_path, {".cursor/mcp.json": servers(n=npx("acme-notes@2.0.0"))})
    with index() as state:
        integrity = npm(state, NOTES)
        (home / ".npmrc").write_text(f"registry={state.url}\n")
        code, out, err, found = lock(tmp_path, capfd, "--fetch")
        assert code == 0
        assert out == "Wrote mcpaudit.lock: 1 server, 1 tool.\n"
        assert err == "mcpaudit: fetching the source of npm:acme-notes 2.0.0\n"
        assert [tool["name"] for tool in found[0]["tools"]] == ["delete_note"]
        assert found[0]["integrity"] == integrity
        reason = "its source 2.0.0 fetched from 127.0.0.1"
        assert (found[0]["manifest"]["source"], found[0]["manifest"]["reason"]) == ("source", reason)
        assert lock(tmp_path, capfd, "--check", "--fetch")[0] == 0
        asked = len(state.asked)
        code, out, _, _ = lock(tmp_path, capfd, "--check")
        assert (code, len(state.asked)) == (1, asked), "nothing is contacted without --fetch"
        assert "made with --fetch, and this run was not" in out
    assert not Path("/tmp/ran").exists()


def test_a_wheel(tmp_path: Path, home: Path, capfd: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as made:
        made.writestr("acme/__init__.py", PYTHON)
        made.writestr("acme-1.0.dist-info/METADATA", "Name: acme\nVersion: 1.0\n")
    wheel, name = raw.getvalue(), "acme-1.0-py3-none-any.whl"
    entry = {"command": "uvx", "args": ["acme"]}
    site_of(tmp_path, {".cursor/mcp.json": servers(n=entry)})
    with index() as state:
        listed = {
            "filename": name,
            "url": f"{state.url}{name}",
            "hashes": {"sha256": sha256(wheel).hexdigest()},
        }
        state.answers |= {"/simple/acme/": json.dumps({"files": [listed]}).encode(), f"/{name}": wheel}
        monkeypatch.setenv("PIP_INDEX_URL", f"{state.url}simple")
        code, _, _, found = lock(tmp_path, capfd, "--fetch")
    assert code == 0
    assert [tool["name"] for tool in found[0]["tools"]] == ["get_time"]
    assert found[0]["manifest"]["certainty"] == "possible", "it is not pinned"
    assert found[0]["integrity"] == "sha256:" + sha256(wheel).hexdigest()


@pytest.mark.parametrize(
    ("archive", "digest", "message"),
    [
        (NOTES, b"x" * 64, "the archive is not the one that the index names: its hash differs"),
        (tar({"../../evil.js": NODE}), None, "it holds a path that leads out of it"),
        (b"junk", None, "it cannot be unpacked"),
        (tar({"package/readme.md": b"#"}), None, "holds no source of a server that is read"),
    ],
)
def test_what_cannot_be_read_is_a_note(
    tmp_path: Path, home: Path, capfd: Any, archive: bytes, digest: bytes | None, message: str
) -> None:
    site_of(tmp_path, {".cursor/mcp.json": servers(n=npx("acme-notes"))})
    with index() as state:
        npm(state, archive, digest)
        (home / ".npmrc").write_text(f"registry={state.url}\n")
        code, out, _, found = lock(tmp_path, capfd, "--fetch")
    assert (code, found[0]["tools"]) == (0, [])
    assert message in " ".join(out.split())


def test_an_index_that_does_not_answer(tmp_path: Path, home: Path, capfd: Any) -> None:
    site_of(tmp_path, {".cursor/mcp.json": servers(n=npx("acme-notes"))})
    with index() as state:
        gone = state.url
    (home / ".npmrc").write_text(f"registry={gone}\n")
    code, out, _, found = lock(tmp_path, capfd, "--fetch")
    assert (code, found[0]["tools"]) == (0, [])
    assert "npm:acme-notes was not fetched: 127.0.0.1: " in " ".join(out.split())
