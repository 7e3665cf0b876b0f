"""Which code answers a call of a tool that is declared apart from it: cases and tables by its name."""

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.kinds import Kinds
from mcpaudit.manifests.go.package import File
from mcpaudit.manifests.go.tools import Interpreter
from mcpaudit.manifests.go.values import Env, Func

MAX_STEPS = 20_000


def by_name(ev: Interpreter, kinds: Kinds, names: Sequence[str]) -> dict[str, list[Func]]:
    """The code for each name; a switch or table counts if it knows two of the names, or the only one."""
    ev.allow(MAX_STEPS)
    found: dict[str, list[Func]] = {}
    for package in ev.project.packages.values():
        for file in package.files:
            for rows in _groups(ev, kinds, file):
                known = [(name, code) for name, code in rows if name in names]
                if len({name for name, _ in known}) >= min(2, len(names)):
                    for name, code in known:
                        found.setdefault(name, []).append(code)
    return found


def _groups(ev: Interpreter, kinds: Kinds, file: File) -> Iterator[list[tuple[str, Func]]]:
    groups: dict[int, list[tuple[str, Func]]] = {}
    for case in syntax.found(file.root, "(expression_case) @case"):
        for value in case.children_by_field_name("value"):
            for one in syntax.listed(value):
                _add(groups, case.parent, ev.value(one, Env(file)), Func(file, case))
    for test in syntax.found(file.root, "(if_statement) @case"):
        condition, taken = syntax.field(test, "condition"), syntax.field(test, "consequence")
        if condition is not None and condition.type == "binary_expression" and taken is not None:
            name = ev.value(syntax.field(condition, "right"), Env(file))
            _add(groups, file.root, name, Func(file, taken))
    for pair in syntax.found(file.root, "(keyed_element) @case"):
        last = pair.named_children[-1] if pair.named_children else pair
        inner = last.named_children[0] if last.type == "literal_element" and last.named_children else last
        if inner.type in ("identifier", "selector_expression", "func_literal"):
            code = kinds.of(inner, file.root, file)
            if isinstance(code, Func):
                _add(groups, pair.parent, ev.value(pair.named_children[0], Env(file)), code)
    yield from groups.values()


def _add(groups: dict[int, list[tuple[str, Func]]], around: Node | None, name: object, code: Func) -> None:
    if isinstance(name, str) and around is not None:
        groups.setdefault(around.id, []).append((name, code))
