"""The report as Markdown."""

import re
from dataclasses import replace

import pytest

from mcpaudit.report import markdown
from mcpaudit.report.canonical import digest
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.test_text import same_as_snapshot

OUR_TAGS = {"details", "/details", "summary", "/summary", "b", "/b", "br", "sub", "/sub", "code", "/code"}


def test_the_markdown_as_it_stands() -> None:
    same_as_snapshot("findings.md", markdown.render(SAMPLE))


def test_it_names_the_canonical_report() -> None:
    for report in (SAMPLE, NOTHING, CLEAN):
        assert digest(report) in markdown.render(report)


def test_nothing_collected_is_no_tick() -> None:
    assert markdown.render(CLEAN).startswith("## ✅")
    assert markdown.render(NOTHING).startswith("## ⚠️ Nothing was audited")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_makes_no_markup(text: str) -> None:
    rendered = markdown.render(with_hostile(text))
    outside = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", rendered)
    assert {tag.split()[0] for tag in re.findall(r"<([^>]*)>", outside)} <= OUR_TAGS
    # What stands in a line of HTML is no Markdown, so brackets mean nothing there.
    assert not re.search(r"(?<!\\)!?\[", re.sub("<summary>.*</summary>", "", outside))
    assert not re.search(r"@(?!&#8203;)", outside)
    assert "://" not in outside
    rows = [line for line in rendered.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {5}


@pytest.mark.parametrize("limit", [2_000, 8_000, 15_000, 900_000])
def test_it_stays_within_its_budget_and_says_what_it_left_out(limit: int) -> None:
    rendered = markdown.render(SAMPLE, limit=limit)
    assert len(rendered) <= limit
    assert ("Left out to stay under" in rendered) == ("The findings, one by one" not in rendered)


def test_a_huge_report_keeps_its_verdict() -> None:
    many = tuple(
        replace(SAMPLE.findings[0], fingerprint=f"{n:016x}", message="x" * 1_000) for n in range(2_000)
    )
    rendered = markdown.render(replace(SAMPLE, findings=many))
    assert len(rendered) <= 900_000
    assert rendered.startswith("## ❌")
    assert "the table of findings" in rendered
