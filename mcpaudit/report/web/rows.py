"""The report's access as the page's scripts read it: small rows of numbers that point into lists of names."""

import json
from collections.abc import Iterable, Iterator

from mcpaudit.model.action import ACTIONS
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow
from mcpaudit.model.step import Step
from mcpaudit.report import reach
from mcpaudit.report.escape import visible
from mcpaudit.report.listing import MOST_STEPS, place

_MOST_WITNESSES = 3_000
"""With more routes than this their witnesses stay in the canonical report."""

Json = dict[str, object]


class Names:
    """Numbers for names, in the order in which they are first asked for."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._numbers: dict[str, int] = {}
        for name in known:
            self(name)

    def __call__(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def known(self, name: str) -> int:
        """The number of a name, or -1."""
        return self._numbers.get(name, -1)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)


class Steps:
    """Every step of every witness once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.rows: list[list[str]] = []

    def __call__(self, witness: tuple[Step, ...]) -> list[int]:
        """The numbers of the steps of one witness, as many as pages show."""
        return [self._of(step) for step in witness[:MOST_STEPS]]

    def _of(self, step: Step) -> int:
        row = [
            step.kind,
            step.source,
            step.target,
            step.reason,
            step.certainty,
            place(step.location, column=True),
        ]
        key = json.dumps(row)
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append([visible(text) for text in row])
        return self._numbers[key]


def mask(actions: Iterable[str]) -> int:
    """Actions as bits, in the order of `ACTIONS`."""
    return sum(1 << ACTIONS.index(action) for action in set(actions) if action in ACTIONS)


def route_rows(
    report: Report, installations: Names, resources: Names, tools: Names, steps: Steps
) -> list[list[object]]:
    """One row for all tools of an installation that do the same to one resource with the same outcome.

    Installation, resource, decision, certainty, actions, flags (1 universal, 2 through an integration, 4 if
    accounts are linked), tools, and the witness of the first tool.
    """
    grouped: dict[tuple[object, ...], list[AccessRow]] = {}
    for row in report.access:
        verdict = row.decision if row.decision in reach.VERDICTS else "unknown"
        flags = row.universal + 2 * row.transitive + 4 * row.conditional
        key = (row.installation, row.resource, verdict, row.certainty, row.actions, flags)
        grouped.setdefault(key, []).append(row)
    told = len(grouped) <= _MOST_WITNESSES
    return [
        [
            installations(rows[0].installation),
            resources(rows[0].resource),
            reach.VERDICTS.index(str(key[2])),
            rows[0].certainty,
            mask(rows[0].actions),
            key[5],
            [tools(row.tool) for row in rows],
            steps(rows[0].witness) if told else None,
        ]
        for key, rows in grouped.items()
    ]
