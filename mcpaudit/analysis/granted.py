"""Access that no granted scope gives is none: what a tool would do and its credential may not.

Nothing is taken away on incomplete knowledge. The token or its file has to say what was granted, each of
these scopes has to be known, the pack's scopes have to be checked against a source, another scope has to give
what is missing, and it has to be certain what the tool acts on. What an entry asks for at a login is not what
was granted (RFC 6749, section 3.3), and what nobody tells bounds nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace

from mcpaudit.access.graph import ANY_TOOL, AccessGraph
from mcpaudit.access.reaches import carried_over
from mcpaudit.access.scopes import Scopes, for_signing_in
from mcpaudit.analysis.scope_witness import ScopeWitness
from mcpaudit.analysis.scopes import Held, Uses, by_installation
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.access import Access
from mcpaudit.model.action import EVERYTHING, Actions, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.credential import ScopeSource
from mcpaudit.model.server import Installation

_SAID: tuple[ScopeSource, ...] = ("token", "file")
_TOOL, _ACTS = 1, 3
"""Where the steps to the tool and from it to the resource stand in a witness."""
_Near = tuple[str, str]
"""A tool and a resource, as nodes of the graph."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Access as far as credentials give it, and what was left out."""

    rows: tuple[Access, ...]
    left_out: tuple[str, ...]
    """A sentence for each tool of an installation that would do more."""


def granted_access(access: AccessGraph, rows: Sequence[Access], packs: Packs) -> Granted:
    """Take from each row what its credential was certainly not granted."""
    uses = Uses(access, packs, by_installation(rows))
    kept: list[Access] = []
    left_out: list[str] = []
    for name, own in uses.rows.items():
        installation = access.installations[name]
        bounds = {} if installation.server.builtin else dict(_bounds(uses, installation))
        part = _Part(access, installation, bounds)
        kept += part.narrowed(own) if bounds else own
        left_out += part.left_out
    return Granted(tuple(sorted(kept, key=lambda row: row.id)), tuple(dict.fromkeys(left_out)))


def _bounds(uses: Uses, installation: Installation) -> Iterator[tuple[str, tuple[Scopes, Held]]]:
    """By provider, what surely bounds the access of an installation."""
    for held in uses.held(installation):
        scopes = uses.of(held.provider, held.vocabulary)
        if scopes is None or held.granted is None or held.source not in _SAID:
            continue
        known = all(scopes.known(name) or for_signing_in(name) for name in held.granted)
        if known and held.vocabulary in scopes.pack.checked:
            yield held.provider, (scopes, held)


@dataclass(slots=True)
class _Part:
    """The access of one installation."""

    access: AccessGraph
    installation: Installation
    bounds: Mapping[str, tuple[Scopes, Held]]
    left_out: list[str] = field(default_factory=list)

    def narrowed(self, rows: Sequence[Access]) -> Iterator[Access]:
        """The rows as far as they are granted; those through an integration go with what they go through."""
        left: dict[_Near, Actions] = {}
        for row in rows:
            if not row.transitive:
                found = self._direct(row)
                left[_near(row)] = left.get(_near(row), frozenset()) | (
                    found.actions if found else frozenset()
                )
                if found is not None:
                    yield found
        for row in rows:
            if row.transitive:
                carried = carried_over(left.get(_near(row), EVERYTHING), row.actions)
                if carried:
                    yield replace(row, actions=carried)

    def _direct(self, row: Access) -> Access | None:
        """A row as far as it is granted; `None` where nothing of it is."""
        sure = row.witness[_ACTS].certainty is Certainty.CERTAIN and row.tool != ANY_TOOL
        if row.resource.provider not in self.bounds or not row.resource.kind or not sure:
            return row
        scopes, held = self.bounds[row.resource.provider]
        names = [known for name in held.granted or () if (known := scopes.known(name))]
        refused = scopes.refused(names, row.resource.kind, row.actions)
        if not refused:
            return row
        says = ScopeWitness(self.access, self.installation, held.credentials, names, held.source).grants()
        what = f"{in_words(refused)} {row.resource}"
        self.left_out.append(
            f"That `{row.tool}` of {row.installation} could {what} is left out: {says.reason}."
        )
        shown = (*row.witness, replace(says, reason=f"{says.reason}, which does not let it {what}"))
        left = row.actions - refused
        return replace(row, actions=left, witness=shown) if left else None


def _near(row: Access) -> _Near:
    return row.witness[_TOOL].target, row.witness[_ACTS].target
