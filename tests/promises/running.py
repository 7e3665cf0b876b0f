"""Runs command lines in one child under the guard, in an environment of one's own."""

import hashlib
import json
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
    return [*package, sys.prefix, sys.base_prefix]


def outcomes(
    folder: Path,
    runs: Sequence[Run],
    environment: Mapping[str, str] | None = None,
    python: Sequence[str] = (sys.executable,),
) -> list[Outcome]:
    """Run them one after another in the staged folder, in one process."""
    asked = {"runs": [one.as_json() for one in runs], "reads": readable()}
    done = subprocess.run(
        [*python, str(CHILD)],
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
