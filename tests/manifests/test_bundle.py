"""MCPB and DXT bundles, hostile ones too."""

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.manifests.bundle import read_bundle
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.gap import Gap
from tests.installation import npx
from tests.manifests.test_manifests import manifest, names

BUNDLE = {"manifest_version": "0.3", "name": "acme", "version": "1.2.0", "tools": [{"name": "get_a"}]}


def bundle(content: Any = None, name: str = "manifest.json", method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr(name, content if isinstance(content, str | bytes) else json.dumps(content or BUNDLE))
    return stream.getvalue()


@pytest.mark.parametrize("ending", ["mcpb", "dxt"])
def test_a_bundle(tmp_path: Path, ending: str) -> None:
    found = manifest(tmp_path, npx("acme"), {f"x.{ending}": bundle()})
    assert (names(found), found.source, found.version, found.complete) == (["get_a"], "bundle", "1.2.0", True)
    assert found.certainty == "possible"
    assert found.reason == f"the bundle manifest manifests/x.{ending}!manifest.json"


def test_a_bundle_that_makes_tools_at_run_time_is_not_complete(tmp_path: Path) -> None:
    secret = {"key": {"type": "string", "sensitive": True}, "path": {"type": "string"}}
    content = {**BUNDLE, "tools_generated": True, "user_config": secret}
    found = manifest(tmp_path, npx("acme"), {"x.mcpb": bundle(content)})
    assert (found.complete, found.needs_env) == (False, ("key",))
    assert found.reason.endswith("which says that more tools are generated at run time")


def damaged(at: int) -> bytes:
    raw = bytearray(bundle({**BUNDLE, "pad": "x" * 400}))
    raw[at] ^= 0xFF
    return bytes(raw)


def lying_size() -> bytes:
    """The directory says 5 bytes; the member holds more."""
    raw = bytearray(bundle())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 5)
    return bytes(raw)


def huge_size() -> bytes:
    raw = bytearray(bundle())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 2**31)
    return bytes(raw)


def encrypted() -> bytes:
    raw = bytearray(bundle())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + offset] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK",
        b"no zip at all",
        bundle()[:-30],
        bundle()[30:],
        bundle(name="other.json"),
        bundle(name="../manifest.json"),
        bundle("{"),
        bundle("[]"),
        bundle({"a": 1}),
        bundle(b"\x00\x01"),
        damaged(60),
        damaged(50),
        lying_size(),
        huge_size(),
        encrypted(),
        bundle(" " * (17 * 2**20)),
    ],
)
def test_hostile_bundles_are_gaps(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.mcpb"
    path.write_bytes(raw)
    found = read_bundle(path, "x.mcpb")
    assert isinstance(found, Gap)
    assert found.reason


@given(st.integers(0, len(bundle()) - 1), st.integers(1, 255), st.integers(0, 40))
def test_any_damaged_bundle_is_an_offer_or_a_gap(tmp_path_factory: Any, at: int, flip: int, cut: int) -> None:
    raw = bytearray(bundle())
    raw[at] ^= flip
    path = tmp_path_factory.getbasetemp() / "damaged.mcpb"
    path.write_bytes(raw[: len(raw) - cut])
    assert isinstance(read_bundle(path, "x"), Offer | Gap)
