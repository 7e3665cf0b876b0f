"""The values of entries as they are, at the moment of starting: the only place where they are not masked.

Nothing in here is printed, logged or written: `Launch` shows itself without its values, and what a server
sends back passes `redaction.py`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from shlex import join

from mcpaudit.clients.client import Collected
from mcpaudit.clients.ledger import Ledger
from mcpaudit.clients.variables import Expanded
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import MASK, mask, names_secret
from mcpaudit.model.lock import name_of
from mcpaudit.model.place import Place
from mcpaudit.model.server import Argument, Installation, Transport
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node


@dataclass(slots=True)
class OpenLedger(Ledger):
    """A ledger that remembers every word that it is told, by who holds it and where it stands."""

    words: dict[tuple[str, Place], Expanded] = field(default_factory=dict, repr=False)
    secrets: dict[str, set[str]] = field(default_factory=dict, repr=False)
    """By agent: what it masks for one of its entries is a secret for all of them."""

    def see(self, word: Expanded, secrets: tuple[str, ...], place: Place, holder: str) -> None:
        """Remember a word."""
        agent = holder.partition(" at ")[0]
        self.words[agent, place] = word
        self.secrets.setdefault(agent, set()).update(secrets)


@dataclass(frozen=True, slots=True)
class Launch:
    """One server to start or to contact; the same entry in several agents' files is one."""

    server: str
    names: tuple[str, ...]
    transport: Transport
    shown: str
    """The command or URL, its secrets masked."""
    given: tuple[str, ...]
    """The variables or headers that it is given, `NAME=value`, secrets masked."""
    missing: tuple[str, ...]
    """Variables that have no value here."""
    command: tuple[str, ...] = field(repr=False)
    env: tuple[tuple[str, str], ...] = field(repr=False)
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    cwd: Path = field(repr=False)
    secrets: frozenset[str] = field(repr=False)

    @property
    def remote(self) -> bool:
        """Whether it is contacted, and not started."""
        return bool(self.url)


def launches(
    chosen: Iterable[Installation], collected: Collected, ledger: OpenLedger, env: Mapping[str, str]
) -> tuple[Launch, ...]:
    """What to start for these installations, each entry once, sorted by name."""
    found: dict[tuple[object, ...], Launch] = {}
    for installation in chosen:
        one = _launch(installation, collected, ledger, env)
        key = (one.transport, one.command, one.env, one.url, one.headers, one.cwd, one.missing)
        if key in found:
            both = found[key]
            one = replace(both, names=(*both.names, *one.names), secrets=both.secrets | one.secrets)
        found[key] = replace(one, names=tuple(sorted({*one.names})))
    return tuple(sorted(found.values(), key=lambda one: one.names))


def _launch(
    installation: Installation, collected: Collected, ledger: OpenLedger, env: Mapping[str, str]
) -> Launch:
    entry, agent = installation.entry, installation.agent
    missing: list[str] = []

    def raw(place: Place) -> str:
        word = ledger.words.get((agent, place))
        if word is None:
            missing.append("a value that could not be read back")
            return ""
        missing.extend(f"`{one}`" for one in word.unexpanded)
        return word.text

    def pairs(words: Iterable[tuple[str, Argument]]) -> dict[str, str]:
        return {name: raw(word.place) for name, word in words}

    top = Place(installation.place.file, installation.place.route)
    remote = installation.server.transport != "stdio"
    # A relay before it would record what mcpaudit asks, which nobody calls use.
    command = top.at("command") if entry.relay is None else entry.relay
    words = () if remote else (raw(command), *(raw(word.place) for word in entry.args))
    variables = {} if remote else pairs(entry.env)
    headers = pairs(entry.headers) if remote else {}
    if installation.client == "codex":
        for name, variable, form, header in _codex(collected, top):
            if variable in env:
                (headers if header else variables)[name] = form.format(env[variable])
            elif header:
                missing.append(f"`{variable}`")
    known = {name: word.text for name, word in (entry.headers if remote else entry.env)}
    cwd = raw(top.at("cwd")) if entry.cwd else ""
    project = collected.site.project or Path.cwd()
    passed = {name: value for name, value in headers.items() if name not in dict(entry.headers)}
    passed |= {
        name: value for name, value in variables.items() if name not in dict(entry.env) and names_secret(name)
    }
    shown = join((entry.command, *(word.text for word in entry.args)))
    return Launch(
        server=installation.server.id,
        names=(name_of(installation),),
        transport=installation.server.transport,
        shown=entry.url.text if remote and entry.url else mask(shown, "", ledger.packs).text,
        given=tuple(sorted(f"{name}={known.get(name, MASK)}" for name in (headers if remote else variables))),
        missing=tuple(dict.fromkeys(missing)),
        command=words,
        env=tuple(sorted(variables.items())),
        url=raw(entry.url.place) if remote and entry.url else "",
        headers=tuple(sorted(headers.items())),
        cwd=project / cwd,
        secrets=frozenset(ledger.secrets.get(agent, set())) | {*passed.values()},
    )


def _codex(collected: Collected, top: Place) -> Iterator[tuple[str, str, str, bool]]:
    """What Codex takes from its own environment: name, variable, form of the value, whether it is a header.

    Source: openai/codex codex-rs/config/src/mcp_types.rs.
    """
    document = collected.documents.get(top.file)
    entry = Node(document, document.data).at(*map(str, top.route)) if document else None
    held: Mapping[str, Json] = entry.value if entry and isinstance(entry.value, dict) else {}
    if isinstance(token := held.get("bearer_token_env_var"), str) and token:
        yield "Authorization", token, "Bearer {}", True
    named = held.get("env_http_headers")
    for header, variable in named.items() if isinstance(named, dict) else ():
        if isinstance(variable, str):
            yield header, variable, "{}", True
    passed = held.get("env_vars")
    for one in passed if isinstance(passed, list) else ():
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str):
            yield name, name, "{}", False
