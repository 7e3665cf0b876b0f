"""The facts by what subjects ask them for, each worked out once an audit."""

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from mcpaudit.analysis.facts import Facts, ToolFact
from mcpaudit.analysis.probed import ProbeFact
from mcpaudit.model.access import Access
from mcpaudit.model.credential import Credential
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation

Key = TypeVar("Key")
Item = TypeVar("Item")


class Index:
    """Looks facts up; what nobody asks for is not worked out."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    @cached_property
    def installed(self) -> dict[str, list[Installation]]:
        """Installations by server."""
        found = sorted(self._facts.access.installations.items())
        return _grouped((one.server.id, one) for _, one in found)

    @cached_property
    def tools(self) -> dict[str, list[ToolFact]]:
        """Tools by server."""
        return _grouped((fact.server, fact) for fact in self._facts.tools)

    @cached_property
    def rows(self) -> dict[str, list[Access]]:
        """Accesses by server."""
        return _grouped((row.server, row) for row in self._facts.rows)

    @cached_property
    def credentials(self) -> dict[str, list[Credential]]:
        """Credentials by what holds them."""
        return _grouped((one.holder, one) for one in self._facts.credentials)

    @cached_property
    def probes(self) -> dict[str, list[ProbeFact]]:
        """Checks by server."""
        probed = self._facts.probed
        return _grouped((fact.probe.server, fact) for fact in (probed.facts if probed else ()))

    @cached_property
    def sharing(self) -> dict[int, set[str]]:
        """What holds each secret."""
        found = _grouped((one.secret.group, one.holder) for one in self._facts.credentials)
        return {group: set(holders) for group, holders in found.items()}

    @cached_property
    def servers(self) -> dict[str, str]:
        """The server of each installation."""
        return {name: one.server.id for name, one in self._facts.access.installations.items()}

    @cached_property
    def rules(self) -> dict[tuple[str, str, str], list[tuple[int, Place]]]:
        """The client rules that decide on a tool, by agent, server and tool, each with its row's number."""
        return _grouped(
            ((row.agent, row.server, row.tool), (number, row.decision.rule.place))
            for number, row in enumerate(self._facts.rows)
            if row.decision.rule is not None
        )


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, list[Item]]:
    found: dict[Key, list[Item]] = defaultdict(list)
    for key, item in pairs:
        found[key].append(item)
    return dict(found)
