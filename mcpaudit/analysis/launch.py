"""What an entry's own words make of its server: code fetched from elsewhere, a port open to every network."""

import re
from collections.abc import Iterator

from mcpaudit.clients.launchers import program_name
from mcpaudit.model.server import Argument, Installation

_FETCH = r"(?:curl|wget|iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b"
_RUN = r"(?:sudo\s+)?(?:/\S*/)?(?:ba|z|da|k)?sh\b|python3?\b|node\b|perl\b|ruby\b|iex\b|invoke-expression\b"
# `curl URL | sh`, `sh <(curl URL)`, `sh -c "$(curl URL)"`, `iex (irm URL)`.
_PIPED = re.compile(
    rf"{_FETCH}[^|]*\|\s*(?:{_RUN})|(?:<\(|\$\(|`)\s*{_FETCH}|\biex\b.*{_FETCH}", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"(?:git\+|https?://|git@|git://|github:|gitlab:|bitbucket:|gist:)", re.IGNORECASE)
_COMMIT = re.compile(r"[@#][0-9a-f]{40}$", re.IGNORECASE)
# Launchers that take an address in the place of a package's name.
_LAUNCHERS = ("npx", "bunx", "pnpm", "yarn", "npm", "uvx", "uv", "pipx", "deno", "bun", "go")
_EVERY = re.compile(r"(^|=|//)(?:0\.0\.0\.0|\[::\]|::|\*)((?::[0-9]+)?/?)$")
_HOST = re.compile(
    r"(?:^|[-_])(?:host|hostname|bind|listen|address|addr|interface)(?:$|[-_=])", re.IGNORECASE
)
_CONTAINERS = ("docker", "podman", "nerdctl")
_ALL_PORTS = ("-P", "--publish-all")
_WITHOUT_HOST = re.compile(r"^(?:0\.0\.0\.0|\[::\]):")
_LOCAL = "127.0.0.1"
_LONGEST = 80
_READ = 4096
"""How much of a script is searched, since the search takes quadratic time at worst."""


def remote_code(one: Installation) -> tuple[str, ...]:
    """The words by which its command downloads code and runs it, other than a package of an index.

    An address that names one commit is left out: it fetches the same code each time.
    """
    found = [word.text for word in one.entry.args if _PIPED.search(word.text[:_READ])]
    # A bridge is given the address of the server that it calls, and runs nothing from there.
    if program_name(one.entry.command) in _LAUNCHERS and not one.server.url:
        own = one.entry.args[: one.entry.package_argument + 1]
        found += [word.text for word in own if _elsewhere(word.text)]
    return tuple(dict.fromkeys(_short(text) for text in found))


def listens_everywhere(one: Installation) -> tuple[str, ...] | None:
    """The words that open its port to every network; `None` where a variable may hide one."""
    container = program_name(one.entry.command) in _CONTAINERS
    found, hidden = [], False
    for name, word in _published(one) if container else _addresses(one):
        if not word.known:
            hidden = True
        elif container or _EVERY.search(word.text):
            found.append(_short(f"{name} {word.text}".strip()))
    return tuple(dict.fromkeys(found)) if found or not hidden else None


def bound_locally(one: Installation) -> Iterator[tuple[Argument, str]]:
    """The words that open its port to every network, each as it would be for this machine alone.

    Empty where that takes more than another word.
    """
    container = program_name(one.entry.command) in _CONTAINERS
    for _, word in _published(one) if container else _addresses(one):
        if not container and _EVERY.search(word.text):
            yield word, _EVERY.sub(rf"\g<1>{_LOCAL}\g<2>", word.text)
        elif container and word.text not in _ALL_PORTS:
            flag, equals, port = word.text.rpartition("=")
            host, colon, rest = _WITHOUT_HOST.sub("", port).rpartition(":")
            yield word, f"{flag}{equals}{_LOCAL}:{host}{colon or ':'}{rest}"


def _elsewhere(text: str) -> bool:
    return bool(_ELSEWHERE.match(text)) and not _COMMIT.search(text)


def _addresses(one: Installation) -> Iterator[tuple[str, Argument]]:
    """The words that may say where it listens, each with the flag or variable that it belongs to."""
    before = ""
    for word in one.entry.args:
        flag = before if before.startswith("-") and "=" not in before else ""
        if _EVERY.search(word.text) or (not word.known and _HOST.search(flag or word.text)):
            yield flag, word
        before = word.text
    for name, word in one.entry.own_env():
        if _HOST.search(name):
            yield name, word


def _published(one: Installation) -> Iterator[tuple[str, Argument]]:
    """The ports that a container publishes on every address of this machine."""
    own = one.entry.args[: one.entry.package_argument] if one.entry.package_argument >= 0 else one.entry.args
    for index, word in enumerate(own):
        flag, equals, value = word.text.partition("=")
        port = own[index + 1] if not equals and index + 1 < len(own) else word
        if flag in _ALL_PORTS:
            yield "", word
        elif flag in ("-p", "--publish") and _on_every_address(value if equals else port.text):
            yield ("", word) if equals else (flag, port)


def _on_every_address(port: str) -> bool:
    """`8080:80` and `0.0.0.0:8080:80`, but not `127.0.0.1:8080:80`; source: Docker's `--publish`."""
    host, colon, _ = port.rpartition(":")
    return not colon or ":" not in host or host.startswith(("0.0.0.0:", "[::]:"))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
