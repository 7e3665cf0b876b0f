"""What expressions stand for: constants and tables folded, names followed, small functions seen through."""

import ast
from collections.abc import Iterator, Sequence

from mcpaudit.manifests.python import builtins as builtin
from mcpaudit.manifests.python.expressions import HANDLERS
from mcpaudit.manifests.python.flow import Flow
from mcpaudit.manifests.python.lookup import Lookup, parameters
from mcpaudit.manifests.python.module import FunctionNode
from mcpaudit.manifests.python.project import last_name
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Later,
    Member,
    ModuleValue,
    Outside,
    Scope,
)

# What the parsed command line is called where it comes from a caller that is not known.
_PARSED = frozenset(["args", "options", "opts", "arguments", "parsed", "cli_args", "parsed_args"])


class Evaluator(Lookup, Flow):
    """All parts together, with attributes and calls."""

    def _attribute(self, node: ast.Attribute, scope: Scope) -> object:
        base = self.value(node.value, scope)
        named = getattr(node.value, "id", "") in _PARSED
        if base is UNKNOWN and named and node.attr in self.project.flags:
            return self.flag(node.attr)
        return self.attribute(base, node.attr)

    def attribute(self, base: object, name: str) -> object:
        """What an attribute of a value is."""
        if isinstance(base, ModuleValue):
            module = base.module
            if name in module.names or name in module.imports or module.stars:
                return self.member(module, name)
            if inner := self.project.tree.module(f"{module.name}.{name}") if module.package else None:
                return ModuleValue(inner)
            return UNKNOWN
        if isinstance(base, Outside):
            return Outside(f"{base.dotted}.{name}")
        if isinstance(base, Member):
            return {"value": base.value, "name": base.name, "_value_": base.value}.get(name, UNKNOWN)
        if isinstance(base, ClassValue):
            return base.node.name if name == "__name__" else self.classes.attribute(base, name)
        if isinstance(base, FunctionValue):
            return self.function_attribute(base, name)
        if isinstance(base, Instance):
            if base.dotted.endswith((".parse_args", ".parse_known_args")) and name in self.project.flags:
                return self.flag(name)
            return self.classes.of_instance(base, name)
        return UNKNOWN

    def function_attribute(self, function: FunctionValue, name: str) -> object:
        """A function's name or text; its name may have been set by the function around it."""
        node = function.node
        if isinstance(node, ast.Lambda):
            return UNKNOWN
        scope = function.scope
        if name in ("__name__", "__doc__") and scope is not None and scope.function is not None:
            for other in ast.walk(scope.function):
                if not isinstance(other, ast.Assign):
                    continue
                for target in other.targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and target.attr == name
                        and isinstance(target.value, ast.Name)
                        and target.value.id == node.name
                    ):
                        return self.value(other.value, scope)
        if self.wraps(node) is not None:
            # `functools.wraps`: it goes by the name of a function that is not known.
            return UNKNOWN
        if name in ("__name__", "name", "__qualname__"):
            return node.name
        return ast.get_docstring(node) if name in ("__doc__", "description") else UNKNOWN

    def _call(self, node: ast.Call, scope: Scope) -> object:
        if isinstance(node.func, ast.Attribute):
            base = self.value(node.func.value, scope)
            done = builtin.method(self, base, node.func.attr, node, scope)
            if done is not UNKNOWN:
                return done
            callee = self.attribute(base, node.func.attr)
            if callee is UNKNOWN and isinstance(base, Instance) and base.dotted:
                callee = Outside(f"{base.dotted}.{node.func.attr}")
        else:
            callee = self.value(node.func, scope)
        if callee is UNKNOWN:
            return UNKNOWN
        args, kwargs = self.given(node, scope)
        return self.call(callee, args, kwargs, node, scope)

    def later(self, node: ast.Call, scope: Scope) -> tuple[tuple[object, ...], dict[str, object]]:
        """The arguments of a call without their values, where nothing is spread."""
        if any(isinstance(arg, ast.Starred) for arg in node.args) or any(
            not key.arg for key in node.keywords
        ):
            return self.given(node, scope)
        kwargs: dict[str, object] = {str(key.arg): Later(key.value, scope) for key in node.keywords}
        return tuple(Later(arg, scope) for arg in node.args), kwargs

    def given(self, node: ast.Call, scope: Scope) -> tuple[tuple[object, ...], dict[str, object]]:
        """The arguments of a call, with lists and tables spread out."""
        args: list[object] = []
        for arg in node.args:
            if isinstance(arg, ast.Starred):
                args.extend(self.items(self.value(arg.value, scope)) or ())
            else:
                args.append(self.value(arg, scope))
        kwargs: dict[str, object] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict):
                kwargs |= {str(key): item for key, item in value.items()}
        return tuple(args), kwargs

    def call(
        self,
        callee: object,
        args: Sequence[object],
        kwargs: dict[str, object],
        node: ast.AST | None,
        scope: Scope | None,
    ) -> object:
        """What a call gives back."""
        if isinstance(callee, ClassValue):
            if self.classes.is_enum(callee):
                return self.classes.member_of_value(callee, args[0] if args else UNKNOWN)
            return Instance(callee, tuple(args), kwargs, node, scope)
        if isinstance(callee, Outside):
            done = builtin.outside(self, callee.dotted, args, kwargs)
            return Instance(callee, tuple(args), kwargs, node, scope) if done is UNKNOWN else done
        if isinstance(callee, FunctionValue):
            return self.inline(callee, args, kwargs)
        return UNKNOWN

    def inline(self, function: FunctionValue, args: Sequence[object], kwargs: dict[str, object]) -> object:
        """What a function of the project returns, given its arguments; of several lists the longest."""
        node = function.node
        env = self.environment(function, args, kwargs)
        scope = Scope(function.module, node, env, function.scope or self.top(function.module))
        if isinstance(node, ast.Lambda):
            return self.value(node.body, scope)
        key = (id(node), -1)
        if key in self._busy or self._nested >= self.nested:
            self._cuts += 1
            return UNKNOWN
        self._busy.add(key)
        self._nested += 1
        try:
            found = []
            for statement in _returns(node):
                if self.reached(statement, scope) is not False:
                    found.append(self.value(statement.value, scope))
                    if found[-1] is not UNKNOWN and not isinstance(found[-1], list):
                        return found[-1]
            lists = [item for item in found if isinstance(item, list)]
            return max(lists, key=len) if lists else UNKNOWN
        finally:
            self._nested -= 1
            self._busy.discard(key)

    def environment(
        self, function: FunctionValue, args: Sequence[object], kwargs: dict[str, object]
    ) -> dict[str, object]:
        """The parameters of a call, bound."""
        node = function.node
        names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
        env: dict[str, object] = {}
        decorators = {last_name(item) for item in getattr(node, "decorator_list", ())}
        if function.bound is not None and names and "staticmethod" not in decorators:
            env[names.pop(0)] = function.bound
        for name, value in zip(names, args, strict=False):
            env[name] = value
        if node.args.vararg:
            env[node.args.vararg.arg] = [self.now(item) for item in args[len(names) :]]
        every = parameters(node)
        env |= {name: value for name, value in kwargs.items() if name in every}
        if node.args.kwarg:
            rest = {key: self.now(value) for key, value in kwargs.items() if key not in every}
            env[node.args.kwarg.arg] = rest
        return env


def _returns(function: FunctionNode) -> Iterator[ast.Return]:
    todo: list[ast.AST] = list(reversed(function.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr
        ):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))


Evaluator.handlers = {
    ast.Name: Evaluator._name,
    ast.Attribute: Evaluator._attribute,
    ast.Call: Evaluator._call,
    ast.ListComp: Evaluator.comprehension,
    ast.SetComp: Evaluator.comprehension,
    ast.GeneratorExp: Evaluator.comprehension,
    ast.DictComp: Evaluator.dict_comprehension,
    **HANDLERS,
}
