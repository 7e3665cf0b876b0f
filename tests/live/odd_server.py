"""A small MCP server on standard input and output that behaves as its first argument says."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from odd_talk import LATEST, SCHEMA, good, greet, put, requests, say, serve, tool


def flood(text: str) -> None:
    """The same, for as long as anybody reads it."""
    raw = text.encode() * (1 + 65536 // len(text))
    while True:
        os.write(1, raw)


def wait() -> None:
    """Never answer."""
    time.sleep(60)


def stay(file: str) -> None:
    """Ignore being told to end, as does a child of its own, which writes down who it is."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-ISc", code])
    Path(file).write_text(f"{os.getpid()} {child.pid}")
    serve(good())
    time.sleep(60)


def leave(file: str) -> None:
    """Answer, and leave a child behind that keeps standard output open."""
    child = subprocess.Popen([sys.executable, "-ISc", "import time; time.sleep(60)"])
    Path(file).write_text(str(child.pid))
    serve(good())


def many_tools(number: str) -> None:
    """So many tools in one answer."""
    tools = [{"name": f"t{number}", "inputSchema": {"type": "object"}} for number in range(int(number))]
    serve(lambda cursor: {"tools": tools})


def pages_for_ever() -> None:
    """A new cursor on each page."""
    number = itertools.count()
    serve(lambda cursor: {"tools": [], "nextCursor": str(next(number))})


def changing() -> None:
    """Another first page each time."""
    number = itertools.count()

    def page(cursor: str | None) -> dict[str, Any]:
        more = {} if cursor else {"nextCursor": "2"}
        return {"tools": [tool(f"tool_{next(number)}")], **more}

    serve(page)


def changing_once() -> None:
    """A tool comes between the first and the second page, as on a server that is just starting."""
    asked = itertools.count()

    def page(cursor: str | None) -> dict[str, Any]:
        first = [tool("a")] if next(asked) == 0 else [tool("a"), tool("b")]
        return {"tools": [tool("z")]} if cursor else {"tools": first, "nextCursor": "2"}

    serve(page)


def wrong_ids() -> None:
    """Answer with the ids of nobody's questions."""
    for message in requests():
        say(id=message["id"] + 1000, result={"tools": []})


def unwell() -> None:
    """Say why, and end."""
    sys.stderr.write("the disk is full\n")
    raise SystemExit(3)


def needs_token() -> None:
    """End without the variable that it needs, and say it in its list otherwise."""
    if "API_TOKEN" not in os.environ:
        raise SystemExit("API_TOKEN is not set")
    serve(good("get_note"))


def strict() -> None:
    """End where the first message is not `initialize`, as some servers do."""
    first = next(requests())
    if first["method"] != "initialize":
        raise SystemExit(1)
    greet(first)
    serve(good())


def echo() -> None:
    """Put what it was given into its list."""
    text = " ".join((*sys.argv, *os.environ.values()))
    serve(lambda cursor: {"tools": [tool("echo", description=text)]})


def surroundings() -> None:
    """Name a tool after each variable, and one after what lies at home."""
    home = sorted(path.name for path in Path(os.environ["HOME"]).iterdir())
    serve(good(*sorted(os.environ), f"home-{'-'.join(home)}", f"cwd-{Path.cwd()}"))


def noisy() -> None:
    """A banner before the first message."""
    put("Welcome to the server!")
    serve(good())


def asks_back() -> None:
    """Ask the client for all that a server can ask for."""
    for number, method in enumerate(("roots/list", "sampling/createMessage", "elicitation/create", "ping")):
        say(id=f"own-{number}", method=method, params={})
    serve(good())


KINDS: dict[str, Any] = {
    "good": lambda: serve(good()),
    "modern": lambda: serve(good(), LATEST),
    "first": lambda: serve(good(), "2024-11-05"),
    "none": lambda: serve(lambda cursor: {"tools": []}),
    "junk": lambda: [put("Loading ..."), wait()],
    "junk-for-ever": lambda: flood("not json\n"),
    "silent": wait,
    "exits": unwell,
    "one-endless-message": lambda: flood("[" * 100),
    "endless-messages": lambda: flood(
        '{"jsonrpc":"2.0","method":"notifications/message","params":{"x":1}}\n'
    ),
    "endless-complaints": lambda: [os.write(2, b"x" * 65536) for _ in itertools.count()],
    "deep": lambda: [put('{"jsonrpc":"2.0","id":1,"result":' + "[" * 100_000), wait()],
    "many-tools": lambda: many_tools(*sys.argv[2:] or ["100000"]),
    "pages-for-ever": pages_for_ever,
    "same-cursor": lambda: serve(lambda cursor: {"tools": [], "nextCursor": "again"}),
    "changing": changing,
    "changing-once": changing_once,
    "wrong-ids": wrong_ids,
    "stays": lambda: stay(sys.argv[2]),
    "leaves": lambda: leave(sys.argv[2]),
    "marks": lambda: [Path(sys.argv[2]).touch(), serve(good())],
    "needs-token": needs_token,
    "strict": strict,
    "echo": echo,
    "surroundings": surroundings,
    "noisy": noisy,
    "asks-back": asks_back,
    "twice": lambda: serve(good("same", "same")),
    "no-list": lambda: serve(lambda cursor: {"tools": "none"}),
    "nameless": lambda: serve(lambda cursor: {"tools": [{"inputSchema": SCHEMA}]}),
    "long": lambda: serve(lambda cursor: {"tools": [tool("t", description="x" * 5_000_000)]}),
    "named": lambda: serve(good(*sys.argv[2:])),
    "named-in": lambda: serve(good(*json.loads(Path(sys.argv[2]).read_text()))),
}

if __name__ == "__main__":
    KINDS[sys.argv[1]]()
