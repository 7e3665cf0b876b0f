"""What stands where a file is expected and is none, or one that nobody should read: every command says so."""

import errno
import io
import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from mcpaudit.clients.discover import discover
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.report.canonical import to_json
from tests.fuzz.bounds import memory, within
from tests.fuzz.clients import PACKS, check, places, platform_of, site_in
from tests.installation import npx, servers
from tests.report.sample import SAMPLE

pytestmark = [
    pytest.mark.promise("any-bytes"),
    pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes and devices"),
]


def _socket(path: Path) -> None:
    # A socket's own path may be a hundred characters long: it is bound by its name in its folder.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(path.name)
    finally:
        os.chdir(here)


def _sparse(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(100 * 2**20)


def _unreadable(path: Path) -> None:
    path.write_text("{}", encoding="utf-8")
    path.chmod(0)


KINDS: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "zeros": lambda path: path.symlink_to("/dev/zero"),
    "sparse": _sparse,
    "socket": _socket,
    "full": lambda path: path.symlink_to("/dev/full"),
    "folder": Path.mkdir,
    "loop": lambda path: path.symlink_to(path.name),
    "dangling": lambda path: path.symlink_to("nowhere"),
    "memory": lambda path: path.symlink_to("/proc/self/mem"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "unreadable": _unreadable,
}

# Command lines with `@` for the hostile file; `good` and `own` are made by the test.
COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("x.json", "check @ --no-home"),
    "policy": ("x.yaml", "check own --no-home --policy @"),
    "usage": ("x.jsonl", "check own --no-home --usage @"),
    "probes": ("x.json", "check own --no-home --probes @"),
    "manifests": ("manifests/kept.json", "check own --no-home --manifests manifests"),
    "bundle": ("manifests/kept.mcpb", "check own --no-home --manifests manifests"),
    "policies": ("policies/x.yaml", "check own --no-home --policy policies"),
    "configuration": ("own/mcpaudit.yaml", "check own --no-home"),
    "waivers": ("own/.mcpaudit/waivers.yaml", "check own --no-home"),
    "baseline": ("own/.mcpaudit/baseline.json", "check own --no-home"),
    "lock": ("own/mcpaudit.lock", "check own --no-home"),
    "lock-check": ("own/mcpaudit.lock", "lock own --no-home --check"),
    "signers": ("own/.mcpaudit/signers", "check own --no-home"),
    "reviews": ("own/.mcpaudit/reviews/x/statement.json", "check own --no-home"),
    "owners": ("own/CODEOWNERS", "check own --no-home --format markdown"),
    "init": ("own/.git/config", "init own --no-home"),
    "source-python": ("source/server.py", "inspect source"),
    "source-script": ("source/index.js", "inspect source"),
    "source-package": ("source/package.json", "inspect source"),
    "source-go": ("source/main.go", "inspect source"),
    "source-module": ("source/go.mod", "inspect source"),
    "inspect-python": ("x.py", "inspect @"),
    "inspect-script": ("x.js", "inspect @"),
    "inspect-go": ("x.go", "inspect @"),
    "inspect-json": ("x.json", "inspect @"),
    "inspect-bundle": ("x.mcpb", "inspect @"),
    "inspect-archive": ("x.tgz", "inspect @"),
    "inspect-zip": ("x.zip", "inspect @"),
    "render": ("x.json", "render @ --format text"),
    "since": ("x.json", "render good.json --format text --since @"),
    "runs": ("runs/x.json", "render good.json --format text --runs runs"),
    "review": ("x.json", "render good.json --format text --review @"),
    "diff": ("x.json", "diff @ good.json"),
    "sheet": ("x.csv", "review read @ --report good.json"),
    "report": ("x.json", "review read good.csv --report @"),
    "verify": ("packet/statement.json", "review verify packet"),
    "packet": ("packet/report.json", "review verify packet"),
    "logs": ("x.jsonl", "usage @"),
    "test": ("x_test.yaml", "policy test @"),
    "lint": ("x.yaml", "policy lint @"),
    "digest": ("policies/x.yaml", "policy digest policies"),
    "entries": ("x.json", "access own --no-home --what-if-add @"),
    "template": ("templates/report.html", "check own --no-home --templates templates --format html=out.html"),
}


@contextmanager
def _without_permission(path: Path) -> Iterator[None]:
    """Root may read everything: for it, opening a file without permission fails as it does for others."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (os, io) if os.geteuid() == 0 else ():
            patch.setattr(module, "open", _refusing(module.open, path))
        yield


def _refusing(real: Callable[..., Any], path: Path) -> Callable[..., Any]:
    def opened(file: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(file, (str, Path)) and Path.cwd() / file == path:
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return real(file, *args, **kwargs)

    return opened


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may enter, too, with a good project in it."""
    with tempfile.TemporaryDirectory(prefix="mcpaudit-hostile-") as made:
        path, here = Path(made), Path.cwd()
        path.chmod(0o755)
        for name in ("own/.mcpaudit/reviews/x", "own/.git", "own/.cursor", "manifests", "policies", "source"):
            (path / name).mkdir(parents=True)
        for name in ("runs", "packet", "templates"):
            (path / name).mkdir()
        (path / "own/.cursor/mcp.json").write_text(json.dumps(servers(kept=npx("server-kept"))))
        (path / "good.json").write_bytes(to_json(SAMPLE))
        (path / "good.csv").write_text("id,answer\n")
        (path / "packet/statement.json").write_text("{}")
        (path / "source/kept.py").write_text(
            "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef kept(): ...\n"
        )
        os.chdir(path)
        try:
            yield path
        finally:
            os.chdir(here)
            for one in path.rglob("*"):
                if not one.is_symlink():
                    one.chmod(0o755)


def _tried(folder: Path, kind: str, command: str, capfdbinary: pytest.CaptureFixture[bytes]) -> str:
    """Run a command on a hostile file; what it said."""
    file, line = COMMANDS[command]
    path = folder / file
    path.unlink(missing_ok=True)
    KINDS[kind](path)
    capfdbinary.readouterr()
    denied = _without_permission(path) if kind == "unreadable" else nullcontext()
    with denied, memory(1 << 30), within(8, 8):
        code = run([str(path) if word == "@" else word for word in line.split()])
    out, err = (raw.decode("utf-8", "replace") for raw in capfdbinary.readouterr())
    assert code in (0, 1, 2, 3, 4), (code, out[-500:], err)
    assert "Traceback" not in out + err
    assert "No such option" not in err, err
    assert (out + err).strip()
    return out + err


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_waits_for_or_fills_up_on_what_is_no_file(
    command: str, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _tried(folder, ("fifo", "zeros", "sparse")[list(COMMANDS).index(command) % 3], command, capfdbinary)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_breaks_on_any_hostile_file(
    command: str, kind: str, folder: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    _tried(folder, kind, command, capfdbinary)


@pytest.mark.parametrize("client", [one.id for one in CLIENTS])
def test_no_client_waits_for_what_is_no_file(
    client: str, tmp_path: Path, record_property: Callable[[str, int], None]
) -> None:
    site = site_in(tmp_path, platform_of(client))
    kinds = [kind for kind in KINDS if kind != "unreadable"]
    found = places(client, site)
    for number, path in enumerate(found):
        if not os.path.lexists(path) and (not path.parent.exists() or path.parent.is_dir()):
            path.parent.mkdir(parents=True, exist_ok=True)
            KINDS[kinds[number % len(kinds)]](path)
    with within(4):
        check(discover(site, PACKS, only=(client,)))
    record_property("hostile files of clients", len(found))
