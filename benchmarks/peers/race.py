"""The race: this auditor and its peers on the same sample, by hand.

    python -m benchmarks.peers.race [--cache FOLDER] [--runs N] [--only NAME ...] [--sizes N ...]

Installs each tool of `peers.yaml` below the cache folder, runs it on the sample at each size without network
and with a home of its own, and writes `RESULTS.md` beside this file. Times are the best of N runs; a run that
takes over ten seconds is not repeated.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.peers import install, judge, measure, sample, tables

_ONCE = 10.0
"""Seconds after which one run says enough."""


@dataclass(frozen=True, slots=True)
class Racer:
    """One tool, where its command lies, and its results so far."""

    peer: Mapping[str, Any]
    bin_folder: Path
    row: tables.Row


def race(racers: Sequence[Racer], size: int, given: argparse.Namespace, network: list[str]) -> None:
    """All tools at one size, in turn, so that a machine that slows down slows all of them.

    A tool that was stopped at a smaller size is not tried.
    """
    running = [one for one in racers if not any(run.stopped for run in one.row.runs.values())]
    runs: dict[str, list[measure.Run]] = {one.row.name: [] for one in running}
    with tempfile.TemporaryDirectory(dir=given.cache) as name:
        for turn in range(given.runs):
            for one in running:
                done = runs[one.row.name]
                if done and done[-1].wall > _ONCE:
                    continue
                root = Path(name) / f"{one.row.name}-{turn}"
                sample.write(root, size)
                place = {"project": root / "project", "home": root / "home", "scratch": Path(name)}
                command = [*network, *one.peer["command"]]
                done.append(measure.run(command, **place, path=str(one.bin_folder)))
    for one in running:
        said = judge.statements(one.peer["read"], runs[one.row.name][-1].texts)
        one.row.runs[size] = _best(runs[one.row.name])
        one.row.scores[size] = judge.score(one.row.name, said)
        _show(one.row, size)
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            (given.keep / f"{one.row.name}-{size}.txt").write_text("\n".join(said), encoding="utf-8")


def _show(row: tables.Row, size: int) -> None:
    run, score = row.runs[size], row.scores[size]
    print(
        f"{row.name:18} {size:5} {run.wall:8.2f} s {run.cpu:8.2f} s CPU {run.mib:7.0f} MiB"
        f" exit {run.code} {run.stopped} found {score.count(judge.FOUND)} partly {score.count(judge.PARTLY)}"
        f" of {len(score.verdicts)}, {score.statements} statements, {score.alarms} false",
        flush=True,
    )


def racers(peers: Sequence[Mapping[str, Any]], given: argparse.Namespace, network: list[str]) -> list[Racer]:
    """The tools, installed, and how long each takes to show its help."""
    installed = [(peer, install.installed(peer, given.cache)) for peer in peers]
    starts: dict[str, list[measure.Run]] = {peer["name"]: [] for peer in peers}
    with tempfile.TemporaryDirectory(dir=given.cache) as name:
        place = {"project": Path(name), "home": Path(name), "scratch": Path(name)}
        for _ in range(given.runs):
            for peer, bin_folder in installed:
                run = measure.run([*network, *peer["help"]], **place, path=str(bin_folder))
                starts[peer["name"]].append(run)
    return [
        Racer(
            peer,
            bin_folder,
            tables.Row(peer["name"], peer.get("version", "this checkout"), _best(starts[peer["name"]])),
        )
        for peer, bin_folder in installed
    ]


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
    running = racers(peers, given, network)
    for size in given.sizes:
        race(running, size, given, network)
    machine = f"{measure.cores()} cores ({platform.machine()}) at load {os.getloadavg()[1]:.0f}"
    how = [
        f"{datetime.now(UTC).date()}, best of {given.runs} in turn, {machine}, {platform.system()},"
        f" Python {platform.python_version()},"
        + (" no network" if network else " **network not shut off: not allowed here**")
    ]
    page = tables.page([one.row for one in running], judge.planted(), how)
    print(page)
    if not given.only:
        (judge.HERE / "RESULTS.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
