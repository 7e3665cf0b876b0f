"""What part an access can play in a flow: untrusted words come in, private data is read, data gets out.

Willison's lethal trifecta names these three; the rule of two counts any change of state as a way out, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from mcpaudit.dataclass import dataclass
from mcpaudit.model.access import Access
from mcpaudit.model.action import Actions, changes
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
    return _played(row).sure


def _played(row: Access) -> "Played":
    stranger, whole = row.resource.provider == "unknown", not row.resource.kind
    return _parts(row.actions, row.labels, row.certainty, row.universal, stranger, whole)


class Played(NamedTuple):
    """Parts, and the legs as which they serve."""

    sure: Mapping[Part, Certainty]
    legs: Mapping[tuple[FlowKind, LegName], Certainty]
    serving: Mapping[FlowKind, Sequence[LegName]]


@lru_cache(maxsize=4096)  # there are few sets of parts and many accesses
def _parts(
    actions: Actions, labels: frozenset[str], known: Certainty, universal: bool, stranger: bool, whole: bool
) -> Played:
    found: dict[Part, Certainty] = {}

    def note(part: Part, *sure: Certainty) -> None:
        found.setdefault(part, weakest(known, *sure))

    # The labels of a whole provider are those of all that it holds: which of it a tool touches is not known.
    kind = _POSSIBLE if whole else Certainty.CERTAIN
    if universal and "execute" in actions:
        note("private")
        note("egress")
        note("source", _POSSIBLE)
    if actions & {"read", "list"}:
        # A list shows titles and names: some of what strangers wrote, and some of what is private.
        sight = Certainty.CERTAIN if "read" in actions else _POSSIBLE
        if stranger:
            note("source", _UNKNOWN)
            note("private", _UNKNOWN)
        if labels & UNTRUSTED:
            note("source", sight, kind)
        elif labels & MAYBE_UNTRUSTED:
            note("source", _POSSIBLE)
        if labels & PRIVATE:
            note("private", sight, kind)
    if actions & {"send", "share"}:
        note("egress")
    if actions & {"create", "write"}:
        if "external_sink" in labels:
            note("egress", kind)
        elif stranger:
            note("egress", _UNKNOWN)
    if changes(actions):
        note("state")
    return played(found)


def played(sure: Mapping[Part, Certainty]) -> Played:
    """Parts with the legs as which they serve."""
    legs = {
        (flow, leg): strongest(*(sure[part] for part in sure if part in wanted))
        for flow, each in KINDS.items()
        for leg, wanted in each.items()
        if not wanted.isdisjoint(sure)
    }
    serving = {flow: [leg for leg in LEGS if (flow, leg) in legs] for flow in KINDS}
    return Played(sure, legs, serving)


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
    played: Played

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
        return (kind, leg) in self.played.legs

    def sure(self, kind: FlowKind, leg: LegName) -> Certainty | None:
        """How surely it serves as a leg; `None` where it cannot."""
        return self.played.legs.get((kind, leg))


def steps_of(rows: Iterable[Access]) -> "Iterator[Step]":
    """The accesses that can play any part."""
    for row in rows:
        if (parts := _played(row)).sure:
            yield Step(row, parts)


Steps = Sequence[Step]


def legs_of(kind: FlowKind, steps: Steps) -> dict[LegName, list[Step]]:
    """The accesses that serve as each leg."""
    found: dict[LegName, list[Step]] = {leg: [] for leg in LEGS}
    for step in steps:
        for leg in step.played.serving[kind]:
            found[leg].append(step)
    return found


def complete(kind: FlowKind, steps: Steps) -> bool:
    """Whether every leg is there."""
    return all(any(step.serves(kind, leg) for step in steps) for leg in LEGS)
