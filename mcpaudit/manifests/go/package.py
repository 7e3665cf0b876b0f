"""What packages declare at their top, and the fields of structs."""

import re
from collections.abc import Iterator
from dataclasses import field

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import syntax

_TAG = re.compile(r'(\w+):"((?:[^"\\]|\\.)*)"')


@dataclass(slots=True, eq=False)
class File:
    """One file of a package."""

    shown: str
    package: "Package"
    root: Node
    imports: dict[str, str] = field(default_factory=dict)
    """Import paths by the names that they have in the file."""
    dots: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """A declaration at the top of a package."""

    file: File
    node: Node
    type: Node | None = None
    index: int = 0
    """Which of several names of one value it is; for constants, the number in their list."""
    single: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a struct."""

    name: str
    type: Node
    tags: dict[str, str]
    embedded: bool


@dataclass(slots=True, eq=False)
class Package:
    """What a package declares."""

    path: str
    name: str = ""
    files: list[File] = field(default_factory=list)
    functions: dict[str, Declared] = field(default_factory=dict)
    methods: dict[str, dict[str, Declared]] = field(default_factory=dict)
    """By type, then by name."""
    types: dict[str, Declared] = field(default_factory=dict)
    values: dict[str, Declared] = field(default_factory=dict)
    inits: list[Declared] = field(default_factory=list)
    blanks: list[Declared] = field(default_factory=list)


def members_of(shape: Node) -> list[Member]:
    """The fields of a struct type, in order."""
    return list(_members(shape))


def _members(shape: Node) -> Iterator[Member]:
    for row in shape.named_children:
        for one in row.named_children:
            kind = syntax.field(one, "type")
            if one.type != "field_declaration" or kind is None:
                continue
            raw = syntax.field(one, "tag")
            tags = _tags(syntax.unquoted(raw)) if raw is not None else {}
            names = [syntax.text(name) for name in one.children_by_field_name("name")]
            last = syntax.text(bare(kind)).rpartition(".")[2]
            for name in names or [last]:
                yield Member(name, kind, tags, not names)


def _tags(text: str) -> dict[str, str]:
    """A field's tags; their values are quoted like texts: pkg.go.dev/reflect#StructTag"""
    return {key: syntax.unescaped(value) for key, value in _TAG.findall(text)}


def bare(node: Node | None) -> Node | None:
    """A type without pointers, parentheses and parameters."""
    for _ in range(20):
        if node is None or node.type not in (
            "pointer_type",
            "generic_type",
            "parenthesized_type",
            "type_elem",
        ):
            return node
        node = syntax.field(node, "type") or (node.named_children[0] if node.named_children else None)
    return None
