"""The gravest new access as small Mermaid graphs.

Source: facts of Mermaid and of GitHub's comments: a graph in a comment has to stay small, and a label is text
in quotes, in which `#quot;` and other entities stand for what would end it.
"""

import re
from collections.abc import Iterator

from mcpaudit.model.diff import AccessChange, Diff
from mcpaudit.report.escape import clip, visible
from mcpaudit.report.reach import in_words

MOST, _LONGEST = 3, 80
_GRAVE = ("delete", "admin", "execute", "write", "send", "share", "create", "read", "list")
_PLAIN = re.compile(r"[^\w ./:,()+-]")


def graphs(seen: Diff) -> Iterator[str]:
    """One for each of the gravest changes that count; of none where nothing does."""
    chosen = [one for one in seen.access if one.counted and not one.private]
    chosen.sort(
        key=lambda one: (one.certainty != "certain", min(map(_GRAVE.index, one.actions)), one.sentence)
    )
    servers: set[tuple[str, str]] = set()
    for one in chosen:
        if (one.agent, one.name) not in servers and len(servers) < MOST:
            servers.add((one.agent, one.name))
            yield _graph(one)


def _graph(one: AccessChange) -> str:
    labels = [one.agent, one.name, one.tools[0] if one.tools else "?", one.resource]
    edges = ["loads", "offers", f"{in_words(one.actions)} ({one.after})"]
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'    n{number}["{_label(label)}"]' for number, label in enumerate(labels, 1)]
    lines += [f'    n{number} -->|"{_label(edge)}"| n{number + 1}' for number, edge in enumerate(edges, 1)]
    return "\n".join([*lines, "```"]) + "\n"


def _label(text: str) -> str:
    """For a label in quotes: what is not plain becomes the number of its character."""
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", clip(visible(text), _LONGEST))
