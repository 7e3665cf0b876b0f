"""The gravest new access as small Mermaid graphs.

Source: facts of Mermaid and of GitHub's comments: a graph in a comment has to stay small, and a label is text
in quotes, in which `#quot;` and other entities stand for what would end it.
"""

import re
from collections.abc import Iterator

from mcpaudit.model.diff import Diff
from mcpaudit.report.diff_together import Change, changes
from mcpaudit.report.diff_words import GRAVE
from mcpaudit.report.escape import clip, visible
from mcpaudit.report.reach import in_words

MOST, _LONGEST = 3, 80
_PLAIN = re.compile(r"[^\w ./:,()+-]")


def graphs(seen: Diff) -> Iterator[str]:
    """One for each of the gravest changes that count, one a server; of none where nothing does."""
    chosen = [one for one in changes(seen) if one.row.counted and not one.row.private]
    chosen.sort(
        key=lambda one: (
            one.row.certainty != "certain",
            min(map(GRAVE.index, one.row.actions)),
            one.sentence,
        )
    )
    servers: set[str] = set()
    for one in chosen:
        if one.row.name not in servers and len(servers) < MOST:
            servers.add(one.row.name)
            yield _graph(one)


def _graph(one: Change) -> str:
    row = one.row
    labels = [one.agents, row.name, row.tools[0] if row.tools else "?", row.resource]
    edges = ["loads", "offers", f"{in_words(row.actions)} ({row.after})"]
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'    n{number}["{_label(label)}"]' for number, label in enumerate(labels, 1)]
    lines += [f'    n{number} -->|"{_label(edge)}"| n{number + 1}' for number, edge in enumerate(edges, 1)]
    return "\n".join([*lines, "```"]) + "\n"


def _label(text: str) -> str:
    """For a label in quotes: what is not plain becomes the number of its character."""
    return _PLAIN.sub(lambda match: f"#{ord(match[0])};", clip(visible(text), _LONGEST))
