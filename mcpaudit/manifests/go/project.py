"""The packages of a program, by their import paths, and what the names of types in them mean."""

import re

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.package import Declared, File, Member, Package, bare, members_of
from mcpaudit.manifests.go.tree import Tree
from mcpaudit.manifests.go.values import TypeName

_VERSION = re.compile(r"v\d+")
MAX_NODES = 2_500_000
"""How many nodes of parsed code are kept, up to 200 bytes each; a byte makes two at the most."""


class Project:
    """The packages that the program's commands reach, each read the first time that it is asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._nodes = 0
        self.unread = list(tree.unread)
        self.packages: dict[str, Package] = {}
        self._fields: dict[int, list[Member]] = {}
        self.methods: dict[str, list[tuple[Package, str, Declared]]] = {}
        """Methods by their name alone."""
        starts = [path for path in sorted(tree.packages) if self._starts(path)]
        for path in starts or sorted(tree.packages):
            self._load(path)
        self.mains = [self.packages[path] for path in starts if path in self.packages]

    def package(self, path: str) -> Package | None:
        """The package of an import path; `None` for another module's."""
        return self.packages.get(path) or self.packages.get(self.tree.find(path))

    def _starts(self, path: str) -> bool:
        return any(
            re.search(rb"^package\s+main\b", raw, re.M) and re.search(rb"^func\s+main\s*\(", raw, re.M)
            for _, raw in self.tree.packages[path]
        )

    def _load(self, start: str) -> None:
        todo = [start]
        while todo:
            path = todo.pop()
            if path in self.packages or path not in self.tree.packages:
                continue
            package = self.packages[path] = Package(path)
            for shown, raw in self.tree.packages[path]:
                self._file(package, shown, raw)
            for file in package.files:
                _inner_types(file)
            for file in package.files:
                todo.extend(sorted({self.tree.find(used) for used in (*file.imports.values(), *file.dots)}))
            for owner, methods in package.methods.items():
                for name, one in methods.items():
                    self.methods.setdefault(name, []).append((package, owner, one))

    def _file(self, package: Package, shown: str, raw: bytes) -> None:
        if self._nodes + len(raw) > MAX_NODES:
            self.unread.append(f"{shown}, as there is too much code")
            return
        root = syntax.parse(raw)
        self._nodes += root.descendant_count
        if wrong := syntax.first_error(root):
            self.unread.append(f"{shown}:{wrong}")
        file = File(shown, package, root)
        package.files.append(file)
        for node in root.named_children:
            match node.type:
                case "package_clause":
                    package.name = package.name or syntax.text(node).split()[-1]
                case "import_declaration":
                    self._imports(file, node)
                case "function_declaration":
                    self._function(file, node)
                case "method_declaration":
                    owner = syntax.text(bare(_receiver(node)))
                    name = syntax.text(syntax.field(node, "name"))
                    package.methods.setdefault(owner, {}).setdefault(name, Declared(file, node))
                case "type_declaration":
                    for spec in node.named_children:
                        name = syntax.text(syntax.field(spec, "name"))
                        shape = syntax.field(spec, "type")
                        package.types.setdefault(name, Declared(file, spec, shape))
                case "const_declaration" | "var_declaration":
                    _values(file, node)

    def _function(self, file: File, node: Node) -> None:
        name = syntax.text(syntax.field(node, "name"))
        if name == "init":
            file.package.inits.append(Declared(file, node))
        else:
            file.package.functions.setdefault(name, Declared(file, node))

    def _imports(self, file: File, node: Node) -> None:
        for spec in syntax.parts_of(node, "import_spec"):
            path = syntax.unquoted(spec.child_by_field_name("path") or spec)
            name = syntax.text(syntax.field(spec, "name"))
            if name == ".":
                file.dots.append(path)
            elif name:
                file.imports[name if name != "_" else f"_ {path}"] = path
            else:
                for guess in _names(path, self.tree):
                    file.imports.setdefault(guess, path)

    def type_name(self, node: Node | None, file: File) -> TypeName | None:
        """The named type that a type expression speaks of, through pointers and parameters."""
        named = bare(node)
        if named is None:
            return None
        if named.type == "qualified_type":
            path = file.imports.get(syntax.text(syntax.field(named, "package")), "?")
            found = self.package(path)
            return TypeName(found.path if found else path, syntax.text(syntax.field(named, "name")))
        if named.type == "selector_expression":  # a type that is written where a value could be
            path = file.imports.get(syntax.text(syntax.field(named, "operand")), "?")
            found = self.package(path)
            return TypeName(found.path if found else path, syntax.text(syntax.field(named, "field")))
        if named.type in ("type_identifier", "identifier"):
            return TypeName(file.package.path, syntax.text(named))
        return None

    def declared(self, name: TypeName | None) -> Declared | None:
        """The declaration of a type of the tree, through other names for it."""
        known = self.resolved(name)
        package = self.packages.get(known.path) if known else None
        return package.types.get(known.name) if package and known else None

    def resolved(self, name: TypeName | None) -> TypeName | None:
        """The type behind other names for it; another module's where it is one of theirs."""
        for _ in range(8):
            package = self.packages.get(name.path) if name else None
            found = package.types.get(name.name) if package and name else None
            if (
                found is None
                or found.type is None
                or found.type.type not in ("type_identifier", "qualified_type")
            ):
                break
            inner = self.type_name(found.type, found.file)
            if inner is None or (
                inner.path == found.file.package.path and inner.name not in found.file.package.types
            ):
                break  # one of the language's own: `type Mode string`
            name = inner
        return name

    def members(self, name: TypeName | None) -> list[Member]:
        """The fields of a struct of the tree, in order."""
        found = self.declared(name)
        if found is None or found.type is None or found.type.type != "struct_type":
            return []
        return self.fields(found.type)

    def fields(self, shape: Node) -> list[Member]:
        """The fields of a struct type; looked at once."""
        if shape.id not in self._fields:
            self._fields[shape.id] = members_of(shape)
        return self._fields[shape.id]


