"""Runs command lines in one child under the guard, in an environment of one's own."""

import hashlib
import json
import mimetypes
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.promises.commands import Run
from tests.promises.stage import ROOT

CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one command line."""

    run: Run
    code: int
    deeds: tuple[str, ...]
    """What the guard forbids."""
    watched: int
    out: str
    size: int
    err: str
    seconds: float


def plain_environment(folder: Path) -> dict[str, str]:
    """Little more than a path and the trap home."""
    path = os.environ.get("PATH", "")
    own = {"PYTHONPATH": str(ROOT), "HOME": str(folder / "trap"), "TMPDIR": str(folder / "tmp")}
    return {"PATH": path, "MCPAUDIT_DEBUG": "1", **own}


def readable() -> list[str]:
    """What a static command may read beside what it was given: the package, and the interpreter's own."""
    package = [str(ROOT / name) for name in ("mcpaudit", "policies", "reports/templates")]
    # WeasyPrint names the type of an attachment, for which the standard library reads the system's lists.
    types = [os.path.realpath(name) for name in mimetypes.knownfiles]
    return [*package, sys.prefix, sys.base_prefix, *types]


def outcomes(
    folder: Path,
    runs: Sequence[Run],
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
    **surroundings: object,
) -> list[Outcome]:
    """Run them one after another in the staged folder, in one process."""
    asked = {"runs": [one.as_json() for one in runs], "reads": readable(), **surroundings}
    done = subprocess.run(
        [python, str(CHILD)],
        cwd=folder,
        env={**plain_environment(folder), **(environment or {})},
        input=json.dumps(asked),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return [
        Outcome(run, **{**one, "deeds": tuple(one["deeds"])}) for run, one in zip(runs, told, strict=True)
    ]


def written(folder: Path) -> dict[str, str]:
    """Every file of the staged folder but the history, with its digest."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


ZYGOTE = Path(__file__).with_name("zygote.py")


@dataclass(frozen=True, slots=True)
class Case:
    """A command line, with what is broken for it (`zygote.py`)."""

    words: tuple[str, ...]
    broken: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class End:
    """How it ended."""

    case: Case
    code: int
    out: str
    err: str
    events: int

    def quiet(self) -> bool:
        """Whether it said at most one line, and no traceback."""
        said = self.err.strip().split("\n")
        return len(said) == 1 and not any(word in self.err for word in ("Traceback", "Exception ignored"))


def broken(*words: str, **how: object) -> Case:
    return Case(words, how)


class Zygote:
    """A process that has loaded mcpaudit, and forks for each case."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(ZYGOTE)],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def ends(self, folder: Path, cases: Sequence[Case]) -> list[End]:
        """Run the cases one after another in a folder."""
        own = {"HOME": str(folder / "trap"), "TMPDIR": str(folder / "tmp")}
        asked = []
        for case in cases:
            more = {"environment": {**own, **case.broken.get("environment", {})}}  # type: ignore[dict-item]
            asked.append({**case.broken, **more, "words": case.words, "folder": str(folder)})
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return [End(case, **one) for case, one in zip(cases, told, strict=True)]

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
