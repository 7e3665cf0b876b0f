"""One parsed module with what is asked of it again and again: its names, its imports, what surrounds a node."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

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
    mentions: set[str] = field(default_factory=set)
    """Every name that it uses."""
    sweeps: bool = False
    """Whether it loads whatever modules lie in its package."""
    _locals: dict[ast.AST, dict[str, list[ast.AST]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        todo: list[ast.AST] = [self.tree]
        while todo:
            node = todo.pop()
            children = list(ast.iter_child_nodes(node))
            for child in children:
                self.parents[child] = node
            # In the order of the text, so that all that follows is deterministic.
            todo.extend(reversed(children))
            self._note(node)
        self.names = bindings(self.tree.body)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            self.mentions.add(node.id)
        elif isinstance(node, ast.Attribute):
            self.mentions.add(node.attr)
        elif isinstance(node, ast.Call):
            self.calls.append(node)
            callee = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if callee in ("import_module", "__import__"):
                self._dynamic(node)
            self.sweeps |= callee in ("iter_modules", "walk_packages")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.functions.append(node)
        elif isinstance(node, ast.ClassDef):
            self.classes.append(node)
        elif isinstance(node, ast.Dict):
            self.dicts.append(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                self.loads.add(alias.name)
                self.imports[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
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
            if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and child in parent.body:
                return parent
        return None

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
