"""Canaries in every field of every client's format: entries, names and rules, in the files of the kit."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from itertools import cycle
from pkgutil import iter_modules
from typing import Any

from mcpaudit.clients import known
from mcpaudit.clients.declared import Declared
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.registry import CLIENTS
from tests.canaries import ANYWHERE, NAMED, Canary, canary
from tests.clients.kit import Trial, trials
from tests.oracle.generated import DATA, _inline

# Clients without a part in `kit.yaml`: a file of servers, and the key that leads to them.
_OWN = {
    "claude-code": [(".mcp.json", "mcpServers"), ("~/.claude.json", "mcpServers")],
    "codex": [("~/.codex/config.toml", "mcp_servers")],
    "gemini-cli": [("~/.gemini/settings.json", "mcpServers")],
    "copilot-cli": [("~/.copilot/mcp-config.json", "mcpServers")],
    "qwen-code": [("~/.qwen/settings.json", "mcpServers")],
    "opencode": [("~/.config/opencode/opencode.json", "mcp")],
    "kilo-code": [("~/.config/kilo/kilo.json", "mcp")],
    "auggie": [("~/.augment/settings.json", "mcpServers")],
    "vscode": [(".vscode/mcp.json", "servers")],
}
UNREAD = {"jetbrains-ai"}
"""Clients whose files are only looked for."""
_STOPS = {"kilo-code"}
"""Clients that start with no entry at all if one has a value of the wrong type."""
_FREE = ("description", "cwd", "name", "neverHeardOf")
_COMMON = ("description", "cwd", "type", "name", "timeout", "neverHeardOf", "disabledTools", "autoApprove")


@dataclass(slots=True)
class Planted:
    """Files with canaries in them, as `tests.installation` writes them."""

    salt: str = ""
    """Other canaries of the same kinds and lengths in the same places."""
    thorough: bool = False
    """Whether every key is tried in every shape, and not each in one."""
    files: dict[str, Any] = field(default_factory=dict)
    canaries: list[Canary] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    _next: dict[bool, Iterator[str]] = field(
        default_factory=lambda: {True: cycle(ANYWHERE), False: cycle(NAMED)}
    )

    def sown(self, place: str, shape: str = "") -> str:
        """The next shape that says itself that it is a secret, or the one asked for."""
        one = canary(shape or next(self._next[True]), f"{len(self.canaries)} {place}{self.salt}")
        self.canaries.append(one)
        return one.text

    def named(self, place: str) -> str:
        """A secret that only the name of its holder tells."""
        return self.sown(place, next(self._next[False]))


@cache
def dialects(client: str) -> tuple[Dialect, ...]:
    """How a client writes its entries, in all its files."""
    module = import_module(f"{known.__name__}.{client.replace('-', '_').replace('continue', 'continue_dev')}")
    names = [
        module.__name__,
        *(f"{module.__name__}.{one.name}" for one in iter_modules(getattr(module, "__path__", ()))),
    ]
    found: list[Dialect] = []
    for name in names:
        for held in vars(import_module(name)).values():
            if isinstance(held, Dialect):
                found.append(held)
            if isinstance(held, Declared):
                found += [held.dialect, *(one.dialect for one in held.sources if one.dialect)]
    return tuple(found)


def keys(client: str) -> list[str]:
    """Every key of an entry that the client is known to have."""
    found: dict[str, None] = dict.fromkeys(_COMMON)
    for one in dialects(client):
        listed = [
            *one.command, *one.url, *one.type, *one.headers, one.env, *one.variable_keys, *one.secret_keys,
            *one.options, *one.login_tables, one.env_file, *one.login_scopes, *one.variable_tables,
            *(one.harmless or ()), one.only_tools, one.except_tools,
        ]  # fmt: skip
        found |= dict.fromkeys(filter(None, listed))
    return list(found)


def entries(planted: Planted, where: str, plain: dict[str, Any], client: str) -> dict[str, dict[str, Any]]:
    """Entries with canaries in every key: as a text, in a list, and in a table, as its value and its name."""
    dialect = (*dialects(client), Dialect())[0]
    made: dict[str, dict[str, Any]] = {"plain": plain}
    shapes = [
        lambda at: planted.sown(at),
        lambda at: [planted.sown(at), planted.sown(f"{at} 2")],
        lambda at: {
            "some": planted.sown(at),
            planted.sown(f"{at} name"): "x",
            "api_key": planted.named(f"{at} key"),
        },
    ]
    tried = keys(client) if client not in _STOPS else _FREE
    for number, key in enumerate(tried):
        for turn, shape in enumerate(shapes):
            if not planted.thorough and turn != (0 if client in _STOPS else (number + len(where)) % 3):
                continue
            made.setdefault(
                f"s{turn}{number % 7}" if planted.thorough else f"s{number % 3}", deepcopy(plain)
            )[key] = shape(f"{where} {key} {turn}")
    words = "args" if "args" in plain else dialect.command[0]
    local = deepcopy(plain)
    local[words] = [
        *plain.get(words, ()), "--api-key", planted.named(f"{where} flag"),
        f"--token={planted.named(f'{where} option')}",
        *(planted.sown(f"{where} word {number}") for number in range(8)),
    ]  # fmt: skip
    local[dialect.env] = {
        name: planted.named(f"{where} {name}")
        for name in ("API_KEY", "MY_TOKEN", "DB_PASSWORD", "CLIENT_SECRET")
    } | {f"PLAIN_{number}": planted.sown(f"{where} variable {number}") for number in range(8)}
    made["local"] = local
    user, query = planted.named(f"{where} user"), planted.named(f"{where} query")
    made["remote"] = ({"type": "remote"} if client in ("opencode", "kilo-code") else {}) | {
        dialect.url[0]: f"https://me:{user}@api.example/mcp?token={query}",
        (*dialect.headers, "headers")[0]: {
            "Authorization": f"Bearer {planted.named(f'{where} bearer')}",
            "X-Api-Key": planted.named(f"{where} header"),
            "X-Other": planted.sown(f"{where} header 2"),
        },
    }
    made[planted.sown(f"{where} name")] = deepcopy(plain)
    return made


def grown(planted: Planted, where: str, value: Any) -> Any:
    """A value with canaries beside all that is in it: names, list elements, each text of an element."""
    if isinstance(value, list):
        more = [one for element in value for one in _variants(planted, where, element)]
        return [*value, planted.sown(f"{where} element"), *more]
    if isinstance(value, dict):
        held = {key: grown(planted, f"{where}/{key}", member) for key, member in value.items()}
        last = next(reversed(value.values()), "x")
        return held | {planted.sown(f"{where} name"): last, "unheard": planted.sown(f"{where} unheard")}
    return value


def _variants(planted: Planted, where: str, value: Any) -> Iterator[Any]:
    """Copies of a value, each with a canary in place of one text in it, or at the end of one."""
    if isinstance(value, str):
        yield planted.sown(f"{where}={value}")
        yield f"{value.removesuffix(')')} {planted.sown(f'{where}+{value}')})"
    elif isinstance(value, dict):
        for key, member in value.items():
            for one in _variants(planted, f"{where}/{key}", member):
                yield {**value, key: one}
    elif isinstance(value, list):
        for index, member in enumerate(value):
            for one in _variants(planted, f"{where}/{index}", member):
                yield [*value[:index], one, *value[index + 1 :]]


def _joined(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **{key: _joined(one.get(key), value) for key, value in other.items()}}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    return other if one is None or isinstance(one, str) else one


def site(salt: str = "", *, thorough: bool = False, clients: tuple[str, ...] = ()) -> Planted:
    """The files of these clients, or of all: entries in their first file, and rules wherever they stand."""
    planted = Planted(salt, thorough)
    contents: dict[str, Any] = {}
    for client in clients or tuple(one.id for one in CLIENTS if one.id not in UNREAD):
        trial = trials().get(client)
        plain: dict[str, Any] = dict(trial.entry) if trial else {"command": "npx", "args": ["-y", "server-x"]}
        if client in ("opencode", "kilo-code"):
            plain = {"type": "local", "command": ["npx", "-y", "server-x"]}
        for path, content in _written(planted, client, trial, plain):
            contents[path] = _joined(contents.get(path), content)
        for path, content in _ruled(client, trial):
            if isinstance(content, str):
                contents.setdefault(path, content + planted.sown(f"{client} {path}"))
            else:
                contents[path] = _joined(contents.get(path), grown(planted, f"{client} {path}", content))
    planted.files = {path: _text(path, content) for path, content in contents.items()}
    return planted


def _written(
    planted: Planted, client: str, trial: Trial | None, plain: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    if trial is None:
        for path, at in _OWN[client]:
            yield path, {at: entries(planted, f"{client} {path}", plain, client)}
        return
    path = trial.first()
    text = trial.write(path, entries(planted, f"{client} {path}", plain, client))
    yield path, text if path.endswith(".md") else json.loads(text)


def _ruled(client: str, trial: Trial | None) -> Iterator[tuple[str, Any]]:
    for row in trial.decides if trial else ():
        yield from row.get("files", {}).items()
    for path, _, content in DATA["rows"].get(client, ()):
        text = json.dumps(content).replace("{project}", "@project@").replace('"#"', '["plain"]')
        if isinstance(content, dict) and '"$' not in text:
            yield path, json.loads(text)


def _text(path: str, content: Any) -> Any:
    if isinstance(content, str):
        return content
    if path.endswith(".toml"):
        return "".join(
            f"{_inline(key)}.{_inline(name)} = {_inline(value)}\n"
            for key, one in content.items()
            for name, value in (one if isinstance(one, dict) else {"x": one}).items()
        )
    return json.dumps(content, indent=1)
