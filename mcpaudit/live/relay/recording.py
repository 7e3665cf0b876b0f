"""Begins a recording: its header, its key, and where its log goes."""

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mcpaudit import __version__
from mcpaudit.live.relay.arguments import Arguments, Masking
from mcpaudit.live.relay.log import Log
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.model.record import FORMAT, Header

_ODD = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says of a recording."""

    name: str = ""
    client: str = ""
    log: Path | None = None
    max_bytes: int = 50_000_000
    keep: int = 4
    values: bool = False


def begin_stdio(
    wanted: Wanted, command: Sequence[str], env: Mapping[str, str], complain: Callable[[str], None]
) -> Recorder:
    """A recorder for a server that is started."""
    from mcpaudit.clients.identity import identify

    server = identify(command[0], command[1:]).server.id
    if server.startswith("path:"):
        server = f"path:{_shortened(server[5:], env)}"
    return begin(wanted, server, env, complain, *command)


def begin(
    wanted: Wanted, server: str, env: Mapping[str, str], complain: Callable[[str], None], *secrets: str
) -> Recorder:
    """A recorder for the server of that identity, with its log open where it can be opened.

    `secrets` are words beside the variables that may hold some: the server's command line.
    """
    name = wanted.name or server
    header = Header(
        format=FORMAT,
        writer=f"mcpaudit {__version__}",
        recording=os.urandom(8).hex(),
        started=f"{datetime.now(UTC).isoformat()[:23]}Z",
        server=server[:256],
        name=name[:256],
        client=wanted.client[:256],
        values=wanted.values,
    )
    path = wanted.log or folder(env) / f"{safe(name)}.jsonl"
    log = Log(path, header, wanted.max_bytes, wanted.keep, complain, time.time, time.monotonic)
    arguments = Arguments(os.urandom(32), _masking(env, secrets) if wanted.values else None)
    return Recorder(log, arguments, time.time, time.monotonic)


def _shortened(path: str, env: Mapping[str, str]) -> str:
    """A path as reports name it."""
    from mcpaudit.model.site import Site

    home = env.get("HOME") or env.get("USERPROFILE")
    return Site(Path.cwd(), Path(home) if home else None).shorten(path)


def folder(env: Mapping[str, str]) -> Path:
    """Where logs go that nobody placed: below the user's state folder (XDG Base Directory Specification)."""
    if state := env.get("XDG_STATE_HOME") or env.get("LOCALAPPDATA"):
        return Path(state) / "mcpaudit" / "record"
    home = env.get("HOME") or env.get("USERPROFILE") or str(Path.home())
    return Path(home) / ".local" / "state" / "mcpaudit" / "record"


def safe(name: str) -> str:
    """A name as that of a file."""
    return _ODD.sub("-", name).strip(".-")[:_LONGEST] or "server"


def _masking(env: Mapping[str, str], words: tuple[str, ...]) -> Masking:
    """Takes the secrets of the server's surroundings out of values, and whatever else looks like one."""
    # Only here, as it reads the provider packs: a second that no other recording pays.
    from mcpaudit.live.relay.masking import masking

    return masking(env, words)
