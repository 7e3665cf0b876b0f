"""Access rows grouped so that a person can judge them; what is grouped adds up to the rows again."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256

from mcpaudit.model.access_review import Entitlement
from mcpaudit.model.action import ACTIONS, changes
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow
from mcpaudit.model.report_fact import IdlenessRow
from mcpaudit.report.listing import place
from mcpaudit.report.reach import VERDICTS, titles

WITHHELD = ("deny", "hidden")
"""Decisions under which there is no access to review."""
_DIGITS = 12
EFFECTS = ("changes", "unknown", "reads")
"""What deserves a look first comes first."""


def entitlements(report: Report) -> tuple[Entitlement, ...]:
    """All access of a report that someone should judge, by agent and server, the weightiest first."""
    together: dict[tuple[str, ...], list[AccessRow]] = defaultdict(list)
    for row in report.access:
        if row.decision not in WITHHELD:
            together[_key(row)].append(row)
    names, clients = {row.id: row for row in report.installations}, titles(report)
    used = {(row.installation, row.tool): row.idleness for row in report.usage}
    found = []
    for key, rows in together.items():
        first, own = rows[0], names.get(rows[0].installation)
        tools = tuple(sorted({row.tool for row in rows}))
        found.append(
            Entitlement(
                id=f"E-{sha256(json.dumps(key).encode()).hexdigest()[:_DIGITS]}",
                agent=first.agent,
                client=clients.get(first.agent, first.agent),
                installation=first.installation,
                server=first.server,
                name="own tools" if first.server.startswith("builtin:") else own.name if own else "",
                resource=first.resource,
                labels=tuple(sorted({label for row in rows for label in row.labels})),
                effect=_effect(first),
                actions=tuple(one for one in ACTIONS if any(one in row.actions for row in rows)),
                tools=tools,
                decision=first.decision,
                credential=first.credential,
                certainty=first.certainty,
                way=_way(first),
                granted=place(own.location, column=True) if own else "",
                last_used=_last_used(first.installation, tools, used),
                rows=len(rows),
            )
        )
    return tuple(sorted(found, key=_order))


def withheld(report: Report) -> tuple[AccessRow, ...]:
    """The rows that the client denies or hides: no access, and so nothing to review."""
    return tuple(row for row in report.access if row.decision in WITHHELD)


def _key(row: AccessRow) -> tuple[str, ...]:
    return (
        *(row.agent, row.installation, row.server, row.resource, _effect(row)),
        *(row.decision, row.credential, row.certainty, _way(row)),
    )


def _effect(row: AccessRow) -> str:
    if not row.actions:
        return "unknown"
    return "changes" if changes(row.actions) or "send" in row.actions else "reads"


def _way(row: AccessRow) -> str:
    ways = {"integration": row.transitive, "universal": row.universal, "conditional": row.conditional}
    return " ".join(name for name, holds in ways.items() if holds) or "direct"


def _order(one: Entitlement) -> tuple[str, bool, str, int, int, str, str]:
    decision = VERDICTS.index(one.decision) if one.decision in VERDICTS else len(VERDICTS)
    builtin = one.server.startswith("builtin:")
    return one.agent, builtin, one.installation, EFFECTS.index(one.effect), decision, one.resource, one.id


def _last_used(installation: str, tools: Iterable[str], used: Mapping[tuple[str, str], IdlenessRow]) -> str:
    """The latest call of any of the tools; nothing where the evidence does not speak of all of them."""
    known = [used.get((installation, tool)) or _never(used.get((installation, ""))) for tool in tools]
    found = [one for one in known if one]
    if not found or len(found) < len(known):
        return ""
    return max(one.last_used for one in found) or f"not from {found[0].first_day} to {found[0].last_day}"


def _never(server: IdlenessRow | None) -> IdlenessRow | None:
    """What it says of a server says something of each of its tools only where there was no call at all."""
    return server if server and not server.calls else None
