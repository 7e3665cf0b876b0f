"""What part an access can play in a flow: untrusted words come in, private data is read, data gets out.

Willison's lethal trifecta names these three; the rule of two counts any change of state as a way out, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from mcpaudit.model.access import Access
from mcpaudit.model.action import changes
from mcpaudit.model.certainty import Certainty, strongest, weakest
from mcpaudit.model.fact import LEGS, FlowKind, LegName
from mcpaudit.model.server import BUILTIN

Part = Literal["source", "private", "egress", "state"]

UNTRUSTED = frozenset({"untrusted", "persistent_untrusted"})
MAYBE_UNTRUSTED = frozenset({"untrusted_if_shared"})
PRIVATE = frozenset({"private_data", "pii", "financial", "secret", "sensitive"})
_POSSIBLE, _UNKNOWN = Certainty.POSSIBLE, Certainty.UNKNOWN


def parts_of(row: Access) -> Mapping[Part, Certainty]:
    """The parts that an access can play, each with how sure that is; empty where it can play none."""
    found: dict[Part, Certainty] = {}

    def note(part: Part, *sure: Certainty) -> None:
        found.setdefault(part, weakest(row.certainty, *sure))

    stranger = row.resource.provider == "unknown"
    # The labels of a whole provider are those of all that it holds: which of it a tool touches is not known.
    kind = Certainty.CERTAIN if row.resource.kind else _POSSIBLE
    if row.universal and "execute" in row.actions:
        note("private")
        note("egress")
        note("source", _POSSIBLE)
    if row.actions & {"read", "list"}:
        # A list shows titles and names: some of what strangers wrote, and some of what is private.
        sight = Certainty.CERTAIN if "read" in row.actions else _POSSIBLE
        if stranger:
            note("source", _UNKNOWN)
            note("private", _UNKNOWN)
        if row.labels & UNTRUSTED:
            note("source", sight, kind)
        elif row.labels & MAYBE_UNTRUSTED:
            note("source", _POSSIBLE)
        if row.labels & PRIVATE:
            note("private", sight, kind)
    if row.actions & {"send", "share"}:
        note("egress")
    if row.actions & {"create", "write"}:
        if "external_sink" in row.labels:
            note("egress", kind)
        elif stranger:
            note("egress", _UNKNOWN)
    if changes(row.actions):
        note("state")
    return found


# Which parts serve as which leg.
KINDS: Mapping[FlowKind, Mapping[LegName, frozenset[Part]]] = {
    "trifecta": {
        "sources": frozenset({"source"}),
        "private": frozenset({"private"}),
        "sinks": frozenset({"egress"}),
    },
    "rule-of-two": {
        "sources": frozenset({"source"}),
        "private": frozenset({"private"}),
        "sinks": frozenset({"egress", "state"}),
    },
}


@dataclass(frozen=True, slots=True)
class Step:
    """An access with the parts that it can play."""

    row: Access
    parts: Mapping[Part, Certainty]

    @property
    def own(self) -> bool:
        """Whether it is one of the client's own tools."""
        return self.row.server.startswith(BUILTIN)

    @property
    def tool(self) -> tuple[str, str]:
        """Which tool of which installation it is."""
        return self.row.installation, self.row.tool

    def serves(self, kind: FlowKind, leg: LegName) -> bool:
        """Whether it can be a leg."""
        return not KINDS[kind][leg].isdisjoint(self.parts)

    def sure(self, kind: FlowKind, leg: LegName) -> Certainty | None:
        """How surely it serves as a leg; `None` where it cannot."""
        return _sure(KINDS[kind][leg], tuple(self.parts.items()))


@cache
def _sure(wanted: frozenset[Part], parts: tuple[tuple[Part, Certainty], ...]) -> Certainty | None:
    """How surely these parts are one that is wanted; there are few sets of parts and many steps."""
    found = [sure for part, sure in parts if part in wanted]
    return strongest(*found) if found else None


Steps = Sequence[Step]


def legs_of(kind: FlowKind, steps: Steps) -> dict[LegName, list[Step]]:
    """The accesses that serve as each leg."""
    return {leg: [step for step in steps if step.serves(kind, leg)] for leg in LEGS}


def complete(kind: FlowKind, steps: Steps) -> bool:
    """Whether every leg is there."""
    return all(any(step.serves(kind, leg) for step in steps) for leg in LEGS)
