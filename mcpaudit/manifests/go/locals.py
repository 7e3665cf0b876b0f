"""The names that a function declares, and where their values come from."""

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import syntax

MAX_NAMES = 4_000


@dataclass(frozen=True, slots=True)
class Local:
    """Where a local name comes from: a type, or part of the value of an expression."""

    type: Node | None = None
    value: Node | None = None
    index: int = 0
    element: bool = False


def names_of(function: Node) -> dict[str, Local]:
    """By name: parameters, variables, what loops go over."""
    found: dict[str, Local] = {}
    for part in ("receiver", "parameters", "result"):
        held = syntax.field(function, part)
        for one in held.named_children if held is not None and held.type == "parameter_list" else ():
            for name in one.children_by_field_name("name"):
                found[syntax.text(name)] = Local(syntax.field(one, "type"))
    for node in syntax.declarations(function):
        left = [*node.children_by_field_name("left"), *node.children_by_field_name("name")]
        names = [name for one in left for name in syntax.listed(one)]
        values = syntax.listed(syntax.field(node, "right") or syntax.field(node, "value"))
        kind = syntax.field(node, "type")
        for at, one in enumerate(names[:MAX_NAMES]):
            value = values[at] if len(values) == len(names) else values[0] if values else None
            ranged = node.type == "range_clause"
            row = Local(kind, value, 0 if len(values) == len(names) else at, ranged)
            if syntax.text(one) != "_" and not (ranged and at == 0 and len(names) > 1):
                found.setdefault(syntax.text(one), row)
            elif ranged:
                found.setdefault(syntax.text(one), Local())
    return found
