"""The verdict and the counts as sentences, the same in every format."""

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.listing import answered_findings, open_findings, severity_rank

SILENT = "without asking"


def headline(report: Report) -> str:
    """The one sentence that a reader takes away."""
    verdict, bar = report.summary.verdict, report.run.fail_on
    still_open = open_findings(report)
    if verdict == "nothing-collected":
        return "Nothing was audited: no MCP configuration was found. This is not a clean result."
    if not report.summary.agents:
        return "Nothing could be audited: what was found could not be read. This is not a clean result."
    if verdict == "undecided":
        return "This audit could not be decided: not everything was seen, and under --strict that counts."
    if verdict == "findings":
        blocking = sum(blocks(report, row) for row in still_open)
        verb = "stands" if blocking == 1 else "stand"
        found = _capital(count(blocking, "finding"))
        return f"{found} at or above {bar} {verb} in the way{_more(len(still_open) - blocking)}."
    if still_open:
        return f"This passes: no proven finding is at or above {bar}{_more(len(still_open))}."
    if accepted := len(answered_findings(report)):
        verb = "is" if accepted == 1 else "are"
        return f"This passes: nothing is open; {count(accepted, 'finding')} {verb} accepted."
    policies = count(len(ran(report)), "policy", "policies")
    return f"Clean: {policies} found nothing to object to in what could be seen."


def stamp(report: Report) -> str:
    """The verdict in a word or two."""
    if report.summary.verdict == "nothing-collected" or not report.summary.agents:
        return "nothing audited"
    words = {"clean": "passes", "findings": "does not pass", "undecided": "undecided"}
    return words.get(report.summary.verdict, report.summary.verdict)


def passes(report: Report) -> bool:
    """Whether something was audited and nothing stands in the way."""
    return stamp(report) == "passes"


def population(report: Report) -> str:
    """What was audited, counted."""
    summary = report.summary
    return ", ".join(
        (
            count(summary.agents, "agent"),
            f"{count(summary.servers, 'server')} in {count(summary.installations, 'installation')}",
            count(summary.tools, "known tool"),
            count(summary.resources, "resource"),
        )
    )


def silent_changes(report: Report) -> str:
    """How much changes without anyone being asked."""
    number = report.summary.silent_changes
    if not number:
        return f"No known tool changes anything {SILENT} ({report.run.mode} mode)."
    verb = "changes" if number == 1 else "change"
    return f"{_capital(count(number, 'tool'))} {verb} something {SILENT} ({report.run.mode} mode)."


def caveat(report: Report) -> str:
    """What qualifies the verdict; empty where everything was seen."""
    coverage, missing = report.coverage, []
    if coverage.unread:
        missing.append(f"{count(len(coverage.unread), 'part')} of the configuration could not be read")
    if coverage.without_manifest:
        missing.append(f"the tools of {count(len(coverage.without_manifest), 'server')} are not known")
    if coverage.incomplete_manifests:
        number = len(coverage.incomplete_manifests)
        missing.append(f"{count(number, 'list')} of tools {'is' if number == 1 else 'are'} incomplete")
    return f"Not everything was seen: {listed(missing)}." if missing else ""


def judged(report: Report) -> str:
    """Which state of the approvals was judged."""
    state = "as it is now" if report.run.as_is else "as once you trust the folder and approve its servers"
    if not report.run.packs:
        return state
    return f"{state}; by the policies of {listed(list(report.run.packs))} alone"


def exit_sentence(report: Report) -> str:
    """What the exit code is and why."""
    because = {
        "clean": f"nothing at or above {report.run.fail_on}",
        "findings": f"findings at or above {report.run.fail_on}",
        "undecided": "gaps or undecided findings under --strict",
        "nothing-collected": "nothing was collected",
    }
    return (
        f"exit code {report.summary.exit_code}: {because.get(report.summary.verdict, report.summary.verdict)}"
    )


def next_step(report: Report) -> str:
    """The one command that brings the reader further."""
    if report.summary.verdict == "nothing-collected":
        return "mcpaudit check PATH --home DIR"
    still_open = open_findings(report)
    if still_open:
        return f"mcpaudit explain {still_open[0].policy}"
    return "mcpaudit lock" if report.coverage.without_manifest else "mcpaudit access"


def ran(report: Report) -> tuple[str, ...]:
    """The policies that had something to judge."""
    return tuple(row.policy for row in report.coverage.policies if row.population)


def count(number: int, one: str, many: str = "") -> str:
    """`1 server`, `2 servers`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(words: list[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def blocks(report: Report, row: FindingRow) -> bool:
    """Whether the finding alone makes the run exit with 1."""
    counted = row.status == "fail" or (row.status == "possible" and report.run.strict)
    return counted and severity_rank(row.severity) >= severity_rank(report.run.fail_on)


def _more(rest: int) -> str:
    return f"; {count(rest, 'other')} {'is' if rest == 1 else 'are'} worth a look" if rest > 0 else ""


def _capital(text: str) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    number, _, rest = text.partition(" ")
    return f"{words[int(number)]} {rest}" if len(number) == 1 else text
