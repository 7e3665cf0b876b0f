"""Conditions, loops and cases: which of them are taken by default, and what the others hang on."""

from abc import abstractmethod
from collections.abc import Sequence

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.branches import fails, in_sight, leaves, merge, restore
from mcpaudit.manifests.go.core import MAX_TURNS, Core
from mcpaudit.manifests.go.values import UNKNOWN, Env, OpenList


class Control(Core):
    """The part that decides between branches."""

    @abstractmethod
    def statement(self, node: Node, env: Env) -> str | None:
        """Go through a statement."""

    @abstractmethod
    def block(self, node: Node | None, env: Env) -> None:
        """Go through a block."""

    @abstractmethod
    def run(self, statements: Sequence[Node], env: Env) -> None:
        """Go through statements, one after the other."""

    def _in_sight(self, env: Env) -> list[tuple[Env, dict[str, object]]]:
        before = in_sight(env)
        self.spent(sum(len(names) for _, names in before))
        return before

    def branch_of(self, node: Node, env: Env) -> str | None:
        """Go through a condition; where it is sure to leave its block, what it hangs on."""
        inner = Env(env.file, env)
        if (first := syntax.field(node, "initializer")) is not None:
            self.statement(first, inner)
        test = syntax.field(node, "condition")
        kept, self.asked = self.asked, []
        holds = self.truth(test, inner)
        switch = ", ".join(list(dict.fromkeys(self.asked))[:3]) or syntax.text(test)[:120]
        self.asked = kept
        then, other = syntax.field(node, "consequence"), syntax.field(node, "alternative")
        if holds and other is None and fails(then):
            return None  # a server that ends for want of a setting is no server with fewer tools
        before = self._in_sight(inner)
        for branch, wanted in ((then, True), (other, False)):
            if branch is None:
                continue
            if holds is None:
                with self.under(unsure=True):
                    self._enter_branch(branch, inner)
                merge(inner, before)
            elif holds is wanted:
                self._enter_branch(branch, inner)
                before = self._in_sight(inner)
            else:
                with self.under(switch):
                    self._enter_branch(branch, inner)
                restore(inner, before)
        taken = then if holds else other if holds is False else None
        return switch if taken is not None and leaves(taken) else None

    def _enter_branch(self, node: Node, env: Env) -> None:
        if node.type != "if_statement":
            self.block(node, env)
            return
        try:
            if self.descend():
                self.statement(node, env)
        finally:
            self.depth -= 1

    def loop(self, node: Node, env: Env) -> None:
        """Go through a loop, once for each element that is known."""
        clause = next((one for one in node.named_children if one.type == "range_clause"), None)
        body = syntax.field(node, "body")
        if clause is None:
            with self.under(unsure=True):
                before = self._in_sight(env)
                self.block(body, env)
                merge(env, before)
            return
        names = [syntax.text(one) for one in syntax.listed(syntax.field(clause, "left"))]
        source, notes = self.noted(syntax.field(clause, "right") or clause, env)
        rows: list[tuple[object, object]] = [(UNKNOWN, UNKNOWN)]
        known = isinstance(source, dict | list) and not isinstance(source, OpenList)
        if isinstance(source, dict):
            rows = list(source.items())
        elif isinstance(source, list):
            rows = [*enumerate(source), *rows] if isinstance(source, OpenList) else list(enumerate(source))
        for row in rows[:MAX_TURNS]:
            inner = Env(env.file, env)
            for name, value in zip(names, row, strict=False):
                inner.names[name], inner.notes[name] = value, notes
            with self.under(unsure=not known):
                before = self._in_sight(env)
                self.block(body, inner)
                if not known:
                    merge(env, before)

    def switch(self, node: Node, env: Env) -> None:
        """Go through all cases: which of them is taken is not weighed."""
        inner = Env(env.file, env)
        if (first := syntax.field(node, "initializer")) is not None:
            self.statement(first, inner)
        if (alias := syntax.field(node, "alias")) is not None:
            inner.names[syntax.text(alias)] = self.value(syntax.field(node, "value"), inner)
        for case in node.named_children:
            if not case.type.endswith("case"):
                continue
            before = self._in_sight(inner)
            statements: list[Node] = []
            kept = ("value", "type")
            heads = {one.id for name in kept for one in case.children_by_field_name(name)}
            for one in case.named_children:
                if one.id not in heads:
                    statements.extend(syntax.listed(one) if one.type == "statement_list" else [one])
            with self.under(unsure=True):
                self.run(statements, Env(inner.file, inner))
            merge(inner, before)

    def truth(self, node: Node | None, env: Env) -> bool | None:
        """Whether a condition holds; `None` where that is not known."""
        if node is not None and node.type == "parenthesized_expression" and node.named_children:
            return self.truth(node.named_children[0], env)
        if node is not None and node.type == "binary_expression":
            operator = syntax.text(syntax.field(node, "operator"))
            if operator in ("&&", "||"):
                try:
                    if not self.descend():
                        return None
                    each = [self.truth(syntax.field(node, side), env) for side in ("left", "right")]
                finally:
                    self.depth -= 1
                decides = operator == "||"
                return decides if decides in each else None if None in each else not decides
        value = self.value(node, env)
        if isinstance(value, tuple):
            value = value[0] if value else UNKNOWN
        return value if isinstance(value, bool) else None
