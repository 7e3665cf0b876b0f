"""`mcpaudit live record` from the patch to the finding: patched, recorded, counted, judged."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.cli.record_start import quick
from tests.installation import npx, request_of, servers, site_of
from tests.live.relay.relaying import ROOT, SERVER, call, mcpaudit, rows
from tests.parsing.test_diff import GIT, git_apply

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
POLICIES = Path(__file__).parents[1] / "policies" / "least-privilege"
DAYS = ("2026-10-20", "2026-10-27", "2026-11-03", "2026-11-10", "2026-11-20")


def output(captured: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["live", "record", *words]) == code
    return captured.readouterr().out


@pytest.mark.skipif(not GIT or sys.platform == "win32", reason="needs git and a shell")
def test_from_the_patch_to_the_finding(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    site_of(tmp_path, {"~/.claude.json": servers(files=npx(FILES, "/srv"))})
    home, file = tmp_path / "home", tmp_path / "home" / ".claude.json"
    before = file.read_bytes()
    where = ("--patch", "files", "--path", str(tmp_path / "project"), "--home", str(home))
    undo = output(capfd, *where, "--undo")
    assert git_apply(home, output(capfd, *where)).returncode == 0

    # What a client does with the entry, once a day; `npx` starts a small server here.
    entry = json.loads(file.read_text())["mcpServers"]["files"]
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "npx"
    script.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, '-sS', SERVER, 'talk'])}\n")
    script.chmod(0o755)
    env = {"PATH": f"{script.parent}:{os.environ['PATH']}", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    words = [*mcpaudit(), *entry["args"]]
    for key, day in enumerate(DAYS):
        said = call(key, "read_text_file", path="/srv/x") + call(99, "fails")
        done = subprocess.run(words, input=said, capture_output=True, env=env, check=True)
        assert len(done.stdout.splitlines()) == 2, done.stderr
        (log,) = (tmp_path / ".local/state/mcpaudit/record").iterdir()
        (tmp_path / "logs").mkdir(exist_ok=True)
        today = rows(log)[0]["started"][:10]
        (tmp_path / "logs" / f"{day}.jsonl").write_text(log.read_text().replace(today, day))
        log.unlink()

    assert run(["usage", "--format", "json", "-o", str(tmp_path / "u.json"), str(tmp_path / "logs")]) == 0
    evidence = json.loads((tmp_path / "u.json").read_text())
    assert [(use["tool"], use["calls"], use["errors"]) for use in evidence["tools"]] == [
        ("fails", 5, 5),
        ("read_text_file", 5, 0),
    ]
    files: dict[str, Any] = {"~/.claude.json": file.read_text()}
    request = request_of(tmp_path / "audit", files, usage=(tmp_path / "u.json",), policies=(POLICIES,))
    found = [row for row in audit(request).findings if row.policy in ("unused-server", "unused-tool")]
    unused = {row.subject.rpartition("/")[2]: row.status for row in found}
    assert unused == dict.fromkeys(("create_directory", "edit_file", "move_file", "write_file"), "fail")

    assert git_apply(home, undo).returncode == 0
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say what to run behind `--`"),
        (["--listen", "127.0.0.1:1"], "--listen and --to belong together"),
        (["--to", "https://a.example/"], "--listen and --to belong together"),
        (["--listen", "127.0.0.1:1", "--to", "https://a.example/", "--", "x"], "say what to run behind `--`"),
        (["--listen", "0.0.0.0:1", "--to", "https://a.example/"], "give --expose"),
        (["--listen", "127.0.0.1:0", "--to", "a.example"], "--to needs an address like"),
        (["--patch", "filse"], "there is no server `filse` here; did you mean `files`?"),
        (["--patch", "files", "--", "x"], "--patch prints a patch and runs nothing"),
        (["--patch", "files", "--listen", "127.0.0.1:0"], "an entry needs a port that stays"),
        (["--patch", "files"], "name one, as AGENT/NAME"),
    ],
)
def test_mistakes_are_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: list[str],
    told: str,
) -> None:
    entries = servers(files=npx(FILES, "/srv"))
    site_of(tmp_path, {".mcp.json": entries, "~/.cursor/mcp.json": entries})
    monkeypatch.chdir(tmp_path / "project")
    home = ["--home", str(tmp_path / "home")] if "--patch" in words else []
    assert run(["live", "record", *home, *words]) == 2
    assert told in capfd.readouterr().err


def test_what_is_not_changed_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    site_of(tmp_path, {".mcp.json": servers(far={"type": "http", "url": "https://mcp.linear.app/mcp"})})
    where = ("--patch", "far", "--path", str(tmp_path / "project"), "--home", str(tmp_path / "home"))
    assert run(["live", "record", *where]) == 1
    assert "not changed: `far` in .mcp.json: say where its relay is to listen" in capfd.readouterr().err
    assert run(["live", "record", *where, "--listen", "127.0.0.1:8765"]) == 0
    told = (
        "let this run while the client does: mcpaudit live record --listen 127.0.0.1:8765 --to https://mcp."
    )
    assert told in capfd.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ["--", "x"],
        [
            "--name",
            "a",
            "--client=b",
            "--log",
            "c",
            "--max-bytes",
            "20000",
            "--keep=7",
            "--",
            "x",
            "--name",
            "y",
        ],
        ["--name=a=b", "--", "x", "--", "y"],
        ["--name=", "--", "x"],
        ["--values", "--", "x"],
        ["x"],
        ["--name", "a", "x"],
        ["--name", "--", "--", "x"],
        ["--name=--", "--", "x"],
        ["--log", ".", "--", "x"],
        ["--keep", "-1", "--", "x"],
        ["--keep", "1001", "--", "x"],
        ["--max-bytes", "1", "--", "x"],
        ["--max-bytes=\u0663\u0663\u0663\u0663\u0663\u0663", "--", "x"],
        ["--nmae", "a", "--", "x"],
        ["--help"],
        ["--"],
        ["--name"],
        [],
    ],
)
def test_the_short_way_is_the_long_way(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def recorded(*given: Any, **more: Any) -> int:
        seen.append(([*given[0]], *given[1:], more.get("values", False)))
        return 0

    for module in ("record_start", "live_record"):
        monkeypatch.setattr(f"mcpaudit.cli.{module}.recorded", recorded)
    short = quick(words)
    by_short, seen = seen, []
    assert (short is None) == (by_short == [])
    run(["live", "record", *words])
    assert by_short in ([], seen)


def test_the_relay_stays_light() -> None:
    """It stands before every start of a server."""
    heavy = "click mcp pydantic anyio httpx2 asyncio networkx jsonschema jinja2 yaml mcpaudit.audit"
    code = (
        "import sys; from mcpaudit.cli.record_start import quick; "
        "quick(['--log', '/dev/null', '--', sys.executable, '-c', '']); "
        f"sys.stderr.write(' '.join(name for name in '{heavy}'.split() if name in sys.modules))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stderr == ""
