"""Statements: what variables hold, which branches are taken by default, and what functions return."""

from collections.abc import Sequence
from dataclasses import field

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.branches import LEAVES, either, joined
from mcpaudit.manifests.go.control import Control
from mcpaudit.manifests.go.values import UNKNOWN, Env, Outside, Struct


@dataclass(slots=True)
class Frame:
    """One run of a function's body."""

    returned: list[tuple[bool, object]] = field(default_factory=list)
    """What it may return, and whether that is sure to be off."""
    depth: int = 0
    results: tuple[str, ...] = ()
    """The names of its results, which a `return` alone gives back."""


class Statements(Control):
    """The part that follows control."""

    _frames: list[Frame]

    def body(self, node: Node, env: Env) -> object:
        """Go through a function's body; what it returns."""
        frame = Frame(depth=len(self.off), results=tuple(name for name, _ in syntax.results(node)))
        self._frames.append(frame)
        try:
            self.block(syntax.field(node, "body") or node, env)
        finally:
            self._frames.pop()
        on = [value for off, value in frame.returned if not off]
        return joined(on or [value for _, value in frame.returned])

    def block(self, node: Node | None, env: Env) -> None:
        """Go through a block."""
        statements: list[Node] = []
        for one in syntax.listed(node):
            statements.extend(syntax.listed(one) if one.type == "statement_list" else [one])
        self.run(statements, Env(env.file, env))

    def run(self, statements: Sequence[Node], env: Env) -> None:
        """Go through statements; those behind one that leaves are under its condition."""
        for at, one in enumerate(statements):
            try:
                left = self.statement(one, env) if self.descend() else None
            finally:
                self.depth -= 1
            if left:
                # What follows is only reached under another condition; it is gone through all the same.
                with self.under(left):
                    self.run(statements[at + 1 :], env)
                return
            if one.type in LEAVES:
                return

    def statement(self, node: Node, env: Env) -> str | None:
        """Go through a statement; where it is sure to leave its block, the condition that it hangs on."""
        match node.type:
            case "expression_statement" | "go_statement" | "defer_statement":
                self.value(node.named_children[0] if node.named_children else None, env)
            case "short_var_declaration" | "assignment_statement":
                self._assignment(node, env)
            case "var_declaration" | "const_declaration":
                self._declaration(node, env)
            case "if_statement":
                return self.branch_of(node, env)
            case "for_statement":
                self.loop(node, env)
            case "return_statement":
                self._return(node, env)
            case "block":
                self.block(node, env)
            case "expression_switch_statement" | "type_switch_statement" | "select_statement":
                self.switch(node, env)
            case "labeled_statement":
                return self.statement(node.named_children[-1], env) if node.named_children else None
        return None

    def _return(self, node: Node, env: Env) -> None:
        items = syntax.listed(node.named_children[0]) if node.named_children else []
        values = [self.value(one, env) for one in items]
        if self._frames:
            frame = self._frames[-1]
            if not items:
                holders = [(env.holder(name), name) for name in frame.results]
                values = [one.names[name] if one else UNKNOWN for one, name in holders]
            value = values[0] if len(values) == 1 else tuple(values)
            frame.returned.append((len(self.off) > frame.depth, value if values else None))

    def _declaration(self, node: Node, env: Env) -> None:
        for spec in [*syntax.parts_of(node, "var_spec"), *syntax.parts_of(node, "const_spec")]:
            names = [syntax.text(one) for one in spec.children_by_field_name("name")]
            values = syntax.listed(syntax.field(spec, "value"))
            for at, name in enumerate(names):
                if at < len(values):
                    env.names[name], env.notes[name] = self.noted(values[at], env)
                else:
                    env.names[name] = self.empty(syntax.field(spec, "type"), env.file)

    def _assignment(self, node: Node, env: Env) -> None:
        left, right = syntax.listed(syntax.field(node, "left")), syntax.listed(syntax.field(node, "right"))
        new = node.type == "short_var_declaration"
        operator = syntax.text(syntax.field(node, "operator")) if not new else ":="
        if len(left) == len(right):
            for target, source in zip(left, right, strict=True):
                value, notes = self.noted(source, env)
                if operator not in ("=", ":="):
                    old = self.value(target, env)
                    plain = operator == "+=" and isinstance(old, str) and isinstance(value, str)
                    value = f"{old}{value}"[:200_000] if plain else UNKNOWN
                self._bind(target, value, notes, env, new)
            return
        value, notes = self.noted(right[0], env) if right else (UNKNOWN, ())
        if len(left) == 2 and right and right[0].type in ("index_expression", "type_assertion_expression"):
            value = (value, False if value is None else UNKNOWN if value is UNKNOWN else True)
        for at, target in enumerate(left):
            single = value if at == 0 and not isinstance(value, tuple) else UNKNOWN
            part = value[at] if isinstance(value, tuple) and at < len(value) else single
            self._bind(target, part, notes, env, new)

    def _bind(self, target: Node, value: object, notes: tuple[str, ...], env: Env, new: bool) -> None:
        if target.type == "identifier":
            name = syntax.text(target)
            holder = None if new else env.holder(name)
            if holder is not None or new:
                place = holder or env
                place.names[name], place.notes[name] = value, notes
            elif not self.off and name in env.file.package.values:
                old = self.member(env.file.package, name) if self.unsure else value
                self.globals[env.file.package.path, name] = either(old, value)
        elif target.type == "selector_expression":
            base = self.value(syntax.field(target, "operand"), env)
            name = syntax.text(syntax.field(target, "field"))
            if isinstance(base, Outside) or (
                isinstance(base, Struct) and base.type.path not in self.project.packages
            ):
                self.kept(value)
            # What is set only under a condition of its own does not count against what was set before.
            settled = (
                isinstance(base, Struct)
                and name in base.fields
                and (base.born != self.born() or value is UNKNOWN)
            )
            if isinstance(base, Struct) and len(self.off) <= base.born[0] and not settled:
                base.fields[name], base.notes[name] = value, notes
        elif target.type == "index_expression":
            base = self.value(syntax.field(target, "operand"), env)
            key = self.value(syntax.field(target, "index"), env)
            if isinstance(base, dict) and not self.off:
                base[key if isinstance(key, str | int) else UNKNOWN] = value
        elif target.type == "unary_expression":
            base = self.value(syntax.field(target, "operand"), env)
            if isinstance(base, Struct) and isinstance(value, Struct) and not self.off:
                base.fields.update(value.fields)
