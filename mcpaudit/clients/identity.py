"""Which server a command line or URL stands for, through launchers and wrappers.

A server is identified by what it launches or calls, never by the name it was given.
"""

import re
import shlex
from collections.abc import Sequence

from mcpaudit.clients.launchers import (
    INTERPRETERS,
    VALUED,
    Identity,
    container,
    go,
    identify_url,
    npm,
    npm_family,
    options_of,
    path_server,
    program_name,
    program_server,
    python_tool,
    remote,
    script,
    uv,
    word_at,
)
from mcpaudit.model.server import Server

__all__ = ["Identity", "identify", "identify_url", "relayed"]

_SHELLS = {"sh", "bash", "zsh", "dash", "fish"}
DISTRIBUTION = "mcp-reach-audit"
"""The name of mcpaudit on package indexes."""
_WRAPPERS = {"sudo", "nohup", "exec", "time", "caffeinate"}


def identify(command: str, args: Sequence[str]) -> Identity:
    """The identity of a local server from its command line."""
    found = _identify([command, *args], 0)
    return Identity(found.server, min(found.argument, len(args) - 1))


def relayed(words: Sequence[str]) -> int | None:
    """Where the command of the server stands behind `mcpaudit live record --`; `None` without that relay.

    Only what the relay itself starts is behind it: words after any other program lead nowhere.
    """
    given = list(words)
    at = _unwrapped(given, 0)
    program = program_name(word_at(given, at))
    if program == "uvx":
        at, options = options_of(given, at + 1, VALUED["uvx"])
        source = word_at(given, options.get("--from", len(given))).removeprefix("--from=")
        if re.split(r"[\[=<>~!@ ]", source)[0] != DISTRIBUTION:
            return None
    elif program in INTERPRETERS or program.startswith("python3."):
        if given[at + 1 : at + 2] != ["-m"]:
            return None
        at += 2
    if program_name(word_at(given, at)) != "mcpaudit" or given[at + 1 : at + 3] != ["live", "record"]:
        return None
    found, _ = options_of(given, at + 3, VALUED["mcpaudit"])
    return found if given[found - 1] == "--" and found < len(given) else None


def _identify(words: list[str], at: int) -> Identity:
    """Identify the program at `words[at]`; positions stay those of the original command line."""
    at = _unwrapped(words, at)
    if (behind := relayed(words[at:])) is not None:
        return _identify(words, at + behind)
    if at >= len(words) or not words[at].strip():
        return Identity(Server("command:?"))
    program = program_name(words[at])
    after = at + 1
    if program in _SHELLS:
        return _shell(words, after, program)
    if program in ("npx", "bunx", "pnpx"):
        return npm(words, after)
    if program in ("npm", "pnpm", "yarn", "bun"):
        return npm_family(words, after, program)
    if program == "uvx":
        return python_tool(words, after, "uvx", "--from")
    if program == "uv":
        return uv(words, after)
    if program == "mcp-remote":
        return remote(words, after)
    if program == "pipx" and word_at(words, after) == "run":
        return python_tool(words, after + 1, "pipx", "--spec")
    if program in ("docker", "podman", "nerdctl"):
        return container(words, after, program)
    if program == "go":
        return go(words, after)
    if program in INTERPRETERS or program.startswith("python3."):
        return script(words, after, program)
    return Identity(program_server(words[at], program), at - 1)


def _unwrapped(words: list[str], at: int) -> int:
    """The index of the program behind `env A=b`, `cmd /c`, `sudo` and the like."""
    while at < len(words):
        program = program_name(words[at])
        if program == "env":
            at, _ = options_of(words, at + 1, VALUED["env"])
            while at < len(words) and "=" in words[at]:
                at += 1
        elif program == "cmd" and words[at + 1 : at + 2]:
            at += 1
            while at < len(words) and words[at].lower() in ("/c", "/d", "/s", "/k"):
                at += 1
        elif program in _WRAPPERS:
            at, _ = options_of(words, at + 1, VALUED["sudo"] if program == "sudo" else set())
        else:
            break
    return at


def _shell(words: list[str], at: int, shell: str) -> Identity:
    """`bash -c "npx -y server"`: the server is inside the string, so no argument of its own names it."""
    at, options = options_of(words, at, set())
    if any("c" in option.lstrip("-") for option in options if not option.startswith("--")):
        try:
            inner = shlex.split(word_at(words, at))
        except ValueError:
            inner = []
        if inner and not any(token in word_at(words, at) for token in ("|", "&", ";", "$(", "`", ">", "\n")):
            return Identity(_identify(inner, 0).server, at - 1)
        return Identity(Server(f"command:{shell} -c"))
    if at >= len(words):
        return Identity(Server(f"command:{shell}"))
    return Identity(path_server(words[at]), at - 1)
