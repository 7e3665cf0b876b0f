"""In which circumstances code runs: who calls its function with what, on which object, in which loop turn."""

import ast
from collections.abc import Iterator
from itertools import islice

from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.module import FunctionNode, Module
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Gate,
    Instance,
    Scope,
)

MAX_SCOPES, MAX_CALLERS, MAX_UP = 1_000, 300, 5


class Contexts:
    """The scopes that a node runs in, each with the conditions on the way to it."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._ev = evaluator
        self._project = evaluator.project
        self._entered: dict[FunctionNode, list[Scope]] = {}
        self._made: dict[ast.ClassDef, list[tuple[Instance, tuple[Gate, ...]]]] = {}
        self._up = 0
        self._cut = False
        evaluator.contexts = self.of

    def of(self, node: ast.AST, module: Module) -> list[Scope]:
        """Every scope that the node runs in; one without a caller's values where nothing calls it."""
        function = module.function_of(node)
        if function is not None:
            bases = self.entered(function, module)
        else:
            owner = module.class_of(node)
            value = ClassValue(module, owner) if owner and owner is not node else None
            bases = [self._ev.classes.scope(value)] if value else [self._ev.top(module)]
        found = list(islice(self._within(node, bases), MAX_SCOPES))
        self._ev.exhausted |= len(found) >= MAX_SCOPES
        return found

    def _within(self, node: ast.AST, bases: list[Scope]) -> Iterator[Scope]:
        for base in bases:
            for scope in self._ev.loops(node, base):
                gates = (*scope.gates, *self._ev.gates(node, scope))
                yield Scope(scope.module, scope.function, scope.env, scope.outer, scope.body, gates)

    def entered(self, function: FunctionNode, module: Module) -> list[Scope]:
        """The scopes that calls of a function open."""
        if function in self._entered:
            return self._entered[function]
        outers = self._outers(function, module)
        plain = [Scope(module, function, {}, outer, None, outer.gates) for outer in outers]
        self._entered[function] = plain  # what calls itself is not followed again
        if self._up >= MAX_UP:
            del self._entered[function]
            self._cut = True
            return plain
        self._up += 1
        cut, self._cut = self._cut, False
        try:
            found = list(islice(self._calls(function, module, outers), MAX_SCOPES)) or plain
        finally:
            self._up -= 1
        # What was cut short by the depth that it was asked from is worked out again from a lesser one.
        if self._cut and self._up:
            del self._entered[function]
        else:
            self._entered[function] = found
        self._cut |= cut
        return found

    def _outers(self, function: FunctionNode, module: Module) -> list[Scope]:
        if module.class_of(function) is not None:
            around = module.function_of(function)
            return (
                self.of(module.class_of(function) or function, module) if around else [self._ev.top(module)]
            )
        return self.of(function, module)

    def _calls(self, function: FunctionNode, module: Module, outers: list[Scope]) -> Iterator[Scope]:
        owner = module.class_of(function)
        if owner is not None:
            yield from self._on_objects(function, module, owner)
            return
        for value, args, kwargs, gates in self._callers(function):
            if gates is not None:
                env = self._ev.environment(value, args, kwargs)
                outer = value.scope or outers[0]
                yield Scope(module, function, env, outer, None, (*outer.gates, *gates))
        yield from self._decorating(function, module)

    def _callers(
        self, function: FunctionNode
    ) -> Iterator[tuple[FunctionValue, tuple[object, ...], dict[str, object], tuple[Gate, ...]]]:
        """Calls that are known to be of this function, with their arguments."""
        names = {function.name}
        rows = [row for name in sorted(names) for row in self._project.calls.get(name, ())]
        for module, call in rows[:MAX_CALLERS]:
            for scope in self.of(call, module):
                value = self._ev.value(call.func, scope)
                if isinstance(value, FunctionValue) and value.node is function:
                    args, kwargs = self._ev.later(call, scope)
                    yield value, args, kwargs, scope.gates

    def _on_objects(self, function: FunctionNode, module: Module, owner: ast.ClassDef) -> Iterator[Scope]:
        """A method: on every object of its class and of the classes that inherit it, for every call of it."""
        outer = self._ev.top(module)
        objects = self.objects(ClassValue(module, owner), function.name)
        wanted = [
            arg.arg for arg in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        ]
        if function.name == "__init__":
            for made, gates in objects:
                for node, scope in self._ev.classes.constructors(made):
                    if node is function:
                        yield Scope(module, function, scope.env, scope.outer, None, gates)
            return
        calls = list(self._callers(function)) if function.name not in ("__call__",) else []
        first = wanted[0] if wanted else "self"
        if calls:
            for value, args, kwargs, gates in calls:
                env = self._ev.environment(value, args, kwargs)
                env.setdefault(first, objects[0][0] if objects else UNKNOWN)
                yield Scope(module, function, env, value.scope or outer, None, gates)
            return
        for made, gates in objects:
            yield Scope(module, function, {first: made}, outer, None, gates)

    def objects(self, cls: ClassValue, method: str) -> list[tuple[Instance, tuple[Gate, ...]]]:
        """The objects of a class and of those that inherit a method of it, with their conditions."""
        found = list(self._objects(cls))
        seen, todo = {cls.node}, [cls.node.name]
        while todo:
            for module, node in self._project.subclasses.get(todo.pop(), ()):
                if node in seen:
                    continue
                seen.add(node)
                value = ClassValue(module, node)
                if cls in self._ev.classes.order(value):
                    todo.append(node.name)
                    if method == "__init__" or method not in self._ev.classes.body(node):
                        found.extend(self._objects(value))
        return found

    def _objects(self, cls: ClassValue) -> list[tuple[Instance, tuple[Gate, ...]]]:
        if cls.node not in self._made:
            self._made[cls.node] = []
            found = []
            for module, call in self._project.calls.get(cls.node.name, ())[:MAX_CALLERS]:
                for scope in self.of(call, module):
                    value = self._ev.value(call, scope)
                    if isinstance(value, Instance) and value.made_of == cls:
                        found.append((value, scope.gates))
            self._made[cls.node] = found or [(Instance(cls), ())]
        return self._made[cls.node]

    # -- decorators ----------------------------------------------------------------------------------------

    def _decorating(self, function: FunctionNode, module: Module) -> Iterator[Scope]:
        """A decorator of the project, or what one returns: called with every function that it is above."""
        parameter = function.args.args[0].arg if function.args.args else ""
        for other, target, decorator in self._project.decorated.get(function.name, ()):
            if isinstance(decorator, ast.Call):
                continue
            for scope in self.of(decorator, other):
                value = self._ev.value(decorator, scope)
                if isinstance(value, FunctionValue) and value.node is function:
                    env: dict[str, object] = {parameter: FunctionValue(other, target, scope)}
                    yield Scope(module, function, env, value.scope or self._ev.top(module), None, scope.gates)
        maker = module.function_of(function)
        if maker is None or not _returns(maker, function.name):
            return
        for name in (maker.name, *self._handing_on(maker.name)):
            for other, target, decorator in self._project.decorated.get(name, ()):
                if not isinstance(decorator, ast.Call):
                    continue
                for scope in self.of(decorator, other):
                    value = self._ev.value(decorator, scope)
                    if not isinstance(value, FunctionValue) or value.node is not function:
                        continue
                    env = {parameter: FunctionValue(other, target, scope)}
                    outer = value.scope or self._ev.top(module)
                    yield Scope(module, function, env, outer, None, scope.gates)

    def _handing_on(self, maker: str) -> list[str]:
        """Functions that return what a maker of decorators returns: `return self._register(...)`."""
        found = []
        for module, call in self._project.calls.get(maker, ())[:MAX_CALLERS]:
            around = module.function_of(call)
            if isinstance(module.parents.get(call), ast.Return) and around is not None:
                found.append(around.name)
        return sorted(set(found) - {maker})


def _returns(maker: FunctionNode, name: str) -> bool:
    return any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name
        for node in ast.walk(maker)
    )
