"""One parsed module with what is asked of it again and again: names, imports, what surrounds a node."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import field
from itertools import islice

from mcpaudit.dataclass import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Definition = FunctionNode | ast.ClassDef


@dataclass(slots=True, eq=False)
class Module:
    """A module; everything is collected in one pass over its tree."""

    name: str
    file: str
    tree: ast.Module
    package: bool
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    in_bodies: set[ast.AST] = field(default_factory=set)
    """The statements that stand in the body of what is around them: no test, default or `else` of it."""
    names: dict[str, list[ast.AST]] = field(default_factory=dict)
    """What binds each name at the top: definitions, assignments."""
    imports: dict[str, str] = field(default_factory=dict)
    """By the name that an import binds anywhere in the module: the dotted name of what it is."""
    stars: list[str] = field(default_factory=list)
    loads: set[str] = field(default_factory=set)
    """Every module that is imported anywhere in it."""
    calls: list[ast.Call] = field(default_factory=list)
    functions: list[FunctionNode] = field(default_factory=list)
    classes: list[ast.ClassDef] = field(default_factory=list)
    dicts: list[ast.Dict] = field(default_factory=list)
    growth: dict[str, list[ast.Call | ast.Assign]] = field(default_factory=dict)
    """By name, and by attribute with a dot: what puts something into what it stands for."""
    environ: list[ast.Subscript] = field(default_factory=list)
    """Reads of `os.environ[...]`."""
    mentions: set[str] = field(default_factory=set)
    """Every name that it uses."""
    sweeps: bool = False
    """Whether it loads modules by names that are made at run time."""
    walks: bool = False
    """Whether it loads whatever modules lie in a package."""
    stores: list[ast.Attribute] = field(default_factory=list)
    """Attributes that it sets."""
    globals: set[str] = field(default_factory=set)
    """Names at its top that functions set."""
    _locals: dict[ast.AST, dict[str, list[ast.AST]]] = field(default_factory=dict)
    _leaving: dict[ast.AST, dict[ast.AST, tuple[list[ast.If], int]]] = field(default_factory=dict)
    """By what holds a block: for each statement, the conditions that leave the block, how many before it."""

    def __post_init__(self) -> None:
        # Every node of every module passes here, hence no generators and one look-up for each.
        parents, notes = self.parents, _NOTES
        todo: list[ast.AST] = [self.tree]
        while todo:
            node = todo.pop()
            note = notes.get(type(node))
            if note is not None:
                note(self, node)
            children: list[ast.AST] = []
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, ast.AST):
                    if type(value) not in _EMPTY:
                        children.append(value)
                elif type(value) is list:
                    items = [item for item in value if isinstance(item, ast.AST)]
                    children.extend(items)
                    if name == "body":
                        self.in_bodies.update(items)
            for child in children:
                parents[child] = node
            # In the order of the text, so that all that follows is deterministic.
            children.reverse()
            todo.extend(children)
        self.names = bindings(self.tree.body)

    def _name(self, node: ast.Name) -> None:
        self.mentions.add(node.id)
        if node.id == "import_module":
            # Handed on and not called: what it will load is not written where it is called.
            self.sweeps |= getattr(self.parents.get(node), "func", None) is not node

    def _attribute(self, node: ast.Attribute) -> None:
        self.mentions.add(node.attr)
        if isinstance(node.ctx, ast.Store):
            self.stores.append(node)

    def _global(self, node: ast.Global) -> None:
        self.globals.update(node.names)

    def _call(self, node: ast.Call) -> None:
        self.calls.append(node)
        callee = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if callee in ("import_module", "__import__", "run_module"):
            self._dynamic(node)
        elif callee in _GROWS and isinstance(node.func, ast.Attribute):
            self._grows(node.func.value, node)
        self.walks |= callee in _WALKS

    def _assign(self, node: ast.Assign) -> None:
        if isinstance(node.targets[0], ast.Subscript):
            self._grows(node.targets[0].value, node)

    def _grows(self, what: ast.expr, node: ast.Call | ast.Assign) -> None:
        if isinstance(what, ast.Name):
            self.growth.setdefault(what.id, []).append(node)
        elif isinstance(what, ast.Attribute):
            self.growth.setdefault(f".{what.attr}", []).append(node)

    def _subscript(self, node: ast.Subscript) -> None:
        if getattr(node.value, "attr", getattr(node.value, "id", "")) == "environ":
            self.environ.append(node)

    def _function(self, node: FunctionNode) -> None:
        self.functions.append(node)

    def _class(self, node: ast.ClassDef) -> None:
        self.classes.append(node)

    def _dict(self, node: ast.Dict) -> None:
        self.dicts.append(node)

    def _import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.loads.add(alias.name)
            first = alias.name.partition(".")[0]
            self.imports[alias.asname or first] = alias.name if alias.asname else first

    def _import_from(self, node: ast.ImportFrom) -> None:
        base = self.absolute(node.module or "", node.level)
        self.loads.add(base)
        for alias in node.names:
            if alias.name == "*":
                self.stars.append(base)
                continue
            self.loads.add(f"{base}.{alias.name}")
            self.imports[alias.asname or alias.name] = f"{base}.{alias.name}"

    def _dynamic(self, node: ast.Call) -> None:
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            level = len(first.value) - len(first.value.lstrip("."))
            self.loads.add(self.absolute(first.value.lstrip("."), level))
        else:
            self.sweeps = True

    def absolute(self, dotted: str, level: int) -> str:
        """What a relative import means."""
        if not level:
            return dotted
        parts = self.name.split(".")
        keep = len(parts) - level + (1 if self.package else 0)
        return ".".join([*parts[: max(keep, 0)], *([dotted] if dotted else [])])

    def within(self, node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
        """What surrounds a node, from the inside out, each with the child that leads to the node."""
        child, parent = node, self.parents.get(node)
        while parent is not None:
            yield parent, child
            child, parent = parent, self.parents.get(parent)

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The function that runs a node; a decorator or a default is run by what is around its function."""
        for parent, child in self.within(node):
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and child in self.in_bodies:
                return parent
        return None

    def left_before(self, parent: ast.AST, child: ast.AST) -> Iterator[ast.If]:
        """The conditions before a statement in its block that leave the block.

        One that ends in an error is no switch: the server does not start at all.
        """
        if parent not in self._leaving:
            found = self._leaving[parent] = {}
            for part in ("body", "orelse", "finalbody"):
                block, leaving = getattr(parent, part, None), list[ast.If]()
                for one in block if isinstance(block, list) else ():
                    found[one] = (leaving, len(leaving))
                    if isinstance(one, ast.If) and not one.orelse and isinstance(one.body[-1], _LEAVES):
                        leaving.append(one)
        leaving, count = self._leaving[parent].get(child, ([], 0))
        return islice(leaving, count)

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method or body a node lies directly in."""
        for parent, _ in self.within(node):
            if isinstance(parent, ast.ClassDef):
                return parent
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and parent is not node:
                return None
        return None

    def locals_of(self, function: ast.AST) -> dict[str, list[ast.AST]]:
        """What binds each name in a function's own body."""
        if function not in self._locals:
            body = function.body if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) else []
            self._locals[function] = bindings(body)
        return self._locals[function]


