"""Pairs of spellings and how they stand to each other, from documents; the tables are in `overlap/`."""

import shlex
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.access.databases import by_variables, database
from mcpaudit.access.hosts import origin
from mcpaudit.access.paths import Anchors
from mcpaudit.access.remotes import remote
from mcpaudit.access.tenants import tenant
from mcpaudit.model.resource import Relation, Resource, relation
from tests.installation import facts_of, servers

FOLDER = Path(__file__).parent / "overlap"
OPPOSITE = {"contains": "within", "within": "contains"}
ANCHORS = {
    "linux": ("/home/me", "/home/me/app"),
    "macos": ("/Users/me", "/Users/me/app"),
    "windows": ("C:\\Users\\Me", "C:\\Users\\Me\\app"),
}


@cache
def table() -> tuple[dict[str, Any], ...]:
    groups = []
    for file in sorted(FOLDER.glob("*.yaml")):
        groups += [group | {"file": file.stem} for group in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return tuple(groups)


def pairs() -> Iterator[Any]:
    for group in table():
        for number, (a, b, stands) in enumerate(group["pairs"]):
            yield pytest.param(group, a, b, stands, id=f"{group['file']}-{number}-{a}-{b}")


def anchors(group: dict[str, Any]) -> Anchors:
    home, project = ANCHORS[group.get("platform", "linux")]
    links: dict[str, str] = group.get("links", {})
    return Anchors(home, project, group.get("platform", "linux"), links.get)


def read(group: dict[str, Any], text: Any, folder: Path, name: str) -> Resource:
    """A spelling as the code takes it."""
    spelled = group["spelled"]
    found: Resource | None
    if spelled == "path":
        return anchors(group).file(text)
    if spelled == "database":
        found = database(text, anchors(group), owner="x")
    elif spelled == "variables":
        given = {name: value for name, _, value in (word.partition("=") for word in text.split())}
        found = by_variables(given) if text[0].isupper() else database(text, anchors(group))
    elif spelled == "remote":
        found = remote(text, group.get("instead", {}))
    elif spelled == "url":
        at, path = origin(text)
        found = Resource("web", at, "http", path)
    elif spelled == "tenant":
        provider, _, rest = text.partition(" ")
        variable, _, value = rest.partition("=")
        found = Resource(provider, tenant(variable, value) if value else "?")
    else:
        found = of_entry(group, text, folder, name)
    assert found is not None, f"{text} is read as nothing"
    return found


def of_entry(group: dict[str, Any], entry: Any, folder: Path, name: str) -> Resource:
    """What the one bound of an entry names."""
    line, env = (entry, {}) if isinstance(entry, str) else (entry["run"], entry.get("env", {}))
    command, *args = shlex.split(line)
    config = servers(**{name: {"command": command, "args": args, "env": env}})
    facts = facts_of(folder, {"~/.config/Claude/claude_desktop_config.json": config})
    bounds = facts.access.bounds[f"claude-desktop/{name}"]
    provider, _, kind = group["of"].partition(":")
    (one,) = [one for one in bounds.of(provider) if kind in ("", one.resource.kind)]
    return one.resource


@pytest.mark.parametrize(("group", "a", "b", "stands"), list(pairs()))
def test_pairs(group: dict[str, Any], a: Any, b: Any, stands: str, tmp_path: Path) -> None:
    one, other = read(group, a, tmp_path, "a"), read(group, b, tmp_path, "b")
    assert relation(one, other) == stands, (one, other)
    assert relation(other, one) == OPPOSITE.get(stands, stands)


def test_there_are_enough_of_every_sort() -> None:
    count = Counter(group["spelled"] for group in table() for _ in group["pairs"])
    assert sum(count.values()) >= 200
    assert all(group["rule"] for group in table())
    assert {stands for group in table() for _, _, stands in group["pairs"]} == {one.value for one in Relation}
