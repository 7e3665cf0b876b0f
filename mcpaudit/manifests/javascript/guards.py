"""The conditions under which a piece of code is reached, as they are written."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.javascript.scope import Binding
from mcpaudit.manifests.javascript.tree import Source, ancestors

ASSIGNS = re.compile(rb"\s*(?:\|\||\?\?)?=(?![=>])")
_LEAVES = frozenset({"return_statement", "continue_statement", "break_statement"})
_JUMPS = _LEAVES | {"throw_statement"}
_CASES = frozenset({"switch_case", "switch_default"})


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition with the outcome that it must have; of a `switch`, its value and the cases to equal."""

    condition: Node
    wanted: bool
    cases: tuple[Node, ...] = ()


def guards(node: Node, top: Node | None) -> Iterator[Guard]:
    """The conditions under which a piece of code is reached."""
    child = node
    for around in ancestors(node):
        kind = around.type
        if kind in ("if_statement", "ternary_expression"):
            condition = around.child_by_field_name("condition")
            if condition is not None and child == around.child_by_field_name("consequence"):
                yield Guard(condition, True)
            elif condition is not None and child == around.child_by_field_name("alternative"):
                yield Guard(condition, False)
        elif kind == "binary_expression":
            operator, left = around.child_by_field_name("operator"), around.child_by_field_name("left")
            if operator is not None and left is not None and operator.type in ("&&", "||") and child != left:
                yield Guard(left, operator.type == "&&")
        elif kind in ("statement_block", "program"):
            yield from _left_early(around, child)
        elif kind in _CASES and child != around.child_by_field_name("value"):
            yield from _left_early(around, child)
            yield from _case(around)
        if top is not None and around == top:
            return
        child = around


def in_catch(node: Node, top: Node | None) -> bool:
    """Whether code runs only where something before it failed."""
    for around in ancestors(node):
        if around.type == "catch_clause" or around == top:
            return around != top
    return False


def conditions(source: Source, name: str, found: Binding) -> list[Node]:
    """The conditions under which a variable is assigned to after its declaration."""
    nodes: list[Node] = []
    for count, match in enumerate(source.word(name.encode(), ASSIGNS, found.scope)):
        if count > 20:
            break
        target = source.at(match.start)
        parent = target.parent
        if not match.member and parent is not None and parent.type.endswith("assignment_expression"):
            nodes += [guard.condition for guard in guards(target, found.scope)]
    return list(dict.fromkeys(nodes))[:6]


def _left_early(block: Node, before: Node) -> Iterator[Guard]:
    """`if (!enabled) return;` above a piece of code is a condition on it.

    Where it throws instead, no server runs without what is missing, so that nothing is off by default.
    """
    previous, count = before.prev_named_sibling, 0
    while previous is not None and count < 40:
        if previous.type == "if_statement" and previous.child_by_field_name("alternative") is None:
            body = previous.child_by_field_name("consequence")
            last = body
            if body is not None and body.type == "statement_block" and body.named_child_count:
                last = body.named_children[-1]
            condition = previous.child_by_field_name("condition")
            if last is not None and condition is not None and last.type in _LEAVES:
                yield Guard(condition, False)
        previous, count = previous.prev_named_sibling, count + 1


def _case(case: Node) -> Iterator[Guard]:
    """`switch (mode) { case "all": ... }`: what the value must equal, or must not for `default`."""
    body = case.parent
    value = body.parent.child_by_field_name("value") if body is not None and body.parent is not None else None
    if body is None or value is None:
        return
    branches = [one for one in body.named_children if one.type in _CASES]
    if case.type == "switch_default":
        others = tuple(one for other in branches if (one := other.child_by_field_name("value")) is not None)
        yield Guard(value, False, others)
        return
    own: list[Node] = []
    for branch in reversed(branches[: branches.index(case) + 1]):
        given = branch.child_by_field_name("value")
        if given is None or (own and _ends(branch)):
            break  # what falls through from `default` is no condition; what ends before does not reach here
        own.append(given)
    else:
        yield Guard(value, True, tuple(own))
        return
    if given is not None:
        yield Guard(value, True, tuple(own))


def _ends(branch: Node) -> bool:
    last = branch.named_children[-1]
    if last.type == "statement_block" and last.named_child_count:
        last = last.named_children[-1]
    return last.type in _JUMPS
