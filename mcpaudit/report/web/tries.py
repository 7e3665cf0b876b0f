"""What a reader can try in the page at a click: remedies, cuts and decisions, as what they take away."""

from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import SupposedRow
from mcpaudit.report.escape import visible
from mcpaudit.report.web.decide import Decision

Key = tuple[str, int, int]
"""`conflict`, `flow` or `decide`, the number of the fact, and which of its ways."""


class Tries:
    """The suppositions in a list, and where in it each stands."""

    def __init__(self, report: Report, decided: tuple[Decision, ...]) -> None:
        self.rows: list[dict[str, list[str]]] = []
        self.numbers: dict[Key, int] = {}
        for at, conflict in enumerate(report.conflicts):
            for way, remedy in enumerate(conflict.remedies):
                self._add(("conflict", at, way), remedy.supposed)
        for at, flow in enumerate(report.flows):
            for way, cut in enumerate(flow.cut):
                self._add(("flow", at, way), cut.supposed)
        by_subject = {row.id: number for number, row in enumerate(report.conflicts)}
        for at, decision in enumerate(decided):
            advised = ("conflict", by_subject.get(decision.worst.subject, -1), 0)
            if advised in self.numbers:
                self.numbers["decide", at, 0] = self.numbers[advised]
            if decision.server and not decision.server.startswith("builtin:"):
                own = [
                    row.id
                    for row in report.installations
                    if row.server == decision.server and row.agent in decision.agents
                ]
                self._add(("decide", at, 1), SupposedRow(tuple(own), (), ()))

    def _add(self, key: Key, supposed: SupposedRow | None) -> None:
        """What drops a rule is left out: only a new audit knows what that brings forth."""
        if supposed is None or supposed.drop or not (supposed.remove or supposed.deny):
            return
        self.numbers[key] = len(self.rows)
        self.rows.append(
            {"remove": list(map(visible, supposed.remove)), "deny": list(map(visible, supposed.deny))}
        )
