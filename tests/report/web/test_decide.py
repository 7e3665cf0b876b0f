"""What a reader is asked to decide first."""

from dataclasses import replace

from mcpaudit.report.web.decide import decisions
from tests.report.example import EXAMPLE
from tests.report.sample import CLEAN, NOTHING, SAMPLE


def test_the_example_asks_for_three_decisions_about_three_servers() -> None:
    found = decisions(EXAMPLE)
    assert [one.name for one in found] == ["calendar", "warehouse", "builtin:claude-code"]
    assert [one.blocking for one in found] == [4, 3, 2]
    assert all(one.worst.severity == "high" and one.advice for one in found)


def test_no_finding_is_answered_twice() -> None:
    found = decisions(EXAMPLE, most=99)
    told = [row.fingerprint for one in found for row in (one.worst, *one.others)]
    assert sorted(told) == sorted(row.fingerprint for row in EXAMPLE.findings)


def test_one_cause_in_many_servers_is_one_decision() -> None:
    finding = next(row for row in SAMPLE.findings if row.policy == "unpinned-package")
    many = tuple(
        replace(finding, fingerprint=f"{n:016x}", subject=row.id, severity="critical", status="fail")
        for n, row in enumerate(SAMPLE.servers)
        if not row.builtin
    )
    (first, *_) = decisions(replace(SAMPLE, findings=many))
    assert first.server == ""
    assert first.total == len(many)
    assert first.also == ()


def test_nothing_open_is_nothing_to_decide() -> None:
    assert decisions(CLEAN) == ()
    assert decisions(NOTHING) == ()
