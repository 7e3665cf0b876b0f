"""An entry that stands in several files and whose fields are merged, the strongest file first."""

from collections.abc import Iterator, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.parsing.node import Node


@dataclass(frozen=True, slots=True)
class Layered(Node):
    """An object whose missing members come from weaker files; every part keeps its own place."""

    below: tuple[Node, ...] = ()

    def child(self, key: str) -> Node | None:
        """The strongest value under `key`; objects are merged in turn."""
        found = [child for layer in (_plain(self), *self.below) if (child := layer.child(key)) is not None]
        return layered(found) if found else None

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of all layers, each once."""
        names = dict.fromkeys(
            name for layer in (self, *self.below) if isinstance(layer.value, dict) for name in layer.value
        )
        for name in names:
            if (child := self.child(name)) is not None:
                yield self.veil(name), child


def layered(nodes: Sequence[Node]) -> Node:
    """The strongest of some nodes, completed by the others where both are objects."""
    first = nodes[0]
    below = tuple(node for node in nodes[1:] if isinstance(node.value, dict))
    if not below or not isinstance(first.value, dict):
        return first
    return Layered(first.document, first.value, first.route, first.gaps, first.client, first.veil, below)


def _plain(node: Node) -> Node:
    return Node(node.document, node.value, node.route, node.gaps, node.client, node.veil)
