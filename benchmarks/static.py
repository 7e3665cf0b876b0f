"""Scores what is read from servers' source against what the servers list when they run.

    python benchmarks/static.py CORPUS CACHE [--language python|javascript|go] [--holdout|--all] [--detail]

CORPUS holds manifests of running servers; CACHE their unpacked sources (`tools/fetch_sources.py` fills it).
For Go, CACHE/go holds sources as OWNER/NAME/VERSION/ and lists, in the form of the corpus, in lists/*.json.
A list must be of that very version: registries move on to newer images without asking for tools anew.
A third of the packages, by a hash of the name, is held out: only `--holdout` scores it; `--all` scores
everything. For JavaScript the whole corpus has been looked at by now, and so have the packages that were held
out after it: `benchmarks/static_holdout.txt` lists the last ones, their unseen scores, and which still are.
A score of what is unseen needs a corpus and a cache of their own: `--all`, never `--detail`.
A tool of which the source does not tell whether it is on is counted apart from those that are said to be on.
Each package is read in a process of its own; its peak of memory is that of the whole process.
"""

import argparse
import hashlib
import importlib
import json
import multiprocessing
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcpaudit.manifests.extraction import Extraction

LANGUAGES = {"python": "pypi", "javascript": "npm", "go": "go"}
HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


@dataclass(frozen=True, slots=True)
class Case:
    """A package whose running server was asked for its tools."""

    package: str
    source: Path
    listed: dict[str, dict[str, Any]]

    @property
    def held_out(self) -> bool:
        return int(hashlib.sha256(self.package.encode()).hexdigest(), 16) % 3 == 0


@dataclass(frozen=True, slots=True)
class Score:
    """How one package did."""

    case: Case
    found: Extraction | None
    seconds: float
    """Of processor time, which others on the machine disturb less."""
    mebibytes: float
    """The most memory that the process held."""

    @property
    def names(self) -> set[str]:
        return {one.tool.name for one in self.found.tools} if self.found else set()

    @property
    def recovered(self) -> set[str]:
        return self.names & self.case.listed.keys()

    @property
    def wrong(self) -> set[str]:
        """Names that the server does not list, and that are said to be listed by default."""
        tools = self.found.tools if self.found else ()
        return {
            one.tool.name for one in tools if not one.latent and not one.possible
        } - self.case.listed.keys()

    @property
    def sure(self) -> int:
        """How many tools are said to be listed by default, as those are that can be wrong."""
        return sum(not one.latent and not one.possible for one in self.found.tools) if self.found else 0

    @property
    def missed(self) -> set[str]:
        return self.case.listed.keys() - self.names

    @property
    def native(self) -> bool:
        """Whether the package starts a native binary, which is not source and not in it."""
        return self.found is not None and "native binary" in self.found.reason

    def texts(self) -> int:
        """How many descriptions begin as those listed do."""
        pairs = (
            ((one.tool, self.case.listed.get(one.tool.name)) for one in self.found.tools)
            if self.found
            else ()
        )
        return sum(
            bool(real) and _head(tool.description) == _head(real.get("description"))
            for tool, real in pairs
            if real
        )

    def schemas(self) -> int:
        """How many tools have exactly the listed parameters."""
        pairs = (
            ((one.tool, self.case.listed.get(one.tool.name)) for one in self.found.tools)
            if self.found
            else ()
        )
        return sum(_keys(tool.input_schema) == _keys(real.get("inputSchema")) for tool, real in pairs if real)

    def required(self) -> int:
        """How many tools have exactly the listed required parameters."""
        found = self.found.tools if self.found else ()
        pairs = ((one.tool, self.case.listed.get(one.tool.name)) for one in found)
        return sum(
            _required(tool.input_schema) == _required(real.get("inputSchema")) for tool, real in pairs if real
        )

    def hints(self) -> tuple[int, int]:
        """Equal and listed hints of the recovered tools."""
        equal = listed = 0
        for one in self.found.tools if self.found else ():
            real = (self.case.listed.get(one.tool.name) or {}).get("annotations") or {}
            for hint in HINTS:
                if isinstance(real.get(hint), bool):
                    listed += 1
                    equal += one.tool.annotations.get(hint) is real[hint]
        return equal, listed


def _head(text: object) -> str:
    return " ".join(str(text or "").split())[:60]


def _required(schema: object) -> set[str]:
    return set((schema.get("required") or []) if isinstance(schema, dict) else [])


def _keys(schema: object) -> set[str]:
    return set((schema.get("properties") or {}) if isinstance(schema, dict) else {})


def cases(corpus: Path, cache: Path, ecosystem: str) -> Iterator[Case]:
    """Every package of an ecosystem that was run and whose source is there."""
    lists = [*(corpus / "manifests").glob("*.json"), *(cache / ecosystem / "lists").glob("*.json")]
    for path in sorted(lists):
        raw = json.loads(path.read_text("utf-8"))
        source = raw.get("source") or {}
        if source.get("kind") != "live-dump" or source.get("ecosystem") != ecosystem:
            continue
        folder = cache / ecosystem / raw["package"] / raw["version"]
        if folder.is_dir():
            yield Case(raw["package"], folder.resolve(), {tool["name"]: tool for tool in raw["tools"]})
        else:
            print(f"no source: {raw['package']} {raw['version']}")


