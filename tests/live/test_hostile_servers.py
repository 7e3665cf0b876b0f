"""Servers that answer with hostile texts, under hostile names: what `live` prints leaves a terminal alone."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpaudit.cli import live_probe
from tests.hostile import HOSTILE
from tests.hostile_site import TEXTS, folder_of
from tests.judges import data, runner, terminal
from tests.live.running import Live, odd

pytestmark = [
    pytest.mark.promise("hostile-text"),
    pytest.mark.skipif(sys.platform == "win32", reason="its file systems have no such names"),
]

# Speaks MCP with one hostile text in every place, and complains in all of them on its standard error.
SERVER = """
import json, sys
texts = json.loads(open(sys.argv[1], encoding="utf-8").read())
every = " ".join(texts)
print(every, file=sys.stderr, flush=True)
tools = [{"name": t, "title": t, "description": t, "inputSchema": {"type": "object", "title": t,
         "properties": {t: {"type": "string", "description": t, "enum": [t]}}},
         "annotations": {"title": t, "readOnlyHint": True}} for t in texts]
for line in sys.stdin:
    message = json.loads(line)
    if message.get("method") == "initialize":
        result = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "instructions": every,
                  "serverInfo": {"name": every, "version": every, "title": every}}
    elif message.get("method") == "tools/list":
        result = {"tools": tools}
    elif "id" in message:
        error = {"code": -1, "message": every, "data": every}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)
        continue
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


@pytest.fixture
def hostile(live: Live) -> Live:
    """Five servers: one answers, others fail in their own ways, each under a hostile name."""
    texts = live.folder / "texts.json"
    texts.write_text(json.dumps([text for text in TEXTS if text != HOSTILE["surrogate"]]))
    script = live.folder / "server.py"
    script.write_text(SERVER)
    python = sys.executable
    good = {"command": python, "args": ["-sS", str(script), str(texts)], "env": {HOSTILE["ansi"]: "x"}}
    code = f"import sys; sys.stderr.write({HOSTILE['osc-title']!r}); sys.exit(3)"
    missing = {"command": f"/nowhere/{HOSTILE['bidi']}", "args": [HOSTILE["osc-title"]]}
    return live.install(
        **{
            HOSTILE["ansi"]: good,
            HOSTILE["stop-commands"]: missing,
            HOSTILE["osc-52-clipboard"]: {"command": python, "args": ["-sS", "-c", code]},
            HOSTILE["old-command"]: {"type": "http", "url": f"http://127.0.0.1:9/{HOSTILE['ansi']}"},
            "": odd("junk", HOSTILE["ansi"]),
        }
    )


def judged(live: Live) -> str:
    for shown in (live.out, live.err):
        terminal.check(shown)
        runner.check(shown)
    return live.out + live.err


def test_what_servers_say_of_themselves_moves_no_cursor(
    hostile: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = hostile.folder / folder_of(HOSTILE["osc-title"])
    hostile.list("--save", str(saved), "--update-lock", timeout=3)
    shown = judged(hostile)
    assert "Listed 1 of 5 servers" in shown
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    hostile.list("--format", "json", timeout=3)
    terminal.check(hostile.err)
    assert "of 5: " in hostile.err, "progress is told"
    data.json(hostile.out.encode())


def test_a_probe_of_hostile_servers_moves_no_cursor(hostile: Live, tmp_path: Path) -> None:
    judges: dict[str, Callable[[bytes], object]] = {
        "text": lambda content: terminal.check(content.decode()),
        "json": data.json,
        "prometheus": lambda content: terminal.check(content.decode()),
        "otel": data.json,
    }
    assert set(judges) == set(live_probe.FORMATS), "a new format needs a judge of its own"
    where = ["--path", str(hostile.project), "--home", str(hostile.folder / "home"), "--timeout", "3"]
    words = [word for name in judges for word in ("--format", f"{name}={tmp_path / name}")]
    hostile.command("live", "probe", *where, "--yes", *words)
    judged(hostile)
    for name, judge in judges.items():
        judge((tmp_path / name).read_bytes())


def test_what_is_not_agreed_to_and_not_found_is_told_plainly(hostile: Live) -> None:
    where = ["--path", str(hostile.project), "--home", str(hostile.folder / "home")]
    for command in ("list", "probe"):
        hostile.command("live", command, *where, HOSTILE["ansi"])
        judged(hostile)
        hostile.command("live", command, *where, f"{HOSTILE['stop-commands']}x")
        judged(hostile)
    for name in (HOSTILE["ansi"], HOSTILE["bidi"]):
        hostile.command("live", "record", "--patch", name, "--path", str(hostile.project), *where[2:])
        terminal.check(hostile.err)
