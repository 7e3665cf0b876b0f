"""Faults of the machine: outputs are there whole or not at all, and one line says what is wrong."""

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.promises.running import End, Zygote, broken
from tests.promises.stage import ROOT

pytestmark = [
    pytest.mark.promise("faults"),
    pytest.mark.skipif(sys.platform != "linux", reason="limits, /dev/full and fork are those of Linux"),
]
Record = Callable[[str, object], None]
CONFIG = {
    "mcpServers": {
        "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/"]}
    }
}
FRESH = ("check", "fresh", "--no-home", "--as-of", "2026-11-22")
SCHEMA = ("policy", "schema", "lock")


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    process = Zygote()
    yield process
    process.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small project and a place for outputs."""
    for name in ("fresh", "out", "tmp", "trap"):
        (tmp_path / name).mkdir()
    (tmp_path / "fresh/.mcp.json").write_text(json.dumps(CONFIG))
    return tmp_path


def told(end: End, code: int, *words: str) -> None:
    """It ended with the code, and one line says why, in these words."""
    case = (end.case.words[:3], dict(end.case.broken), end.err)
    assert end.code == code, case
    assert end.quiet(), case
    assert all(word in end.err for word in words), case


def test_a_broken_standard_output_ends_with_a_line_and_never_looks_like_a_result(
    folder: Path, record_property: Record, zygote: Zygote
) -> None:
    both = {"2": "closed"}
    cases, wanted = [], []
    for words, fine in ((("--help",), 0), (SCHEMA, 0), (FRESH, 1)):
        for streams, code, said in (
            ({"1": "/dev/full"}, 2, "cannot write to standard output: No space left on device"),
            ({"1": "closed"}, 2, "cannot write to standard output: Bad file descriptor"),
            ({"1": "broken pipe"}, 141, ""),
            ({"1": "closed", **both}, 2, ""),
            ({"1": "/dev/full", "2": "/dev/full"}, 2, ""),
            ({"0": "closed", "1": "/dev/null", "2": "closed"}, fine, ""),
        ):
            cases.append(broken(*words, streams=streams))
            wanted.append((code, said))
    cases += [
        broken("check", "nowhere", streams={"2": name}) for name in ("closed", "/dev/full", "broken pipe")
    ]
    wanted += [(2, "")] * 3
    for end, (code, said) in zip(zygote.ends(folder, cases), wanted, strict=True):
        told(end, code, said)
    record_property("broken standard streams tried", len(cases))


def test_no_file_of_ours_gets_the_number_of_a_closed_stream(folder: Path, zygote: Zygote) -> None:
    closed = {"0": "closed", "1": "closed", "2": "closed"}
    whole, hurt = zygote.ends(
        folder,
        [
            broken(*FRESH, "--format", "json=out/whole"),
            broken(*FRESH, "--format", "json=out/hurt", streams=closed),
        ],
    )
    assert whole.code == hurt.code == 1
    assert (folder / "out/whole").read_bytes() == (folder / "out/hurt").read_bytes()


def test_a_full_disk_leaves_the_file_that_was_there_and_nothing_beside_it(
    folder: Path, record_property: Record, zygote: Zygote
) -> None:
    (folder / "out/old").write_text("old")
    limits = [100, 4096, 9000]
    cases = [broken(*SCHEMA[:2], "--out", "out", limits={"RLIMIT_FSIZE": most}) for most in limits]
    cases += [
        broken(*FRESH, "--format", f"json=out/{name}", limits={"RLIMIT_FSIZE": 4096})
        for name in ("old", "new")
    ]
    cases += [broken(*FRESH, "--format", "json=/dev/full")]
    for end in zygote.ends(folder, cases):
        told(end, 2, "cannot write ")
    found = {path.name for path in (folder / "out").iterdir()}
    assert (folder / "out/old").read_text() == "old"
    assert all(name == "old" or name.endswith(".schema.json") for name in found)
    for name in found - {"old"}:
        json.loads((folder / "out" / name).read_bytes())
    record_property("sizes at which the disk was full", len(cases))


def test_too_few_files_and_too_little_memory_are_told(
    folder: Path, record_property: Record, zygote: Zygote
) -> None:
    cases = [broken(*FRESH, limits={"RLIMIT_NOFILE": most}) for most in (0, 3, 6, 7)]
    cases += [broken(*FRESH, limits={"RLIMIT_AS": most << 20}) for most in (0, 1, 4, 8)]
    for end in zygote.ends(folder, cases):
        # With a little more room than none it may go well.
        told(end, end.code if end.code in (1, 2) else 2, "" if end.code == 1 else "mcpaudit: ")
        assert end.code == 2 or "Verdict" in end.out
    record_property("limits of files and memory tried", len(cases))


def test_what_cannot_be_written_to_is_told_with_its_name(folder: Path, zygote: Zygote) -> None:
    out = folder / "out"
    (out / "folder").mkdir()
    (out / "file").write_text("")
    (out / "loop").symlink_to("loop")
    (out / "locked").mkdir(mode=0o555)
    targets = {
        "out/folder": "Is a directory",
        "out/file/below": "Not a directory",
        "out/loop": "Too many levels of symbolic links",
        "out/locked/file": "Permission denied",
        f"out/{'x' * 256}": "File name too long",
        "/proc/none": "No such file or directory",
    }
    cases = [
        broken(*SCHEMA[:2], "--out", "out/locked", powerless=True),
        broken(*FRESH, "--format", "json=out/locked/x", powerless=True),
    ]
    cases += [broken(*FRESH, "--format", f"json={name}", powerless=True) for name in targets]
    for end, why in zip(
        zygote.ends(folder, cases), ("Permission", "Permission", *targets.values()), strict=True
    ):
        told(end, 2, "mcpaudit: cannot write ", why)
    assert list((out / "locked").iterdir()) == []


def test_links_pipes_and_open_streams_are_written_to_and_not_replaced(folder: Path, zygote: Zygote) -> None:
    out = folder / "out"
    (out / "real").write_text("old")
    (out / "link").symlink_to("real")
    (out / "ahead").symlink_to("made")
    (out / "appended").write_text("before\n")
    os.mkfifo(out / "pipe")
    names = ("plain", "link", "ahead", "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((out / "pipe").read_bytes()), daemon=True)
    reader.start()
    cases = [broken(*FRESH, "--format", f"json=out/{name}") for name in names]
    cases += [broken(*FRESH, "--format", "json=/dev/stdout")]
    found = zygote.ends(folder, cases)
    reader.join(20)
    assert [end.code for end in found] == [1] * 5
    whole = (out / "plain").read_bytes()
    assert [(out / "real").read_bytes(), (out / "made").read_bytes(), *read] == [whole] * 3
    assert (out / "link").is_symlink()
    assert stat.S_ISFIFO((out / "pipe").stat().st_mode)
    assert found[-1].out.encode() == whole
    # What a shell appends to is not begun anew.
    with (out / "appended").open("ab") as stream:
        run(folder, *FRESH, "--format", "json=/dev/stdout", stdout=stream)
    assert (out / "appended").read_bytes() == b"before\n" + whole


def run(folder: Path, *words: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, with nothing but what is given in its environment."""
    environment = {"PYTHONPATH": str(ROOT), **more.pop("env", {})}  # type: ignore[dict-item]
    line = [sys.executable, "-m", "mcpaudit", *words]
    streams = more if "stdout" in more else {"capture_output": True, **more}
    return subprocess.run(line, cwd=folder, env=environment, check=False, **streams)  # type: ignore[call-overload,no-any-return]


