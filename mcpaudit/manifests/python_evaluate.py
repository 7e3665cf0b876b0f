"""What expressions stand for: constants and tables folded, names and imports followed, small functions seen through.

Settings that come from outside (environment, command line) are taken as unset, so that what is found is what the
server does by default; each one that was asked for is noted, so that a condition can say what it hangs on.
"""

import ast
from collections.abc import Callable, Iterator, Sequence

from mcpaudit.manifests import python_builtins as builtin
from mcpaudit.manifests.python_classes import Classes
from mcpaudit.manifests.python_module import FunctionNode, Module
from mcpaudit.manifests.python_project import Project, last_name
from mcpaudit.manifests.python_values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Gate,
    Instance,
    Later,
    Member,
    ModuleValue,
    Outside,
    Scope,
    plain,
)

MAX_STEPS, MAX_DEPTH, MAX_ITEMS = 1_500_000, 70, 2_000
MAX_QUERY, MAX_NESTED = 40_000, 5
"""Steps for one question, and calls of functions within calls that are seen through."""


class Evaluator:
    """Follows expressions through a project; every answer may be `UNKNOWN`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.classes = Classes(self)
        self.switches: list[str] = []
        """The settings that were asked for since it was last cleared."""
        self.exhausted = False
        self.grows = True
        """Whether lists are followed beyond where they begin."""
        self.patience, self.nested = MAX_QUERY, MAX_NESTED
        """How many steps one question may take; fewer where very many are asked and none is vital."""
        self.schema: Callable[[ClassValue], object] = lambda _: UNKNOWN
        self._depth = 0
        self._steps = 0
        self._cuts = 0
        self._limit = 0
        self._nested = 0
        self._busy: set[tuple[int, int]] = set()
        self._tops: dict[tuple[str, str], tuple[object, tuple[str, ...]]] = {}
        self._scopes: dict[str, Scope] = {}

    def top(self, module: Module) -> Scope:
        """The scope of a module's own statements."""
        return self._scopes.setdefault(module.name, Scope(module))

    def value(self, node: ast.AST | None, scope: Scope) -> object:
        """What an expression stands for."""
        if node is None:
            return UNKNOWN
        self._steps += 1
        if self._steps % 512 == 0:
            self.project.tree.clock.check()
        if self._depth == 0:
            self._limit = self._steps + self.patience
        if self._depth > MAX_DEPTH or self._steps > min(MAX_STEPS, self._limit):
            self.exhausted |= self._steps > MAX_STEPS
            self._cuts += 1
            return UNKNOWN
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return UNKNOWN
        self._depth += 1
        try:
            return handler(self, node, scope)
        finally:
            self._depth -= 1

    # -- names ------------------------------------------------------------------------------------------------

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
            at = at.outer
        return self.member(scope.module, name)

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
                    self._grown(name, found, scope, bound)
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
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and decorator.args and last_name(decorator.func) == "wraps":
                value = self.value(decorator.args[0], scope)
                return value if isinstance(value, FunctionValue) else None
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
            return self._bound(name, bound, self.top(module), 10**9)
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
        """What a dotted name of an import means: a module of the tree, something in one, something outside."""
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

    def _grown(
        self, name: str, start: list[object] | dict[object, object], scope: Scope, bound: list[ast.AST]
    ) -> object:
        """A list or table with what later statements of the same body put into it."""
        value: list[object] | dict[object, object] = list(start) if isinstance(start, list) else dict(start)
        for node in bound:
            if isinstance(node, ast.AugAssign) and isinstance(value, list):
                value.extend(self.items(self.value(node.value, scope)) or ())
        for call in self._growth(scope, name):
            self._grow(value, call, scope)
        return value

    def _growth(self, scope: Scope, name: str) -> Iterator[ast.Call]:
        for call in scope.module.growth.get(name, ()):
            if scope.module.function_of(call) is scope.function:
                yield call

    def _grow(self, value: list[object] | dict[object, object], call: ast.Call, scope: Scope) -> None:
        key = (id(call), id(scope))
        if key in self._busy or not call.args or len(value) > MAX_ITEMS:
            return
        self._busy.add(key)
        try:
            for inner in self.loops(call, scope):
                given = self.value(call.args[-1], inner)
                method = last_name(call.func)
                if isinstance(value, dict):
                    value.update(given if isinstance(given, dict) else {})
                elif method in ("extend", "update"):
                    value.extend(self.items(given) or ())
                else:
                    value.append(given)
        finally:
            self._busy.discard(key)

    # -- attributes -------------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute, scope: Scope) -> object:
        base = self.value(node.value, scope)
        if base is UNKNOWN and node.attr in self.project.flags and isinstance(node.value, ast.Name):
            if node.value.id in ("args", "options", "opts", "arguments", "parsed", "cli_args", "parsed_args"):
                return self._flag(node.attr)
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
                return self._flag(name)
            return self.classes.of_instance(base, name)
        return UNKNOWN

    def _flag(self, name: str) -> object:
        module, call = self.project.flags[name]
        given = {key.arg: self.value(key.value, self.top(module)) for key in call.keywords}
        words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        self.switches.append(next((str(word) for word in words if str(word).startswith("--")), name))
        if "default" in given:
            return given["default"]
        return {"store_true": False, "store_false": True}.get(str(given.get("action")))

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
        if name in ("__name__", "name", "__qualname__"):
            return node.name
        return ast.get_docstring(node) if name in ("__doc__", "description") else UNKNOWN

    # -- calls ------------------------------------------------------------------------------------------------

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
        """What a function of the project returns, given its arguments; lists of several returns are joined."""
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

    # -- conditions and loops ---------------------------------------------------------------------------------

    def gates(self, node: ast.AST, scope: Scope) -> Iterator[Gate]:
        """The conditions within its own function that a node stands under."""
        module = scope.module
        for parent, child in module.within(node):
            if isinstance(parent, ast.If) and child is not parent.test:
                yield Gate(parent.test, child in parent.body, scope)
            for field in ("body", "orelse", "finalbody"):
                block = getattr(parent, field, None)
                if isinstance(block, list) and child in block:
                    for earlier in block[: block.index(child)]:
                        # One that ends in an error is no switch: the server does not start at all.
                        ends = (ast.Return, ast.Continue, ast.Break)
                        if (
                            isinstance(earlier, ast.If)
                            and not earlier.orelse
                            and isinstance(earlier.body[-1], ends)
                        ):
                            yield Gate(earlier.test, False, scope)
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if child in parent.body:
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
            if isinstance(parent, ast.For | ast.AsyncFor) and child in parent.body:
                chain.append((parent.target, parent.iter, ()))
            elif isinstance(parent, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
                if not isinstance(child, ast.comprehension):
                    chain.extend((part.target, part.iter, part.ifs) for part in reversed(parent.generators))
            if parent is scope.function or isinstance(parent, ast.ClassDef):
                break
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and child in parent.body:
                break
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
        return [make(inner) for inner in self._turns([(t, i, f) for t, i, f in chain], scope)]


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


_HANDLERS: dict[type[ast.AST], Callable[[Evaluator, ast.AST, Scope], object]] = {
    ast.Name: Evaluator._name,  # type: ignore[dict-item]
    ast.Attribute: Evaluator._attribute,  # type: ignore[dict-item]
    ast.Call: Evaluator._call,  # type: ignore[dict-item]
    ast.ListComp: Evaluator.comprehension,  # type: ignore[dict-item]
    ast.SetComp: Evaluator.comprehension,  # type: ignore[dict-item]
    ast.GeneratorExp: Evaluator.comprehension,  # type: ignore[dict-item]
    ast.DictComp: Evaluator.dict_comprehension,  # type: ignore[dict-item]
    **builtin.HANDLERS,  # type: ignore[dict-item]
}
