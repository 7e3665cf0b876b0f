"""A comparison for a terminal: the verdict, then what a reviewer should see first."""

from mcpaudit.model.diff import Diff, FindingChange
from mcpaudit.report import diff_together as together
from mcpaudit.report.diff_words import advice, fact_sentence, headline, own_sentence
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.page import Page, Style
from mcpaudit.report.verdict import count

_STYLES: dict[str, Style] = {"passes": "green", "fails": "red"}
_HEADINGS = {
    "gained": "Access gained",
    "looser": "Asked less often",
    "stricter": "Asked more often",
    "lost": "Access lost",
}
_FACTS = {
    "begins": "Conflicts and flows that begin",
    "ends": "Conflicts and flows that end",
    "changes": "Conflicts and flows that go on with others",
}
_FINDINGS = {
    "new": "New findings",
    "changed": "Findings that go on otherwise",
    "resolved": "Resolved findings",
}


def render(seen: Diff, *, width: int, colour: bool) -> str:
    """The whole comparison."""
    page = Page(width, colour)
    page.write(headline(seen), style=_STYLES.get(seen.verdict, "amber"))
    for reason in seen.reasons:
        page.write(f"{reason}.", 2, label="-", hang=4)
    page.write(together.summary(seen), style="dim")
    for kind, heading in _HEADINGS.items():
        own = [change for change in together.changes(seen) if change.row.kind == kind]
        if own:
            page.heading(heading)
        for change in own:
            _access(page, change)
    if seen.doubts:
        page.heading("Not wholly known")
        for doubt in together.causes(seen):
            others = f" and {count(doubt.servers - 1, 'more place')}" if doubt.servers > 1 else ""
            where = f"{place(doubt.row.location)}{others}"
            page.write(f"{doubt.sentence}{f' ({where})' if where else ''}.", 2, label="-", hang=4)
    for how, heading in _FINDINGS.items():
        found = [one for one in seen.findings if one.how == how]
        if found:
            page.heading(heading)
        for one in found:
            _finding(page, one, seen)
    for turn, heading in _FACTS.items():
        facts = [fact for fact in together.facts(seen) if fact.row.how == turn]
        if facts:
            page.heading(heading)
        for fact in facts:
            row = fact.row
            doubtful = "" if row.certainty == "certain" else f" ({row.certainty})"
            page.write(f"{fact_sentence(row)}{doubtful}", 2, label=f"{row.kind}, {fact.agents}:", hang=4)
    if seen.drift:
        page.heading("Drift from the base's lock")
        for drift in seen.drift:
            gone = "" if drift.how == "new" else "no longer: "
            tool = f" `{drift.tool}`" if drift.tool else ""
            page.write(f"{gone}{drift.sentence}", 2, label=f"{drift.server}{tool}:", hang=4)
    if seen.own:
        page.heading("Changes of mcpaudit's own files")
        for file in seen.own:
            page.write(own_sentence(file), 2, label=f"{file.file}:", hang=4)
            for sentence in file.sentences:
                page.write(sentence, 4, label="-", hang=6)
    _rest(page, "Learned, and no change", seen.learned)
    _rest(page, "Notes", seen.notes)
    steps = advice(seen, "below")
    if steps:
        page.heading("What to do")
        for number, step in enumerate(steps, 1):
            page.write(step, 2, label=f"{number}.", hang=5)
        for one in seen.findings:
            if one.waiver:
                page.gap()
                # An entry to be copied: its lines stay as they are.
                page.verbatim(one.waiver)
    return str(page)


def _access(page: Page, change: together.Change) -> None:
    row = change.row
    where = place(row.location)
    because = f", because {f'{where} says: ' if where else ''}{row.because}" if row.because else ""
    at = f" ({where})" if where and not row.because else ""
    mark: Style | None = "red" if row.counted else None
    page.write(f"{change.sentence}{because}{at}.", 2, label="!" if row.counted else "-", style=mark, hang=4)


def _finding(page: Page, one: FindingChange, seen: Diff) -> None:
    row = one.finding
    state = f" ({STATUS_WORDS[row.status]})" if STATUS_WORDS[row.status] else ""
    style: Style = "red" if one.counted else "amber"
    page.write(f"{row.message}{state}", 2, label=f"{row.severity} {row.policy}:", style=style, hang=4)
    where = place(row.locations[0]) if row.locations else ""
    if one.how == "resolved":
        return
    if one.why != "it is new":
        page.write(f"{one.why}.", 4)
    if where:
        page.write(f"at {where}, fingerprint {row.fingerprint}", 4, style="dim")
    if row.fix and one.how == "new":
        page.write(row.fix, 4, label="Fix:", style="bold", hang=6)


def _rest(page: Page, heading: str, texts: tuple[str, ...]) -> None:
    if texts:
        page.heading(heading)
    for text in texts:
        page.write(text, 2, label="-", hang=4)
