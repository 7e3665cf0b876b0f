"""Static is static: no static command starts a process, opens a socket, or touches files beside its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpaudit.report.formats import FORMATS, TEXTS
from tests.promises.commands import STARTS_OR_CONTACTS, Run, commands, formats_of, static_runs
from tests.promises.running import Outcome, outcomes, written
from tests.promises.stage import stage

pytestmark = pytest.mark.promise("static")
Record = Callable[[str, object], None]

# What a command may leave beside the outputs that are named, `--format patch=FILE` for one: parts of it.
_BESIDE = (".home", ".review")


def checked(folder: Path, runs: list[Run], record_property: Record) -> list[Outcome]:
    """Run them, and hold each against what it may do."""
    before = written(folder)
    history = stamps(folder / "project/.git")
    found = outcomes(folder, runs)
    wrong = [
        (one.run.words, one.deeds, one.code, one.err)
        for one in found
        if one.deeds or one.code != one.run.code
    ]
    assert not wrong
    assert all(one.watched for one in found)
    named = {name for run in runs for name in run.writes}
    for name, digest in written(folder).items():
        below = name in named or any(one.endswith("/") and name.startswith(one) for one in named)
        assert below or before.get(name) == digest, f"{name} was written"
    assert list((folder / "tmp").iterdir()) == [], "temporary files are gone afterwards"
    assert [path for path in (folder / "out").rglob(".*") if path.is_file()] == []
    assert stamps(folder / "project/.git") == history
    record_property("static command lines run under the guard", len(found))
    record_property("deeds of theirs that the guard looked at", sum(one.watched for one in found))
    return found


def stamps(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_no_static_command_starts_contacts_or_touches_anything_but_its_own(
    tmp_path: Path, record_property: Record
) -> None:
    found = checked(stage(tmp_path), static_runs(), record_property)
    digests = {one.out for one in found if one.run.command == "policy digest"}
    assert len(digests) == 1, "a revision is read as the folder is"
    shown = {path.name for path in (tmp_path / "out/check").iterdir()}
    assert {name for name in shown if not name.endswith(_BESIDE)} == set(TEXTS)


@pytest.mark.slow
def test_neither_does_any_in_the_formats_that_take_longer(tmp_path: Path, record_property: Record) -> None:
    every = tuple(FORMATS)
    checked(stage(tmp_path), static_runs(every, every), record_property)


def test_every_command_of_the_program_is_run_in_every_format_that_it_has() -> None:
    every = tuple(FORMATS)
    runs = static_runs(every, every)
    tree = dict(commands())
    assert {run.command for run in runs} == set(tree) - STARTS_OR_CONTACTS
    for name in sorted(set(tree) - STARTS_OR_CONTACTS):
        shown = {one for run in runs if run.command == name for one in run.formats}
        assert shown == formats_of(name, tree[name]), name


# Each does what is forbidden, in a way of its own.
DEEDS = {
    "started a process": [
        "__import__('subprocess').run(['true'])",
        "__import__('os').system('true')",
        "__import__('os').posix_spawn('/bin/true', ['true'], {})",
        "__import__('os').fork()",
    ],
    "used the network": [
        "__import__('socket').create_connection(('127.0.0.1', 9), 1)",
        "__import__('socket').getaddrinfo('localhost', 9)",
        "__import__('urllib.request').request.urlopen('http://127.0.0.1:9')",
    ],
    "wrote": [
        "open('elsewhere', 'w')",
        "__import__('os').open('elsewhere', __import__('os').O_WRONLY | __import__('os').O_CREAT)",
        "open('project/mcpaudit.yaml', 'r+')",
    ],
    "os.": [
        "__import__('os').remove('project/mcpaudit.yaml')",
        "__import__('os').rename('project', 'other')",
        "__import__('os').mkdir('elsewhere')",
        "__import__('os').symlink('out', 'elsewhere')",
        "__import__('os').chmod('project', 0o700)",
    ],
    "read": [
        "open('trap/.netrc')",
        "open('/etc/hosts')",
        "__import__('os').listdir('trap')",
        "[*__import__('os').scandir('/etc')]",
    ],
}


def test_the_guard_itself_notices_each_of_them(tmp_path: Path, record_property: Record) -> None:
    stage(tmp_path)
    deeds = [deed for each in DEEDS.values() for deed in each]
    program = tmp_path / "out/deeds.py"
    program.write_text(
        "import mcpaudit.cli.main as main\n"
        "def run(words):\n"
        "    try: eval(words[-1])\n"
        "    except OSError: pass\n"
        "    return 0\n"
        "main.run = run\n"
        "import tests.promises.child as child\n"
        "child.main()\n"
    )
    runs = [Run("eval", (deed,)) for deed in deeds]
    asked = {"runs": [one.as_json() for one in runs], "reads": []}
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": root},
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    told = [one["deeds"] for one in json.loads(done.stdout)]
    names = [name for name, each in DEEDS.items() for _ in each]
    missed = [
        deed
        for name, deed, seen in zip(names, deeds, told, strict=True)
        if not any(one.startswith(name) for one in seen)
    ]
    assert not missed
    record_property("forbidden deeds that the guard is shown to catch", len(deeds))
