"""Claude Code: `.mcp.json` in the folders above the project, and the record of a repository."""

import os
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Site
from mcpaudit.report.formats import TEXTS, render
from tests.installation import collect, installed, npx, report_of, servers, write


def found(
    folder: Path,
    files: dict[str, Any],
    root: Path | None = None,
    home: str | None = "home/me",
    as_is: bool = False,
) -> dict[str, Installation]:
    """A machine below `folder` whose project is `home/me/code/repo/app`."""
    (folder / ".site").touch()
    project = folder / "home/me/code/repo/app"
    project.mkdir(parents=True)
    for name, content in files.items():
        write(folder / name, content)
    site = Site(project, folder / home if home else None, root, "linux", {})
    return installed(discover(site, Packs.shipped(), as_is=as_is), "claude-code")


HERE = "home/me/code/repo/app/"
EVERYWHERE = {
    f"{folder}.mcp.json": servers(same=npx(package), **{package: npx(package)})
    for folder, package in (
        (HERE, "here"),
        ("home/me/code/repo/", "repo"),
        ("home/me/code/", "code"),
        ("home/me/", "me"),
        ("home/", "above"),
        ("", "top"),
    )
}
GIT = {"home/me/code/repo/.git/HEAD": "ref: refs/heads/main"}


def test_every_folder_up_to_the_root_of_the_machine(tmp_path: Path) -> None:
    machine = tmp_path / "machine"
    machine.mkdir()
    (tmp_path / ".mcp.json").write_text('{"mcpServers": {"outside": {"command": "x"}}}')
    own = found(machine, EVERYWHERE | GIT, root=machine)
    places = {name: one.place.file for name, one in own.items() if "(" not in name}
    assert places == {
        "same": ".mcp.json",
        "here": ".mcp.json",
        "repo": "~/code/repo/.mcp.json",
        "code": "~/code/.mcp.json",
        "me": "~/.mcp.json",
        "above": "../../../../.mcp.json",
        "top": "../../../../../.mcp.json",
    }
    assert {one.level for one in own.values()} == {"project"}
    assert own["same"].server.id == "npm:here"
    assert own["same"].shadows[0].file == "~/code/repo/.mcp.json"


@pytest.mark.parametrize(
    ("home", "git", "names"),
    [
        # Another machine's home without its root: nothing above the home is read.
        ("home/me", True, {"here", "repo", "code", "me"}),
        ("home/me", False, {"here", "repo", "code", "me"}),
        # The repository alone (`--no-home`), or a project that lies outside the home.
        (None, True, {"here", "repo"}),
        (None, False, {"here"}),
        ("home/you", True, {"here", "repo"}),
        ("home/you", False, {"here"}),
    ],
)
def test_where_the_way_up_ends(tmp_path: Path, home: str | None, git: bool, names: set[str]) -> None:
    own = found(tmp_path, EVERYWHERE | (GIT if git else {}), home=home)
    assert {one.name for one in own.values()} - {"same"} == names
    if not home and git:
        assert own["repo"].place.file == "../.mcp.json"


def test_the_nearest_counts_while_it_awaits_approval(tmp_path: Path) -> None:
    own = found(tmp_path, EVERYWHERE, as_is=True)
    assert [name for name, one in own.items() if one.name == "same" and one.shadowed_by is None] == ["same"]
    assert (own["same"].place.file, own["same"].state) == (".mcp.json", "pending")


def test_without_its_home_a_machine_is_the_repository_alone(tmp_path: Path) -> None:
    own = found(tmp_path, EVERYWHERE | GIT, root=tmp_path, home=None)
    assert {one.name for one in own.values()} == {"same", "here", "repo"}


def test_a_broken_file_above_is_a_gap_and_hides_no_other(tmp_path: Path) -> None:
    files = {"home/me/code/.mcp.json": "{", "home/me/.mcp.json": servers(me=npx("me"))}
    assert set(found(tmp_path, files)) == {"me"}


@pytest.mark.parametrize(
    ("git", "key", "state"),
    [
        (True, "repo", "loaded"),
        (True, "repo/app", "pending"),
        (False, "repo/app", "loaded"),
        (False, "repo", "pending"),
    ],
)
def test_the_record_is_that_of_the_git_root(tmp_path: Path, git: bool, key: str, state: str) -> None:
    record = {
        str(tmp_path / "home/me/code" / key): {
            "enabledMcpjsonServers": ["fs"],
            "hasTrustDialogAccepted": True,
        }
    }
    files = {HERE + ".mcp.json": servers(fs=npx("x")), "home/me/.claude.json": {"projects": record}}
    assert found(tmp_path, files | (GIT if git else {}))["fs"].state == state


@pytest.mark.parametrize(
    ("folder", "function"),
    [
        ("/etc/claude-code/managed-settings.d", "listdir"),
        ("~/.config/Claude/Claude Extensions", "listdir"),
        ("~/.claude/plugins", "scandir"),
    ],
)
def test_a_folder_that_cannot_be_listed_is_a_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, function: str
) -> None:
    files = {f"{folder}/x/y": "", "~/.claude.json": servers(fs=npx("x"))}
    real = getattr(os, function)

    def refuse(path: Any) -> Any:
        if str(path).endswith(folder.rsplit("/", 1)[1]):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, function, refuse)
    collected = collect(tmp_path, files)
    assert [(gap.kind, str(gap.place)) for gap in collected.gaps] == [("unreadable", folder)]
    assert "fs" in installed(collected, "claude-code")


def test_names_that_are_no_text_break_nothing(tmp_path: Path) -> None:
    report = report_of(tmp_path, {"~/.claude/plugins/cache/m/\udcff/.mcp.json": servers(s=npx("s"))})
    assert [one.level for one in report.installations if one.level == "plugin"] == ["plugin"]
    assert all(render(report, name) for name in TEXTS)
