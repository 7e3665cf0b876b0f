"""Types of expressions in a function's body, as they are declared: enough to say whose method is called."""

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.locals import Local, names_of
from mcpaudit.manifests.go.package import Declared, File, Package
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.values import Func, Outside, TypeName

# What these give back is a function that gives what the one that they are given does: pkg.go.dev/sync
_LAZY = ("OnceValue", "OnceValues", "OnceFunc")
MAX_DEPTH = 12
_FUNCTIONS = ("function_declaration", "method_declaration", "func_literal")


@dataclass(frozen=True, slots=True)
class Kind:
    """A type as it is written in a file."""

    node: Node
    file: File


Meaning = Kind | Func | Outside | Package | None
"""What an expression is: a value of a type, a function of the tree, another module's, a package."""


class Kinds:
    """Looks names and types up; functions are taken apart once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._locals: dict[int, dict[str, Local]] = {}

    def locals_of(self, function: Node) -> dict[str, Local]:
        """The names that a function declares itself."""
        if function.id not in self._locals:
            self._locals[function.id] = names_of(function)
        return self._locals[function.id]

    def is_local(self, name: str, function: Node) -> bool:
        """Whether a name is declared in a function or in one around it."""
        around = [function, *(one for one in syntax.climb(function) if one.type in _FUNCTIONS)]
        return any(name in self.locals_of(one) for one in around)

    def of(self, node: Node | None, function: Node, file: File, depth: int = 0) -> Meaning:
        """What an expression is."""
        if node is None or depth > MAX_DEPTH:
            return None
        match node.type:
            case "identifier" | "type_identifier" | "package_identifier":
                return self._name(syntax.text(node), function, file, depth)
            case "selector_expression":
                base = self.of(syntax.field(node, "operand"), function, file, depth + 1)
                return self._member(base, syntax.text(syntax.field(node, "field")), depth)
            case "qualified_type":
                base = self.of(syntax.field(node, "package"), function, file, depth + 1)
                return self._member(base, syntax.text(syntax.field(node, "name")), depth)
            case "call_expression" | "type_conversion_expression":
                callee = self.of(syntax.called(node)[0], function, file, depth + 1)
                if isinstance(callee, Outside) and callee.name in _LAZY:
                    return self.of(next(iter(syntax.called(node)[1]), None), function, file, depth + 1)
                return self.result(callee, 0, depth)
            case "composite_literal" | "type_assertion_expression":
                kind = syntax.field(node, "type")
                return Kind(kind, file) if kind is not None else None
            case "func_literal":
                return Func(file, node)
            case "unary_expression" | "parenthesized_expression" | "index_expression":
                inner = syntax.field(node, "operand") or (
                    node.named_children[0] if node.named_children else None
                )
                found = self.of(inner, function, file, depth + 1)
                return self.element(found) if node.type == "index_expression" else found
        return None

    def result(self, callee: Meaning, index: int, depth: int = 0) -> Meaning:
        """What a call gives back."""
        if isinstance(callee, Outside):
            return Outside(callee.path, f"{callee.name}()")
        if isinstance(callee, Kind):
            bare = self._shape(callee)
            return self._result(syntax.field(bare.node, "result"), index, bare.file) if bare else None
        return (
            self._result(syntax.field(callee.node, "result"), index, callee.file)
            if isinstance(callee, Func)
            else None
        )

    def _result(self, node: Node | None, index: int, file: File) -> Meaning:
        if node is not None and node.type == "parameter_list":
            rows = [one for one in node.named_children if one.type == "parameter_declaration"]
            kinds = [
                syntax.field(one, "type") for one in rows for _ in one.children_by_field_name("name") or [one]
            ]
            node = kinds[index] if index < len(kinds) else None
        return Kind(node, file) if node is not None else None

    def element(self, found: Meaning) -> Meaning:
        """What a list or a table is of."""
        shape = self._shape(found) if isinstance(found, Kind) else None
        inner = syntax.field(shape.node, "element") or syntax.field(shape.node, "value") if shape else None
        return (
            Kind(inner, shape.file)
            if inner is not None and shape
            else found
            if isinstance(found, Outside)
            else None
        )

    def outside(self, found: Meaning) -> Outside | None:
        """The type of another module that a value is of."""
        if isinstance(found, Outside):
            return found
        name = self.type_name(found)
        return (
            Outside(name.path, name.name)
            if name
            and name.path not in self._project.packages
            and "." in syntax.text(found.node if isinstance(found, Kind) else None)
            else None
        )

    def type_name(self, found: Meaning) -> TypeName | None:
        """The named type of a value."""
        return (
            self._project.resolved(self._project.type_name(found.node, found.file))
            if isinstance(found, Kind)
            else None
        )

    def _shape(self, kind: Kind) -> Kind | None:
        node = kind.node
        while node.type in ("pointer_type", "parenthesized_type") and node.named_children:
            node = node.named_children[0]
        if node.type not in ("type_identifier", "qualified_type", "generic_type"):
            return Kind(node, kind.file)
        found = self._project.declared(self._project.type_name(node, kind.file))
        return Kind(found.type, found.file) if found and found.type is not None else None

    def _name(self, name: str, function: Node, file: File, depth: int) -> Meaning:
        for around in (function, *syntax.climb(function)):
            if around.type in _FUNCTIONS and name in (here := self.locals_of(around)):
                return self._local(here[name], around, file, depth)
        if name in file.imports:
            path = file.imports[name]
            return self._project.package(path) or Outside(path, "")
        return self._top(file.package, name, depth)

    def _local(self, one: Local, function: Node, file: File, depth: int) -> Meaning:
        if one.type is not None:
            return Kind(one.type, file)
        value = one.value
        if value is None:
            return None
        if one.index and value.type in ("call_expression", "type_conversion_expression"):
            callee = self.of(syntax.called(value)[0], function, file, depth + 1)
            return self.result(callee, one.index, depth)
        found = self.of(value, function, file, depth + 1)
        return self.element(found) if one.element else found

    def _top(self, package: Package, name: str, depth: int) -> Meaning:
        if name in package.functions:
            return Func(package.functions[name].file, package.functions[name].node)
        one = package.values.get(name)
        if one is None:
            return None
        if one.type is not None:
            return Kind(one.type, one.file)
        return self.of(one.node, one.node, one.file, depth + 1)

    def _member(self, base: Meaning, name: str, depth: int) -> Meaning:
        if isinstance(base, Outside):
            return Outside(base.path, f"{base.name}.{name}".lstrip("."))
        if isinstance(base, Package):
            return self._top(base, name, depth)
        if not isinstance(base, Kind) or depth > MAX_DEPTH:
            return None
        if (outer := self.outside(base)) is not None:
            return Outside(outer.path, f"{outer.name}.{name}")
        known = self.type_name(base)
        if known is None:
            return None
        if (method := self.method(known, name)) is not None:
            return Func(method.file, method.node)
        declared = self._project.declared(known)
        if (asked := _asked(declared, name)) is not None and declared:
            return Kind(asked, declared.file)
        for part in _embedded(declared):
            if declared and (found := self._member(Kind(part, declared.file), name, depth + 1)) is not None:
                return found
        members = self._project.members(known)
        for one in members:
            if one.name == name and declared:
                return Kind(one.type, declared.file)
        for one in members:
            inner = Kind(one.type, declared.file) if one.embedded and declared else None
            if inner is not None and (found := self._member(inner, name, depth + 1)) is not None:
                return found
        return None

    def method(self, owner: TypeName, name: str) -> Declared | None:
        """A method of a type of the tree."""
        package = self._project.packages.get(owner.path)
        return package.methods.get(owner.name, {}).get(name) if package else None


def _asked(declared: Declared | None, name: str) -> Node | None:
    """A method that an interface asks for; what it gives back is declared with it."""
    shape = declared.type if declared else None
    if shape is None or shape.type != "interface_type":
        return None
    rows = (one for one in shape.named_children if one.type == "method_elem")
    return next((one for one in rows if syntax.text(syntax.field(one, "name")) == name), None)


def _embedded(declared: Declared | None) -> list[Node]:
    """The interfaces that an interface is made of."""
    shape = declared.type if declared else None
    if shape is None or shape.type != "interface_type":
        return []
    rows = [one.named_children for one in shape.named_children if one.type == "type_elem"]
    return [row[0] for row in rows if len(row) == 1]
