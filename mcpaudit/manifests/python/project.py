"""The modules of a server that its commands reach, and what in them calls what."""

import ast
from collections.abc import Iterator
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.python.module import FunctionNode, Module
from mcpaudit.manifests.python.tree import Tree


@dataclass(slots=True)
class Project:
    """What is reached, with indexes over it."""

    tree: Tree
    modules: list[Module]
    calls: dict[str, list[tuple[Module, ast.Call]]] = field(default_factory=dict)
    """By the last part of the callee's name."""
    decorated: dict[str, list[tuple[Module, FunctionNode, ast.expr]]] = field(default_factory=dict)
    """By the last part of the decorator's name: whether it is called or not."""
    subclasses: dict[str, list[tuple[Module, ast.ClassDef]]] = field(default_factory=dict)
    """By the last part of a base's name."""
    methods: dict[str, list[tuple[Module, ast.ClassDef, FunctionNode]]] = field(default_factory=dict)
    flags: dict[str, tuple[Module, ast.Call]] = field(default_factory=dict)
    """Options of the command line by where their values are kept."""
    _later: set[str] | None = None

    def __post_init__(self) -> None:
        for module in self.modules:
            for call in module.calls:
                name = last_name(call.func)
                self.calls.setdefault(name, []).append((module, call))
                if name == "add_argument":
                    self._flag(module, call)
            for function in module.functions:
                for decorator in function.decorator_list:
                    inner = decorator.func if isinstance(decorator, ast.Call) else decorator
                    row = (module, function, decorator)
                    self.decorated.setdefault(last_name(inner), []).append(row)
            for node in module.classes:
                for base in node.bases:
                    inner = base.value if isinstance(base, ast.Subscript) else base
                    self.subclasses.setdefault(last_name(inner), []).append((module, node))
                for item in node.body:
                    if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
                        self.methods.setdefault(item.name, []).append((module, node, item))

    def set_later(self, name: str) -> bool:
        """Whether an attribute of that name is set anywhere but in a constructor."""
        if self._later is None:
            self._later = {
                node.attr
                for module in self.modules
                for node in module.stores
                if getattr(module.function_of(node), "name", "") != "__init__"
            }
        return name in self._later

    def _flag(self, module: Module, call: ast.Call) -> None:
        names = [
            arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        kept = [key.value for key in call.keywords if key.arg == "dest"]
        if kept and isinstance(kept[0], ast.Constant):
            names.append(str(kept[0].value))
        for name in names:
            self.flags.setdefault(name.lstrip("-").replace("-", "_"), (module, call))


def last_name(node: ast.expr) -> str:
    """The last part of a dotted expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return node.id if isinstance(node, ast.Name) else ""


def reach(tree: Tree) -> Project:
    """Everything that is imported from where the commands start; all modules where that is not known."""
    starts = list(tree.starts) or sorted(tree.files)
    found: dict[str, Module] = {}
    todo = list(reversed(starts))
    while todo:
        name = todo.pop()
        if name in found:
            continue
        module = tree.module(name)
        if module is None:
            continue
        found[name] = module
        todo.extend(sorted(_next(tree, module) - found.keys(), reverse=True))
    return Project(tree, [found[name] for name in sorted(found)])


def _next(tree: Tree, module: Module) -> set[str]:
    names = {tree.find(dotted) for dotted in module.loads if dotted}
    parts = module.name.split(".")
    # Importing a module runs the packages that it lies in.
    names |= {tree.find(".".join(parts[:count])) for count in range(1, len(parts))}
    if module.sweeps or module.walks:
        names |= _loaded(tree, module)
    return names - {""}


def _loaded(tree: Tree, module: Module) -> set[str]:
    """What may be loaded by a name that is made at run time: modules written in texts, or whole packages."""
    texts = {node.value for node in ast.walk(module.tree) if isinstance(node, ast.Constant)}
    written = {text for text in texts if isinstance(text, str) and "." in text and text in tree.files}
    single = {name for name in written - {module.name} if not tree.is_package(name)}
    if single and not module.walks:
        return written
    package = module.name if module.package else module.name.rpartition(".")[0]
    if not package:
        return set(tree.files)
    # A package that is named or imported may be the one that is gone through.
    named = {text for text in texts if isinstance(text, str) and tree.is_package(text)}
    imported = {found for dotted in module.loads if tree.is_package(found := tree.find(dotted))}
    return {inner for one in (package, *named, *imported) for inner in tree.below(one)}


def arguments(call: ast.Call) -> Iterator[tuple[str | int, ast.expr]]:
    """Positional arguments by number and named ones by name."""
    yield from enumerate(call.args)
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg, keyword.value
