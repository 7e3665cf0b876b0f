"""A comparison as JUnit XML: a test fails exactly where something new stands in the way.

Skipped, with the reason, is what is new and does not; an error is what could not be judged.
"""

from mcpaudit.model.diff import Diff, FindingChange
from mcpaudit.report import diff_together as together
from mcpaudit.report.diff_words import headline, own_sentence
from mcpaudit.report.junit_xml import Case, Outcome, Suite, document, finding_lines
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.repository import shown
from mcpaudit.report.rooted import rooted
from mcpaudit.report.verdict import count


def render(seen: Diff) -> str:
    """The change as a whole, then new findings, new access, and what is not wholly known."""
    seen = rooted(seen)
    new = [one for one in seen.findings if one.how == "new"]
    visible = [one for one in new if shown(one.finding.locations, one.finding.witness)]
    hidden = [one for one in new if one not in visible]
    findings = [_finding(one, seen.gate.fail_on) for one in visible]
    if hidden:
        outcome: Outcome = "failure" if any(one.counted for one in hidden) else "skipped"
        told = f"{count(len(hidden), 'new finding')} in somebody's own or the machine's files"
        findings.append(Case("what stands outside of this repository", outcome, "outside", told))
    suites = [Suite("the change", _whole(seen), {"verdict": seen.verdict, "as-of": seen.as_of})]
    suites += [
        Suite("new findings", findings),
        Suite("new access", _access(seen)),
        Suite("not wholly known", _doubts(seen)),
    ]
    return document("mcpaudit diff", [suite for suite in suites if suite.cases])


def _whole(seen: Diff) -> list[Case]:
    told = headline(seen)
    text = "\n".join(seen.reasons)
    cases = [Case("the change is judged")]
    if seen.verdict in ("broken", "nothing-collected", "undecided"):
        cases = [Case("the change is judged", "error", seen.verdict, told, text)]
    for one in seen.own:
        lines = "\n".join(one.sentences)
        cases.append(Case(f"{one.file} is unchanged", "skipped", one.how, own_sentence(one), lines))
    return cases


def _finding(one: FindingChange, fail_on: str) -> Case:
    row = one.finding
    word = STATUS_WORDS[row.status]
    name = f"{row.policy}: {row.subject or row.title} [{row.fingerprint}]"
    lines = [*finding_lines(row), *one.waiver.splitlines()]
    why = "" if one.why == "it is new" else f" ({one.why})"
    if one.counted:
        return Case(name, "failure", row.severity, f"{row.message}{why}", "\n".join(lines))
    why = why or f" ({word or f'below {fail_on}'})"
    return Case(name, "skipped", row.severity, f"{row.message}{why}", "\n".join(lines))


def _access(seen: Diff) -> list[Case]:
    cases = []
    for one in together.changes(seen):
        row = one.row
        if row.kind not in ("gained", "looser"):
            continue
        outcome: Outcome = "failure" if row.counted else "skipped"
        if row.private:
            hidden = "access through files of a user"
            cases.append(Case(hidden, outcome, row.kind, "counted and not shown"))
        else:
            text = f"{place(row.location)} {row.because}".strip()
            cases.append(Case(one.sentence, outcome, row.kind, one.sentence, text))
    return cases


def _doubts(seen: Diff) -> list[Case]:
    outcome: Outcome = "error" if seen.verdict == "undecided" else "skipped"
    return [
        Case(one.sentence, outcome, "unknown", one.sentence, place(one.row.location))
        for one in together.doubts(seen)
        if not one.row.private
    ]
