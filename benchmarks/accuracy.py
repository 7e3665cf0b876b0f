"""Scores capability inference against authors' own tool annotations: `accuracy.py CORPUS_DIR [--misses]`.

The positive class is "not read-only": readOnlyHint is false, or it is absent and destructiveHint is true.
Annotations are labels here and never input. A tool with unknown actions counts as predicted not read-only.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mcpaudit.knowledge.capability import KindMatch, RawTool, infer, read_listing
from mcpaudit.model.action import changes
from mcpaudit.parsing.document import Json

THROUGHPUT_TOOLS = 10_000
THROUGHPUT_LIMIT = 2.0


class NoPacks:
    """Packs that know nothing: what a tool does is scored here, not to what."""

    def kinds_for(self, words: Sequence[str], providers: Sequence[str]) -> tuple[KindMatch, ...]:
        return ()

    def default_kind(self, server_id: str) -> tuple[str, str] | None:
        return None


@dataclass(frozen=True, slots=True)
class Row:
    server: str
    tool: dict[str, Json]
    read_only: bool | None
    destructive: bool | None

    @property
    def label(self) -> bool | None:
        if self.read_only is not None:
            return not self.read_only
        return True if self.destructive else None


def load(corpus: Path) -> list[Row]:
    """The labelled tools of a corpus folder."""
    rows = []
    for line in (corpus / "labels.jsonl").read_text("utf-8").splitlines():
        raw = json.loads(line)
        keys = ("title", "description", "inputSchema")
        tool = {"name": raw["tool"], **{key: raw[key] for key in keys}}
        labels = raw["labels"]
        rows.append(Row(raw["server"], tool, labels.get("readOnlyHint"), labels.get("destructiveHint")))
    return rows


@dataclass(slots=True)
class Score:
    hits: int = 0
    false: int = 0
    missed: int = 0
    right_no: int = 0

    def add(self, predicted: bool, label: bool) -> None:
        self.hits += predicted and label
        self.false += predicted and not label
        self.missed += label and not predicted
        self.right_no += not predicted and not label

    @property
    def n(self) -> int:
        return self.hits + self.false + self.missed + self.right_no

    @property
    def accuracy(self) -> float:
        return (self.hits + self.right_no) / max(1, self.n)

    def __str__(self) -> str:
        precision = self.hits / max(1, self.hits + self.false)
        recall = self.hits / max(1, self.hits + self.missed)
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        scores = f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  accuracy {self.accuracy:.3f}"
        return f"n {self.n:5}  {scores}"


def score(rows: Sequence[Row], show_misses: bool) -> None:
    """Prints the scores over all rows and for each server."""
    total, delete = Score(), Score()
    by_server: dict[str, Score] = defaultdict(Score)
    for row in rows:
        listing = read_listing([row.tool])
        if listing is None or not listing.tools:
            continue
        tool = infer(listing.tools[0], row.server, (), NoPacks())
        if row.destructive is not None:
            delete.add("delete" in tool.actions, row.destructive)
        if row.label is None:
            continue
        predicted = changes(tool.actions)
        total.add(predicted, row.label)
        by_server[row.server].add(predicted, row.label)
        if show_misses and predicted != row.label:
            why = "; ".join(
                f"{t.certainty[0]} {sorted(t.actions)}: {', '.join(t.evidence)}" for t in tool.touches
            )
            print(f"{'FALSE' if predicted else 'MISSED'} {row.server} {tool.name} | {why[:300]}")
            print(f"      {str(row.tool['description'])[:160]!r}")
    for server, found in sorted(by_server.items()):
        print(f"{server:45} {found}")
    accuracies = [found.accuracy for found in by_server.values()]
    print(f"{'not read-only':45} {total}")
    print(f"{'mean accuracy of the servers':45} {sum(accuracies) / len(accuracies):.3f}")
    print(f"{'delete, against destructiveHint':45} {delete}")


def _timed(tools: Sequence[RawTool]) -> float:
    start = time.process_time()
    for tool in tools:
        infer(tool, "npm:some-server", (), NoPacks())
    return time.process_time() - start


def throughput(rows: Sequence[Row]) -> None:
    """Prints how long 10,000 tools take on one core, the best of three runs."""
    listing = read_listing([rows[i % len(rows)].tool for i in range(THROUGHPUT_TOOLS)])
    tools = listing.tools if listing else ()
    infer(tools[0], "", (), NoPacks())
    took = min(_timed(tools) for _ in range(3))
    verdict = "within" if took < THROUGHPUT_LIMIT else "OVER"
    print(f"{THROUGHPUT_TOOLS} tools in {took:.2f} s of one core ({verdict} {THROUGHPUT_LIMIT} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--misses", action="store_true", help="print each tool that is scored wrong")
    arguments = parser.parse_args()
    rows = load(arguments.corpus)
    score(rows, arguments.misses)
    throughput(rows)


if __name__ == "__main__":
    main()
