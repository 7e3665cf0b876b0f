"""What a tool's handler reaches: calls of the outside world, through the project's own functions."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cache

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.module import FunctionNode, Module
from mcpaudit.manifests.python.values import ClassValue, FunctionValue, Instance, Outside, Scope
from mcpaudit.model.manifest import Ability, Evidence, Spot

MAX_CALLS_DEEP, MAX_FUNCTIONS, MAX_EVIDENCE = 6, 250, 12
PATIENCE = 250
Place = tuple[Module, ast.AST]


@dataclass(frozen=True, slots=True)
class Table:
    """Which calls mean which ability."""

    names: dict[str, Ability]
    methods: dict[str, Ability]
    harmless: frozenset[str]

    def of(self, dotted: str) -> tuple[Ability, str] | None:
        """What a call of a dotted name means, and the name to show: the longest known beginning decides."""
        part = dotted
        while part:
            if part in self.harmless:
                return None
            if part in self.names:
                # What is done with the answer of a call is no call of its own: not `requests.get.json`.
                rest = dotted[len(part) + 1 :].partition(".")[0]
                return self.names[part], f"{part}.{rest}".rstrip(".")
            part = part.rpartition(".")[0]
        return None


@cache
def table() -> Table:
    """The table as shipped."""
    raw = shipped.table("manifests/python/abilities.yaml")
    methods, harmless = raw.pop("methods"), frozenset(raw.pop("harmless"))
    return Table({name: ability for ability, names in raw.items() for name in names}, methods, harmless)


@dataclass(slots=True)
class _Direct:
    """What one function does itself."""

    evidence: list[Evidence] = field(default_factory=list)
    calls: list[Place] = field(default_factory=list)


class Reach:
    """Follows calls; each function is looked at once."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._ev = evaluator
        evaluator.patience, evaluator.nested, evaluator.grows = PATIENCE, 2, False
        self._direct: dict[ast.AST, _Direct] = {}
        self._scopes: dict[ast.AST, Scope] = {}
        self.reached: dict[ast.AST, Module] = {}
        """Every function that some handler reaches."""

    def from_places(self, places: Iterable[Place]) -> tuple[Evidence, ...]:
        """What is reached from functions or parts of them, the nearest first, one for each kind of call."""
        found: dict[tuple[str, str], Evidence] = {}
        seen: set[ast.AST] = set()
        front = list(places)
        for _ in range(MAX_CALLS_DEEP):
            onward: list[Place] = []
            for module, node in front:
                if node in seen or len(seen) > MAX_FUNCTIONS:
                    continue
                seen.add(node)
                self.reached[node] = module
                direct = self._look(module, node)
                for one in direct.evidence:
                    found.setdefault((one.ability, one.says), one)
                onward.extend(direct.calls)
            front = onward
        return tuple(list(found.values())[:MAX_EVIDENCE])

    def _look(self, module: Module, node: ast.AST) -> _Direct:
        if node in self._direct:
            return self._direct[node]
        direct = self._direct[node] = _Direct()
        function = (
            node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else module.function_of(node)
        )
        scope = self._scope(module, function) if function else self._ev.top(module)
        for item in inside(node):
            if isinstance(item, ast.Call):
                self._call(module, item, scope, direct)
            elif isinstance(item, ast.Name | ast.Attribute):
                self._handed(module, item, scope, direct)
        return direct

    def _scope(self, module: Module, function: FunctionNode) -> Scope:
        if function not in self._scopes:
            self._scopes[function] = self._new_scope(module, function)
        return self._scopes[function]

    def _new_scope(self, module: Module, function: FunctionNode) -> Scope:
        owner = module.class_of(function)
        outer = self._ev.top(module)
        around = module.function_of(function)
        if around is not None and owner is None:
            outer = self._scope(module, around)
        first = function.args.args[0].arg if function.args.args else ""
        env: dict[str, object] = {first: Instance(ClassValue(module, owner))} if owner and first else {}
        return Scope(module, function, env, outer)

    def _call(self, module: Module, call: ast.Call, scope: Scope, direct: _Direct) -> None:
        callee = self._ev.value(call.func, scope)
        dotted = callee.dotted if isinstance(callee, Outside) else ""
        if not dotted and isinstance(call.func, ast.Attribute):
            base = self._ev.value(call.func.value, scope)
            if isinstance(base, Instance) and base.dotted:
                dotted = f"{base.dotted}.{call.func.attr}"
            elif isinstance(base, Instance) and isinstance(base.made_of, ClassValue):
                outside = self._ev.classes.outside(base.made_of)
                dotted = f"{outside[0]}.{call.func.attr}" if outside else ""
        if isinstance(callee, FunctionValue):
            direct.calls.append((callee.module, callee.node))
        elif isinstance(callee, ClassValue):
            self._constructor(callee, direct)
        elif dotted and (known := table().of(dotted)):
            self._note(direct, module, call, *known)
        elif isinstance(call.func, ast.Attribute) and not dotted:
            self._method(module, call, call.func.attr, direct)

    def _constructor(self, cls: ClassValue, direct: _Direct) -> None:
        value = self._ev.classes.attribute(cls, "__init__")
        if isinstance(value, FunctionValue):
            direct.calls.append((value.module, value.node))

    def _method(self, module: Module, call: ast.Call, name: str, direct: _Direct) -> None:
        """A method of something unknown: the project's own where only one class has it, else by its name."""
        known = self._ev.project.methods.get(name, ())
        if len(known) == 1 and not name.startswith("__"):
            direct.calls.append((known[0][0], known[0][2]))
        elif not known and (ability := table().methods.get(name)):
            self._note(direct, module, call, ability, f"….{name}")

    def _handed(self, module: Module, node: ast.Name | ast.Attribute, scope: Scope, direct: _Direct) -> None:
        """A function handed on, to a thread or a timer, is called too."""
        parent = module.parents.get(node)
        if not isinstance(parent, ast.Call | ast.keyword) or getattr(parent, "func", None) is node:
            return
        if isinstance(node, ast.Attribute) and not isinstance(node.value, ast.Name):
            return
        root = node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else ""
        root = root or (node.id if isinstance(node, ast.Name) else "")
        inner = isinstance(node, ast.Name) and scope.function and root in module.locals_of(scope.function)
        if not (inner or root in module.names or root in module.imports or root in ("self", "exec", "eval")):
            return
        value = self._ev.value(node, scope)
        if isinstance(value, FunctionValue):
            direct.calls.append((value.module, value.node))
            return
        known = table().of(value.dotted) if isinstance(value, Outside) else None
        if known and known[0] in ("executes", "evaluates"):
            self._note(direct, module, node, *known)

    def _note(self, direct: _Direct, module: Module, node: ast.expr, ability: Ability, dotted: str) -> None:
        says = f"it calls `{dotted.removeprefix('builtins.')}`"
        direct.evidence.append(Evidence(ability, says, Spot(module.file, node.lineno)))


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a function's body or of a statement, in the order of the text; its decorators are not."""
    body = getattr(node, "body", None)
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    todo: list[ast.AST] = list(reversed(body)) if is_function and isinstance(body, list) else [node]
    while todo:
        item = todo.pop()
        yield item
        todo.extend(reversed(list(ast.iter_child_nodes(item))))
