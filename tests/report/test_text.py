"""The report for a terminal, compared word for word."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mcpaudit.model.report import Report
from mcpaudit.report import text
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

SNAPSHOTS = Path(__file__).parent / "snapshots"


def same_as_snapshot(name: str, rendered: str) -> None:
    """Compare with the stored text; `REWRITE_SNAPSHOTS=1` stores it anew."""
    file = SNAPSHOTS / name
    if os.environ.get("REWRITE_SNAPSHOTS"):
        file.write_text(rendered, "utf-8")
    assert rendered == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "report"), [("findings.txt", SAMPLE), ("nothing.txt", NOTHING), ("clean.txt", CLEAN)]
)
def test_the_text_as_it_stands(name: str, report: Report) -> None:
    same_as_snapshot(name, text.render(report, width=80, colour=False))


@pytest.mark.parametrize("width", [1, 40, 60, 80, 200])
@pytest.mark.parametrize(
    "hostile", ["", HOSTILE["very-long"], HOSTILE["newline"]], ids=["plain", "long", "newline"]
)
def test_no_line_is_wider_than_asked_for(width: int, hostile: str) -> None:
    rendered = text.render(with_hostile(hostile), width=width, colour=False)
    assert max(map(len, rendered.splitlines())) <= max(width, 40)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_control_sequence_reaches_the_terminal(hostile: str) -> None:
    rendered = text.render(with_hostile(hostile), width=80, colour=False)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", rendered)
    # A line of its own would look like one of ours.
    assert "\nNo findings." not in rendered
    assert "\n# Clean" not in rendered


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text.render(SAMPLE, width=80, colour=True)
    assert "\x1b[1;31mCRITICAL\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == text.render(SAMPLE, width=80, colour=False)


def test_nothing_collected_does_not_look_clean() -> None:
    rendered = text.render(NOTHING, width=80, colour=False)
    assert rendered.startswith("Nothing was audited")
    assert "exit code 3" in rendered
    assert "Clean" not in rendered


@pytest.mark.promise("unseen")
def test_a_pass_with_gaps_says_so_at_the_top() -> None:
    report = replace(CLEAN, coverage=SAMPLE.coverage)
    assert "Not everything was seen" in "\n".join(
        text.render(report, width=80, colour=False).splitlines()[:6]
    )


def test_an_agent_takes_few_lines() -> None:
    more = tuple(
        replace(row, resource=f"{row.resource}/{number}") for row in SAMPLE.access for number in range(20)
    )
    rendered = text.render(replace(SAMPLE, access=more), width=80, colour=False)
    section = rendered.partition("WHAT THE AGENTS CAN REACH\n")[2].partition("\n\n")[0]
    assert len(section.splitlines()) <= 2 * 9
    assert re.search(r"and \d+ more resources", section)
