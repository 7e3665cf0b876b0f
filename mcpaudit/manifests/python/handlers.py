"""Which code answers a call of a tool, where the tool is declared apart from it."""

import ast
from collections.abc import Iterator

from mcpaudit.manifests.python.declaration import Declared
from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.module import FunctionNode, Module
from mcpaudit.manifests.python.reach import Place
from mcpaudit.manifests.python.values import FunctionValue, text_of

# Methods that describe a tool; every other one of its class may be what runs it.
_DESCRIBES = ("get_tool_description", "get_tool", "to_tool", "definition", "schema", "get_schema", "__init__")


class Handlers:
    """The low-level protocol has one function for all calls; what it does for a name is looked up in it."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._ev = evaluator
        self._callers = [
            (module, function)
            for name in ("call_tool", "on_call_tool")
            for module, function, _ in evaluator.project.decorated.get(name, ())
        ]
        self._named: dict[str, list[Place]] = {}
        modules = {module.name: module for module, _ in self._callers}
        for module in modules.values():
            self._branches(module)
        for module in evaluator.project.modules:
            self._tables(module)

    def of(self, one: Declared) -> list[Place]:
        """Where the code of a tool begins; the whole dispatching function where nothing tells them apart."""
        if one.handler is not None:
            return [(one.handler.module, one.handler.node), *self._around(one.handler)]
        if one.name in self._named:
            return self._named[one.name]
        if one.owner is not None:
            return [
                (one.owner.module, item)
                for item in one.owner.node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name not in _DESCRIBES
            ]
        return [(module, function) for module, function in self._callers]

    def _around(self, handler: FunctionValue) -> Iterator[Place]:
        """The project's own decorators run with every call of what they stand above."""
        node = handler.node
        for decorator in (
            node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ()
        ):
            inner = decorator.func if isinstance(decorator, ast.Call) else decorator
            value = self._ev.value(inner, handler.scope or self._ev.top(handler.module))
            if isinstance(value, FunctionValue):
                yield value.module, value.node

    def _branches(self, module: Module) -> None:
        """`if name == "x": ...`, `case "x": ...`, in any function of the module that dispatches."""
        for function in module.functions:
            for node in ast.walk(function):
                if isinstance(node, ast.If) and isinstance(node.test, ast.Compare):
                    for name in self._compared(module, node.test):
                        self._named.setdefault(name, []).extend((module, item) for item in node.body)
                elif isinstance(node, ast.match_case):
                    for part in ast.walk(node.pattern):
                        if isinstance(part, ast.MatchValue):
                            case = text_of(self._ev.value(part.value, self._ev.top(module)))
                            if case:
                                self._named.setdefault(case, []).extend((module, item) for item in node.body)

    def _compared(self, module: Module, test: ast.Compare) -> list[str]:
        if len(test.ops) != 1 or not isinstance(test.ops[0], ast.Eq | ast.In):
            return []
        value = self._ev.value(test.comparators[0], self._ev.top(module))
        items = self._ev.items(value) if isinstance(test.ops[0], ast.In) else [value]
        return [text for item in items or () if (text := text_of(item)) is not None]

    def _tables(self, module: Module) -> None:
        """`{"x": handle_x, ...}`."""
        for node in module.dicts:
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None or not isinstance(value, ast.Name | ast.Attribute):
                    continue
                if isinstance(key, ast.Constant) and not isinstance(key.value, str):
                    continue
                top = self._ev.top(module)
                function = self._ev.value(value, top)
                name = text_of(self._ev.value(key, top))
                if name and isinstance(function, FunctionValue):
                    self._named.setdefault(name, []).append((function.module, function.node))

    def callers(self) -> list[tuple[Module, FunctionNode]]:
        """The functions that answer calls of tools."""
        return self._callers
