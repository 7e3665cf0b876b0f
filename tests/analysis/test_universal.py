"""What reaches everything is one cause: one fact a covering server, and not one for each thing it covers."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.fact import Conflict
from tests.installation import facts_of, npx, servers

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
ROOTS = {f"f{number:02}": npx(FILES, f"/srv/{number:02}") for number in range(40)}
SHELL = npx("@wonderwhy-er/desktop-commander@0.2.0")


def found(folder: Path, **entries: Any) -> tuple[Conflict, ...]:
    return facts_of(folder, {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}).conflicts


@pytest.mark.parametrize("wide", [SHELL, npx(FILES, "/"), npx(FILES, "/srv")])
def test_one_server_over_forty_folders_is_one_fact(tmp_path: Path, wide: Any) -> None:
    (one,) = found(tmp_path, wide=wide, **ROOTS)
    assert (one.kind, one.also, one.resource) == ("bypass", ("ambiguous-route",), "local:host/file/srv/00")
    assert len(one.resources) == 40
    assert {role.name for role in one.roles} == {"wide", *ROOTS}


def test_servers_that_cover_are_told_apart(tmp_path: Path) -> None:
    facts = found(tmp_path, one=SHELL, two=npx(FILES, "/"), **ROOTS)
    assert Counter(one.kind for one in facts)["bypass"] == 2


def test_what_is_certain_stays_certain_beside_what_is_not(tmp_path: Path) -> None:
    facts = found(tmp_path, wide=npx(FILES, "/"), a=npx(FILES, "/srv/a"), b=npx(FILES, "/srv/$NAME"))
    (one,) = [one for one in facts if one.kind == "ambiguous-route"]
    assert (one.certainty, len(one.resources)) == ("certain", 2)


def test_two_folders_that_nothing_covers_are_two_causes(tmp_path: Path) -> None:
    inside = {
        name: {"command": "docker", "args": ["run", "-i", "-v", f"/srv/{name}:/in", "mcp/filesystem", "/in"]}
        for name in ("a", "b")
    }
    plain = {f"{name}-plain": npx(FILES, f"/srv/{name}") for name in ("a", "b")}
    facts = found(tmp_path, **inside, **plain)
    assert {"local:host/file/srv/a", "local:host/file/srv/b"} <= {one.resource for one in facts}
