"""The one block of data that the page's scripts read: JSON that is inert wherever it stands in HTML."""

import json

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import ConflictRow, LegRow
from mcpaudit.report import reach
from mcpaudit.report.escape import named, prose, visible
from mcpaudit.report.listing import open_findings
from mcpaudit.report.web.rows import Json, Names, Steps, mask, route_rows
from mcpaudit.report.web.support import Supports
from mcpaudit.report.web.tries import Tries

_LEGS = ("sources", "private", "sinks")


@dataclass(frozen=True, slots=True)
class Words:
    """What the page calls the kinds of conflicts and flows."""

    conflicts: dict[str, str]
    flows: dict[str, str]


class PageData:
    """The data of one page, and the numbers by which its HTML refers to them."""

    def __init__(self, report: Report, words: Words, tries: Tries) -> None:
        self._installations = Names(row.id for row in report.installations)
        self._resources = Names()
        self._all = _data(report, words, tries, self._installations, self._resources)

    def cell(self, installation: str, resource: str) -> str:
        """How scripts call what an installation does to a resource."""
        return f"{self._installations.known(installation)} {self._resources.known(resource)}"

    def block(self) -> str:
        """JSON in ASCII without `<`, `>` and `&`, so that no string in it can end its element."""
        text = json.dumps(self._all, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _data(report: Report, words: Words, tries: Tries, installations: Names, resources: Names) -> Json:
    tools, steps = Names(), Steps()
    routes = route_rows(report, installations, resources, tools, steps)
    labels: dict[str, set[str]] = {}
    for row in report.access:
        labels.setdefault(row.resource, set()).update(row.labels)
    parties = _Parties(report, installations)
    flows = [
        {
            "title": words.flows.get(row.kind, row.kind),
            "legs": [[_leg(leg, parties, resources) for leg in getattr(row, name)] for name in _LEGS],
            "agents": [visible(agent) for agent in row.agents],
        }
        for row in report.flows
    ]
    findings = _findings(report, installations, tools, steps)
    return {
        "mode": report.run.mode,
        "actions": ACTIONS,
        "decisions": reach.VERDICTS,
        "words": [reach.DECISION_WORDS[verdict] for verdict in reach.VERDICTS],
        "agents": [
            {"id": visible(row), "title": visible(title)} for row, title in reach.titles(report).items()
        ],
        "installations": [
            {
                "id": visible(row.id),
                "agent": visible(row.agent),
                "server": visible(row.server),
                "name": prose(_name(row.name, row.server)),
                "own": row.server.startswith("builtin:"),
            }
            for row in report.installations
        ],
        "conflicts": [
            _conflict(row, words.conflicts.get(row.kind, row.kind), parties.of(row, tools))
            for row in report.conflicts
        ],
        "flows": flows,
        "findings": findings,
        "tries": tries.rows,
        "routes": routes,
        "clashes": _clashes(report, installations, resources),
        "resources": [[visible(name), sorted(map(visible, labels.get(name, ())))] for name in resources],
        "tools": [visible(name) for name in tools],
        "steps": steps.rows,
    }


def _conflict(row: ConflictRow, title: str, parties: list[list[object]]) -> Json:
    """What it is about, who its parties are, and what those that are limited may do."""
    permitted = {action for role in row.roles if role.part == "restricted" for action in role.actions}
    return {
        "kind": row.kind,
        "title": title,
        "resource": visible(row.resource),
        "on": sorted({visible(name) for name in (row.resource, *row.resources)}),
        "permitted": mask(permitted),
        "parties": parties,
    }


def _findings(report: Report, installations: Names, tools: Names, steps: Steps) -> list[Json]:
    supports, found = Supports(report), []
    for row in open_findings(report):
        on = supports.of(row)
        one: Json = {"id": row.fingerprint, "title": visible(row.title), "severity": row.severity,
                     "steps": steps(row.witness)}  # fmt: skip
        if on.conflict >= 0:
            one["conflict"] = on.conflict
        elif on.flow >= 0:
            one["flow"] = on.flow
        elif on.installations:
            one["installations"] = [installations(name) for name in on.installations]
            one["tool"] = tools(on.tool) if on.tool else -1
        found.append(one)
    return found


class _Parties:
    """Which installations the parties of facts are."""

    def __init__(self, report: Report, installations: Names) -> None:
        self._found: dict[tuple[str, str], list[int]] = {}
        for row in report.installations:
            number = installations(row.id)
            for key in ((row.agent, row.server), ("", row.server)):
                self._found.setdefault(key, []).append(number)
            self._found[f"{row.agent}/{row.name}", row.server] = [number]

    def at(self, agent: str, server: str, name: str) -> list[int]:
        """The installations of a server that one agent has, by name where that tells them apart."""
        return self._found.get((f"{agent}/{name}", server)) or self._found.get((agent, server), [])

    def of(self, row: ConflictRow, tools: Names) -> list[list[object]]:
        """The parties of a conflict: part, agent, installations, tools, actions."""
        return [
            [
                visible(role.part),
                visible(role.agent),
                self.at(role.agent, role.server, role.name),
                list(map(tools, role.tools)),
                mask(role.actions),
            ]
            for role in row.roles
        ]


def _leg(leg: LegRow, parties: _Parties, resources: Names) -> list[object]:
    """Agent, installations, resource, actions."""
    at = parties.at(leg.agent, leg.server, leg.name)
    return [visible(leg.agent), at, resources(leg.resource), mask(leg.actions)]


def _clashes(report: Report, installations: Names, resources: Names) -> list[list[object]]:
    """Where conflicts are: installation, resource, and the conflicts' numbers from 1."""
    return [
        [installations(cell.installation), resources(cell.resource), cell.conflicts]
        for cell in reach.cells(report)
        if cell.conflicts
    ]


def _name(name: str, server: str) -> str:
    return "own tools" if server.startswith("builtin:") else named(name)
