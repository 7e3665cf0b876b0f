"""Work trees and the repositories that they are clones of, from git's own files."""

from pathlib import Path
from typing import Any

import pytest

from tests.installation import facts_of, servers, uvx

CONFIG = """[core]
\tbare = false
[remote "origin"] ; where it came from
\turl = {} # comment
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\tremote = origin
"""
GITHUB = "github:github.com/repo.code/acme/api"


def reached(folder: Path, files: dict[str, Any], repository: str = ".") -> set[str]:
    entry = {".mcp.json": servers(git=uvx("mcp-server-git", "--repository", repository))}
    rows = [row for row in facts_of(folder, {**entry, **files}).rows if row.server.startswith("pypi:")]
    far = [row for row in rows if row.transitive and row.resource.provider != "local"]
    assert all(row.actions <= {"list", "read"} and row.certainty == "possible" for row in far)
    return {str(row.resource) for row in far}


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("git@github.com:Acme/Api.git", GITHUB),
        ("https://ann:CANARY@github.com/acme/api", GITHUB),
        ('"ssh://git@github.com/acme/api.git"', GITHUB),
        ("git@gitlab.com:acme/team/api.git", "gitlab:gitlab.com/project.code/acme/team/api"),
        ("https://git.example/acme/api.git", "git:git.example/acme/api"),
    ],
)
def test_a_work_tree_is_its_remotes_copy(tmp_path: Path, address: str, repository: str) -> None:
    assert reached(tmp_path, {".git/config": CONFIG.format(address)}) == {repository}


def test_the_users_configuration_puts_one_address_in_place_of_another(tmp_path: Path) -> None:
    files = {
        ".git/config": CONFIG.format("work:acme/api.git"),
        "~/.gitconfig": '[url "git@github.com:"]\n\tinsteadOf = work:\n[user]\n\tname = Ann\n',
    }
    assert reached(tmp_path, files) == {GITHUB}


def test_a_linked_work_tree_has_its_configuration_elsewhere(tmp_path: Path) -> None:
    files = {
        "main/.git/config": CONFIG.format("git@github.com:acme/api"),
        "main/.git/worktrees/other/commondir": "../..\n",
        "other/.git": "gitdir: ../main/.git/worktrees/other\n",
    }
    assert reached(tmp_path, files, "other") == {GITHUB}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[remote",
        '[remote "origin"]\nurl',
        CONFIG.format("/srv/api"),
        "\x00\xff",
        "url = git@github.com:a/b",
    ],
)
def test_what_names_no_remote(tmp_path: Path, content: str) -> None:
    assert reached(tmp_path, {".git/config": content}) == set()


def test_git_files_that_lead_nowhere(tmp_path: Path) -> None:
    assert reached(tmp_path, {".git": "gitdir: ../../nowhere\n"}) == set()
    (tmp_path / "project" / ".git").unlink()
    (tmp_path / "project" / ".git").symlink_to(".git")
    assert reached(tmp_path, {}) == set()
