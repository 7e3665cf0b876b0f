"""The table of files in `knowledge/clients` is what the clients' code looks for, no more and no less."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.client import Client
from mcpaudit.clients.ledger import Ledger
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.knowledge.client_facts import PLATFORMS, client_facts, known_clients
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.site import Platform, Site

PACKS = Packs.shipped()
# What a file has to hold so that its client looks for the next one; `{}` is enough for all others.
CONTENT = {
    "manifest.json": '{"server": {"mcp_config": {"command": "x"}}}',
    "settings.json": '{"chat.mcp.discovery.enabled": true}',
    ".code-workspace": '{"folders": [{"path": "x"}]}',
    "config.toml": '[plugins."x@x"]\nenabled = true\n',
    ".toml": "",
    ".crushrc": "",
    "crushrc": "",
}


@dataclass(frozen=True, slots=True)
class WatchedSite(Site):
    """A site that remembers which places were asked for, by the names that reports show."""

    asked: set[str] = field(default_factory=set)

    def locate(self, template: str) -> tuple[Path, str] | None:
        found = Site.locate(self, template)
        if found is not None:
            self.asked.add(in_project(found[1]))
        return found


@dataclass(slots=True)
class WatchedReading(Reading):
    """A reading that remembers which files it tried to open."""

    opened: set[str] = field(default_factory=set)

    def open(self, path: Path, shown: str, *rest: Any) -> Any:
        self.opened.add(in_project(shown))
        return Reading.open(self, path, shown, *rest)


def in_project(shown: str) -> str:
    """A project's file, whichever of the folders above the project it lies in."""
    return re.sub(r"^(\.\./)+", "", shown)


def table(client: str, platform: Platform) -> set[str]:
    """The paths that the client's data file lists for a platform."""
    facts = client_facts(client)
    assert facts is not None
    site = Site(Path("project"), Path("home"), Path("root"), platform)
    templates = [read.paths[platform] for read in facts.reads if platform in read.paths]
    assert len(set(templates)) == len(templates), "no file is listed twice"
    return {found[1] for one in templates if (found := site.locate(one))}


def listed(name: str, paths: Iterable[str]) -> bool:
    """Whether the table has this file: under its name or a pattern."""
    return any(_pattern(path).fullmatch(name) for path in paths)


def _pattern(path: str) -> re.Pattern[str]:
    parts = {"**/": "(?:[^/]+/)*", "*": "[^/]*"}
    words = re.split(r"(\*\*/|\*)", path)
    return re.compile("".join(parts.get(word, re.escape(word)) for word in words))


def above(name: str, paths: Iterable[str]) -> bool:
    """Whether this is a folder in which something of the table lies."""
    folders = {path.rsplit("/", depth)[0] for path in paths for depth in range(1, path.count("/") + 1)}
    return listed(name.rstrip("/"), folders)


def run(folder: Path, client: Client, platform: Platform, there: Iterable[str]) -> WatchedReading:
    """What a client does on a site with these files of its table; the project is a folder of a repository."""
    project, home, root = (folder / name for name in ("repository/project", "home", "root"))
    for one in (project, home, root, folder / "repository" / ".git"):
        one.mkdir(parents=True)
    site = WatchedSite(project, home, root, platform)
    for shown in there:
        name = shown.replace("**", "a/b").replace("*", "x")
        if name.startswith("~/"):
            path = home / name[2:]
        else:
            rooted = name.startswith(("/", "C:/"))
            path = root / name.removeprefix("C:").lstrip("/") if rooted else project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONTENT.get(path.name, CONTENT.get(path.suffix, "{}")), encoding="utf-8")
    reading = WatchedReading(site, Ledger(PACKS))
    client.load(reading)
    return reading


def runs(folder: Path, client: Client, platform: Platform) -> Iterator[WatchedReading]:
    """Without any file, with all of the table's, and with each of them alone."""
    paths = sorted(table(client.id, platform))
    for number, there in enumerate([[], paths, *([path] for path in paths)]):
        yield run(folder / str(number), client, platform, there)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_the_table_lists_what_is_read_and_nothing_else(
    client: Client, platform: Platform, tmp_path: Path
) -> None:
    paths = table(client.id, platform)
    opened: set[str] = set()
    for reading in runs(tmp_path, client, platform):
        assert isinstance(reading.site, WatchedSite)
        # A file that a gap names was looked for, and its content left alone.
        opened |= reading.opened | {gap.place.file for gap in reading.gaps}
        asked = reading.site.asked - reading.opened
        unlisted = {name for name in asked if not (listed(name, paths) or above(name, paths))}
        unlisted |= {name for name in reading.opened if not listed(name, paths)}
        assert not unlisted, "read, and not in the table"
    assert {path for path in paths if not any(listed(name, [path]) for name in opened)} == set(), "never read"


def test_every_client_has_facts_and_every_file_of_facts_a_client() -> None:
    assert list(known_clients()) == sorted(client.id for client in CLIENTS)
    for client in CLIENTS:
        facts = client_facts(client.id)
        assert facts is not None
        assert facts.title == client.title


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.id)
def test_every_source_is_used_and_every_sentence_is_one(client: Client) -> None:
    facts = client_facts(client.id)
    assert facts is not None
    told = [fact for _, listed in facts.sections for fact in listed]
    assert {one.source for one in (*told, *facts.reads)} == set(facts.sources.values())
    assert all(fact.text.endswith(".") and "\n" not in fact.text for fact in told)
    assert len({fact.text for fact in told}) == len(told)
    # It stands behind the client's title and before a full stop, in a list of every audit.
    assert not facts.unseen.endswith(".")
    assert len(facts.unseen) <= 120
