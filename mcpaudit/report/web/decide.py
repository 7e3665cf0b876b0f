"""What to decide first: the few servers or policies behind most of what is wrong, the worst of each told.

Findings are put together by what a person can decide about: one server, or one policy that many servers are
against. The heaviest comes first, then the heaviest of what it leaves over.
"""

from collections.abc import Mapping

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report import verdict
from mcpaudit.report.advice import advice
from mcpaudit.report.escape import named
from mcpaudit.report.listing import open_findings, severity_rank
from mcpaudit.report.web.support import Supports

_MOST = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing to decide."""

    server: str
    """The server it is about; empty where one policy speaks of several."""
    name: str
    """What its user calls it."""
    worst: FindingRow
    others: tuple[FindingRow, ...]
    blocking: int
    agents: tuple[str, ...]
    advice: str

    @property
    def total(self) -> int:
        """How many findings it would answer."""
        return 1 + len(self.others)

    @property
    def also(self) -> tuple[tuple[str, tuple[FindingRow, ...]], ...]:
        """The other findings by their titles; of one policy for many servers that says nothing new."""
        titles: dict[str, list[FindingRow]] = {}
        for row in self.others:
            if row.title != self.worst.title or self.server:
                titles.setdefault(row.title, []).append(row)
        return tuple((title, tuple(rows)) for title, rows in titles.items())


def decisions(report: Report, most: int = _MOST) -> tuple[Decision, ...]:
    """At most so many decisions, the most pressing first."""
    supports, advised = Supports(report), advice(report)
    left = list(open_findings(report))
    about = {row.fingerprint: supports.servers(row) for row in left}
    order = {row.fingerprint: number for number, row in enumerate(left)}
    found: list[Decision] = []
    while left and len(found) < most:
        groups: dict[tuple[str, str], list[FindingRow]] = {}
        for row in left:
            for server in about[row.fingerprint]:
                groups.setdefault(("server", server), []).append(row)
            groups.setdefault(("policy", row.policy), []).append(row)
        kind, name = max(groups, key=lambda key: (_weight(report, groups[key]), key[0] == "server", key[1]))
        taken = sorted(groups[kind, name], key=lambda row: order[row.fingerprint])
        found.append(_decision(report, name if kind == "server" else "", taken, advised))
        gone = {row.fingerprint for row in taken}
        left = [row for row in left if row.fingerprint not in gone]
    return tuple(found)


def _weight(report: Report, rows: list[FindingRow]) -> tuple[int, ...]:
    """What is in the way counts before the rest, and in both the worse before the less bad."""
    ranks = [(not verdict.blocks(report, row), -severity_rank(row.severity)) for row in rows]
    return tuple(ranks.count((late, -rank)) for late in (False, True) for rank in (4, 3, 2, 1, 0))


def _decision(report: Report, server: str, rows: list[FindingRow], advised: Mapping[str, str]) -> Decision:
    own = {row.id: row.name for row in report.servers}
    names = [row.name for row in report.installations if row.server == server]
    advice_given = advised.get(rows[0].subject, "")
    return Decision(
        server=server,
        name="" if not server else named(names[0] if names else own.get(server, server)),
        worst=rows[0],
        others=tuple(rows[1:]),
        blocking=sum(verdict.blocks(report, row) for row in rows),
        agents=tuple(dict.fromkeys(agent for row in rows for agent in row.agents)),
        advice=advice_given,
    )
