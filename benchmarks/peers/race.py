"""The race: this auditor and its peers on the same sample, by hand.

    python -m benchmarks.peers.race [--cache FOLDER] [--runs N] [--only NAME ...] [--sizes N ...]

Installs each tool of `peers.yaml` below the cache folder, runs it on the sample at each size without network
and with a home of its own, and writes `RESULTS.md` beside this file. Times are the best of N runs; a run that
takes over ten seconds is not repeated.
"""

import argparse
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.peers import install, judge, measure, sample, tables

_ONCE = 10.0
"""Seconds after which one run says enough."""


def race(
    peer: Mapping[str, Any], bin_folder: Path, given: argparse.Namespace, network: list[str]
) -> tables.Row:
    """One tool at all sizes; after a size at which it was stopped, the larger ones are not tried."""
    with tempfile.TemporaryDirectory(dir=given.cache) as name:
        empty = Path(name) / "empty"
        empty.mkdir()
        place = {"project": empty, "home": empty, "path": str(bin_folder), "scratch": Path(name)}
        starts = [measure.run([*network, *peer["help"]], **place) for _ in range(given.runs)]
        row = tables.Row(peer["name"], peer.get("version", "this checkout"), _best(starts))
        for size in given.sizes:
            runs = []
            while len(runs) < given.runs and not (runs and runs[-1].wall > _ONCE):
                root = Path(name) / f"{size}-{len(runs)}"
                sample.write(root, size)
                place |= {"project": root / "project", "home": root / "home"}
                runs.append(measure.run([*network, *peer["command"]], **place))
            said = judge.statements(peer["read"], runs[-1].texts)
            row.runs[size] = _best(runs)
            row.scores[size] = judge.score(peer["name"], said)
            if given.keep:
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{peer['name']}-{size}.txt").write_text("\n".join(said), encoding="utf-8")
            score = row.scores[size]
            print(
                f"{peer['name']:18} {size:5} {row.runs[size].wall:8.2f} s {row.runs[size].cpu:8.2f} s CPU"
                f" {row.runs[size].mib:7.0f} MiB exit {row.runs[size].code} {row.runs[size].stopped}"
                f" found {score.count(judge.FOUND)} partly {score.count(judge.PARTLY)}"
                f" of {len(score.verdicts)}, {score.statements} statements, {score.alarms} false",
                flush=True,
            )
            if runs[-1].stopped:
                break
    return row


def _best(runs: list[measure.Run]) -> measure.Run:
    least = min(runs, key=lambda one: one.wall)
    return replace(least, cpu=min(one.cpu for one in runs), mib=min(one.mib for one in runs))


def main() -> None:
    """Run the race and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/mcpaudit-race")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=sample.SIZES)
    parser.add_argument("--only", nargs="*", help="these tools alone; nothing is written")
    parser.add_argument("--keep", type=Path, help="write each tool's statements here, to judge by")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    network = measure.offline()
    peers = [one for one in judge.load("peers.yaml") if not given.only or one["name"] in given.only]
    rows = [race(one, install.installed(one, given.cache), given, network) for one in peers]
    how = [
        f"{datetime.now(UTC).date()}, best of {given.runs}, {measure.cores()} cores ({platform.machine()}), "
        f"{platform.system()}, Python {platform.python_version()}, "
        + ("no network" if network else "**network not shut off: not allowed here**")
    ]
    page = tables.page(rows, judge.planted(), how)
    print(page)
    if not given.only:
        (judge.HERE / "RESULTS.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
