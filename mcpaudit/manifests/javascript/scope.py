"""Which declaration a name in a file refers to, and what a file exports."""

from collections.abc import Iterator

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.javascript.tree import CLASSES, FUNCTIONS, Source, string

Step = tuple[str, Node | None]
"""One level of destructuring: a key (`*` for the rest, `#2` for an element), and the default."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What a name is declared as."""

    kind: str
    """value, function, class, import, param, loop, bare or other."""
    node: Node
    """The initial value, the function, the class, the loop; the function whose parameter it is."""
    path: tuple[Step, ...] = ()
    module: str = ""
    imported: str = ""
    scope: Node | None = None


Table = dict[str, Binding]


def names_in(source: Source, pattern: Node) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """The names that a pattern declares, with the way to each."""
    stack: list[tuple[Node, tuple[Step, ...]]] = [(pattern, ())]
    while stack:
        node, path = stack.pop()
        if len(path) > 12:
            continue
        kind = node.type
        if kind in ("identifier", "shorthand_property_identifier_pattern"):
            full = path if kind == "identifier" else (*path, (source.text(node), None))
            yield source.text(node), full
        elif kind == "object_pattern":
            stack.extend((child, path) for child in node.named_children)
        elif kind == "array_pattern":
            found = [child for child in node.children if child.type not in ("[", "]", "comment")]
            index = 0
            for child in found:
                if child.type == ",":
                    index += 1
                elif child.type == "rest_pattern":
                    stack.append((child, (*path, (f"#{index}+", None))))
                else:
                    stack.append((child, (*path, (f"#{index}", None))))
        elif kind == "pair_pattern":
            key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
            if key and value:
                stack.append((value, (*path, (key_text(source, key), None))))
        elif kind in ("object_assignment_pattern", "assignment_pattern"):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and left.type == "shorthand_property_identifier_pattern":
                yield source.text(left), (*path, (source.text(left), right))
            elif left is not None:
                shortened = (*path[:-1], (path[-1][0], right)) if path else (("", right),)
                stack.append((left, shortened))
        elif kind == "rest_pattern" and node.named_child_count:
            last = path if path and path[-1][0].endswith("+") else (*path, ("*", None))
            stack.append((node.named_children[0], last))
        elif kind in ("required_parameter", "optional_parameter"):
            inner, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
            if inner is not None:
                stack.append((inner, (*path[:-1], (path[-1][0], value)) if path and value else path))


def key_text(source: Source, key: Node) -> str:
    """The name of a property as it is written."""
    if key.type == "string":
        return string(source, key)
    if key.type == "computed_property_name":
        return "[]"
    return source.text(key)


def parameters(function: Node) -> list[Node]:
    listed = function.child_by_field_name("parameters")
    if listed is None:
        single = function.child_by_field_name("parameter")
        return [single] if single else []
    found = [child for child in listed.named_children if child.type != "comment"]
    return [node for node in found if (node.child_by_field_name("pattern") or node).type != "this"]


def declared(source: Source, scope: Node) -> Table:
    """The names that a scope declares itself, without those of scopes inside it."""
    table: Table = {}
    if scope.type in FUNCTIONS:
        for index, parameter in enumerate(parameters(scope)):
            plus = "+" if parameter.type == "rest_pattern" or _is_rest(parameter) else ""
            inner = _inner(parameter)
            for name, path in names_in(source, inner):
                first = (f"#{index}{plus}", _default(parameter))
                table[name] = Binding("param", scope, (first, *_without_rest(path, plus)), scope=scope)
        return table
    if scope.type in CLASSES:
        named = scope.child_by_field_name("name")
        return {source.text(named): Binding("class", scope, scope=scope)} if named else {}
    if scope.type == "for_in_statement":
        left = scope.child_by_field_name("left")
        if left is not None:
            for name, path in names_in(source, left):
                table[name] = Binding("loop", scope, path, scope=scope)
        return table
    if scope.type == "for_statement":
        start = scope.child_by_field_name("initializer")
        declare(source, start, table, scope) if start else None
        return table
    if scope.type == "switch_body":
        for case in scope.named_children:
            for child in case.named_children:
                declare(source, child, table, scope)
        return table
    if scope.type == "catch_clause":
        caught = scope.child_by_field_name("parameter")
        return {source.text(caught): Binding("other", scope, scope=scope)} if caught else {}
    for child in scope.named_children:
        declare(source, child, table, scope)
    return table