def bindings(body: list[ast.stmt]) -> dict[str, list[ast.AST]]:
    """What binds names in statements, without the bodies of functions and classes in them."""
    found: dict[str, list[ast.AST]] = {}
    todo: list[ast.AST] = list(reversed(body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.setdefault(node.name, []).append(node)
            continue
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for name in names_in(target):
                    found.setdefault(name, []).append(node)
        elif isinstance(node, ast.For | ast.AsyncFor):
            for name in names_in(node.target):
                found.setdefault(name, []).append(node)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            for name in names_in(node.optional_vars):
                found.setdefault(name, []).append(node)
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case | ast.withitem | ast.NamedExpr):
            todo.extend(
                reversed(
                    [
                        child
                        for child in ast.iter_child_nodes(node)
                        if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case | ast.withitem)
                    ]
                )
            )
    return found


def names_in(target: ast.expr) -> Iterator[str]:
    """The plain names that a target binds."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for item in target.elts:
            yield from names_in(item)
    elif isinstance(target, ast.Starred):
        yield from names_in(target.value)


# Nodes without anything in them, of which there is one for each use of a name.
_EMPTY = frozenset([ast.Load, ast.Store, ast.Del])
_LEAVES = (ast.Return, ast.Continue, ast.Break)
# What finds modules by looking into folders.
_WALKS = frozenset(["iter_modules", "walk_packages", "spec_from_file_location", "run_path"])
_GROWS = frozenset(["append", "extend", "update", "add", "insert"])
_NOTES: dict[type[ast.AST], Callable[..., None]] = {
    ast.Name: Module._name,
    ast.Attribute: Module._attribute,
    ast.Call: Module._call,
    ast.FunctionDef: Module._function,
    ast.AsyncFunctionDef: Module._function,
    ast.ClassDef: Module._class,
    ast.Dict: Module._dict,
    ast.Subscript: Module._subscript,
    ast.Assign: Module._assign,
    ast.Global: Module._global,
    ast.Import: Module._import,
    ast.ImportFrom: Module._import_from,
}
