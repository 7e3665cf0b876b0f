"""What policies and processes say about controls, how firmly, and what remains for people to do."""

from functools import lru_cache

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass

FIRMNESS = ("direct", "strong", "partial", "")
"""From the firmest; empty where a policy of the user's own names a control, which nobody has rated."""

FIRM = ("direct", "strong")
"""What may be shown as a result about a control."""


@dataclass(frozen=True, slots=True)
class Process:
    """Something that using mcpaudit is evidence of."""

    title: str
    controls: dict[str, str]
    """How firmly, by control."""


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """The whole of `evidence.yaml`."""

    policies: dict[str, dict[str, str]]
    processes: dict[str, Process]
    duties: dict[str, str]
    """What remains for people, by control."""
    threats: frozenset[str]
    """Frameworks that list threats, where the same remains to do for every item."""
    against_threats: str
    otherwise: str
    """What remains where nothing closer is known."""

    def firmness(self, policy: str, control: str, *, shipped: bool) -> str:
        """How firmly a policy speaks about a control that it names."""
        return self.policies.get(policy, {}).get(control, "partial") if shipped else ""

    def duty(self, control: str) -> str:
        """What remains for people to do about a control."""
        general = self.against_threats if control.partition(":")[0] in self.threats else self.otherwise
        return self.duties.get(control, general)


@lru_cache(maxsize=1)
def evidence_facts() -> EvidenceFacts:
    """The facts, read once."""
    raw = shipped.table("policy/evidence.yaml")
    return EvidenceFacts(
        policies=raw["policies"],
        processes={name: Process(**body) for name, body in raw["processes"].items()},
        duties={control: duty["says"] for duty in raw["duties"] for control in duty["controls"]},
        threats=frozenset(raw["threats"]["frameworks"]),
        against_threats=raw["threats"]["says"],
        otherwise=raw["otherwise"],
    )
