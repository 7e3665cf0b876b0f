"""Same input, same bytes: whatever surrounds a run, it prints and writes the same."""

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.report.formats import TEXTS
from tests.promises import child
from tests.promises.commands import Run, static_runs
from tests.promises.running import outcomes, written
from tests.promises.stage import ROOT, stage

pytestmark = pytest.mark.promise("same-bytes")
Record = Callable[[str, object], None]

_SEEN = ("text", "json", "sarif", "markdown", "html")
_NAMES = ("project", "project/home", "project/saved")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around a run and must not matter."""

    environment: dict[str, str] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)
    absolute: bool = False
    """Whether the paths on the command line start at the root."""


CI = {"CI": "true", "GITHUB_ACTIONS": "true", "GITLAB_CI": "true", "GITHUB_STEP_SUMMARY": "/dev/null"}
C = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
AROUND = {
    "another hash seed": Surroundings({"PYTHONHASHSEED": "1"}),
    "one more hash seed": Surroundings({"PYTHONHASHSEED": "2"}),
    "files listed in another order": Surroundings(more={"seed": "1"}),
    "files listed in one more order": Surroundings(more={"seed": "2"}),
    "the C locale": Surroundings(C, {"setlocale": True}),
    "the C locale in UTF-8": Surroundings({"LC_ALL": "C.UTF-8"}, {"setlocale": True}),
    "a time zone in the east": Surroundings({"TZ": "Pacific/Kiritimati"}),
    "a time zone in the west": Surroundings({"TZ": "Etc/GMT+12"}),
    "no umask": Surroundings(more={"umask": 0o000}),
    "a strict umask": Surroundings(more={"umask": 0o077}),
    "a narrow terminal": Surroundings({"COLUMNS": "20", "LINES": "5", "TERM": "dumb", "NO_COLOR": "1"}),
    "colours wanted": Surroundings({"COLUMNS": "300", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}),
    "a build server": Surroundings(CI),
    "one processor": Surroundings(more={"one_processor": True}),
    "another home": Surroundings({"HOME": "/no/such/home", "USER": "other", "XDG_CONFIG_HOME": "/no/such"}),
    "optimised byte code": Surroundings({"PYTHONOPTIMIZE": "2"}),
    "paths from the root": Surroundings(absolute=True),
}
ALL = Surroundings(
    {**C, **CI, "PYTHONHASHSEED": "7", "TZ": "Pacific/Kiritimati", "COLUMNS": "33", "FORCE_COLOR": "1"},
    {"seed": "7", "umask": 0o077, "one_processor": True, "setlocale": True},
)
LOCALES = ("de_DE.utf8", "tr_TR.utf8", "de_DE", "tr_TR", "ja_JP.eucjp")


def few() -> list[Run]:
    """The runs that show most of it in little time."""
    wanted = {"check": 1, "diff": 1, "minimize": 1, "lock": 1, "access": 1}
    found = []
    for one in static_runs(_SEEN):
        if wanted.get(one.command, 0):
            wanted[one.command] -= 1
            found.append(one)
    return found


def bytes_of(
    folder: Path, runs: list[Run], around: Surroundings, python: str = sys.executable
) -> dict[str, str]:
    """Digests of all that the runs print, and of all the files there are afterwards."""
    stage(folder)
    before = written(folder)
    asked = [replace(one, words=_absolute(one.words, folder)) for one in runs] if around.absolute else runs
    found = outcomes(folder, asked, around.environment, python, **around.more)
    assert [(one.run.words, one.err) for one in found if one.code != one.run.code] == []
    printed = {
        f"{number} {' '.join((one.command, *one.words))}": end.out
        for number, (one, end) in enumerate(zip(runs, found, strict=True))
    }
    after = written(folder)
    shutil.rmtree(folder)
    return printed | {name: digest for name, digest in after.items() if before.get(name) != digest}


def _absolute(words: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    return tuple(f"{folder}/{one}" if one in _NAMES else one for one in words)


def different(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def test_nothing_that_surrounds_a_run_changes_a_byte(tmp_path: Path, record_property: Record) -> None:
    first = bytes_of(tmp_path / "a", few(), Surroundings({"PYTHONHASHSEED": "0"}))
    other = bytes_of(tmp_path / "b", few(), ALL)
    assert different(first, other) == []
    record_property("outputs compared byte by byte", len(first))
    record_property("surroundings changed at once", len(ALL.environment) + len(ALL.more))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return bytes_of(tmp_path_factory.mktemp("whole") / "a", static_runs(TEXTS, TEXTS), Surroundings())


@pytest.mark.slow
@pytest.mark.parametrize("name", AROUND)
def test_every_output_of_every_command_is_the_same_with(
    name: str, whole: dict[str, str], tmp_path: Path, record_property: Record
) -> None:
    other = bytes_of(tmp_path / "b", static_runs(TEXTS, TEXTS), AROUND[name])
    assert different(whole, other) == []
    record_property(f"outputs that are the same with {name}", len(other))


@pytest.mark.slow
@pytest.mark.parametrize("name", LOCALES)
def test_every_output_is_the_same_in_the_locale(
    name: str, whole: dict[str, str], tmp_path: Path, record_property: Record
) -> None:
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    if name not in listed:
        pytest.skip(f"{name} is not installed")
    environment = {"LC_ALL": name, "PYTHONUTF8": "0"}
    other = bytes_of(
        tmp_path / "b", static_runs(TEXTS, TEXTS), Surroundings(environment, {"setlocale": True})
    )
    assert different(whole, other) == []
    record_property(f"outputs that are the same in {name}", len(other))


@pytest.mark.slow
@pytest.mark.network  # It installs the locked libraries for each version.
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_every_output_is_the_same_by_python(
    version: str, whole: dict[str, str], tmp_path: Path, record_property: Record
) -> None:
    python = interpreter(version, tmp_path / "environment")
    runs = [one for one in static_runs(TEXTS, TEXTS) if "--solver" not in one.words]
    other = bytes_of(tmp_path / "b", runs, Surroundings(), python)
    again = bytes_of(tmp_path / "a", runs, Surroundings())
    assert different(again, other) == []
    record_property(f"outputs that are the same by Python {version}", len(other))


def interpreter(version: str, folder: Path) -> str:
    """An environment of that version with the locked libraries; skips where there is no such version."""
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no Python {version} here")
    subprocess.run([python, "-m", "venv", folder], check=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([folder / "bin/pip", "install", *quiet, "-r", ROOT / "requirements.lock"], check=True)
    return str(folder / "bin/python")


def test_the_order_of_keys_changes_nothing_but_places(tmp_path: Path) -> None:
    stage(tmp_path)
    check = few()[0]
    first = _report(tmp_path, check)
    chance = random.Random(5)
    for path in (tmp_path / "project/.mcp.json", *(tmp_path / "project/saved").rglob("*.json")):
        path.write_text(json.dumps(turned(json.loads(path.read_text()), chance), indent=1))
    second = _report(tmp_path, check)
    assert first != second, "places have moved"
    assert first["conflicts"]
    assert first["excess"]
    assert told(first) == told(second)


def _report(folder: Path, check: Run) -> Any:
    words = tuple(one for one in check.words if not one.startswith("--format"))
    runs = [replace(check, words=(*words, "--format=json=out/check/json"))]
    assert [one.code for one in outcomes(folder, runs)] == [1]
    return json.loads((folder / "out/check/json").read_bytes())


def turned(value: Any, chance: random.Random) -> Any:
    """The same with the keys of every object in another order; lists keep theirs."""
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {key: turned(held, chance) for key, held in items}
    return [turned(one, chance) for one in value] if isinstance(value, list) else value


MOVED = ("line", "column", "sha256", "digest", "excerpt", "diff")


def told(value: Any) -> Any:
    """What a report says without where it stands; places and edits are listed in the order of the file."""
    if isinstance(value, dict):
        kept = {key: told(held) for key, held in value.items() if key not in MOVED}
        return kept | {key: sorted(kept[key], key=str) for key in ("locations", "changes") if key in kept}
    return [told(one) for one in value] if isinstance(value, list) else value


def test_the_shuffled_listing_shuffles(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / str(number)).touch()
    listed = [child.shuffled_listing(seed)[0](tmp_path) for seed in "12"]
    scanned = [[one.name for one in child.shuffled_listing(seed)[1](tmp_path)] for seed in "12"]
    assert listed[0] != listed[1]
    assert scanned[0] != scanned[1]
    assert sorted(listed[0]) == sorted(scanned[1])
