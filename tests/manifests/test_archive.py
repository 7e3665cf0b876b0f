"""Archives of packages: what is unpacked, and what is refused or passed over."""

import contextlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.manifests import archive
from mcpaudit.manifests.archive import ArchiveError, unpack


def tar(
    path: Path, members: dict[str, bytes], links: dict[str, str] | None = None, kind: str = "w:gz"
) -> Path:
    with tarfile.open(path, kind) as opened:  # type: ignore[call-overload]  # the mode is one of tarfile's
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            opened.addfile(info)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            opened.addfile(info, io.BytesIO(content))
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize("kind", ["w:gz", "w:bz2", "w:xz", "w"])
def test_a_tar_archive(tmp_path: Path, kind: str) -> None:
    made = tar(tmp_path / "a.tgz", {"package/index.js": b"1", "package/lib/x.js": b"2"}, kind=kind)
    assert unpack(made, tmp_path / "out") == 2
    assert files(tmp_path / "out") == {"package/index.js": b"1", "package/lib/x.js": b"2"}


def test_a_zip_archive(tmp_path: Path) -> None:
    made = zipped(tmp_path / "a.whl", {"pkg/__init__.py": b"", "pkg-1.dist-info/METADATA": b"m"})
    assert unpack(made, tmp_path / "out") == 2


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "C:/x", "..\\x"])
@pytest.mark.parametrize("make", [tar, zipped])
def test_a_path_that_leads_out_ends_it(tmp_path: Path, name: str, make: object) -> None:
    made = make(tmp_path / "a", {name: b"x"})  # type: ignore[operator]  # both take these arguments
    with pytest.raises(ArchiveError, match="leads out of it"):
        unpack(made, tmp_path / "in" / "out")
    assert not (tmp_path / "x").exists()
    assert files(tmp_path / "in") == {}


def test_links_are_passed_over_so_that_nothing_is_written_through_them(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    made = tar(tmp_path / "a.tgz", {"link/x": b"x", "y": b"y"}, links={"link": str(tmp_path / "outside")})
    unpack(made, tmp_path / "out")
    assert files(tmp_path / "out") == {"link/x": b"x", "y": b"y"}
    assert files(tmp_path / "outside") == {}


def test_devices_and_pipes_are_passed_over(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as opened:
        for number, kind in enumerate((tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE)):
            info = tarfile.TarInfo(f"special{number}")
            info.type, info.linkname = kind, "/etc/passwd"
            opened.addfile(info)
    assert unpack(tmp_path / "a.tar", tmp_path / "out") == 0


def test_a_bomb_ends_before_it_fills_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILE", 1 << 20)
    made = zipped(tmp_path / "bomb.zip", {"zeros": bytes(32 << 20)})
    assert made.stat().st_size < 1 << 20
    with pytest.raises(ArchiveError, match="more than an archive of source may"):
        unpack(made, tmp_path / "out")
    assert sum(map(len, files(tmp_path / "out").values())) <= 1 << 20


def test_too_many_files_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILES", 10)
    made = zipped(tmp_path / "many.zip", {f"f{number}": b"" for number in range(11)})
    with pytest.raises(ArchiveError, match="more than 10 files"):
        unpack(made, tmp_path / "out")


@given(st.binary(max_size=300))
def test_any_bytes_are_unpacked_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("any")
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b\x08"):
        (folder / "a").write_bytes(start + raw)
        with contextlib.suppress(ArchiveError):
            unpack(folder / "a", folder / "out")
