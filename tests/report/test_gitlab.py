"""GitLab's Code Quality report."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.report import gitlab
from tests.hostile import HOSTILE
from tests.report.example import EXAMPLE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE


def issues(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(gitlab.render(report))
    return found


@pytest.mark.parametrize("report", [SAMPLE, EXAMPLE, NOTHING, CLEAN, *map(with_hostile, HOSTILE.values())])
def test_every_issue_has_what_gitlab_requires(report: Report) -> None:
    found = issues(report)
    assert len({one["fingerprint"] for one in found}) == len(found)
    for one in found:
        assert set(one) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["description"]
        assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert not re.match(r"[~/]|\./|[A-Za-z]:", one["location"]["path"])
        assert one["location"]["lines"]["begin"] >= 1


def test_severity_and_certainty_make_the_severity() -> None:
    by_policy = {one["check_name"]: one["severity"] for one in issues(SAMPLE)}
    assert by_policy["silent-shell"] == "blocker"
    assert by_policy["read-only-bypass"] == "critical"
    doubtful = replace(SAMPLE.findings[0], severity="high", status="possible")
    (one,) = issues(replace(CLEAN, findings=(doubtful,)))
    assert one["severity"] == "major"
    assert one["description"].startswith("Possible: ")


def test_what_was_accepted_or_stands_outside_is_left_out() -> None:
    outside = replace(SAMPLE.findings[0], locations=(Location("~/.claude.json", 3, 5),), witness=())
    waived = replace(SAMPLE.findings[0], status="waived")
    read = replace(SAMPLE.coverage, gaps=())
    assert issues(replace(SAMPLE, findings=(outside, waived), coverage=read)) == []


def test_what_was_not_read_is_an_issue_unless_a_finding_speaks_of_it() -> None:
    (gap,) = [gap for gap in SAMPLE.coverage.unread if not gap.location.file.startswith("~")][:1]
    alone = replace(SAMPLE, findings=(), coverage=replace(SAMPLE.coverage, gaps=(gap,)))
    (one,) = issues(alone)
    assert one["check_name"] == "unread-configuration"
    assert gap.reason[:20] in one["description"]
    spoken = replace(
        SAMPLE.findings[0],
        policy="unread-configuration",
        status="waived",
        locations=(gap.location,),
        witness=(),
    )
    assert issues(replace(alone, findings=(spoken,))) == []
