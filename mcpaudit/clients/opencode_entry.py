"""What opencode and Kilo Code accept as an entry: a server, or a switch for one that stands elsewhere.

Source: both clients' own server listings and what they say of an invalid file, observed.
"""

from dataclasses import replace

from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node


def is_server(value: Json, *tables: str) -> bool:
    """Whether the schema knows a server in this, a local or a remote one; unknown keys are fine.

    Only Kilo Code knows a further table of strings, `env`.
    """
    table = value if isinstance(value, dict) else {}
    pairs = [table[key] for key in ("environment", "headers", *tables) if key in table]
    words, kind, timeout = table.get("command"), table.get("type"), table.get("timeout", 1)
    local = isinstance(words, list) and all(isinstance(word, str) for word in words)
    login = table.get("oauth", False)
    return (
        (local if kind == "local" else kind == "remote" and isinstance(table.get("url"), str))
        and isinstance(table.get("enabled", True), bool)
        and all(isinstance(one, dict) for one in pairs)
        and all(isinstance(one, str) for pair in pairs if isinstance(pair, dict) for one in pair.values())
        and (isinstance(timeout, int | float) and not isinstance(timeout, bool) and timeout > 0)
        and isinstance(table.get("cwd", ""), str)
        and (login is False or isinstance(login, dict))
    )


def is_switch(value: Json) -> bool:
    """Whether it counts for its `enabled` alone, which also goes for what would be a bad server."""
    return isinstance(value, dict) and isinstance(value.get("enabled"), bool)


def switch_of(node: Node) -> Node:
    """The switch of an entry, without what else it says."""
    table = node.value if isinstance(node.value, dict) else {}
    return replace(node, value={key: one for key, one in table.items() if key == "enabled"})
