"""Entitlements: grouped for a person, and nothing is lost on the way."""

from dataclasses import replace

from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import IdlenessRow, UsageRow
from mcpaudit.report.entitlements import WITHHELD, entitlements, withheld
from tests.report.example import EXAMPLE
from tests.report.sample import NOTHING, SAMPLE


def test_every_access_row_is_in_one_entitlement_or_withheld() -> None:
    for report in (SAMPLE, EXAMPLE, NOTHING):
        found = entitlements(report)
        assert sum(one.rows for one in found) + len(withheld(report)) == len(report.access)
        assert len({one.id for one in found}) == len(found)


def test_what_an_entitlement_says_is_what_its_rows_say() -> None:
    for one in entitlements(EXAMPLE):
        own = [
            row
            for row in EXAMPLE.access
            if (row.agent, row.installation, row.resource) == (one.agent, one.installation, one.resource)
            and (row.decision, row.certainty) == (one.decision, one.certainty)
            and row.tool in one.tools
            and set(row.actions) <= set(one.actions)
        ]
        assert len(own) >= one.rows
        assert set(one.tools) == {row.tool for row in own}
        assert one.decision not in WITHHELD


def test_reading_and_changing_are_judged_apart() -> None:
    first = SAMPLE.access[0]
    both = (replace(first, actions=("read",)), replace(first, id="x", actions=("write",)))
    assert [one.effect for one in entitlements(replace(SAMPLE, access=both))] == ["changes", "reads"]
    unknown = replace(SAMPLE, access=(replace(first, actions=()),))
    assert entitlements(unknown)[0].effect == "unknown"


def test_the_same_access_has_the_same_id_in_another_report() -> None:
    more = replace(SAMPLE, access=SAMPLE.access[3:], as_of="2027-01-01")
    assert {one.id for one in entitlements(more)} < {one.id for one in entitlements(SAMPLE)}


def test_another_decision_is_another_entitlement() -> None:
    first = SAMPLE.access[0]
    asked = replace(SAMPLE, access=(replace(first, decision="ask"),))
    silent = replace(SAMPLE, access=(replace(first, decision="allow"),))
    assert entitlements(asked)[0].id != entitlements(silent)[0].id


def _usage(tool: str, calls: int, last_used: str) -> UsageRow:
    idleness = IdlenessRow(calls, last_used, "2026-08-01", "2026-11-01", 93, 60, 40, 93, 21)
    return UsageRow(SAMPLE.access[0].installation, tool, idleness)


def test_last_use_is_told_where_usage_evidence_speaks_of_every_tool() -> None:
    row = SAMPLE.access[0]
    other = replace(row, id="x", tool="another")
    one, two = replace(SAMPLE, access=(row,)), replace(SAMPLE, access=(row, other))

    def last(report: Report, *usage: UsageRow) -> str:
        return entitlements(replace(report, usage=usage))[0].last_used

    assert last(one) == ""
    assert last(one, _usage(row.tool, 3, "2026-08-20")) == "2026-08-20"
    assert last(one, _usage(row.tool, 0, "")) == "not from 2026-08-01 to 2026-11-01"
    assert last(two, _usage(row.tool, 3, "2026-08-20")) == "", "nothing is known of the other"
    assert last(two, _usage(row.tool, 3, "2026-08-20"), _usage("another", 1, "2026-10-02")) == "2026-10-02"
    assert last(two, _usage("", 0, "")) == "not from 2026-08-01 to 2026-11-01"
    assert last(two, _usage("", 4, "2026-08-20")) == "", "the log does not say which tool"