def score(case: Case, language: str) -> Score:
    """Read one package's source."""
    extract = importlib.import_module(f"mcpaudit.manifests.{language}.source").extract
    started = time.thread_time()
    found = extract(case.source, case.package)
    return Score(case, found, time.thread_time() - started, _peak())


def _peak() -> float:
    """The most memory that this process held, in MiB; not `ru_maxrss`, which begins with the parent's."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def scores(chosen: list[Case], language: str) -> Iterator[Score]:
    """Read each package's source in a fresh process, one after the other."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, fresh, max_tasks_per_child=1) as pool:
        yield from pool.map(score, chosen, [language] * len(chosen))


def _row(one: Score, detail: bool) -> None:
    state = "none" if one.found is None else "complete" if one.found.complete else "partial"
    share = f"{len(one.recovered)}/{len(one.case.listed)}"
    cost = f"{one.seconds:6.2f} s {one.mebibytes:4.0f} MiB"
    print(f"{one.case.package:45} {share:>9} wrong {len(one.wrong):3}  {state:8} {cost}", flush=True)
    if not detail:
        return
    if one.found:
        latent = [tool.tool.name for tool in one.found.tools if tool.latent]
        print(f"    {one.found.reason}; latent: {latent}")
        print(f"    possible: {[(tool.tool.name, tool.switch) for tool in one.found.tools if tool.possible]}")
    if one.missed:
        print(f"    missed: {sorted(one.missed)[:40]}")
    if one.wrong:
        print(f"    wrong: {sorted(one.wrong)[:40]}")


def _totals(rows: list[Score]) -> None:
    tools, sure = sum(len(r.case.listed) for r in rows), sum(r.sure for r in rows)
    recovered, wrong = sum(len(r.recovered) for r in rows), sum(len(r.wrong) for r in rows)
    whole = sum(not r.missed for r in rows)
    # Whether the claim "all are known" holds matters more than how often it is made.
    claimed = [r for r in rows if r.found and r.found.complete]
    found = [(one, one.tool.name in r.case.listed) for r in rows if r.found for one in r.found.tools]
    latent = [listed for one, listed in found if one.latent]
    possible = [listed for one, listed in found if one.possible]
    hints = [r.hints() for r in rows]
    equal, given = sum(h[0] for h in hints), sum(h[1] for h in hints)
    seconds = [r.seconds for r in rows]
    print(f"\ntools recovered    {recovered}/{tools} = {recovered / max(1, tools):.1%}")
    print(f"servers complete   {whole}/{len(rows)} = {whole / max(1, len(rows)):.1%}")
    source = [r for r in rows if not r.native]
    listed = sum(len(r.case.listed) for r in source)
    print(
        f"without binaries   {recovered}/{listed} = {recovered / max(1, listed):.1%} of tools, "
        f"{sum(not r.missed for r in source)}/{len(source)} of servers"
    )
    print(f"said complete      {len(claimed)}, of which wrongly {sum(bool(r.missed) for r in claimed)}")
    print(f"wrong names        {wrong}/{sure} = {wrong / max(1, sure):.1%} of those said to be on by default")
    unlisted = wrong + possible.count(False)
    of = sure + len(possible)
    print(f"with possible ones {unlisted}/{of} = {unlisted / max(1, of):.1%} are not listed by default")
    print(f"possible names     {len(possible)}, of which listed by default {sum(possible)}")
    print(f"latent names       {len(latent)}, of which listed by default {sum(latent)}")
    print(f"descriptions       {sum(r.texts() for r in rows)}/{recovered} begin alike")
    print(f"parameter names    {sum(r.schemas() for r in rows)}/{recovered} equal")
    print(f"required           {sum(r.required() for r in rows)}/{recovered} equal")
    print(f"annotations        {equal}/{given} = {equal / max(1, given):.1%} of listed hints equal")
    print(f"seconds            median {statistics.median(seconds):.2f}, worst {max(seconds):.2f}")
    peaks = [r.mebibytes for r in rows]
    print(f"MiB at the peak    median {statistics.median(peaks):.0f}, worst {max(peaks):.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--language", choices=[*LANGUAGES], default="python")
    parser.add_argument("--holdout", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    every = cases(options.corpus, options.cache, LANGUAGES[options.language])
    chosen = [
        case
        for case in every
        if (options.all or case.held_out == options.holdout) and options.only in case.package
    ]
    rows = []
    for one in scores(chosen, options.language):
        rows.append(one)
        _row(one, options.detail)
    if rows:
        _totals(rows)


if __name__ == "__main__":
    main()
