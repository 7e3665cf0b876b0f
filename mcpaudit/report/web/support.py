"""What a finding stands on: the facts, servers and tools without which it would not have been made."""

from collections.abc import Iterable

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import ConflictRow, FlowRow
from mcpaudit.model.report_finding import FindingRow

_LIMITED = ("restricted", "loser")
"""The parties of a conflict that are held back; the others are what a reader decides about."""


@dataclass(frozen=True, slots=True)
class Support:
    """One of three: a conflict or flow by its place in the report, or installations with perhaps one tool."""

    conflict: int = -1
    flow: int = -1
    installations: tuple[str, ...] = ()
    tool: str = ""


class Supports:
    """Looks up what findings stand on, for one report."""

    def __init__(self, report: Report) -> None:
        self._conflicts = {row.id: number for number, row in enumerate(report.conflicts)}
        self._flows = {row.id: number for number, row in enumerate(report.flows)}
        self._excess = {row.id: (row.subject, row.tool) for row in report.excess}
        self._report = report
        self._installed: dict[str, list[tuple[str, str]]] = {}
        for row in report.installations:
            self._installed.setdefault(row.server, []).append((row.agent, row.id))
        self._tools: dict[str, set[str]] = {}
        for tool in report.tools:
            self._tools.setdefault(tool.server, set()).add(tool.name)

    def of(self, row: FindingRow) -> Support:
        """What one finding stands on; nothing where it is not about servers."""
        if row.subject in self._conflicts:
            return Support(conflict=self._conflicts[row.subject])
        if row.subject in self._flows:
            return Support(flow=self._flows[row.subject])
        server, tool = self._excess.get(row.subject) or self._named(row.subject)
        own = tuple(
            installation
            for agent, installation in self._installed.get(server, ())
            if not row.agents or agent in row.agents
        )
        return Support(installations=own, tool=tool)

    def servers(self, row: FindingRow) -> tuple[str, ...]:
        """The servers that a reader would decide about, each once."""
        found = self.of(row)
        if found.conflict >= 0:
            return _deciding(self._report.conflicts[found.conflict])
        if found.flow >= 0:
            return tuple(_cutting(self._report.flows[found.flow]))
        by_id = {one.id: one.server for one in self._report.installations}
        return tuple(dict.fromkeys(by_id[one] for one in found.installations))

    def involved(self, row: FindingRow) -> tuple[str, ...]:
        """All servers that have a part in it, each once."""
        found = self.of(row)
        if found.conflict >= 0:
            return tuple(dict.fromkeys(self._report.conflicts[found.conflict].servers))
        if found.flow >= 0:
            flow = self._report.flows[found.flow]
            legs = (*flow.sources, *flow.private, *flow.sinks)
            return tuple(dict.fromkeys(leg.server for leg in legs))
        return self.servers(row)

    def _named(self, subject: str) -> tuple[str, str]:
        """The server that a subject begins with, and the tool after it."""
        words = subject.split(" ")
        for length in range(len(words), 0, -1):
            server = " ".join(words[:length])
            if server in self._installed:
                rest = " ".join(words[length:])
                named = [t for t in self._tools.get(server, ()) if rest == t or rest.startswith(f"{t} ")]
                return server, max(named, key=len, default="")
        return "", ""


def _deciding(row: ConflictRow) -> tuple[str, ...]:
    acting = [role.server for role in row.roles if role.part not in _LIMITED]
    return tuple(dict.fromkeys(acting or row.servers))


def _cutting(row: FlowRow) -> Iterable[str]:
    """The servers that the cheapest cut takes something from."""
    servers = {(leg.agent, leg.name): leg.server for leg in (*row.sources, *row.private, *row.sinks)}
    cut = [servers.get((one.agent, loss.name), "") for one in row.cut for loss in one.losses]
    return dict.fromkeys(filter(None, cut))