def declare(source: Source, node: Node, table: Table, scope: Node) -> None:
    """Adds the names that a statement declares."""
    kind = node.type
    if kind == "export_statement":
        inner = node.child_by_field_name("declaration")
        if inner is not None:
            declare(source, inner, table, scope)
    elif kind in ("lexical_declaration", "variable_declaration"):
        for one in node.named_children:
            name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
            if one.type != "variable_declarator" or name is None:
                continue
            for found, path in names_in(source, name):
                if value is None:
                    table.setdefault(found, Binding("bare", one, path, scope=scope))
                else:
                    table[found] = Binding("value", value, path, scope=scope)
    elif kind in ("function_declaration", "generator_function_declaration"):
        if name := node.child_by_field_name("name"):
            table[source.text(name)] = Binding("function", node, scope=scope)
    elif kind in CLASSES:
        if name := node.child_by_field_name("name"):
            table[source.text(name)] = Binding("class", node, scope=scope)
    elif kind == "enum_declaration":
        if name := node.child_by_field_name("name"):
            table[source.text(name)] = Binding("enum", node, scope=scope)
    elif kind == "import_statement":
        table.update(_imports(source, node, scope))
    elif kind in ("if_statement", "try_statement", "labeled_statement", "for_statement"):
        _hoisted(source, node, table, scope)


def _hoisted(source: Source, node: Node, table: Table, scope: Node) -> None:
    """`var` in a block belongs to the function around it; one level is all that occurs in practice."""
    for block in node.named_children:
        if block.type in ("statement_block", "finally_clause", "else_clause"):
            for child in block.named_children:
                if child.type == "variable_declaration":
                    inner: Table = {}
                    declare(source, child, inner, scope)
                    for name, binding in inner.items():
                        table.setdefault(name, binding)


def _imports(source: Source, node: Node, scope: Node) -> Iterator[tuple[str, Binding]]:
    origin = node.child_by_field_name("source")
    if origin is None:
        return
    module = string(source, origin)
    for clause in node.named_children:
        if clause.type != "import_clause":
            continue
        for part in clause.named_children:
            if part.type == "identifier":
                yield source.text(part), Binding("import", part, (), module, "default", scope)
            elif part.type == "namespace_import" and part.named_child_count:
                yield source.text(part.named_children[0]), Binding("import", part, (), module, "*", scope)
            elif part.type == "named_imports":
                for spec in part.named_children:
                    name = spec.child_by_field_name("name")
                    alias = spec.child_by_field_name("alias") or name
                    if name and alias:
                        imported = key_text(source, name)
                        yield source.text(alias), Binding("import", spec, (), module, imported, scope)


def _inner(parameter: Node) -> Node:
    if parameter.type in ("required_parameter", "optional_parameter"):
        return parameter.child_by_field_name("pattern") or parameter
    if parameter.type == "assignment_pattern":
        return parameter.child_by_field_name("left") or parameter
    return parameter


def _default(parameter: Node) -> Node | None:
    if parameter.type in ("required_parameter", "optional_parameter"):
        return parameter.child_by_field_name("value")
    return parameter.child_by_field_name("right") if parameter.type == "assignment_pattern" else None


def _is_rest(parameter: Node) -> bool:
    return _inner(parameter).type == "rest_pattern"


def _without_rest(path: tuple[Step, ...], plus: str) -> tuple[Step, ...]:
    return tuple(step for step in path if step[0] != "*") if plus else path
