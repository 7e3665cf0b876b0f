"""The conditions under which a piece of code is reached, as they are written."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.tree import (
    ancestors,
)

if TYPE_CHECKING:
    pass

_JUMPS = frozenset({"return_statement", "continue_statement", "throw_statement", "break_statement"})


def guards(node: Node, top: Node | None) -> Iterator[tuple[Node, bool]]:
    """The conditions under which a piece of code is reached, with the outcome that each must have."""
    child = node
    for around in ancestors(node):
        kind = around.type
        if kind in ("if_statement", "ternary_expression"):
            condition = around.child_by_field_name("condition")
            if condition is not None and child == around.child_by_field_name("consequence"):
                yield condition, True
            elif condition is not None and child == around.child_by_field_name("alternative"):
                yield condition, False
        elif kind == "binary_expression":
            operator, left = around.child_by_field_name("operator"), around.child_by_field_name("left")
            if operator is not None and left is not None and operator.type in ("&&", "||") and child != left:
                yield left, operator.type == "&&"
        elif kind in ("statement_block", "program"):
            yield from _left_early(around, child)
        if top is not None and around == top:
            return
        child = around


def _left_early(block: Node, before: Node) -> Iterator[tuple[Node, bool]]:
    """`if (!enabled) return;` above a piece of code is a condition on it."""
    previous, count = before.prev_named_sibling, 0
    while previous is not None and count < 40:
        if previous.type == "if_statement" and previous.child_by_field_name("alternative") is None:
            body = previous.child_by_field_name("consequence")
            last = body
            if body is not None and body.type == "statement_block" and body.named_child_count:
                last = body.named_children[-1]
            condition = previous.child_by_field_name("condition")
            if last is not None and condition is not None and last.type in _JUMPS:
                yield condition, False
        previous, count = previous.prev_named_sibling, count + 1
