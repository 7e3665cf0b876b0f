"""What a file of JavaScript exports, in the forms of ES modules, CommonJS and compilers."""

import re

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.javascript.scope import Table, declare, key_text
from mcpaudit.manifests.javascript.tree import Source, string, unwrap


@dataclass(frozen=True, slots=True)
class Export:
    """What an exported name stands for: an expression of the file, or a name of another."""

    node: Node | None = None
    module: str = ""
    name: str = ""
    local: str = ""


_ASSIGNED = re.compile(rb"\b(?:module\s*\.\s*)?exports\b")
_STAR = ("__exportStar", "__export", "__reExport")


def exports(source: Source) -> tuple[dict[str, Export], list[str]]:
    """The exported names of a file, and the modules of which it passes on everything."""
    table: dict[str, Export] = {}
    stars: list[str] = []
    for statement in source.root.named_children:
        if statement.type == "export_statement":
            _exported(source, statement, table, stars)
    if not table and b"exports" in source.data:
        for match in source.find(_ASSIGNED):
            _assigned(source, source.at(match.start()), table, stars)
    return table, stars


def _exported(source: Source, node: Node, table: dict[str, Export], stars: list[str]) -> None:
    origin = node.child_by_field_name("source")
    module = string(source, origin) if origin else ""
    value, declaration = node.child_by_field_name("value"), node.child_by_field_name("declaration")
    is_default = any(child.type == "default" for child in node.children)
    if value is not None:
        table["default"] = Export(value)
    elif declaration is not None:
        if is_default:
            table["default"] = Export(declaration)
        inner: Table = {}
        declare(source, declaration, inner, source.root)
        for name in inner:
            table[name] = Export(local=name)
    elif module and any(child.type == "*" for child in node.children):
        stars.append(module)
    for part in node.named_children:
        if part.type == "namespace_export" and part.named_child_count:
            table[source.text(part.named_children[0])] = Export(module=module, name="*")
        elif part.type == "export_clause":
            for spec in part.named_children:
                name_, alias = spec.child_by_field_name("name"), spec.child_by_field_name("alias")
                if name_ is None:
                    continue
                own, shown = key_text(source, name_), key_text(source, alias or name_)
                table[shown] = Export(module=module, name=own) if module else Export(local=own)


def _assigned(source: Source, node: Node, table: dict[str, Export], stars: list[str]) -> None:
    """CommonJS: `exports.a = ...`, `module.exports = ...`, getters that compilers define, `__exportStar`."""
    current, parent = node, node.parent
    for _ in range(4):
        parent = current.parent
        if parent is None:
            return
        if parent.type == "member_expression" and parent.child_by_field_name("object") == current:
            current = parent
            continue
        break
    if parent is None:
        return
    if parent.type == "assignment_expression" and parent.child_by_field_name("left") == current:
        right = parent.child_by_field_name("right")
        text = source.text(current).replace("module.", "", 1)
        if right is None or source.text(right) == "void 0":
            return
        while right.type == "assignment_expression":  # exports.a = exports.b = value
            right = right.child_by_field_name("right") or right
        if text == "exports":
            table["="] = Export(right)
        elif text.startswith("exports."):
            table[text.split(".")[1]] = Export(right)
    elif parent.type == "arguments" and parent.parent is not None:
        call = parent.parent
        function = call.child_by_field_name("function")
        called = (
            source.text(function) if function and function.byte_range[1] - function.byte_range[0] < 80 else ""
        )
        given = [child for child in parent.named_children if child.type != "comment"]
        if called.endswith(_STAR):
            for argument in given:
                inner_args = argument.child_by_field_name("arguments")
                if argument.type == "call_expression" and inner_args is not None:
                    stars.extend(
                        string(source, one) for one in inner_args.named_children if one.type == "string"
                    )
        elif called.endswith("defineProperty") and len(given) == 3 and given[1].type == "string":
            name = string(source, given[1])
            if name != "__esModule" and (found := _getter(given[2])) is not None:
                table[name] = Export(found)


def _getter(described: Node) -> Node | None:
    """The expression that `{get: function () { return m.x }}` gives."""
    stack, count = [described], 0
    while stack and count < 40:
        node, count = stack.pop(0), count + 1
        if node.type == "return_statement" and node.named_child_count:
            return unwrap(node.named_children[0])
        if node.type == "arrow_function":
            body = node.child_by_field_name("body")
            if body is not None and body.type != "statement_block":
                return unwrap(body)
        stack.extend(node.named_children)
    return None
