"""A report says what it did not see: every kind of gap shows in every format."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from mcpaudit.audit import audit
from mcpaudit.model.gap import GapKind
from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.run import GapRow
from mcpaudit.model.site import Site
from mcpaudit.report.formats import TEXTS, render
from mcpaudit.request import Request

pytestmark = pytest.mark.promise("unseen")
Record = Callable[[str, object], None]

HARMLESS = "without-effect"
"""The kind that leaves nothing out: the client is known to pass it over."""
KINDS = tuple(kind for kind in get_args(GapKind) if kind != HARMLESS)
# Formats that have no place for a file that was not read tell how many there are.
COUNT = {
    "csv": '"2026-11-22","{}",',
    "csv-findings": '"2026-11-22","{}",',
    "access-review-csv": '"2026-11-22","{}",',
    "dot": "not_read {};",
    "graphml": '"graph-not_read">{}<',
    "oscal-ar": "{} parts of the input were not read",
    "oscal-component": "{} parts of the configuration could not be read",
    "patch": "# Not everything was seen: {} parts of the configuration could not be read",
    "comment": "{} parts of the configuration could not be read",
}
# Who made a list for servers has no place for them in these; the number stands in the words of the verdict.
SENTENCE = ("patch", "oscal-component")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A remote server, one that nobody knows, one gap of each kind, a list with holes, a limit."""
    folder = tmp_path_factory.mktemp("seen")
    servers = {
        "far": {"type": "http", "url": "https://far.example/mcp"},
        "near": {"command": "npx", "args": ["acme-near"]},
    }
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    report = audit(Request(Site(folder, None), date(2026, 11, 22)))
    gaps = tuple(
        GapRow(kind, f"cause{number}", "claude-code", Location(f"unread{number}.json", 3, 1))
        for number, kind in enumerate(get_args(GapKind))
    )
    limits = (*report.coverage.limits, "The moon was not looked at.")
    incomplete = ("npm:half-known",)
    return replace(
        report,
        coverage=replace(report.coverage, gaps=gaps, incomplete_manifests=incomplete, limits=limits),
    )


def shown(report: Report, name: str) -> str:
    text = render(report, name).decode()
    return text.replace("&#8203;", "").replace("\\u200b", "").replace("\u200b", "")


@pytest.mark.parametrize("name", TEXTS)
def test_every_kind_of_gap_is_named_or_counted_in(name: str, seen: Report, record_property: Record) -> None:
    text = shown(seen, name)
    if name in COUNT:
        assert COUNT[name].format(len(KINDS)) in text
        fewer = replace(seen, coverage=replace(seen.coverage, gaps=seen.coverage.gaps[:2]))
        assert COUNT[name].format(2) in shown(fewer, name)
    else:
        named = {kind for number, kind in enumerate(get_args(GapKind)) if f"unread{number}.json" in text}
        assert named >= set(KINDS)
    record_property("kinds of gaps", len(KINDS))


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in SENTENCE])
def test_servers_without_a_list_of_tools_are_named_in(name: str, seen: Report) -> None:
    text = shown(seen, name)
    assert "far.example" in text
    assert "acme-near" in text


@pytest.mark.parametrize("name", SENTENCE)
def test_servers_without_a_list_of_tools_are_counted_in(name: str, seen: Report) -> None:
    assert "the tools of 2 servers are not known" in shown(seen, name)


@pytest.mark.parametrize(
    "name", ["text", "json", "markdown", "html", "sign-off", "access-review", "evidence"]
)
def test_what_people_read_says_what_no_file_can_tell(name: str, seen: Report) -> None:
    text = shown(seen, name)
    assert "The moon was not looked at." in text
    assert "half-known" in text


def test_what_is_counted_is_never_more_than_what_is_known(seen: Report) -> None:
    counted = {gap.kind for gap in seen.coverage.unread}
    assert counted == set(KINDS), "a new kind of gap is unread until somebody says that it is harmless"
    assert set(COUNT) <= set(TEXTS)


BROKEN = {
    "unreadable": {".cursor/mcp.json": None},
    "malformed": {".cursor/mcp.json": "{"},
    "ignored": {".mcp.json": "// a comment\n{}"},
    "wrong-type": {".mcp.json": '{"mcpServers": []}'},
    "duplicate-key": {".mcp.json": '{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}'},
    "not-understood": {".claude/settings.json": '{"permissions": {"frobnicate": ["x"]}}'},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_broken_file_is_a_gap_of_its_kind_and_never_looks_like_clean(kind: str, tmp_path: Path) -> None:
    for name, content in BROKEN[kind].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            (tmp_path / name).symlink_to("nowhere")
        else:
            (tmp_path / name).write_text(content)
    report = audit(Request(Site(tmp_path, None), date(2026, 11, 22), strict=True))
    assert kind in {gap.kind for gap in report.coverage.unread}
    assert report.summary.exit_code != 0
