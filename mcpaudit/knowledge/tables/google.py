"""Google's methods and the scopes that each accepts, as Google's discovery documents list them.

Made by tools/table_google.py. A method accepts any one of its scopes.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.tables.packed import lines, unpack
from mcpaudit.model.action import Actions

PREFIX = "https://www.googleapis.com/auth/"
VERBS: Mapping[str, str] = MappingProxyType(
    {"A": "PATCH", "D": "DELETE", "G": "GET", "P": "POST", "U": "PUT"}
)

_PLAIN: Mapping[str, Actions] = MappingProxyType(
    {
        "GET": frozenset({"read"}),
        "DELETE": frozenset({"delete"}),
        "PUT": frozenset({"write"}),
        "PATCH": frozenset({"write"}),
    }
)
_POSTED: Mapping[str, Actions] = MappingProxyType(
    {
        **dict.fromkeys(("create", "insert", "import", "copy", "append"), frozenset({"create"})),
        **dict.fromkeys(("send",), frozenset({"send"})),
        **dict.fromkeys(("delete", "batchDelete", "clear", "wipe"), frozenset({"delete"})),
        **dict.fromkeys(("setIamPolicy",), frozenset({"share", "admin"})),
        **dict.fromkeys(
            ("batchGet", "getIamPolicy", "list", "query", "search", "testIamPermissions"), frozenset({"read"})
        ),
    }
)
"""What a POST does, where the method's own name leaves no doubt."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a Google interface: `calendar.events.list`."""

    id: str
    verb: str
    scopes: tuple[str, ...]
    """The scopes that it accepts, each enough on its own; without the common beginning of their addresses."""

    @property
    def actions(self) -> Actions:
        """What it does to its resource: by its verb, its name, and whether a read-only scope opens it."""
        if sure := _PLAIN.get(self.verb) or _POSTED.get(self.id.rpartition(".")[2]):
            return sure
        reads = any(scope.endswith(".readonly") for scope in self.scopes)
        return frozenset({"read"}) if reads else frozenset({"create", "write"})


def known_interface(name: str) -> bool:
    """Whether Google has an interface of this name: `calendar`, `drive`."""
    return name in lines("google.txt")


def methods(interface: str) -> Mapping[str, Method]:
    """The methods of an interface by their ids; none of one that is not known."""
    return _methods(interface) if known_interface(interface) else {}


def scopes_of(method_id: str) -> tuple[str, ...] | None:
    """The scopes any of which opens a method; `None` where the method is not known."""
    method = methods(method_id.partition(".")[0]).get(method_id)
    return method.scopes if method else None


def opened_by(scope: str) -> Mapping[str, tuple[Method, ...]]:
    """The methods that accept a scope, by interface; the scope with or without its common beginning."""
    wanted = scope.removeprefix(PREFIX)
    named = [name for name, line in lines("google.txt").items() if wanted in _scopes(line)]
    return {name: tuple(one for one in _methods(name).values() if wanted in one.scopes) for name in named}


def _scopes(line: str) -> list[str]:
    return line.partition("\t")[0].split(" ")


@cache
def _methods(interface: str) -> Mapping[str, Method]:
    return {method.id: method for method in _unpacked(interface, lines("google.txt")[interface])}


def _unpacked(interface: str, line: str) -> Iterator[Method]:
    names, indexes, tree = line.split("\t")
    scopes = names.split(" ")
    sets = [
        tuple(scopes[int(one)] for one in text.split(",")) if text != "-" else ()
        for text in indexes.split(" ")
    ]
    for path, value in unpack(tree):
        resource = "." if path == (".",) else f".{'.'.join(path)}."
        for group in value.split(" "):
            code, _, listed = group.partition(":")
            accepted = sets[int(code[1:] or 0)]
            for name in listed.split(","):
                yield Method(f"{interface}{resource}{name}", VERBS[code[0]], accepted)
