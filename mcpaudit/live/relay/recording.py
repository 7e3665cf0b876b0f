"""Where a recording is written, and under which header."""

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mcpaudit import __version__
from mcpaudit.clients.identity import identify
from mcpaudit.live.relay.log import Log
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.live.relay.wanted import Wanted, recorder
from mcpaudit.model.record import FORMAT, Header
from mcpaudit.model.site import Site

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80
_NAME = 256


def identity(command: Sequence[str], env: Mapping[str, str]) -> str:
    """The server behind a command line, as reports name it."""
    server = identify(command[0], command[1:]).server.id
    if not server.startswith("path:"):
        return server
    home = env.get("HOME") or env.get("USERPROFILE")
    return f"path:{Site(Path.cwd(), Path(home) if home else None).shorten(server[5:])}"


def log_of(
    wanted: Wanted, server: str, started: str, env: Mapping[str, str], complain: Callable[[str], None]
) -> Log:
    """The log of a recording, open where it can be opened."""
    name = wanted.name or server
    header = Header(
        format=FORMAT,
        writer=f"mcpaudit {__version__}",
        recording=os.urandom(8).hex(),
        started=started,
        server=server[:_NAME],
        name=name[:_NAME],
        client=wanted.client[:_NAME],
        values=wanted.values,
    )
    path = Path(wanted.log) if wanted.log else folder(env) / f"{safe(name)}.jsonl"
    return Log(path, header, wanted.max_bytes, wanted.keep, complain, time.time, time.monotonic)


def begin(
    wanted: Wanted, server: str, env: Mapping[str, str], complain: Callable[[str], None], *words: str
) -> tuple[Recorder, Log]:
    """A recorder and its log at once."""
    found = recorder(wanted, words, env)
    log = log_of(wanted, server, found.started, env, complain)
    found.write_to(log)
    return found, log


def folder(env: Mapping[str, str]) -> Path:
    """Where logs go that nobody placed: below the user's state folder (XDG Base Directory Specification)."""
    if state := env.get("XDG_STATE_HOME") or env.get("LOCALAPPDATA"):
        return Path(state) / "mcpaudit" / "record"
    home = env.get("HOME") or env.get("USERPROFILE") or str(Path.home())
    return Path(home) / ".local" / "state" / "mcpaudit" / "record"


def safe(name: str) -> str:
    """A name as that of a file."""
    return _ODD.sub("-", name).strip(".-")[:_LONGEST] or "server"