def _inner_types(file: File) -> None:
    """Types that functions declare for themselves; those of the package go first."""
    # No query: one over a whole broken file, such as a million open braces, does not come to an end.
    for function in syntax.parts_of(file.root, "function_declaration"):
        for block in syntax.parts_of(function, "block"):
            for declaration in syntax.parts_of(block, "type_declaration"):
                for spec in declaration.named_children:
                    name = syntax.text(syntax.field(spec, "name"))
                    file.package.types.setdefault(name, Declared(file, spec, syntax.field(spec, "type")))


def _receiver(node: Node) -> Node | None:
    held = syntax.field(node, "receiver")
    return syntax.field(held.named_children[0], "type") if held and held.named_children else None


def _values(file: File, node: Node) -> None:
    """Constants and variables; a constant without a value repeats the expression above it."""
    before: Node | None = None
    kind: Node | None = None
    constant = node.type == "const_declaration"
    specs = [*syntax.parts_of(node, "const_spec"), *syntax.parts_of(node, "var_spec")]
    for number, spec in enumerate(specs):
        names, value = spec.children_by_field_name("name"), syntax.field(spec, "value")
        own = syntax.field(spec, "type")
        before, kind = (before, kind) if constant and value is None else (value, own)
        items = syntax.listed(before)
        for at, name in enumerate(names):
            one = items[at] if at < len(items) else items[0] if items else spec
            row = Declared(file, one, own or kind, number if constant else at, len(items) == len(names))
            if syntax.text(name) == "_":
                file.package.blanks.append(row)
            else:
                file.package.values.setdefault(syntax.text(name), row)


def _names(path: str, tree: Tree) -> list[str]:
    """What a package may call itself that is imported without a name: by custom the last part of its path."""
    parts = [part for part in path.split("/") if not _VERSION.fullmatch(part)] or [path]
    last = parts[-1].partition(".v")[0]
    guesses = [last, last.replace("-", "_"), last.replace("-", ""), last.removeprefix("go-")]
    guesses += [last.rpartition("-")[2], last.removesuffix("-go"), last.removesuffix(".go")]
    for _, raw in tree.packages.get(tree.find(path), ())[:1]:
        if found := re.search(rb"^package\s+(\w+)", raw, re.M):
            guesses.insert(0, found[1].decode())
    return list(dict.fromkeys(guesses))
