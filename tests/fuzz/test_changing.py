"""Files that change while they are read: after a look at one, its opening, or the listing of its folder."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from mcpaudit.clients.discover import discover
from mcpaudit.clients.registry import CLIENTS
from tests.fuzz.bounds import within
from tests.fuzz.clients import PACKS, check, places, platform_of, site_in
from tests.fuzz.test_hostile_files import COMMANDS, KINDS, folder

__all__ = ["folder"]
pytestmark = [
    pytest.mark.promise("any-bytes"),
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes and devices"),
]
Change = Callable[[Path], None]
GOOD = b'{"mcpServers": {"a": {"command": "npx", "args": ["-y", "server-a"]}}}'


def _gone(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _instead(kind: str) -> Change:
    def change(path: Path) -> None:
        _gone(path)
        KINDS[kind](path)

    return change


CHANGES: dict[str, Change] = {
    "gone": _gone,
    "shorter": lambda path: os.truncate(path, 3),
    "longer": lambda path: os.truncate(path, 100 * 2**20),
    "folder gone": lambda path: _gone(path.parent),
    **{kind: _instead(kind) for kind in ("fifo", "folder", "loop", "zeros", "socket", "dangling")},
}


class _Listed:
    """What `os.scandir` gives, of entries that were read before the change."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Any]:
        return self._entries

    def __next__(self) -> Any:
        return next(self._entries)

    def __enter__(self) -> "_Listed":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def changing(paths: dict[Path, Change], moment: str) -> Iterator[list[Path]]:
    """Change each of these files right after the first look at it, its opening or its folder's listing."""
    waiting, changed = dict(paths), []
    real = {name: getattr(os, name) for name in ("stat", "lstat", "open", "listdir", "scandir")}

    def strike(path: Path) -> None:
        if change := waiting.pop(path, None):
            changed.append(path)
            change(path)

    def seen(name: str, result: Any, path: Any, more: dict[str, Any]) -> Any:
        if not isinstance(path, (str, Path)) or more.get("dir_fd") is not None:
            return result
        whole = Path.cwd() / path
        if name in ("listdir", "scandir"):
            below = [one for one in waiting if one.parent == whole] if moment == "listed" else []
            result = _Listed(list(result)) if name == "scandir" else result
            for one in below:
                strike(one)
        elif moment == ("opened" if name == "open" else "looked at"):
            strike(whole)
        return result

    def wrapped(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(path: Any = ".", *args: Any, **more: Any) -> Any:
            return seen(name, call(path, *args, **more), path, more)

        return called

    with pytest.MonkeyPatch.context() as patch:
        for name, call in real.items():
            patch.setattr(os, name, wrapped(name, call))
        patch.setattr(io, "open", wrapped("open", io.open))
        yield changed


@pytest.mark.parametrize("moment", ["looked at", "opened"])
@pytest.mark.parametrize("client", [one.id for one in CLIENTS])
def test_files_of_a_client_may_change_at_any_moment(
    client: str, moment: str, tmp_path: Path, record_property: Callable[[str, int], None]
) -> None:
    site = site_in(tmp_path, platform_of(client))
    found = places(client, site)
    for path in found:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(GOOD)
    changes = list(CHANGES.values())
    plan = {path: changes[(number + len(moment)) % len(changes)] for number, path in enumerate(found)}
    with changing(plan, moment) as changed, within(8):
        check(discover(site, PACKS, only=(client,)))
    record_property("files that changed while they were read", len(changed))


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_breaks_on_a_file_that_changes(
    command: str, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _commanded(folder, command, list(COMMANDS).index(command), capfdbinary)


BROKE = [
    ("manifests", 19),
    ("verify", 15),
    ("packet", 7),
    ("packet", 18),
    ("digest", 14),
    ("template", 11),
    ("source-python", 8),
    ("inspect-script", 12),
]
"""Moments at which a command once broke: a folder that went away, a pipe in the place of a file."""


@pytest.mark.parametrize(("command", "turn"), BROKE)
def test_nor_at_a_moment_at_which_one_broke(
    command: str, turn: int, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _commanded(folder, command, list(COMMANDS).index(command) + turn, capfdbinary)


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(1, len(CHANGES) * 3))
@pytest.mark.parametrize("command", COMMANDS)
def test_nor_at_any_moment_in_any_way(
    command: str, turn: int, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _commanded(folder, command, list(COMMANDS).index(command) + turn, capfdbinary)


def _commanded(folder: Path, command: str, turn: int, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Run a command while its file changes; the turn says when and how."""
    file, line = COMMANDS[command]
    path = folder / file
    path.write_bytes(b"{}")
    moment = ("looked at", "opened", "listed")[turn % 3]
    change = list(CHANGES.values())[turn % len(CHANGES)]
    if path.parent == folder and change is CHANGES["folder gone"]:
        change = _gone
    with changing({path: change}, moment), within(8):
        code = run([str(path) if word == "@" else word for word in line.split()])
    out, err = (raw.decode("utf-8", "replace") for raw in capfdbinary.readouterr())
    assert code in (0, 1, 2, 3, 4), (code, out[-500:], err)
    assert "Traceback" not in out + err
