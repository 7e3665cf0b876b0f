"""The report as GitHub-flavoured Markdown: a page to keep, or a job summary."""

from collections.abc import Callable, Sequence

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import reach, verdict
from mcpaudit.report.advice import advice
from mcpaudit.report.canonical import digest
from mcpaudit.report.credential_words import told
from mcpaudit.report.escape import clip, markdown_code, markdown_html, markdown_prose
from mcpaudit.report.listing import (
    MOST_STEPS,
    STATUS_WORDS,
    baselined,
    notes_on_waivers,
    open_findings,
    place,
    waived_findings,
)
from mcpaudit.report.patch_words import patch_line
from mcpaudit.report.repository import left_out, repository_only
from mcpaudit.report.unseen import unseen

_WORDS = {
    "critical": "🔴 critical",
    "high": "🟠 high",
    "medium": "🟡 medium",
    "low": "🔵 low",
    "info": "⚪ info",
}
_LONGEST = 2_000


def render(report: Report, *, limit: int = 900_000, public: bool = False) -> str:
    """The whole report; where it would be over `limit` characters, sections are left out whole and named.

    A `public` one names only what stands in the repository; the verdict stays that of the whole.
    """
    sections: list[tuple[str, Callable[[Report], str]]] = [
        ("the table of findings", _table),
        ("what was not seen", _unseen),
        ("the details of the findings", _details),
        ("what the agents can reach", _reach),
        ("what was accepted", _answered),
        ("credentials and scopes", _credentials),
    ]
    head, foot = _head(report), _foot(report)
    if public:
        hidden = left_out(report)
        head += f"> {_text(hidden)}.\n\n" if hidden else ""
        report = repository_only(report)
    left = limit - len(head) - len(foot) - 400
    shown: dict[str, str] = {}
    dropped = []
    for name, section in sections:
        text = section(report)
        if len(text) > left:
            dropped.append(name)
        else:
            left -= len(text)
            shown[name] = text
    order = [sections[index][0] for index in (0, 2, 3, 5, 4, 1)]
    note = (
        f"> **Left out to stay under {limit:,} characters:** {verdict.listed(dropped)}.\n\n"
        if dropped
        else ""
    )
    return head + note + "".join(shown.get(name, "") for name in order) + foot


def _head(report: Report) -> str:
    mark = {"passes": "✅", "does not pass": "❌"}.get(verdict.stamp(report), "⚠️")
    lines = [f"## {mark} {_text(verdict.headline(report))}"]
    if report.summary.verdict != "nothing-collected":
        lines.append(f"{_text(verdict.population(report))}. {_text(verdict.silent_changes(report))}")
    if caveat := verdict.caveat(report):
        lines.append(f"**{_text(caveat)}**")
    return "\n\n".join(lines) + "\n\n"


def _foot(report: Report) -> str:
    tool = f"{report.tool.name} {report.tool.version}"
    return (
        f"<sub>{_text(tool)}, as of {_text(report.as_of)}, {_text(verdict.exit_sentence(report))}."
        f" SHA-256 of the canonical report: <code>{digest(report)}</code></sub>\n"
    )


def _table(report: Report) -> str:
    rows = [
        (
            f"{_WORDS[row.severity]}{_state(row)}",
            f"{_text(row.title)}<br>{markdown_code(row.policy)}",
            _text(row.message),
            "<br>".join(_place(place(location)) for location in row.locations[:3]) or "–",
        )
        for row in open_findings(report)
    ]
    return _section("Findings", _grid(("Severity", "Policy", "What", "Where"), rows)) if rows else ""


