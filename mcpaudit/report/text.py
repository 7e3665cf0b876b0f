"""The report for a terminal: advice in the order in which one would act on it."""

from collections.abc import Mapping, Sequence

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import reach, verdict
from mcpaudit.report.advice import advice
from mcpaudit.report.credential_table import credential_section
from mcpaudit.report.listing import (
    MOST_STEPS,
    STATUS_WORDS,
    Group,
    answered_findings,
    baselined,
    groups,
    notes_on_waivers,
    place,
    places,
    waived_findings,
)
from mcpaudit.report.page import Page, Style
from mcpaudit.report.patch_words import patch_line
from mcpaudit.report.unseen import unseen

_IN_FULL = 2
"""How many findings of one policy are shown in full; of one more, none is left out."""
_NAMED = 5
_PLACES = 8
_REACH_LINES = 8
_LISTED = 6
"""How many names of servers or tools stand in one line."""
_EXCESS = 12

_STYLES: dict[str, Style] = {
    "critical": "red",
    "high": "red",
    "medium": "amber",
    "low": "blue",
    "info": "dim",
}


def render(report: Report, *, width: int, colour: bool) -> str:
    """The whole report in lines of at most `width` columns."""
    page = Page(width, colour)
    _verdict(page, report)
    if report.summary.verdict == "nothing-collected":
        _where_it_looked(page, report)
    else:
        _reach(page, report)
        _findings(page, report)
        credential_section(page, report)
        _excess(page, report)
        _answered(page, report)
    _unseen(page, report)
    page.gap()
    page.write(verdict.next_step(report), label="Next:", style="bold")
    page.write(f"Verdict: {report.summary.verdict}, {verdict.exit_sentence(report)}.")
    return str(page)


def _verdict(page: Page, report: Report) -> None:
    page.write(verdict.headline(report), style="green" if verdict.passes(report) else "red")
    if report.summary.verdict == "nothing-collected":
        return
    page.write(f"{verdict.population(report)}. {verdict.silent_changes(report)}")
    if caveat := verdict.caveat(report):
        page.write(caveat, style="amber")
    page.write(f"As of {report.as_of}, {verdict.judged(report)}.", style="dim")


def _where_it_looked(page: Page, report: Report) -> None:
    page.gap()
    page.write(f"Looked for: {verdict.listed(list(report.coverage.clients)) or 'no client'}.")
    page.write(f"At the levels: {verdict.listed(list(report.coverage.levels)) or 'none'}.")
    page.write(
        "If there should be servers here, check the path, and name the home directory that holds the user's"
        " own configuration with --home."
    )


def _reach(page: Page, report: Report) -> None:
    page.heading("What the agents can reach")
    names = reach.names(report)
    found = [cell for cell in reach.cells(report) if cell.runs]
    for agent, title in reach.titles(report).items():
        own = [cell for cell in found if cell.agent == agent]
        tools = reach.tools_of(report, agent)
        silent = sum(1 for _, decision in tools if decision == "allow")
        servers = {row.id for row in report.installations if row.agent == agent and row.level != "builtin"}
        run = "runs" if silent == 1 else "run"
        counted = f"{silent} of {verdict.count(len(tools), 'known tool')} {run} without asking"
        page.write(
            f"{verdict.count(len(servers), 'server')}; {counted}.", 2, label=f"{title}:", style="bold", hang=4
        )
        left = list(reach.resources(own))
        used = 0
        while left:
            lines = page.wrapped(_reached(left[0], own, names), 4, hang=6)
            if used + len(lines) > _REACH_LINES - (len(left) > 1):
                break
            page.lines += lines
            used += len(lines)
            del left[0]
        if left:
            page.write(
                f"and {verdict.count(len(left), 'more resource')}: mcpaudit access --agent {agent}",
                4,
                hang=6,
            )


def _reached(resource: str, own: list[reach.Cell], names: dict[str, str]) -> str:
    ways: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    labels: set[str] = set()
    for cell in own:
        if cell.resource == resource:
            labels |= set(cell.labels)
            name = (
                "its own tools"
                if cell.server.startswith("builtin:")
                else names.get(cell.installation, cell.server)
            )
            for grant in cell.grants:
                if grant[0] not in ("deny", "hidden"):
                    ways.setdefault(grant, []).append(name)
    order = sorted(ways.items(), key=lambda way: (reach.VERDICTS.index(way[0][0]), way[1]))
    told = [
        f"{reach.in_words(actions) or 'unknown actions'} {reach.DECISION_WORDS[decision]} ({_some(through)})"
        for (decision, actions), through in order
    ]
    marks = f" [{', '.join(sorted(labels))}]" if labels else ""
    return f"{resource}{marks}: {'; '.join(told)}"


