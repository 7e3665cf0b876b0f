"""Go's syntax, by tree-sitter: what is read off single nodes."""

import re
from collections.abc import Iterator
from functools import cache

import tree_sitter_go
from tree_sitter import Language, Node, Parser, Query, QueryCursor

MAX_AROUND = 300
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.S)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_PARTS = """
(call_expression) @call
(type_conversion_expression type: (generic_type)) @call
(composite_literal) @literal
(func_literal) @function
(selector_expression) @selector
(qualified_type) @qualified
(identifier) @name
(type_identifier) @type
(assignment_statement) @assignment
(inc_statement) @step
(dec_statement) @step
"""


_DECLARATIONS = """
(short_var_declaration) @case
(var_spec) @case
(range_clause) @case
"""


@cache
def _language() -> Language:
    return Language(tree_sitter_go.language())


@cache
def _query(source: str) -> Query:
    return Query(_language(), source)


def parse(raw: bytes) -> Node:
    """The tree of a file; what is not understood is in it as errors."""
    return Parser(_language()).parse(raw).root_node


def parts(node: Node) -> dict[str, list[Node]]:
    """What matters below a node, by its kind, in the order of the text."""
    rows = QueryCursor(_query(_PARTS)).captures(node)
    return {kind: sorted(nodes, key=lambda one: one.start_byte) for kind, nodes in rows.items()}


def found(node: Node, query: str) -> list[Node]:
    """The nodes below a node that a query calls `@case`, in the order of the text."""
    rows = QueryCursor(_query(query)).captures(node).get("case", [])
    return sorted(rows, key=lambda one: one.start_byte)


def declarations(node: Node) -> list[Node]:
    """The statements below a node that declare variables, in the order of the text."""
    return found(node, _DECLARATIONS)


def text(node: Node | None) -> str:
    """The source text of a node."""
    return node.text.decode("utf-8", "replace") if node is not None and node.text is not None else ""


def line(node: Node) -> int:
    """The line on which a node begins."""
    return node.start_point.row + 1


def field(node: Node, name: str) -> Node | None:
    """A part of a node by its name in the grammar."""
    return node.child_by_field_name(name)


def listed(node: Node | None) -> list[Node]:
    """The nodes of a list, or the one node itself."""
    if node is None:
        return []
    plain = node.type in ("expression_list", "argument_list", "statement_list", "block", "literal_value")
    return [one for one in node.named_children if one.type != "comment"] if plain else [node]


def type_argument(call: Node) -> Node | None:
    """The first type that a generic function is called with.

    `f[T](x)` is parsed like a conversion to a type, `f[T]()` like a call of an element of a list.
    """
    kind = field(call, "type") if call.type == "type_conversion_expression" else None
    given = field(kind if kind is not None else call, "type_arguments")
    if given is not None:
        return given.named_children[0] if given.named_children else None
    function = field(call, "function")
    return field(function, "index") if function is not None and function.type == "index_expression" else None


def called(call: Node) -> tuple[Node | None, list[Node]]:
    """What a call calls, and its arguments."""
    if call.type == "type_conversion_expression":
        kind, operand = field(call, "type"), field(call, "operand")
        return (field(kind, "type") if kind is not None else None), ([operand] if operand is not None else [])
    return field(call, "function"), listed(field(call, "arguments"))


def unquoted(node: Node) -> str:
    """The text that a literal stands for."""
    raw = text(node)
    if raw.startswith("`"):
        return raw[1:-1].replace("\r", "")
    return unescaped(raw[1:-1])


def unescaped(text: str) -> str:
    """A text without the escapes that it is written with."""
    return _ESCAPE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code[0] in "xuU" and len(code) > 1:
        point = int(code[1:], 16)
    elif len(code) == 3:
        point = int(code, 8)
    else:
        return _PLAIN.get(code, code)
    return chr(point) if point < 0x110000 and not 0xD800 <= point < 0xE000 else "\ufffd"


def first_error(root: Node) -> int:
    """The line of the first thing that is no Go; 0 where there is none."""
    if not root.has_error:
        return 0
    node = root
    # Straight down to it: each level has a child with the error in it, however deep that lies.
    while True:
        inner = next((one for one in node.children if one.has_error or one.is_error or one.is_missing), None)
        if node.is_error or inner is None:
            return line(node)
        node = inner


def climb(node: Node) -> Iterator[Node]:
    """The nodes around a node, from the inside out."""
    around = node.parent
    for _ in range(MAX_AROUND):
        if around is None:
            return
        yield around
        around = around.parent


def results(function: Node) -> Iterator[tuple[str, Node | None]]:
    """The results of a function that have names, with their types."""
    declared = field(function, "result")
    if declared is not None and declared.type == "parameter_list":
        for one in declared.named_children:
            for name in one.children_by_field_name("name"):
                yield text(name), field(one, "type")


def parts_of(node: Node, kind: str) -> Iterator[Node]:
    """The nodes of a kind in the lists of a declaration."""
    for one in node.named_children:
        if one.type == kind:
            yield one
        elif one.type.endswith("_list"):
            yield from (inner for inner in one.named_children if inner.type == kind)
