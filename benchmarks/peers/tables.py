"""The tables of the race, in Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.peers.judge import FOUND, MISSED, PARTLY, Score
from benchmarks.peers.measure import Run

_SIGNS = {FOUND: "yes", PARTLY: "partly", MISSED: "-"}


@dataclass(frozen=True, slots=True)
class Row:
    """One tool: how long it takes to start, and its runs and scores by the number of servers."""

    name: str
    version: str
    start: Run
    runs: dict[int, Run] = field(default_factory=dict)
    scores: dict[int, Score] = field(default_factory=dict)


def page(rows: Sequence[Row], planted: Sequence[dict[str, str]], how: Sequence[str]) -> str:
    sizes = sorted({size for row in rows for size in row.runs})
    parts = [
        "# The race\n",
        "Made by `python -m benchmarks.peers.race`; [how it is run and judged](README.md).",
        *how,
        "\n## Time and memory\n",
        "Wall seconds / CPU seconds / peak MiB; `(n)` is the place by CPU seconds.\n",
        *_table(
            ["tool", "version", "`--help`", *(f"{size:,} servers" for size in sizes)], _times(rows, sizes)
        ),
        "\n## Problems found\n",
        f"Of {len(planted)} planted; statements are all that a tool said, false alarms those that the sample"
        " proves wrong.\n",
        *_table(["tool", *(f"{size:,} servers" for size in sizes)], _totals(rows, sizes)),
        f"\n## Each problem at {sizes[0]} servers\n",
        *_table(["planted", "where", *(row.name for row in rows)], _each(rows, planted, sizes[0])),
    ]
    return "\n".join(parts) + "\n"


def _times(rows: Sequence[Row], sizes: Sequence[int]) -> Iterable[list[str]]:
    starts = _places({row.name: row.start for row in rows})
    places = {size: _places({row.name: row.runs[size] for row in rows if size in row.runs}) for size in sizes}
    for row in rows:
        cells = [_time(row.runs.get(size), places[size].get(row.name, "")) for size in sizes]
        yield [row.name, row.version, _time(row.start, starts[row.name]), *cells]


def _places(runs: dict[str, Run]) -> dict[str, str]:
    """From the least CPU time on; who was stopped has none."""
    order = sorted((run.cpu, name) for name, run in runs.items() if not run.stopped)
    return {name: f" ({place})" for place, (_, name) in enumerate(order, 1)}


def _time(run: Run | None, place: str) -> str:
    if run is None:
        return "not tried"
    if run.stopped:
        return f"stopped: {run.stopped}"
    return f"{run.wall:.2f} / {run.cpu:.2f} / {run.mib:.0f}{place}"


def _totals(rows: Sequence[Row], sizes: Sequence[int]) -> Iterable[list[str]]:
    for row in rows:
        yield [row.name, *(_total(row.scores.get(size)) for size in sizes)]


def _total(score: Score | None) -> str:
    if score is None:
        return "not tried"
    partly = f" + {score.count(PARTLY)} partly" if score.count(PARTLY) else ""
    return f"{score.count(FOUND)}{partly}; {score.statements:,} statements, {score.alarms:,} false"


def _each(rows: Sequence[Row], planted: Sequence[dict[str, str]], size: int) -> Iterable[list[str]]:
    for one in planted:
        cells = [_SIGNS[row.scores[size].verdicts[one["id"]]] for row in rows]
        yield [one["what"], one["place"], *cells]


def _table(head: list[str], rows: Iterable[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