def _some(names: list[str]) -> str:
    rest = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {rest} more" if rest > 0 else "")


def _findings(page: Page, report: Report) -> None:
    advised = advice(report)
    for group in groups(report):
        page.gap()
        word = group.severity.upper()
        page.write(f"{group.title} ({group.policy})", label=word, style=_STYLES.get(word.lower()), hang=2)
        _group(page, group, advised)


def _group(page: Page, group: Group, advised: Mapping[str, str]) -> None:
    full = group.findings if len(group.findings) <= _IN_FULL + 1 else group.findings[:_IN_FULL]
    rest = group.findings[len(full) :]
    one_fix = len({finding.fix for finding in group.findings}) == 1
    for finding in full:
        _finding(page, finding, advised.get(finding.subject, ""))
        if not one_fix:
            _fix(page, [finding])
    if rest:
        named = [f"{row.subject} ({place(next(iter(row.locations), None))})" for row in rest[:_NAMED]]
        more = len(rest) - len(named)
        page.write(
            f"and {len(rest)} more of this kind: {', '.join(named)}{f' and {more} more' if more else ''}",
            2,
            hang=4,
        )
    if one_fix:
        _fix(page, group.findings)


def _finding(page: Page, finding: FindingRow, remedy: str) -> None:
    page.write(finding.message, 2, label=_status(finding))
    if finding.reason:
        page.write(f"because {finding.reason}", 4)
    page.write(
        f"{places(finding.locations, _PLACES) or finding.subject} [{finding.fingerprint}]",
        4,
        label="at",
        style="dim",
    )
    for number, step in enumerate(finding.witness[:MOST_STEPS], 1):
        at = place(step.location)
        doubt = "" if step.certainty == "certain" else f" ({step.certainty})"
        label = f"{number}. {at} " if at else f"{number}."
        page.write(f"{step.reason}{doubt}", 4, label=label, style="dim", hang=7)
    if (rest := len(finding.witness) - MOST_STEPS) > 0:
        page.write(f"and {verdict.count(rest, 'more step')}: --format json", 4, style="dim", hang=7)
    if remedy:
        page.write(f"{remedy}.", 4, label="To remove it:", style="green", hang=7)


def _status(finding: FindingRow) -> str:
    word = STATUS_WORDS.get(finding.status, finding.status)
    return f"{word[:1].upper()}{word[1:]}:" if word else ""


def _fix(page: Page, found: Sequence[FindingRow]) -> None:
    finding = found[0]
    if finding.fix:
        page.write(finding.fix, 2, label="Fix:", style="green", hang=7)
    if line := patch_line(found):
        page.write(line, 2, label="Patch:", style="green", hang=9)


def _excess(page: Page, report: Report) -> None:
    if report.excess:
        page.heading("What nobody needs")
    tools: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    told = []
    for row in report.excess:
        if row.tool:
            tools.setdefault((row.name, row.kind, row.agents), []).append(row.tool)
        else:
            told.append(f"{row.name} ({row.kind}, {', '.join(row.agents)}): {row.reason}")
    of_servers = [
        f"{verdict.count(len(found), 'tool')} of {name} ({kind}, {', '.join(agents)}): {_some(found)}"
        for (name, kind, agents), found in tools.items()
    ]
    for lines in (told, of_servers):
        for line in lines[:_EXCESS]:
            page.write(line, 2, hang=4)
        if len(lines) > _EXCESS:
            page.write(f"and {len(lines) - _EXCESS} more: --format json", 2, hang=4)


def _answered(page: Page, report: Report) -> None:
    if answered_findings(report) or report.waivers:
        page.heading("What was accepted")
    for row in waived_findings(report):
        page.write(f"{row.severity} {row.policy}, waived: {row.message}; {row.reason}", 2, hang=4)
    for group in baselined(report):
        number = verdict.count(len(group.findings), "finding")
        page.write(f"{group.severity} {group.policy}: {number} in the baseline", 2, hang=4)
    for waiver, note in notes_on_waivers(report):
        page.write(f"{note} ({place(waiver.location)})", 2, hang=4)


def _unseen(page: Page, report: Report) -> None:
    page.heading("What this audit did not see")
    for sentence in unseen(report):
        page.write(sentence, 2, label="-", hang=4)