def test_a_file_of_ours_is_never_for_everybody_to_write_and_keeps_its_permissions(
    folder: Path, zygote: Zygote
) -> None:
    (folder / "out/kept").write_text("")
    (folder / "out/kept").chmod(0o600)
    masks = {0o000: 0o664, 0o022: 0o644, 0o027: 0o640, 0o077: 0o600}
    cases = [broken(*FRESH, "--format", f"json=out/{mask}", umask=mask) for mask in masks]
    cases += [broken(*FRESH, "--format", "json=out/kept", umask=0)]
    assert {end.code for end in zygote.ends(folder, cases)} == {1}
    modes = {mask: stat.S_IMODE((folder / f"out/{mask}").stat().st_mode) for mask in masks}
    assert modes == masks
    assert stat.S_IMODE((folder / "out/kept").stat().st_mode) == 0o600


def test_a_home_that_is_not_there_is_no_fault(folder: Path, zygote: Zygote) -> None:
    (folder / "shut/.claude").mkdir(parents=True)
    (folder / "shut/.claude.json").write_text(json.dumps(CONFIG))
    (folder / "shut").chmod(0o000)
    words = ("check", "fresh", "--as-of", "2026-11-22")
    homes: list[dict[str, object]] = [
        {"unset": ["HOME"]},
        {"environment": {"HOME": ""}},
        {"environment": {"HOME": "/no/such/place"}},
        {"environment": {"HOME": str(folder / "fresh/.mcp.json")}},
        {"environment": {"HOME": "/dev/null"}},
        {"environment": {"HOME": str(folder / "shut")}, "powerless": True},
        {"environment": {"HOME": str(folder / "trap"), "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "0"}},
        {"environment": {"HOME": str(folder / "trap"), "TERM": "", "COLUMNS": "x", "PATH": ""}},
    ]
    cases = [broken(*words, **how) for how in homes]
    cases += [broken(*words, "--home", name) for name in ("nowhere", "fresh/.mcp.json")]
    found = zygote.ends(folder, cases)
    for end in found[: len(homes)]:
        told(end, 1)
        assert "files" in end.out
    shut = next(end for end in found if "powerless" in end.case.broken)
    assert "permission denied" in shut.out
    (folder / "shut").chmod(0o700)
    for end in found[len(homes) :]:
        told(end, 2, "--home needs a folder")


def test_own_files_that_may_not_be_read_stop_the_audit(folder: Path, zygote: Zygote) -> None:
    own = folder / "fresh/.mcpaudit"
    (own / "policies").mkdir(parents=True)
    (folder / "fresh/mcpaudit.yaml").write_text("apiVersion: mcpaudit/v1\npolicies: [.mcpaudit/policies]\n")
    for shut in (own / "policies", own):
        shut.chmod(0o000)
        (end,) = zygote.ends(folder, [broken(*FRESH, powerless=True)])
        shut.chmod(0o700)
        told(end, 2, ".mcpaudit")


def test_folders_of_clients_that_may_not_be_searched_are_gaps_and_the_rest_is_read(
    folder: Path, zygote: Zygote, record_property: Record
) -> None:
    home = folder / "trap"
    shut = [".config", ".cursor", ".codex", ".gemini", ".kilocode", ".vscode", ".docker/mcp/catalogs"]
    for name in shut:
        (home / name).mkdir(parents=True)
        (home / name).chmod(0o000)
    (home / ".claude.json").write_text(json.dumps(CONFIG))
    words = ("check", "fresh", "--home", "trap", "--format", "json")
    (end,) = zygote.ends(folder, [broken(*words, powerless=True)])
    told(end, 1)
    report = json.loads(end.out)
    unread = {gap["location"]["file"] for gap in report["coverage"]["gaps"]}
    for name in shut:
        # Nothing in `.vscode` says which servers there are.
        assert any(one.startswith(f"~/{name}") for one in unread) == (name != ".vscode"), name
    assert any(one["location"]["file"] == "~/.claude.json" for one in report["installations"])
    record_property("folders that may not be searched", len(shut))


def test_a_folder_of_plugins_that_may_not_be_listed_is_a_gap(folder: Path, zygote: Zygote) -> None:
    shut = folder / "home/.cursor/plugins/local"
    shut.mkdir(parents=True)
    shut.chmod(0o000)
    words = ("check", "fresh", "--home", "home", "--format", "json")
    (end,) = zygote.ends(folder, [broken(*words, powerless=True)])
    (gap,) = json.loads(end.out)["coverage"]["gaps"]
    assert gap["location"]["file"] == "~/.cursor/plugins/local"
    assert "cannot be listed" in gap["reason"]


def test_a_folder_that_is_gone_is_told_and_does_not_matter_for_whole_paths(
    folder: Path, zygote: Zygote
) -> None:
    whole = ("check", str(folder / "fresh"), "--no-home")
    lines = [("check",), ("init",), ("usage",), ("accept", "--baseline"), ("diff", "HEAD"), ("lock",), whole]
    cases = []
    for number, words in enumerate(lines):
        (folder / f"gone{number}").mkdir()
        cases.append(broken(*words, cwd=f"gone{number}", gone=True))
    found = zygote.ends(folder, cases)
    for end in found[:-1]:
        told(end, 2, "the current folder is no longer there")
    told(found[-1], 1)


@pytest.mark.parametrize("locale", ["C", "POSIX", "no_SUCH"])
def test_the_c_locale_shows_what_it_cannot_show_in_another_way(locale: str, folder: Path) -> None:
    name = "çıktı-日本"
    (folder / "fresh/.mcp.json").write_text(json.dumps({"mcpServers": {name: CONFIG["mcpServers"]["files"]}}))
    bare = {"LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    for words in (FRESH, ("access", "fresh", "--no-home"), ("check", "nowhere-日本")):
        done = run(folder, *words, env=bare)
        assert done.returncode == {"check": 1, "access": 0}[words[0]] + (words[-1] == "nowhere-日本"), (
            done.stderr
        )
        assert b"Traceback" not in done.stderr
        assert name in done.stdout.decode() or words[-1] == "nowhere-日本", "reports are UTF-8 everywhere"


@pytest.mark.parametrize(
    ("platform", "file"),
    [
        ("windows", "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("macos", "Library/Application Support/Claude/claude_desktop_config.json"),
    ],
)
def test_a_home_that_was_copied_from_another_system_is_read_here(
    platform: str, file: str, folder: Path, zygote: Zygote
) -> None:
    home = folder / "copied"
    (home / file).parent.mkdir(parents=True)
    places = {
        "windows": ["C:\\Users\\Zoë\\Docs", "\\\\server\\share", "%APPDATA%\\x"],
        "macos": ["/Users/zoë/Docs", "/Volumes/Disk 1"],
    }
    args = ["-y", "@modelcontextprotocol/server-filesystem", *places[platform]]
    (home / file).write_text(json.dumps({"mcpServers": {"files": {"command": "npx", "args": args}}}))
    words = ("check", "out", "--home", "copied", "--platform", platform, "--format", "json")
    (end,) = zygote.ends(folder, [broken(*words)])
    told(end, end.code)
    report = json.loads(end.out)
    assert [
        one["client"] for one in report["installations"] if one["server"] == "files" or one["name"] == "files"
    ]
    shown = report["installations"][0]["location"]["file"]
    assert shown == f"~/{file}"
    assert str(folder) not in end.out


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("unshare") is None, reason="a file system of its own needs unshare")
def test_a_tiny_file_system_that_is_full_keeps_the_old_report(folder: Path, record_property: Record) -> None:
    python = f"{sys.executable} -m mcpaudit"
    script = f"""
mount -t tmpfs -o size=64k none out || exit 77
echo old > out/report
{python} {" ".join(FRESH)} --format html=out/report; echo "code $?"
cat out/report; ls -A out
{python} review prepare fresh --no-home --author a -o out/packet; echo "code $?"
ls -A out
"""
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("no file system can be mounted here")
    assert done.stdout.splitlines() == ["code 2", "old", "report", "code 2", "report"], done.stderr
    assert done.stderr.splitlines() == [
        "mcpaudit: cannot write out/report: No space left on device",
        "mcpaudit: cannot write out/packet: No space left on device",
    ]
