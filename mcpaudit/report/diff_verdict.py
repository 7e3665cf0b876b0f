"""What a comparison comes to: whether it passes, and why."""

from dataclasses import replace

from mcpaudit.model.diff import Diff, Judgement
from mcpaudit.report.diff_together import changes, doubts
from mcpaudit.report.listing import severity_rank
from mcpaudit.report.verdict import count

PASSES, FAILS, BROKEN, NOTHING, UNDECIDED = 0, 1, 2, 3, 4


def with_verdict(found: Diff, *, nothing: bool) -> Diff:
    """The same with its verdict, exit code and reasons."""
    verdict, code, reasons = _verdict(found, nothing)
    return replace(found, verdict=verdict, exit_code=code, reasons=tuple(reasons))


def _verdict(found: Diff, nothing: bool) -> tuple[Judgement, int, list[str]]:
    broken = [one for one in found.own if one.how == "broken"]
    if nothing and not broken:
        return "nothing-collected", NOTHING, ["no MCP configuration was found in either state"]
    fails = [*_findings(found), *_access(found)]
    unusable = [f"{one.file} cannot be used after this change" for one in broken]
    if fails:
        return "fails", FAILS, [*fails, *unusable]
    if unusable:
        return "broken", BROKEN, unusable
    open_questions = _undecided(found)
    if open_questions:
        return "undecided", UNDECIDED, open_questions
    return "passes", PASSES, _passed(found)


def _findings(found: Diff) -> list[str]:
    number = sum(one.counted for one in found.findings)
    return [f"{count(number, 'new finding')} at or above {found.gate.fail_on}"] if number else []


def _access(found: Diff) -> list[str]:
    counted = [one.row for one in changes(found) if one.row.counted]
    if not counted:
        return []
    sure = sum(one.certainty == "certain" for one in counted)
    what = ", ".join(found.gate.new_access)
    if not sure:
        return [f"this might give new access ({what}): {count(len(counted), 'change')}, none of them certain"]
    more = f", and {len(counted) - sure} that might be" if len(counted) > sure else ""
    return [f"this gives new access ({what}): {count(sure, 'change')}{more}"]


def _undecided(found: Diff) -> list[str]:
    """Why no new access cannot be called proved; and under --strict what else is open."""
    reasons = []
    if found.gate.new_access and found.doubts:
        many = count(len(doubts(found)), "thing is", "things are")
        reasons.append(f"that this gives no new access is not proved: {many} not wholly known")
    if found.gate.strict:
        open_ones = [
            one
            for one in found.findings
            if one.how == "new"
            and one.finding.status == "inconclusive"
            and severity_rank(one.finding.severity) >= severity_rank(found.gate.fail_on)
        ]
        if open_ones:
            reasons.append(f"{count(len(open_ones), 'new finding')} could not be decided (--strict)")
        elif found.doubts and not found.gate.new_access:
            reasons.append("not everything that is new could be read or is known (--strict)")
    return reasons


def _passed(found: Diff) -> list[str]:
    said = [f"no new finding is proved at or above {found.gate.fail_on}"]
    if found.gate.new_access:
        said.append(f"no new access ({', '.join(found.gate.new_access)}), proved on everything collected")
    elif any(one.kind in ("gained", "looser") for one in found.access):
        said.append("agents gain access, which alone fails nothing here (--fail-on-new-access)")
    return said
