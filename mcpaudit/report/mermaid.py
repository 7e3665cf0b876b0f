"""A witness as a small Mermaid flowchart, as GitHub and GitLab draw it in Markdown.

The library refuses 500 edges and 50,000 characters; what nobody can read is refused here long before.
"""

import re

from mcpaudit.model.step import Step
from mcpaudit.report.escape import clip, visible

_NODES, _EDGES = 25, 40
_LONGEST = 60
_STYLES = {
    "agent": "fill:#e8eefc,stroke:#3b5bdb,color:#111",
    "resource": "fill:#fdecea,stroke:#c92a2a,color:#111",
}
_WORDS = {"loads": "loads", "offers": "offers", "decides": "decides on", "acts-on": "acts on"}
# All that means something in a label of Mermaid, in its entities or in the Markdown around it.
_MEANING = re.compile(r"[^\w ./_-]", re.ASCII)


def flowchart(witness: tuple[Step, ...]) -> str:
    """The steps as edges; empty where there are none, or more than a small drawing holds."""
    nodes: dict[str, int] = {}
    edges: dict[tuple[int, int, str], None] = {}
    for step in witness:
        if step.source and step.target:
            ends = [nodes.setdefault(name, len(nodes) + 1) for name in (step.source, step.target)]
            edges[ends[0], ends[1], _WORDS.get(step.kind, step.kind) + _doubt(step)] = None
    if not edges or len(nodes) > _NODES or len(edges) > _EDGES:
        return ""
    first = {step.source for step in witness if step.kind == "loads"}
    last = {step.target for step in witness if step.kind == "acts-on"}
    lines = ["flowchart LR"]
    for name, number in nodes.items():
        kind = ":::agent" if name in first else ":::resource" if name in last else ""
        lines.append(f'  n{number}["{_label(name)}"]{kind}')
    lines += [f'  n{one} -->|"{_label(word)}"| n{other}' for one, other, word in edges]
    lines += [f"  classDef {name} {style}" for name, style in _STYLES.items()]
    return "\n".join(lines) + "\n"


def _doubt(step: Step) -> str:
    return "" if step.certainty == "certain" else f" ({step.certainty})"


def _label(text: str) -> str:
    """A label in which nothing means anything: entities by number are Mermaid's own escape."""
    return _MEANING.sub(_entity, visible(clip(text, _LONGEST))) or " "


def _entity(match: re.Match[str]) -> str:
    character = match[0]
    return f"#{ord(character)};" if character.isascii() else character
