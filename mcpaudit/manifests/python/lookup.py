"""What names stand for: bindings of functions and modules, imports, parameters without a caller, options."""

import ast

from mcpaudit.manifests.python import builtins as builtin
from mcpaudit.manifests.python.growth import Growth
from mcpaudit.manifests.python.module import FunctionNode, Module
from mcpaudit.manifests.python.project import Project, last_name
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Later,
    ModuleValue,
    Outside,
    Scope,
)


class Lookup(Growth):
    """The part that follows names."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._tops: dict[tuple[str, str], tuple[object, tuple[str, ...]]] = {}

    def _name(self, node: ast.Name, scope: Scope) -> object:
        return self.lookup(node.id, scope, getattr(node, "lineno", 0))

    def lookup(self, name: str, scope: Scope, line: int = 10**9) -> object:
        """What a name is bound to, from the inside out."""
        at: Scope | None = scope
        while at is not None:
            if name in at.env:
                at.env[name] = self.now(at.env[name])
                return at.env[name]
            if isinstance(at.function, ast.FunctionDef | ast.AsyncFunctionDef):
                bound = at.module.locals_of(at.function).get(name)
                if bound:
                    return self._bound(name, bound, at, line if at is scope else 10**9)
                if (default := self._default(name, at)) is not None:
                    return default[0]
            elif at.body is not None and at is scope:
                found = self.classes.own(at.body, name)
                if found is not UNKNOWN:
                    return found
            elif at.function is None and at.env and (bound := self._in_turn(name, at)):
                found = self._bound(name, bound, at, line)
                if found is not UNKNOWN:
                    return found
            at = at.outer
        return self.member(scope.module, name)

    def _in_turn(self, name: str, scope: Scope) -> list[ast.AST]:
        """What binds a name at the top in the loops that the scope is a turn of."""
        module = scope.module
        return [
            node
            for node in module.names.get(name, ())
            if any(
                isinstance(parent, ast.For | ast.AsyncFor)
                and child in module.in_bodies
                and all(one.id in scope.env for one in ast.walk(parent.target) if isinstance(one, ast.Name))
                for parent, child in module.within(node)
            )
        ]

    def now(self, value: object) -> object:
        """The value of an argument that was left for later."""
        return self.value(value.node, value.scope) if isinstance(value, Later) else value

    def _bound(self, name: str, bound: list[ast.AST], scope: Scope, line: int) -> object:
        before = [node for node in bound if (getattr(node, "end_lineno", 0) or 0) < line]
        # The nearest one counts; one that cannot be told gives way to an earlier one.
        for node in reversed(before or bound[-1:]):
            if isinstance(node, ast.AugAssign):
                continue
            found = self._by(node, name, scope)
            if found is not UNKNOWN:
                return (
                    self.grown(name, found, scope, bound)
                    if self.grows and isinstance(found, list | dict)
                    else found
                )
        return UNKNOWN

    def _by(self, node: ast.AST, name: str, scope: Scope) -> object:
        """What one binding gives a name."""
        known = scope.memo.get((id(node), name))
        if known is not None:
            self.switches.extend(known[1])
            return known[0]
        key = (id(node), id(scope))
        if key in self._busy:
            self._cuts += 1
            return UNKNOWN
        self._busy.add(key)
        cuts, before = self._cuts, len(self.switches)
        try:
            value = self._made_by(node, name, scope)
        finally:
            self._busy.discard(key)
        # What a cycle or a limit cut short may come out otherwise when it is asked from elsewhere.
        if self._cuts == cuts:
            scope.memo[id(node), name] = (value, tuple(self.switches[before:]))
        return value

    def _made_by(self, node: ast.AST, name: str, scope: Scope) -> object:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return self._wrapped(node, scope) or FunctionValue(scope.module, node, scope)
        if isinstance(node, ast.ClassDef):
            return ClassValue(scope.module, node, scope)
        if isinstance(node, ast.Assign):
            value = self.value(node.value, scope)
            for target in node.targets:
                bound: dict[str, object] = {}
                self.bind(target, value, bound)
                if name in bound:
                    return bound[name]
        if isinstance(node, ast.AnnAssign | ast.NamedExpr):
            return self.value(node.value, scope)
        if isinstance(node, ast.withitem):
            return self.value(node.context_expr, scope)
        return UNKNOWN

    def _wrapped(self, node: FunctionNode, scope: Scope) -> FunctionValue | None:
        """The function that a wrapper says it stands for."""
        wrapped = self.wraps(node)
        value = self.value(wrapped, scope) if wrapped is not None else UNKNOWN
        return value if isinstance(value, FunctionValue) else None

    def wraps(self, node: FunctionNode) -> ast.expr | None:
        """What a function says by `functools.wraps` that it stands for."""
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and decorator.args and last_name(decorator.func) == "wraps":
                return decorator.args[0]
        return None

    def _default(self, name: str, scope: Scope) -> tuple[object] | None:
        """What a parameter is without a caller; `None` where it is no parameter."""
        function = scope.function
        if function is None or name not in parameters(function):
            return None
        if not isinstance(function, ast.Lambda):
            option = self._option(function, name, scope)
            if option is not None:
                return option
        default = defaults(function).get(name)
        value = self.value(default, scope.outer or self.top(scope.module)) if default else UNKNOWN
        if isinstance(value, Instance) and value.dotted in ("typer.Option", "typer.Argument"):
            flags = [arg for arg in value.args[1:] if isinstance(arg, str)]
            self.switches.append(flags[0].partition("/")[0] if flags else f"--{name.replace('_', '-')}")
            value = value.args[0] if value.args else value.kwargs.get("default", UNKNOWN)
        return (value,)

    def _option(self, function: FunctionNode, name: str, scope: Scope) -> tuple[object] | None:
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and last_name(decorator.func) == "option":
                made = self.value(decorator, scope.outer or self.top(scope.module))
                if not isinstance(made, Instance):
                    continue
                names = [arg for arg in made.args if isinstance(arg, str)]
                parts = [part for arg in names for part in arg.split("/")]
                if name in [part.lstrip("-").replace("-", "_") for part in parts]:
                    self.switches.append(next((part for part in parts if part.startswith("--")), name))
                    return (made.kwargs.get("default", False if made.kwargs.get("is_flag") else None),)
        return None

    def member(self, module: Module, name: str) -> object:
        """What a name at the top of a module is."""
        key = (module.name, name)
        if key not in self._tops:
            self._tops[key] = (UNKNOWN, ())  # a cycle of imports ends here
            kept, self.switches = self.switches, []
            value = self._member(module, name)
            self._tops[key] = (value, tuple(self.switches))
            self.switches = kept
        value, switches = self._tops[key]
        self.switches.extend(switches)
        return value

    def _member(self, module: Module, name: str) -> object:
        bound = module.names.get(name)
        if name in module.imports:
            found = self.dotted(module.imports[name])
            if not (bound and (found is UNKNOWN or isinstance(found, Outside))):
                return found
            if not all(isinstance(node, ast.Assign) for node in bound):
                return found
        if bound:
            found = self._bound(name, bound, self.top(module), 10**9)
            later = name in module.globals and (found is None or found is False)
            return UNKNOWN if later else found
        if name == "__name__":
            return "__main__"
        for star in module.stars:
            other = self.project.tree.module(star)
            if (
                other
                and other is not module
                and (name in other.names or name in other.imports or other.stars)
            ):
                found = self.member(other, name)
                if found is not UNKNOWN:
                    return found
        return builtin.named(name)

    def dotted(self, name: str) -> object:
        """What a dotted name of an import means: a module, something in one, something outside."""
        module = self.project.tree.module(name)
        if module is not None:
            return ModuleValue(module)
        base, _, last = name.rpartition(".")
        if not base:
            return Outside(name)
        owner = self.dotted(base)
        return Outside(name) if isinstance(owner, Outside) else self.attribute(owner, last)

    def bind(self, target: ast.expr, value: object, env: dict[str, object]) -> None:
        """Bind the names of a target, taken apart as Python would."""
        if isinstance(target, ast.Name):
            env[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            items = self.items(value)
            fits = items is not None and len(items) == len(target.elts)
            for index, part in enumerate(target.elts):
                self.bind(part, items[index] if fits and items is not None else UNKNOWN, env)

    def flag(self, name: str) -> object:
        module, call = self.project.flags[name]
        given = {key.arg: self.value(key.value, self.top(module)) for key in call.keywords}
        words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        self.switches.append(next((str(word) for word in words if str(word).startswith("--")), name))
        if "default" in given:
            return given["default"]
        return {"store_true": False, "store_false": True}.get(str(given.get("action")))


def parameters(function: FunctionNode | ast.Lambda) -> list[str]:
    """The names of all parameters that can be given one by one."""
    args = function.args
    return [arg.arg for arg in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


def defaults(function: FunctionNode | ast.Lambda) -> dict[str, ast.expr]:
    """The defaults by parameter."""
    args = function.args
    positional = [*args.posonlyargs, *args.args]
    late = positional[len(positional) - len(args.defaults) :]
    found = {arg.arg: value for arg, value in zip(late, args.defaults, strict=True)}
    pairs = zip(args.kwonlyargs, args.kw_defaults, strict=True)
    return found | {arg.arg: value for arg, value in pairs if value is not None}
