"""Microsoft Graph's permissions: their privilege levels, and what their names say.

Made by tools/table_graph.py from Microsoft's own permissions file.
"""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.tables.packed import lines, unpack
from mcpaudit.model.action import Actions

PREFIX = "https://graph.microsoft.com/"
SCHEMES: Mapping[str, str] = MappingProxyType(
    {"a": "Application", "d": "DelegatedWork", "p": "DelegatedPersonal"}
)

_READ, _WRITE = frozenset({"read"}), frozenset({"read", "create", "write", "delete"})
# What the words of a name mean, by Microsoft's own naming pattern {resource}.{operation}.{constraint}.
_ACTIONS: Mapping[str, Actions] = MappingProxyType(
    {
        "ReadBasic": frozenset({"list"}),
        "Read": _READ,
        "ReadWrite": _WRITE,
        "Create": frozenset({"create"}),
        "Write": frozenset({"create", "write", "delete"}),
        "Delete": frozenset({"delete"}),
        "Send": frozenset({"send"}),
        "Export": _READ,
        "Manage": _WRITE | {"admin"},
        "FullControl": _WRITE | {"share", "admin"},
        "Selected": frozenset({"read", "write"}),
        "AccessAsUser": _WRITE,
        "PrivilegedOperations": frozenset({"write", "delete", "execute"}),
        "Invoke": frozenset({"execute"}),
        "Run": frozenset({"execute"}),
    }
)
_OPERATION = re.compile("^(" + "|".join(sorted(_ACTIONS, key=len, reverse=True)) + ")")


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission, as its name and Microsoft's file describe it."""

    name: str
    resource: str
    """The first word of its name: `Calendars`."""
    actions: Actions | None
    """`None` where the name says no operation that is known."""
    levels: Mapping[str, int]
    """Microsoft's privilege level by scheme, 1 (least) to 5; 0 where none is stated."""

    @property
    def level(self) -> int:
        """The highest of its levels."""
        return max(self.levels.values())


def permission(name: str) -> Permission | None:
    """A permission by its name, `Calendars.ReadWrite.Shared`; `None` where Microsoft lists no such one."""
    plain = name.removeprefix(PREFIX)
    levels = _permissions().get(plain)
    if levels is None:
        return None
    resource, *rest = plain.split(".")
    operation = next((found[1] for word in rest if (found := _OPERATION.match(word))), "")
    stated = {SCHEMES[text[0]]: int(text[1:]) for text in levels.split(" ")}
    return Permission(plain, resource, _ACTIONS.get(operation), MappingProxyType(stated))


@cache
def _permissions() -> Mapping[str, str]:
    return {".".join(path): value for path, value in unpack(lines("graph.txt")["permissions"])}
