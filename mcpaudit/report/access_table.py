"""The access rows as a table for a terminal: one line for each resource, server and outcome."""

import textwrap
from collections import defaultdict

from mcpaudit.model.action import in_words
from mcpaudit.model.pattern import Match, Pattern
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow
from mcpaudit.model.resource import Resource
from mcpaudit.report.escape import named, terminal_prose

OUTCOMES = {
    "allow": "runs silently",
    "ask": "asks",
    "unknown": "not known",
    "deny": "denied",
    "hidden": "hidden",
}


def access_table(
    report: Report,
    *,
    agent: str = "",
    action: str = "",
    resource: str = "",
    why: bool = False,
    width: int = 80,
) -> str:
    """What each agent can do, filtered; raises ValueError where the resource pattern is none."""
    pattern = Pattern.parse(resource) if resource else None
    rows = [
        row
        for row in report.access
        if (not agent or row.agent == agent)
        and (not action or action in row.actions)
        and (pattern is None or pattern.match(_resource(row.resource)) is not Match.NONE)
    ]
    if not rows:
        return "Nothing here gives that access, as far as the audit can see.\n"
    lines: list[str] = []
    for name in dict.fromkeys(row.agent for row in rows):
        title = next(one.title for one in report.agents if one.id == name)
        lines += [f"{terminal_prose(title)} ({terminal_prose(name)})", ""]
        lines += _agent([row for row in rows if row.agent == name], why, width)
        lines.append("")
    return "\n".join(lines)


def _agent(rows: list[AccessRow], why: bool, width: int) -> list[str]:
    grouped: dict[tuple[str, str, str], list[AccessRow]] = defaultdict(list)
    for row in rows:
        grouped[(row.resource, row.installation.partition("/")[2], row.decision)].append(row)
    lines = []
    for resource in sorted({key[0] for key in grouped}):
        labels = sorted({label for row in rows if row.resource == resource for label in row.labels})
        shown = terminal_prose(resource) + (f"  [{terminal_prose(', '.join(labels))}]" if labels else "")
        lines += _wrapped(shown, "  ", width)
        for key, own in sorted(grouped.items(), key=lambda item: (list(OUTCOMES).index(item[0][2]), item[0])):
            if key[0] == resource:
                lines += _route(key[1], key[2], own, why, width)
    return lines


def _route(server: str, outcome: str, rows: list[AccessRow], why: bool, width: int) -> list[str]:
    actions = in_words({action for row in rows for action in row.actions})
    tools = list(dict.fromkeys(terminal_prose(named(row.tool)) for row in rows))
    shown = ", ".join(tools[:3]) + (f" and {len(tools) - 3} more" if len(tools) > 3 else "")
    doubt = "" if any(row.certainty == "certain" for row in rows) else f" ({rows[0].certainty})"
    does = f"{actions} through {terminal_prose(named(server))}{doubt}"
    lines = _wrapped(does, f"    {OUTCOMES[outcome]:13}  ", width) + _wrapped(shown, f"{'':19}", width)
    if why:
        for step in rows[0].witness:
            place = f"{terminal_prose(str(step.location))}  " if step.location and step.location.line else ""
            lines += _wrapped(place + terminal_prose(step.reason), f"{'':19}- ", width)
    return lines


def _wrapped(text: str, before: str, width: int) -> list[str]:
    """The lines of a text that stands behind something; what is one word is never broken."""
    return textwrap.wrap(
        text,
        max(width, 60),
        initial_indent=before,
        subsequent_indent=" " * max(4, len(before)),
        break_on_hyphens=False,
        break_long_words=False,
    ) or [before.rstrip()]


def _resource(text: str) -> Resource:
    """A resource as reports write it, for matching."""
    provider, _, rest = text.partition(":")
    tenant, *parts = rest.split("/")
    if provider == "sql":
        return Resource(provider, tenant, "database", tuple(parts))
    return Resource(provider, tenant, parts[0] if parts else "", tuple(parts[1:]))
