"""Findings that are new, go on otherwise, or are resolved; and what their author can do about them."""

from collections.abc import Iterator
from datetime import date

from mcpaudit.model.configuration import Configuration
from mcpaudit.model.diff import FindingChange, Gate
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.policy.acceptance import entry_text, longest, waiver_entry
from mcpaudit.report.build_grounds import Grounds
from mcpaudit.report.diff_words import outside
from mcpaudit.report.listing import OPEN, open_findings, severity_rank
from mcpaudit.report.verdict import listed

_OWNER, _REASON = "WHO ANSWERS FOR IT", "WHY THIS IS ACCEPTABLE FOR NOW"


def finding_changes(
    before: Report,
    after: Report,
    gate: Gate,
    configuration: Configuration,
    as_of: date,
    grounds: Grounds,
) -> Iterator[FindingChange]:
    """New ones first, each list worst first."""
    had = {one.fingerprint: one for one in before.findings}
    has = {one.fingerprint: one for one in after.findings}
    fresh, going = [], []
    for one in open_findings(after):
        was = had.get(one.fingerprint)
        why = _news(one, was)
        if why:
            counted = _counts(one, gate)
            if grounds.old(one):
                why, counted = f"{why}, and no new access: all that it rests on was there before", False
            waiver = _waiver(one, configuration, as_of) if counted else ""
            fresh.append(FindingChange("new", why, counted, _private(one), waiver, one))
        elif was is not None and was.digest != one.digest:
            said = "it was there before, and what it speaks of is no longer the same"
            going.append(FindingChange("changed", said, False, _private(one), "", one))
    yield from fresh
    yield from going
    for one in open_findings(before):
        now = has.get(one.fingerprint)
        if now is None:
            yield FindingChange("resolved", "it is gone", False, _private(one), "", one)
        elif now.status not in OPEN:
            yield FindingChange("resolved", f"it is {now.status}", False, _private(one), "", now)


def _news(one: FindingRow, was: FindingRow | None) -> str:
    """What is new about a finding; empty where nothing is."""
    if was is None:
        return "it is new"
    if more := sorted(set(one.agents) - set(was.agents)):
        return f"it has reached {listed(more)}"
    if was.status not in OPEN:
        return f"it was {was.status}, and that does not cover what there is now"
    if severity_rank(one.severity) > severity_rank(was.severity):
        return f"it was {was.severity} and is {one.severity}"
    return "it is proved now" if one.status == "fail" != was.status else ""


def _counts(one: FindingRow, gate: Gate) -> bool:
    weighs = severity_rank(one.severity) >= severity_rank(gate.fail_on)
    return weighs and (one.status == "fail" or (gate.strict and one.status == "possible"))


def _private(one: FindingRow) -> bool:
    return bool(one.locations) and all(outside(place.file) for place in one.locations)


def _waiver(one: FindingRow, configuration: Configuration, as_of: date) -> str:
    entry = waiver_entry(
        one, owner=_OWNER, approver="", reason=_REASON, granted=as_of, days=longest(one, configuration)
    )
    return entry_text(entry, one.message)