def _details(report: Report) -> str:
    advised = advice(report)
    parts = []
    for row in open_findings(report):
        steps = []
        for number, step in enumerate(row.witness[:MOST_STEPS], 1):
            where, doubt = (
                place(step.location),
                "" if step.certainty == "certain" else f" *({_text(step.certainty)})*",
            )
            steps.append(f"{number}. {_place(where) + ' ' if where else ''}{_text(step.reason)}{doubt}")
        if (rest := len(row.witness) - MOST_STEPS) > 0:
            steps.append(f"\nand {verdict.count(rest, 'more step')}")
        lines = [_text(row.message)]
        if row.reason:
            lines.append(f"Because: {_text(row.reason)}")
        if steps:
            lines.append("\n".join(steps))
        if remedy := advised.get(row.subject):
            lines.append(f"**To remove it:** {_text(remedy)}.")
        if row.fix:
            lines.append(f"**Fix:** {_text(row.fix)}")
        if line := patch_line([row]):
            lines.append(f"**Patch:** {_text(line)}")
        lines.append(f"Fingerprint {markdown_code(row.fingerprint)}")
        title = f"<b>{_WORDS[row.severity]}</b>{_state(row)} {_html(row.title)}: {_html(row.subject)}"
        body = "\n\n".join(lines)
        parts.append(f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n")
    return _section("The findings, one by one", "\n".join(parts)) if parts else ""


def _reach(report: Report) -> str:
    names, cells = reach.names(report), reach.cells(report)
    parts = []
    for agent, title in reach.titles(report).items():
        own = [cell for cell in cells if cell.agent == agent]
        order = {resource: index for index, resource in enumerate(reach.resources(own))}
        rows = [
            (
                markdown_code(cell.resource)
                + (f"<br>{_text(', '.join(cell.labels))}" if cell.labels else ""),
                markdown_code(names.get(cell.installation, cell.server)),
                "<br>".join(_grant(decision, actions) for decision, actions in cell.grants),
                " ".join(f"conflict {number}" for number in cell.conflicts) or "–",
            )
            for cell in sorted(own, key=lambda cell: order[cell.resource])
        ]
        if rows:
            grid = _grid(("Resource", "Through", "May", "Conflict"), rows)
            parts.append(f"<details><summary><b>{_html(title)}</b></summary>\n\n{grid}\n\n</details>\n")
    return _section("What the agents can reach", "\n".join(parts)) if parts else ""


def _grant(decision: str, actions: tuple[str, ...]) -> str:
    words = f"{reach.in_words(actions) or 'unknown actions'} {reach.DECISION_WORDS[decision]}"
    return f"**{words}**" if decision == "allow" else words


def _credentials(report: Report) -> str:
    parts = []
    for row in told(report):
        lines = [f"- {_text(line)}" for line in row.credentials]
        lines += [f"- **{label}:** {_text(line)}" for label, line in row.scopes]
        title = f"<b>{_html(row.name)}</b> {_html(row.server)}"
        body = "\n".join(lines)
        parts.append(f"<details><summary>{title}</summary>\n\n{body}\n\n</details>\n")
    return _section("Credentials and scopes", "\n".join(parts)) if parts else ""


def _answered(report: Report) -> str:
    rows = [
        (markdown_code(row.policy), "waived", _text(row.message), _text(row.reason))
        for row in waived_findings(report)
    ]
    rows += [
        (markdown_code(group.policy), "in the baseline", verdict.count(len(group.findings), "finding"), "")
        for group in baselined(report)
    ]
    rows += [
        (
            markdown_code(row.policy),
            f"{_text(row.state)} waiver",
            _text(row.warning or row.explanation),
            _text(row.reason),
        )
        for row, _ in notes_on_waivers(report)
    ]
    return _section("What was accepted", _grid(("Policy", "How", "What", "Why"), rows)) if rows else ""


def _unseen(report: Report) -> str:
    return _section("What this audit did not see", "\n".join(f"- {_text(note)}" for note in unseen(report)))


def _section(title: str, body: str) -> str:
    return f"### {title}\n\n{body}\n\n"


def _grid(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _state(row: FindingRow) -> str:
    word = STATUS_WORDS[row.status]
    return f" ({word})" if word else ""


def _place(where: str) -> str:
    return markdown_code(clip(where, _LONGEST))


def _text(text: str) -> str:
    return markdown_prose(clip(text, _LONGEST))


def _html(text: str) -> str:
    return markdown_html(clip(text, _LONGEST))
