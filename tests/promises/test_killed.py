"""Killed half-way, at every change of a file: there is what was there, or what was to be written."""

import json
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mcpaudit.report.formats import TEXTS
from mcpaudit.signoff.packet import files_check, read_packet
from tests.promises.running import Zygote, broken
from tests.review.packets import signers

pytestmark = [
    pytest.mark.promise("faults"),
    pytest.mark.skipif(sys.platform != "linux", reason="fork and limits are those of Linux"),
]
Record = Callable[[str, object], None]
CONFIG = {
    "mcpServers": {
        "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/"]}
    }
}
DAY = ("--as-of", "2026-11-22")
PREPARE = ("review", "prepare", "fresh", "--no-home", *DAY, "--author", "maria", "-o", "out/packet")
FEW = {
    "schemas": ("policy", "schema", "--out", "out/schemas"),
    "lock": ("lock", "fresh", "--no-home"),
    "reports": ("check", "fresh", "--no-home", *DAY, "--format=json=out/a", "--format=markdown=out/b"),
}
MORE = {
    "baseline": ("accept", "--baseline", "--path", "fresh", "--no-home", *DAY),
    "init": ("init", "fresh", "--no-home"),
    "every format": (
        "check",
        "fresh",
        "--no-home",
        *DAY,
        *(f"--format={one}=out/all/{one}" for one in TEXTS),
    ),
    "pages": ("policy", "docs", "--out", "out/pages"),
}


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    process = Zygote()
    yield process
    process.close()


def laid_out(folder: Path, name: str) -> Path:
    """A project and a place for outputs."""
    place = folder / name
    for below in ("fresh/.mcpaudit", "out", "tmp", "trap"):
        (place / below).mkdir(parents=True)
    (place / "fresh/.mcp.json").write_text(json.dumps(CONFIG))
    (place / "fresh/.mcpaudit/signers").write_text(signers())
    return place


def contents(place: Path) -> dict[str, bytes]:
    """The files that one looks at: a temporary one is hidden and has a name of its own."""
    found = {str(path.relative_to(place)): path for path in place.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not _temporary(name)}


def _temporary(name: str) -> bool:
    return any(
        part.startswith(".") and part.count(".") > 1 and part != ".mcp.json" for part in name.split("/")
    )


def killed_at_each_change(folder: Path, zygote: Zygote, words: tuple[str, ...], most: int) -> int:
    """Kill the command at each change; says how often."""
    plain = laid_out(folder, "plain")
    before = contents(plain)
    (first,) = zygote.ends(plain, [broken(*words, count=True, changes=True)])
    assert first.code in (0, 1), first.err
    after = contents(plain)
    assert first.events >= 3
    assert after != before
    step = max(1, first.events // most)
    points = range(1, first.events + 1, step)
    for at in points:
        place = laid_out(folder, f"killed{at}")
        (end,) = zygote.ends(place, [broken(*words, signal=signal.SIGKILL, at=at, changes=True)])
        assert end.code == -signal.SIGKILL
        now = contents(place)
        halves = [name for name in now if now[name] not in (before.get(name), after.get(name))]
        assert not halves, f"half written at change {at}"
        assert set(before) <= set(now)
        # A second run is not in the way of what the first has left.
        (again,) = zygote.ends(place, [broken(*words)])
        assert again.code == first.code, again.err
        assert contents(place) == after
        shutil.rmtree(place)
    return len(points)


@pytest.mark.parametrize("name", FEW)
def test_no_output_is_ever_half_written(
    name: str, tmp_path: Path, zygote: Zygote, record_property: Record
) -> None:
    kills = killed_at_each_change(tmp_path, zygote, FEW[name], 5)
    record_property(f"times killed while writing: {name}", kills)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*FEW, *MORE])
def test_nor_is_it_at_any_change_of_a_file(
    name: str, tmp_path: Path, zygote: Zygote, record_property: Record
) -> None:
    kills = killed_at_each_change(tmp_path, zygote, (FEW | MORE)[name], 60)
    record_property(f"times killed while writing, at every change: {name}", kills)


@pytest.mark.slow
def test_a_packet_is_there_whole_or_is_none(tmp_path: Path, zygote: Zygote, record_property: Record) -> None:
    points = [1, 2, 3, 4, 5, 40, 80, 120, 140, 141, 142, 143, 144, 145, 146, 147, 148, 149, 150]
    kills = 0
    for made in (False, True):
        for at in points:
            place = laid_out(tmp_path, f"{made}{at}")
            if made:
                (place / "out/packet").mkdir()
            (end,) = zygote.ends(place, [broken(*PREPARE, signal=signal.SIGKILL, at=at, changes=True)])
            kills += end.code == -signal.SIGKILL
            if (place / "out/packet/statement.json").exists():
                files = {
                    name: held for name, held in read_packet(place / "out/packet").items() if name[0] != "."
                }
                assert files_check(files).outcome == "holds"
    assert kills > 10
    record_property("times killed while a packet was written", kills)


def test_a_file_that_grows_too_large_for_the_disk_half_way_is_none(tmp_path: Path, zygote: Zygote) -> None:
    place = laid_out(tmp_path, "p")
    (place / "out/a").write_text("old")
    limits = {"RLIMIT_FSIZE": 4096}
    (end,) = zygote.ends(place, [broken(*FEW["reports"], limits=limits, killed_by_size=True)])
    assert end.code == -signal.SIGXFSZ
    assert (place / "out/a").read_text() == "old"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_with_a_line_and_leaves_nothing_behind(
    number: int, code: int, tmp_path: Path, zygote: Zygote, record_property: Record
) -> None:
    place = laid_out(tmp_path, "p")
    (place / "out/a").write_text("old")
    (first,) = zygote.ends(place, [broken(*FEW["lock"], count=True, changes=False)])
    points = [first.events * tenth // 10 for tenth in range(1, 10)]
    before = contents(place)
    cases = [
        broken("check", "fresh", "--format=json=out/a", signal=number, at=at, changes=False) for at in points
    ]
    # In the middle of writing: as the temporary file is opened, given its permissions, and put in place.
    cases += [
        broken("check", "fresh", "--format=json=out/a", signal=number, at=at, changes=True) for at in (1, 2)
    ]
    for end in zygote.ends(place, cases):
        assert end.code == code, (dict(end.case.broken), end.err)
        assert end.err == ("mcpaudit: stopped\n" if number == signal.SIGINT else "")
        assert contents(place) == before
        assert [path.name for path in (place / "out").iterdir()] == ["a"]
    record_property(f"points of a run at which {signal.Signals(number).name} came", len(cases))
