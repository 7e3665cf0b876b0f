"""What expressions stand for: constants folded, names followed, literals built."""

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.core import MAX_LIST, MAX_TEXT
from mcpaudit.manifests.go.literals import Literals
from mcpaudit.manifests.go.package import Declared, File, Package
from mcpaudit.manifests.go.values import UNKNOWN, Env, Func, OpenList, Outside, Struct, TypeName, zero

_ZEROS: dict[str, object] = {"string": "", "bool": False, "error": None, "any": None}
_NUMBERS = frozenset(["byte", "float32", "float64"])
_NUMBERS |= {f"{sign}int{size}" for sign in ("", "u") for size in ("", "8", "16", "32", "64")}


class Expressions(Literals):
    """The part that works out values."""

    def value(self, node: Node | None, env: Env, kind: TypeName | None = None) -> object:
        """What an expression stands for."""
        if node is None:
            return UNKNOWN
        try:
            return self._value(node, env, kind) if self.descend() else UNKNOWN
        finally:
            self.depth -= 1

    def _value(self, node: Node, env: Env, kind: TypeName | None) -> object:
        match node.type:
            case "interpreted_string_literal" | "raw_string_literal":
                return syntax.unquoted(node)
            case "true" | "false":
                return node.type == "true"
            case "nil":
                return None
            case "int_literal" | "float_literal":
                return _number(syntax.text(node))
            case "identifier" | "field_identifier" | "type_identifier":
                return self._name(syntax.text(node), env)
            case "selector_expression":
                return self._selector(node, env)
            case "qualified_type":
                return self._qualified(
                    syntax.field(node, "package"), syntax.text(syntax.field(node, "name")), env
                )
            case "call_expression":
                return self.call(node, env)
            case "composite_literal":
                shape = syntax.field(node, "type")
                return self.literal(syntax.field(node, "body"), shape, env)
            case "literal_value":
                return self.struct(node, kind, env) if kind else UNKNOWN
            case "unary_expression":
                return self._unary(node, env, kind)
            case "binary_expression":
                return self._binary(node, env)
            case "index_expression":
                return self._index(node, env)
            case "func_literal":
                return Func(env.file, node, env)
            case "type_conversion_expression" if syntax.type_argument(node) is not None:
                return self.call(node, env)  # `For[Args](nil)` looks the same as a conversion
            case "type_conversion_expression":
                return self.value(syntax.field(node, "operand"), env)
            case "type_assertion_expression":
                value = self.value(syntax.field(node, "operand"), env)
                return _ZEROS.get(syntax.text(syntax.field(node, "type"))) if value is None else value
            case "parenthesized_expression" | "literal_element" | "expression_list" | "variadic_argument":
                return self.value(node.named_children[0], env, kind) if node.named_children else UNKNOWN
            case "type_instantiation_expression":
                return self.value(syntax.field(node, "type"), env)
            case "slice_expression":
                return self._slice(node, env)
        return UNKNOWN

    def _name(self, name: str, env: Env) -> object:
        holder = env.holder(name)
        if holder is not None:
            self.asked.extend(holder.notes.get(name, ()))
            return holder.names[name]
        found = self.member(env.file.package, name)
        if found is not UNKNOWN:
            return found
        for path in env.file.dots:
            package = self.project.package(path)
            if package is None:
                return Outside(path, name)
            if (found := self.member(package, name)) is not UNKNOWN:
                return found
        return UNKNOWN

    def member(self, package: Package, name: str) -> object:
        """What a name at the top of a package is."""
        if name in package.functions:
            one = package.functions[name]
            return Func(one.file, one.node)
        key = (package.path, name)
        if key not in self.globals and name in package.values:
            self.globals[key] = UNKNOWN  # while it is worked out: constants may be written in a circle
            with self.afresh():
                self.globals[key] = self._declared(package.values[name])
        return self.globals.get(key, UNKNOWN)

    def _declared(self, one: Declared) -> object:
        env = Env(one.file, None, {"iota": one.index})
        if one.node.type.endswith("_spec"):
            return self.empty(one.type, one.file)
        value = self.value(one.node, env)
        if not one.single:
            return value[one.index] if isinstance(value, tuple) and one.index < len(value) else UNKNOWN
        return value

    def _selector(self, node: Node, env: Env) -> object:
        base, name = syntax.field(node, "operand"), syntax.text(syntax.field(node, "field"))
        alias = syntax.text(base) if base is not None and base.type == "identifier" else ""
        if alias in env.file.imports and env.holder(alias) is None:
            return self._qualified(base, name, env)
        return self.attribute(self.value(base, env), name)

    def _qualified(self, alias: Node | None, name: str, env: Env) -> object:
        path = env.file.imports.get(syntax.text(alias))
        package = self.project.package(path) if path else None
        return self.member(package, name) if package else Outside(path, name) if path else UNKNOWN

    def attribute(self, base: object, name: str) -> object:
        """A field or method of a value."""
        if isinstance(base, Outside):
            return Outside(base.path, f"{base.name}.{name}")
        return self._of_struct(base, name, 0) if isinstance(base, Struct) else UNKNOWN

    def _of_struct(self, base: Struct, name: str, depth: int) -> object:
        if name in base.fields:
            self.asked.extend(base.notes.get(name, ()))
            return base.fields[name]
        package = self.project.packages.get(base.type.path)
        if package and name in (methods := package.methods.get(base.type.name, {})):
            return Func(methods[name].file, methods[name].node, None, base)
        members = self.project.members(base.type)
        declared = self.project.declared(base.type)
        for one in members:
            if declared and one.name == name:
                empty = self.supposed if base.open else self.empty
                base.fields[name] = empty(one.type, declared.file)
                return base.fields[name]
        for one in members if depth < 4 else ():
            if one.embedded and declared:
                inner = base.fields.get(one.name) or self.supposed(one.type, declared.file)
                if isinstance(inner, Struct):
                    found = self._of_struct(inner, name, depth + 1)
                    if found is not UNKNOWN:
                        base.fields.setdefault(one.name, inner)
                        return found
                elif isinstance(inner, Outside):
                    return Outside(inner.path, f"{inner.name}.{name}")
        return UNKNOWN

    def empty(self, kind: Node | None, file: File) -> object:
        """The zero value of a type."""
        if kind is None or kind.type in ("pointer_type", "interface_type", "function_type"):
            return None
        if kind.type == "slice_type":
            return []
        if kind.type == "map_type":
            return {}
        text = syntax.text(kind)
        if text in _ZEROS or text in _NUMBERS:
            return _ZEROS.get(text, 0)
        name = self.project.type_name(kind, file)
        found = self.project.declared(name)
        if name and found is not None and found.type is not None:
            if found.type.type == "struct_type":
                return Struct(name, {}, file, kind, born=self.born())
            return self.empty(found.type, found.file) if found.type != kind else UNKNOWN
        outer = name is not None and name.path not in self.project.packages
        return Struct(name, {}, file, kind, True, self.born()) if name and outer else UNKNOWN

    def supposed(self, kind: Node | None, file: File) -> object:
        """A value of a type of which nothing else is known."""
        name = self.project.type_name(kind, file)
        found = self.project.declared(name)
        if name and found is not None and found.type is not None and found.type.type == "struct_type":
            return Struct(name, {}, file, kind, True, self.born())
        if name and "." in syntax.text(kind) and name.path not in self.project.packages:
            return Outside(name.path, f"{name.name}()", ())
        return UNKNOWN

    def _unary(self, node: Node, env: Env, kind: TypeName | None) -> object:
        operator = syntax.text(syntax.field(node, "operator"))
        operand = syntax.field(node, "operand")
        if operator == "!":
            holds = self.truth(operand, env)
            return UNKNOWN if holds is None else not holds
        value = self.value(operand, env, kind)
        if operator == "-" and isinstance(value, int | float):
            return -value
        return value if operator in ("&", "*") else UNKNOWN

    def _binary(self, node: Node, env: Env) -> object:
        operator = syntax.text(syntax.field(node, "operator"))
        if operator in ("&&", "||"):
            holds = self.truth(node, env)
            return UNKNOWN if holds is None else holds
        left = self.value(syntax.field(node, "left"), env)
        right = self.value(syntax.field(node, "right"), env)
        if operator in ("==", "!="):
            same = _equal(left, right)
            return UNKNOWN if same is None else same is (operator == "==")
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            size = len(left) + len(right)
            return UNKNOWN if size > MAX_TEXT or self.spent(size) else left + right
        if isinstance(left, int) and isinstance(right, int) and abs(left) < 2**62 and abs(right) < 2**62:
            match operator:
                case "+" | "-":
                    return left + right if operator == "+" else left - right
                case "*":
                    return left * right
                case "<" | ">=":
                    return (left < right) is (operator == "<")
                case ">" | "<=":
                    return (left > right) is (operator == ">")
        return UNKNOWN

    def _slice(self, node: Node, env: Env) -> object:
        base = self.value(syntax.field(node, "operand"), env)
        first, last = syntax.field(node, "start"), syntax.field(node, "end")
        if first is None and last is None:
            return base
        start = self.value(first, env) if first is not None else 0
        end = self.value(last, env) if last is not None else MAX_LIST
        if not isinstance(base, list) or isinstance(base, OpenList):
            return UNKNOWN
        known = isinstance(start, int) and isinstance(end, int) and 0 <= start <= end
        return base[start:end] if known and isinstance(start, int) and isinstance(end, int) else UNKNOWN

    def _index(self, node: Node, env: Env) -> object:
        base = self.value(syntax.field(node, "operand"), env)
        if isinstance(base, Func | Outside):
            return base  # a generic function with its parameters
        key = self.value(syntax.field(node, "index"), env)
        if isinstance(base, dict) and isinstance(key, str | int | bool):
            return base.get(key, UNKNOWN if UNKNOWN in base else None)
        if isinstance(base, list) and isinstance(key, int) and 0 <= key < len(base):
            return base[key]
        return UNKNOWN


def _equal(left: object, right: object) -> bool | None:
    plain = str | int | float | bool
    if isinstance(left, plain) and isinstance(right, plain):
        return left == right
    for one, other in ((left, right), (right, left)):
        if one is None:
            return None if other is UNKNOWN or isinstance(other, Outside) else zero(other)
    return None


def _number(text: str) -> object:
    try:
        return int(text.replace("_", ""), 0) if len(text) < 20 else UNKNOWN
    except ValueError:
        return UNKNOWN
