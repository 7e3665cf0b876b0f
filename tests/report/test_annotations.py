"""Workflow commands for GitHub."""

import re
from dataclasses import replace

import pytest

from mcpaudit.model.place import Location
from mcpaudit.report import annotations
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")
# As the runner reads them: actions/runner, ActionCommand.cs.
_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What the runner makes of it; the last line is no command."""
    *lines, last = text.removesuffix("\n").split("\n")
    assert last.startswith("mcpaudit: ")
    found = []
    for line in lines:
        command = COMMAND.fullmatch(line)
        assert command, line
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        found.append(
            (command[1], {key: unescape(value) for key, value in properties.items()}, unescape(command[3]))
        )
    return found


def unescape(text: str) -> str:
    for code, character in _ESCAPES:
        text = text.replace(code, character)
    return text


def test_an_error_is_what_stands_in_the_way() -> None:
    found = commands(annotations.render(SAMPLE))
    errors = [properties for level, properties, _ in found if level == "error"]
    assert [one["title"] for one in errors][:1] == ["critical: A shell runs without asking"]
    assert all({"file", "line", "title"} <= set(one) for one in errors)
    told = next(text for _, one, text in found if one["title"].startswith("medium: A package"))
    assert told.endswith("[unpinned-package]")
    assert "\nFix: " in told


def test_ten_of_a_level_and_the_rest_counted() -> None:
    many = tuple(replace(SAMPLE.findings[0], fingerprint=f"{number:016x}") for number in range(25))
    text = annotations.render(replace(CLEAN, findings=many))
    assert len(commands(text)) == 10
    assert "15 more annotations than GitHub shows" in text.splitlines()[-1]


def test_what_stands_outside_is_counted_and_never_named() -> None:
    finding = replace(SAMPLE.findings[0], locations=(Location("~/.claude.json", 3, 5),), witness=())
    text = annotations.render(replace(CLEAN, findings=(finding,)))
    assert commands(text) == []
    assert "1 finding stands outside of this repository" in text
    assert ".claude.json" not in text


@pytest.mark.promise("unseen")
def test_a_file_that_was_not_read_is_a_warning_at_its_place() -> None:
    found = commands(annotations.render(replace(CLEAN, coverage=SAMPLE.coverage)))
    assert found[0][:2] == (
        "warning",
        {"file": ".vscode/settings.json", "line": "9", "col": "5", "title": "Not read: malformed"},
    )


def test_nothing_collected_is_an_error() -> None:
    assert [level for level, _, _ in commands(annotations.render(NOTHING))] == ["error"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_name_begins_a_command_or_ends_a_property(text: str) -> None:
    # What a path leads out of the repository with is not shown at all.
    assert len(commands(annotations.render(with_hostile(text)))) <= len(commands(annotations.render(SAMPLE)))
    for _, properties, _ in commands(annotations.render(with_hostile(text))):
        assert set(properties) <= {"file", "line", "col", "title"}
