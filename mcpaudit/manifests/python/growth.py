"""Lists and tables with what later statements put into them, wherever in the project those are."""

import ast
from collections.abc import Iterator

from mcpaudit.manifests.python.builtins import keyed
from mcpaudit.manifests.python.core import MAX_ITEMS, Core
from mcpaudit.manifests.python.module import Module
from mcpaudit.manifests.python.project import last_name
from mcpaudit.manifests.python.values import UNKNOWN, ClassValue, Instance, Scope

Grown = list[object] | dict[object, object]


class Growth(Core):
    """The part that follows what is put into lists and tables."""

    def grown(self, name: str, start: Grown, scope: Scope, bound: list[ast.AST]) -> object:
        """A variable with what its own body puts in, and all functions where it is of a module."""
        value: Grown = list(start) if isinstance(start, list) else dict(start)
        for node in bound:
            if isinstance(node, ast.AugAssign) and isinstance(value, list):
                items = self.items(self.value(node.value, scope))
                value.extend([UNKNOWN] if items is None else items)
        own = scope.module
        for put in own.growth.get(name, ()):
            if own.function_of(put) is scope.function:
                self._all_turns(value, put, [scope])
        if scope.function is None and scope.body is None:
            for module, node in self._from_functions(own, name):
                self._all_turns(value, node, None, module)
        return value

    def grown_attribute(self, made: Instance, name: str, start: Grown) -> object:
        """An object's list or table with what the methods of its classes put in."""
        if not isinstance(made.made_of, ClassValue):
            return start
        value: Grown = list(start) if isinstance(start, list) else dict(start)
        for base in self.classes.order(made.made_of):
            if isinstance(base, ClassValue):
                for put in base.module.growth.get(f".{name}", ()):
                    if base.module.class_of(base.module.function_of(put) or put) is base.node:
                        self._all_turns(value, put, None, base.module)
        return value

    def _from_functions(self, own: Module, name: str) -> Iterator[tuple[Module, ast.AST]]:
        """What functions put into a module's variable, of its own and of the modules that import it."""
        for module in self.project.modules:
            imported = self.project.tree.find(module.imports.get(name, "").rpartition(".")[0])
            if module is not own and imported != own.name:
                continue
            for put in module.growth.get(name, ()):
                function = module.function_of(put)
                if (function is None) is (module is own) or name in module.locals_of(function or put):
                    continue
                yield module, put

    def _all_turns(
        self, value: Grown, put: ast.AST, scopes: list[Scope] | None, module: Module | None = None
    ) -> None:
        key = (id(put), id(scopes[0]) if scopes else -2)
        if key in self._busy or len(value) > MAX_ITEMS:
            return
        self._busy.add(key)
        try:
            found = scopes if scopes is not None else self.contexts(put, module) if module else []
            for scope in found:
                # Contexts have gone through the loops around it already.
                for inner in self.loops(put, scope) if scopes is not None else (scope,):
                    if scopes is None or not self._passed_over(put, inner):
                        self._put(value, put, inner)
        finally:
            self._busy.discard(key)

    def _passed_over(self, put: ast.AST, turn: Scope) -> bool:
        """Whether a turn of a loop leaves a statement out, whatever the settings are."""
        asked = len(self.switches)
        return turn.env != {} and self.reached(put, turn) is False and len(self.switches) == asked

    def _put(self, value: Grown, put: ast.AST, scope: Scope) -> None:
        if len(value) > MAX_ITEMS:
            return
        if isinstance(put, ast.Assign):
            target = put.targets[0]
            key = self.value(target.slice, scope) if isinstance(target, ast.Subscript) else UNKNOWN
            if isinstance(value, dict):
                value[key if keyed(key) else UNKNOWN] = self.value(put.value, scope)
        elif isinstance(put, ast.Call) and put.args:
            given = self.value(put.args[-1], scope)
            if isinstance(value, dict):
                value.update(given if isinstance(given, dict) else {})
            elif last_name(put.func) in ("extend", "update"):
                items = self.items(given)
                value.extend([UNKNOWN] if items is None else items)
            else:
                value.append(given)
