"""Entitlements: grouped for a person, and nothing is lost on the way."""

from dataclasses import replace

from mcpaudit.model.report import ExcessRow, IdlenessRow
from mcpaudit.report.entitlements import WITHHELD, entitlements, withheld
from tests.report.example import EXAMPLE
from tests.report.sample import EXCESS, NOTHING, SAMPLE


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


def _idle(tool: str, last_used: str) -> ExcessRow:
    row = SAMPLE.access[0]
    idleness = IdlenessRow(0, last_used, "2026-08-01", "2026-11-01", 93, 60, 40, 93, 21)
    return replace(
        EXCESS[0], kind="unused", subject=row.server, agents=(row.agent,), tool=tool, idleness=idleness
    )


def test_last_use_is_told_where_usage_evidence_speaks_of_it() -> None:
    row = SAMPLE.access[0]
    one = replace(SAMPLE, access=(row,))
    assert entitlements(one)[0].last_used == ""
    never = entitlements(replace(one, excess=(_idle("", ""),)))
    assert never[0].last_used == "not called 2026-08-01 to 2026-11-01"
    once = entitlements(replace(one, excess=(_idle(row.tool, "2026-08-20"),)))
    assert once[0].last_used == "2026-08-20"
    other = entitlements(replace(one, excess=(_idle("another", "2026-08-20"),)))
    assert other[0].last_used == ""
