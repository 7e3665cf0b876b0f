"""A picture of the reach: agents, servers and resources in three layers, drawn without a browser."""

from collections.abc import Iterable
from html import escape

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report import Report
from mcpaudit.report import reach
from mcpaudit.report.escape import named, prose

_LARGEST = 40
"""With more nodes than this a picture says less than a table."""
_SWEEPS = 8

_X = (10, 300, 640)
_WIDTHS = (170, 210, 350)
_HEIGHT, _STEP, _MARGIN = 42, 58, 16
_GLYPH = 7.3


@dataclass(frozen=True, slots=True)
class Node:
    """One box: its identity, its two lines of text, and its layer."""

    id: str
    layer: int
    label: str
    below: str


@dataclass(frozen=True, slots=True)
class Link:
    """One line between two boxes."""

    source: str
    target: str
    decision: str
    conflict: bool
    says: str


def draw(report: Report) -> str:
    """An SVG element styled by classes; empty where there is nothing to draw or too much."""
    # What only an integration may show is left to the table, unless a conflict makes it matter.
    cells = [cell for cell in reach.cells(report) if cell.runs and (not cell.indirect or cell.conflicts)]
    nodes, links = _nodes(report, cells), _links(report, cells)
    if not cells or len(nodes) > _LARGEST:
        return ""
    layers = _ordered([[node for node in nodes if node.layer == layer] for layer in range(3)], links)
    tallest = max(map(len, layers))
    height = tallest * _STEP + 2 * _MARGIN - (_STEP - _HEIGHT)
    at = {
        node.id: (_X[layer], _MARGIN + round((row + (tallest - len(column)) / 2) * _STEP))
        for layer, column in enumerate(layers)
        for row, node in enumerate(column)
    }
    # What is in conflict is drawn last, on top of the rest.
    lines = [
        _line(link, at) for link in sorted(links, key=lambda link: (link.conflict, link.source, link.target))
    ]
    boxes = [_box(node, at[node.id]) for column in layers for node in column]
    box = f"0 0 {_X[2] + _WIDTHS[2] + 10} {height}"
    return (
        f'<svg class="graph" viewBox="{box}" role="img" aria-labelledby="graph-title">'
        f'<title id="graph-title">{_text(_told(layers, links))}</title>{"".join(lines)}{"".join(boxes)}</svg>'
    )


def _nodes(report: Report, cells: list[reach.Cell]) -> list[Node]:
    names = {row.server: named(row.name) for row in reversed(report.installations)}
    found = {
        f"a {agent}": Node(f"a {agent}", 0, title, "agent") for agent, title in reach.titles(report).items()
    }
    for cell in cells:
        own = cell.server.startswith("builtin:")
        label, below = (
            ("own tools", cell.server) if own else (names.get(cell.server, cell.server), cell.server)
        )
        found[f"s {cell.server}"] = Node(f"s {cell.server}", 1, label, below)
        head, _, tail = cell.resource.partition("/")
        text = (tail, head) if tail else (head, "covers everything there" if cell.universal else "")
        found[f"r {cell.resource}"] = Node(f"r {cell.resource}", 2, *text)
    return [found[key] for key in sorted(found)]


def _links(report: Report, cells: list[reach.Cell]) -> list[Link]:
    titles = reach.titles(report)
    loads = {
        (cell.agent, cell.server): Link(
            *(f"a {cell.agent}", f"s {cell.server}", "loads", False),
            f"{titles.get(cell.agent, cell.agent)} loads {cell.server}",
        )
        for cell in cells
    }
    reached: dict[tuple[str, str], list[reach.Cell]] = {}
    for cell in cells:
        reached.setdefault((cell.server, cell.resource), []).append(cell)
    acts = [
        Link(
            f"s {server}",
            f"r {resource}",
            min((cell.decision for cell in found), key=reach.VERDICTS.index),
            any(cell.conflicts for cell in found),
            "; ".join(_says(cell, titles) for cell in found),
        )
        for (server, resource), found in sorted(reached.items())
    ]
    return [*(loads[key] for key in sorted(loads)), *acts]


def _says(cell: reach.Cell, titles: dict[str, str]) -> str:
    told = (
        f"{reach.in_words(actions) or 'unknown actions'} {reach.DECISION_WORDS[decision]}"
        for decision, actions in cell.grants
    )
    return f"{titles.get(cell.agent, cell.agent)}: {', '.join(told)}"


def _ordered(layers: list[list[Node]], links: list[Link]) -> list[list[Node]]:
    """Each layer sorted by the mean place of its neighbours, back and forth, so that few lines cross."""
    neighbours: dict[str, list[str]] = {}
    for link in links:
        neighbours.setdefault(link.source, []).append(link.target)
        neighbours.setdefault(link.target, []).append(link.source)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for layer in (1, 2) if forward else (1, 0):
            other = layers[layer - 1 if forward else layer + 1]
            place = {node.id: row / max(len(other) - 1, 1) for row, node in enumerate(other)}
            layers[layer] = sorted(
                layers[layer], key=lambda node: (_mean(neighbours.get(node.id, ()), place), node.id)
            )
    return layers


def _mean(ids: Iterable[str], place: dict[str, float]) -> float:
    known = [place[node] for node in ids if node in place]
    return sum(known) / len(known) if known else 1.0


def _line(link: Link, at: dict[str, tuple[int, int]]) -> str:
    layer = 0 if link.source.startswith("a ") else 1
    x, y = at[link.source][0] + _WIDTHS[layer], at[link.source][1] + _HEIGHT // 2
    to_x, to_y = at[link.target][0], at[link.target][1] + _HEIGHT // 2
    bend = (to_x - x) // 2
    kind = f"{link.decision}{' clash' if link.conflict else ''}"
    path = f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"
    return f'<path class="line {kind}" d="{path}"><title>{_text(link.says)}</title></path>'


def _box(node: Node, at: tuple[int, int]) -> str:
    x, y = at
    width = _WIDTHS[node.layer]
    room = int((width - 24) / _GLYPH)
    upper = y + (18 if node.below else 26)
    below = (
        f'<text class="below" x="{x + 12}" y="{y + 33}">{escape(_short(node.below, int(room * 1.15)))}</text>'
    )
    return (
        f'<g class="box layer-{node.layer}"><title>{_text(node.id[2:])}</title>'
        f'<rect x="{x}" y="{y}" width="{width}" height="{_HEIGHT}" rx="7"/>'
        f'<text x="{x + 12}" y="{upper}">{escape(_short(node.label, room))}</text>'
        f"{below if node.below else ''}</g>"
    )


def _short(text: str, room: int) -> str:
    """The text with its middle left out, as both ends tell resources apart."""
    shown = prose(text)
    half = max((room - 1) // 2, 1)
    return shown if len(shown) <= room else f"{shown[:half]}…{shown[-half:]}"


def _told(layers: list[list[Node]], links: list[Link]) -> str:
    clashes = sum(link.conflict for link in links)
    counts = f"{len(layers[0])} agents, {len(layers[1])} servers and {len(layers[2])} resources"
    return f"{counts}; {clashes} routes are part of a conflict. The table below says the same in words."


def _text(text: str) -> str:
    return escape(prose(text[:2_000]))
