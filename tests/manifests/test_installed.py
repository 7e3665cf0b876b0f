"""Where installed packages are found, and which of several counts."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.identity import identify
from mcpaudit.manifests.installed import Installed, installed
from mcpaudit.model.site import Platform
from tests.installation import site_of


def found(
    folder: Path, files: dict[str, Any], command: str, *args: str, platform: Platform = "linux"
) -> Installed | None:
    return installed(identify(command, args).server, site_of(folder, files, platform))


def node(version: str) -> dict[str, str]:
    return {"name": "@acme/x", "version": version}


NODE = [
    ("linux", "node_modules/@acme/x/"),
    ("linux", "~/.npm/_npx/1f2e/node_modules/@acme/x/"),
    ("linux", "~/.nvm/versions/node/v22.1.0/lib/node_modules/@acme/x/"),
    ("linux", "/usr/lib/node_modules/@acme/x/"),
    ("macos", "/opt/homebrew/lib/node_modules/@acme/x/"),
    ("windows", "~/AppData/Local/npm-cache/_npx/1f2e/node_modules/@acme/x/"),
    ("windows", "~/AppData/Roaming/npm/node_modules/@acme/x/"),
]


@pytest.mark.parametrize(("platform", "place"), NODE)
def test_npm_packages(tmp_path: Path, platform: Platform, place: str) -> None:
    one = found(tmp_path, {place + "package.json": node("1.2.3")}, "npx", "-y", "@acme/x", platform=platform)
    assert one is not None
    assert (one.shown, one.version) == (place.rstrip("/"), "1.2.3")


INFO = "acme_server-1.2.3.dist-info/RECORD"
RECORD = "acme_server-1.2.3.dist-info/METADATA,,\nacme/__init__.py,,\nacme/tools.py,,\n../../bin/acme,,\n"
PYTHON = [
    ("linux", ".venv/lib/python3.12/site-packages/"),
    ("windows", ".venv/Lib/site-packages/"),
    ("linux", "~/.local/share/uv/tools/acme-server/lib/python3.12/site-packages/"),
    ("linux", "~/.local/share/pipx/venvs/acme-server/lib/python3.11/site-packages/"),
    ("linux", "~/.cache/uv/archive-v0/Xy12/"),
    ("windows", "~/AppData/Local/uv/cache/archive-v0/Xy12/"),
]


@pytest.mark.parametrize(("platform", "place"), PYTHON)
def test_python_packages_by_their_own_record(tmp_path: Path, platform: Platform, place: str) -> None:
    one = found(tmp_path, {place + INFO: RECORD}, "uvx", "acme-server", platform=platform)
    assert one is not None
    assert (one.shown, one.version) == (place + "acme", "1.2.3")


def test_the_pinned_version_counts_else_the_newest(tmp_path: Path) -> None:
    files = {
        f"~/.npm/_npx/{name}/node_modules/@acme/x/package.json": node(version)
        for name, version in (("a", "1.9.0"), ("b", "1.10.0"), ("c", "1.2.0"))
    }
    newest = found(tmp_path, files, "npx", "@acme/x")
    pinned = found(tmp_path, files, "npx", "@acme/x@1.2.0")
    assert (newest and newest.version, pinned and pinned.version) == ("1.10.0", "1.2.0")
    assert found(tmp_path, files, "npx", "@acme/x@3.0.0") is None


@pytest.mark.parametrize(
    "words",
    [
        ("npx", "../../x"),
        ("npx", "@acme/../x"),
        ("uvx", "../x"),
        ("docker", "run", "acme/x"),
        ("node", "x.js"),
    ],
)
def test_what_is_no_package_name_is_not_looked_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    files = {"node_modules/x/package.json": node("1"), "x/package.json": node("1"), "package.json": node("1")}
    assert found(tmp_path, files, *words) is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_broken_manifest_is_no_package(tmp_path: Path, content: bytes) -> None:
    assert found(tmp_path, {"node_modules/x/package.json": content}, "npx", "x") is None
