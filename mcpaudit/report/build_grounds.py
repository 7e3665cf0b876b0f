"""What a finding rests on, and whether the base had all of it.

A narrower root can make a new statement true (the client's shell goes round it), and a smaller resource is
another subject than the larger one was. Where every access that such a finding rests on was there before, at
least as wide, as freely and as surely, nothing has become worse. Findings about anything else than access and
the rules over it (servers, credentials, files, settings) are never taken for old.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from mcpaudit.analysis.routes import permissiveness
from mcpaudit.analysis.state import State
from mcpaudit.model.access import Access
from mcpaudit.model.certainty import weakest
from mcpaudit.model.fact import Change
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import RuleRow
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.resource import Relation, relation
from mcpaudit.model.step import Step
from mcpaudit.report.build_places import Places

_HOLDS = (Relation.EQUAL, Relation.CONTAINS)
_REACH = ("bypass", "decision")
"""Kinds of conflict that are about reach; the others are about credentials, names and who writes at once."""
_Tool = tuple[str, str, str]
"""An agent, a server and one of its tools; no tool stands for all of them."""


class Grounds:
    """Two audits, asked what their findings rest on."""

    def __init__(
        self,
        before: tuple[State, Report],
        after: tuple[State, Report],
        changes: Iterable[Change],
        places: Places,
    ) -> None:
        self._was, self._is = (_by_tool(state.rows) for state, _ in (before, after))
        self._had, self._has = (
            Counter((one.agent, one.server) for one in report.installations) for _, report in (before, after)
        )
        self._rules = {_rule(one): one for one in after[1].rules}
        self._old_rules = set(map(_rule, before[1].rules))
        self._worse = {one.agent for one in changes if one.kind in ("gained", "looser")}
        self._after = after
        self._places = places

    def old(self, finding: FindingRow) -> bool:
        """Whether all that a finding of the later audit rests on was there before."""
        if self._is_rule(finding):
            return True
        tools = self._tools(finding)
        rows = [row for tool in tools for row in self._is.get(tool, ()) if row.runs]
        return (
            bool(rows)
            and all(map(self._covered, rows))
            # A second entry of a server is something new, whatever it reaches.
            and all(self._has[tool[:2]] <= self._had[tool[:2]] for tool in tools)
        )

    def _is_rule(self, finding: FindingRow) -> bool:
        """A rule that stood there before, of agents that can do nothing more: it only does less now."""
        if len(finding.agents) != 1 or finding.agents[0] in self._worse:
            return False
        key = finding.agents[0], finding.subject
        rule = self._rules.get(key)
        return rule is not None and key in self._old_rules and finding.locations == (rule.location,)

    def _tools(self, finding: FindingRow) -> set[_Tool]:
        """Those of the fact of that name and witness, so that no other subject can pass for one."""
        found: set[_Tool] = set()
        if finding.witness:
            for row in self._rows.get(finding.subject, ()):
                if tuple(map(self._places.step, row.witness)) == finding.witness:
                    found.add((row.agent, row.server, row.tool))
            for witness, tools in self._facts.get(finding.subject, ()):
                if witness == finding.witness:
                    found |= tools
        return {(agent, server, tool) for one, server, tool in found for agent in {one, *finding.agents}}

    @cached_property
    def _rows(self) -> dict[str, list[Access]]:
        """Accesses by the name that findings have for them."""
        found: dict[str, list[Access]] = defaultdict(list)
        for row in self._after[0].rows:
            found[f"{row.server} {row.tool} {row.resource}"].append(row)
        return found

    @cached_property
    def _facts(self) -> dict[str, list[tuple[tuple[Step, ...], set[_Tool]]]]:
        """What was concluded from accesses: the witness of each, and the tools concerned."""
        found: dict[str, list[tuple[tuple[Step, ...], set[_Tool]]]] = defaultdict(list)
        for subject, witness, tools in _facts(self._after[1]):
            found[subject].append((witness, tools))
        return found

    def _covered(self, row: Access) -> bool:
        wider = [
            one
            for one in self._was.get((row.agent, row.server, row.tool), ())
            if one.runs
            and permissiveness(one) <= permissiveness(row)
            and weakest(one.certainty, row.certainty) is row.certainty
            and one.credential == row.credential
            and relation(one.resource, row.resource) in _HOLDS
        ]
        return row.actions <= frozenset().union(*(one.actions for one in wider))


def _facts(report: Report) -> Iterator[tuple[str, tuple[Step, ...], set[_Tool]]]:
    """Each fact about access by the name that findings have for it, its witness, and the tools concerned."""
    for conflict in report.conflicts:
        if conflict.kind in _REACH:
            parties = {
                (agent, role.server, tool)
                for role in conflict.roles
                for agent in (role.agent, *conflict.agents)
                for tool in role.tools or ("",)
            }
            yield conflict.id, conflict.witness, parties
    for flow in report.flows:
        legs = (*flow.sources, *flow.private, *flow.sinks)
        yield flow.id, flow.witness, {(leg.agent, leg.server, "") for leg in legs}
    for excess in report.excess:
        yield excess.id, excess.witness, {(agent, excess.subject, excess.tool) for agent in excess.agents}


def _rule(row: RuleRow) -> tuple[str, str]:
    """An agent, and the name that findings have for its rule."""
    return row.agent, f"{row.effect} {row.pattern} {row.level}"


def _by_tool(rows: Sequence[Access]) -> dict[_Tool, list[Access]]:
    found: dict[_Tool, list[Access]] = defaultdict(list)
    for row in rows:
        found[row.agent, row.server, row.tool].append(row)
        found[row.agent, row.server, ""].append(row)
    return found
