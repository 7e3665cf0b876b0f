"""Probed: what the evidence of `mcpaudit live probe` says of the servers that are installed."""

from collections.abc import Iterable
from datetime import date

from mcpaudit.access.graph import AccessGraph
from mcpaudit.dataclass import dataclass
from mcpaudit.model.lock import name_of
from mcpaudit.model.probe import Probe, Probes
from mcpaudit.model.server import Installation


@dataclass(frozen=True, slots=True)
class ProbeFact:
    """One check, with the installations whose entry was tested."""

    probe: Probe
    installed: tuple[Installation, ...]
    age_days: int
    """From the day of the check to the day of the audit; negative for evidence from after it."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What became of the probe evidence of an audit."""

    facts: tuple[ProbeFact, ...]
    strangers: tuple[str, ...]
    """Names in the evidence of entries that are not installed here, or are another server by now."""


def probed(access: AccessGraph, evidence: Probes, as_of: date) -> Probed:
    """The checks of what is installed, each with its age."""
    known = _by_name(access.installations.values())
    facts, strangers = [], set()
    for one in evidence.probes:
        installed = tuple(known[one.server, name] for name in one.names if (one.server, name) in known)
        strangers |= {name for name in one.names if (one.server, name) not in known}
        if installed:
            facts.append(ProbeFact(one, installed, (as_of - date.fromisoformat(one.at[:10])).days))
    return Probed(tuple(facts), tuple(sorted(strangers)))


def _by_name(installations: Iterable[Installation]) -> dict[tuple[str, str], Installation]:
    return {(one.server.id, name_of(one)): one for one in installations if not one.shadowed_by}
