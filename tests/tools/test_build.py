"""The same source builds to the same bytes, and the wheel holds the package, its data and licences alone."""

import hashlib
import io
import os
import random
import re
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpaudit import __version__
from tools.supply.build import build, copy, tracked
from tools.supply.sbom import FILE

pytestmark = [pytest.mark.promise("supply-chain"), pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent.parent
WHEEL, SDIST = f"mcp_reach_audit-{__version__}-py3-none-any.whl", f"mcp_reach_audit-{__version__}.tar.gz"
Property = Callable[[str, object], None]


def built(folder: Path, umask: int, **environment: str) -> dict[str, bytes]:
    """Both files, from a folder of its own, made in an order, with modes and in a place of its own."""
    names = tracked()
    random.Random(umask).shuffle(names)
    before = os.umask(umask)
    try:
        copy(names, folder / "source")
        (folder / "source/mcpaudit/__pycache__").mkdir()
        (folder / "source/mcpaudit/__pycache__/x.pyc").write_bytes(b"what lies about is not packed")
        return build(folder / "source", folder / "built", os.environ | environment)
    finally:
        os.umask(before)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return built(tmp_path_factory.mktemp("one"), 0o022, TZ="UTC", LC_ALL="C", PYTHONHASHSEED="1")


@pytest.fixture(scope="module")
def wheel(files: dict[str, bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(files[WHEEL]))


def test_two_builds_in_different_places_give_the_same_bytes(
    files: dict[str, bytes], tmp_path: Path, record_property: Property
) -> None:
    """Folder, order of files, umask, time zone, locale and hash seed change no byte of wheel and sdist."""
    elsewhere = tmp_path / "a deeper folder" / "with blanks"
    again = built(elsewhere, 0o077, TZ="Pacific/Kiritimati", LC_ALL="C.UTF-8", PYTHONHASHSEED="2")
    assert set(files) == {WHEEL, SDIST}
    for name, content in files.items():
        assert hashlib.sha256(again[name]).digest() == hashlib.sha256(content).digest(), name
    record_property("files built twice", len(files))


def test_the_wheel_holds_the_package_its_data_and_licences_alone(
    wheel: zipfile.ZipFile, record_property: Property
) -> None:
    mapped = {"policies/": "mcpaudit/policies/", "reports/templates/": "mcpaudit/templates/"}
    expected = {name for name in tracked() if name.startswith("mcpaudit/")}
    for source, target in mapped.items():
        expected |= {name.replace(source, target, 1) for name in tracked() if name.startswith(source)}
    info = f"mcp_reach_audit-{__version__}.dist-info/"
    licences = ("LICENSE", "reports/templates/vendor/cytoscape.LICENSE.txt")
    expected |= {info + name for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    expected |= {f"{info}licenses/{name}" for name in licences}
    expected |= {f"{info}sboms/{Path(FILE).name}"}
    assert set(wheel.namelist()) == expected
    assert {Path(name).suffix for name in expected} <= {
        *("", ".py", ".typed", ".yaml", ".json", ".txt", ".html", ".css", ".js", ".sha256")
    }
    record_property("files in the wheel", len(expected))


def test_the_wheel_carries_the_sbom_and_says_what_every_uploader_understands(wheel: zipfile.ZipFile) -> None:
    info = f"mcp_reach_audit-{__version__}.dist-info"
    assert wheel.read(f"{info}/sboms/{Path(FILE).name}") == (ROOT / FILE).read_bytes()
    told = wheel.read(f"{info}/METADATA").decode()
    # The licences of PEP 639 came with 2.4; versions after it are refused by older tools.
    assert re.search(r"^Metadata-Version: 2\.4$", told, re.MULTILINE)
    assert "License-Expression: Apache-2.0" in told


def test_the_sdist_holds_what_git_tracks_so_that_its_tests_run(files: dict[str, bytes]) -> None:
    with tarfile.open(fileobj=io.BytesIO(files[SDIST])) as archive:
        members = archive.getmembers()
    top = f"mcp_reach_audit-{__version__}/"
    assert {member.name.removeprefix(top) for member in members} == {*tracked(), "PKG-INFO"}
    assert all(member.isfile() and not member.uid and not member.uname for member in members)
