"""Conditions and loops: whether code is reached by default, and with what its loop variables are bound."""

import ast
from collections.abc import Callable, Iterator, Sequence

from mcpaudit.manifests.python import builtins as builtin
from mcpaudit.manifests.python.core import MAX_ITEMS, Core
from mcpaudit.manifests.python.values import UNKNOWN, ClassValue, Gate, Scope, plain

_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


class Flow(Core):
    """The part that follows control."""

    def gates(self, node: ast.AST, scope: Scope) -> Iterator[Gate]:
        """The conditions within its own function that a node stands under."""
        module = scope.module
        for parent, child in module.within(node):
            if isinstance(parent, ast.If) and child is not parent.test:
                yield Gate(parent.test, child in module.in_bodies, scope)
            for earlier in module.left_before(parent, child):
                yield Gate(earlier.test, False, scope)
            defines = isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if defines and child in module.in_bodies:
                return

    def reached(self, node: ast.AST, scope: Scope) -> bool | None:
        """Whether the conditions on the way to a node hold by default."""
        certain = True
        for gate in self.gates(node, scope):
            holds = self.truth(gate.test, gate.scope)
            if holds is (not gate.wanted):
                return False
            certain &= holds is not None
        return True if certain else None

    def loops(self, node: ast.AST, scope: Scope) -> Iterator[Scope]:
        """The scope once for every turn of the loops of its function that a node stands in."""
        chain: list[tuple[ast.expr, ast.expr, Sequence[ast.expr]]] = []
        for parent, child in scope.module.within(node):
            if isinstance(parent, ast.For | ast.AsyncFor) and child in scope.module.in_bodies:
                chain.append((parent.target, parent.iter, ()))
            elif isinstance(parent, _COMPREHENSIONS) and not isinstance(child, ast.comprehension):
                chain.extend((part.target, part.iter, part.ifs) for part in reversed(parent.generators))
            if parent is scope.function or isinstance(parent, ast.ClassDef):
                break
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and child in scope.module.in_bodies:
                break
        self.begin()
        yield from self._turns(list(reversed(chain)), scope)

    def _turns(
        self, chain: list[tuple[ast.expr, ast.expr, Sequence[ast.expr]]], scope: Scope
    ) -> Iterator[Scope]:
        if not chain:
            yield scope
            return
        target, source, tests = chain[0]
        items = self.items(self.value(source, scope))
        if items is None:
            items = [UNKNOWN]
        for item in items[:MAX_ITEMS]:
            if self.spent():
                return  # the lists of a loop in a loop in a loop are short, and their turns endless
            env = dict(scope.env)
            self.bind(target, item, env)
            inner = Scope(scope.module, scope.function, env, scope.outer, scope.body, scope.gates)
            if all(self.truth(test, inner) is not False for test in tests):
                yield from self._turns(chain[1:], inner)

    def truth(self, test: ast.expr, scope: Scope) -> bool | None:
        """Whether a condition holds; `None` where that is not known."""
        if isinstance(test, ast.BoolOp):
            each = [self.truth(part, scope) for part in test.values]
            decides = isinstance(test.op, ast.Or)
            if decides in each:
                return decides
            return None if None in each else not decides
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.truth(test.operand, scope)
            return None if inner is None else not inner
        if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
            return False
        return builtin.truth(self.value(test, scope))

    def items(self, value: object) -> list[object] | None:
        """The items of what can be gone through."""
        value = plain(value)
        if isinstance(value, dict):
            return list(value)
        if isinstance(value, list | tuple):
            return list(value)
        if isinstance(value, ClassValue) and self.classes.is_enum(value):
            return self.classes.members(value)
        return None

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, scope: Scope) -> object:
        return self._over(node.generators, scope, lambda inner: self.value(node.elt, inner))

    def dict_comprehension(self, node: ast.DictComp, scope: Scope) -> object:
        pairs = self._over(
            node.generators, scope, lambda inner: (self.value(node.key, inner), self.value(node.value, inner))
        )
        return builtin.table(pairs) if isinstance(pairs, list) else UNKNOWN

    def _over(self, parts: list[ast.comprehension], scope: Scope, make: Callable[[Scope], object]) -> object:
        chain = [(part.target, part.iter, part.ifs) for part in parts]
        if self.items(self.value(chain[0][1], scope)) is None:
            return UNKNOWN
        made = [make(inner) for inner in self._turns([(t, i, f) for t, i, f in chain], scope)]
        # One that was broken off would pass for the whole list.
        return UNKNOWN if self.spent() else made
