"""From the smallest set to a plan: what each agent keeps, removes and denies, where, and why in words."""

from collections.abc import Iterable, Iterator, Mapping

from mcpaudit.analysis.deny import deny_place, deny_rule
from mcpaudit.analysis.excess import removable
from mcpaudit.analysis.facts import Facts
from mcpaudit.analysis.narrow import narrower
from mcpaudit.analysis.needs import Needed
from mcpaudit.analysis.read_only import read_only
from mcpaudit.analysis.tool_set import Tools, tools_of
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.client_facts import client_facts
from mcpaudit.model.action import in_words
from mcpaudit.model.fact import LEGS
from mcpaudit.model.minimum import Atom, Privilege
from mcpaudit.model.plan import Deny, Keep, Plan, Remove
from mcpaudit.model.server import Installation

_SHOWN = 3


def plans(facts: Facts) -> tuple[Plan, ...]:
    """One plan for each profile and agent."""
    return tuple(_Planner(facts, held).plan() for held in facts.needed)


@dataclass(slots=True)
class _Planner:
    facts: Facts
    held: Needed

    def plan(self) -> Plan:
        held, access = self.held, self.facts.access
        found = removable(access, held.agent)
        unknown = [one for one in found if one.id in held.may or access.manifests[one.id].source == "none"]
        unknown = [one for one in unknown if one.id not in held.keep]
        known = [one for one in found if one not in unknown]
        tools = tools_of(held, self.facts.rows)
        kept = [held.candidates[name] for name in sorted(held.keep)]
        every = [held.candidates[one.id] for one in known if one.id in held.candidates]
        client = client_facts(found[0].client) if found else None
        return Plan(
            profile=held.profile.id,
            title=held.profile.title,
            agent=held.agent,
            client=client.title if client else held.agent,
            keep=tuple(self._keep(one, tools) for one in known if one.id in held.keep),
            remove=tuple(self._remove(one) for one in known if one.id not in held.keep),
            undecided=tuple(self._name(one.id) for one in unknown),
            unmet=held.unmet,
            others=tuple(
                tuple(sorted(self._name(name) for name in some))
                for some in held.cover.sets
                if some != held.keep
            ),
            cost=held.cover.cost,
            bound=held.cover.bound,
            proved=held.cover.proved,
            all_ties=held.cover.all_ties,
            completes=tools.legs >= set(LEGS),
            beyond=(
                len(frozenset().union(*(one.outside for one in every))),
                len(frozenset().union(*(one.outside for one in kept))),
                len(tools.outside),
            ),
            where=deny_place(found[0]) if found else "",
        )

    def _keep(self, one: Installation, tools: Tools) -> Keep:
        access = self.facts.access

        def own(names: Iterable[str]) -> list[str]:
            return sorted(name.removeprefix(f"{one.id}/") for name in names if name.startswith(f"{one.id}/"))

        return Keep(
            name=self._name(one.id),
            server=one.server.id,
            place=one.place,
            reason=self._why_kept(one.id),
            deny=tuple(
                Deny(tool, _can(tools.spare[f"{one.id}/{tool}"]), deny_rule(access, one, tool))
                for tool in own(tools.spare)
            ),
            narrow=(
                *narrower(self.facts, self.held.profile, one),
                *read_only(self.facts, self.held, one),
            ),
            wider=tuple((tool, _can(tools.wider[f"{one.id}/{tool}"])) for tool in own(tools.wider)),
            idle=tuple(own(tools.idle)),
            unknown=tuple(own(tools.unknown)),
        )

    def _why_kept(self, name: str) -> str:
        """What only it offers of all that is installed; else what only it offers of what stays."""
        held, own = self.held, self.held.candidates[name].meets
        only = own - _met(held, held.candidates.keys() - {name})
        if only:
            # What a server without a list of tools offers is not known: it may well offer the same.
            found = removable(self.facts.access, held.agent)
            unknown = any(self.facts.access.manifests[one.id].source == "none" for one in found)
            return f"only it {'is known to offer' if unknown else 'offers'} {held.atoms_in_words(only)}"
        lone = own - _met(held, held.keep - {name})
        others = [one for one in held.candidates if one not in held.keep]
        rivals = [one for one in others if held.candidates[one].meets & lone]
        equal = [one for one in rivals if one in held.cover.used]
        told = f"it offers {held.atoms_in_words(lone)}"
        if equal:
            return f"{told}; {_listed(self._names(equal))} would do as well"
        so_too = f"{told}; so {'does' if len(rivals) == 1 else 'do'} {_listed(self._names(rivals))}"
        return f"{so_too}, but at more cost" if held.cover.proved and held.cover.all_ties else so_too

    def _remove(self, one: Installation) -> Remove:
        return Remove(self._name(one.id), one.server.id, (one.place, *one.shadows), self._why_gone(one.id))

    def _why_gone(self, name: str) -> str:
        held = self.held
        mine = held.candidates.get(name)
        if mine is None or not mine.meets:
            return f"nothing in the profile `{held.profile.id}` needs it"
        offers = f"what it offers to the need ({held.atoms_in_words(mine.meets)})"
        instead = [one for one in sorted(held.keep) if held.candidates[one].meets & mine.meets]
        whole = f"{offers} {_listed(self._names(instead))} {'offers' if len(instead) == 1 else 'offer'} too"
        if name in held.cover.used:
            return f"{whole}, and at the same cost: either can go"
        more = mine.outside - frozenset().union(*(held.candidates[one].outside for one in held.keep))
        settled = next(
            (one for one in held.cover.reductions if one.id == name and one.kind == "dominated"), None
        )
        if settled is not None and settled.by in held.keep:
            whole = f"{offers} {self._name(settled.by)} offers as well, in every set at less cost"
        if more:
            return f"{whole}; beyond the need it could also {_privileges(more)}"
        return f"{whole}; it is one server more"

    def _name(self, installation: str) -> str:
        """The name that the client's file gives it; with a word more where two have the same."""
        return installation.removeprefix(f"{self.held.agent}/")

    def _names(self, installations: list[str]) -> list[str]:
        return [self._name(one) for one in installations]


def _met(held: Needed, names: frozenset[str] | set[str]) -> frozenset[Atom]:
    return frozenset().union(*(held.candidates[name].meets for name in names))


def _can(some: frozenset[Privilege]) -> str:
    """What denying a tool takes away, as the end of "which can ..."; a tool may matter for a flow alone."""
    return _privileges(some) if some else "complete a way for private data to get out"


def _privileges(some: frozenset[Privilege]) -> str:
    """A few of what it gives, by resource."""
    by_resource: dict[str, set[str]] = {}
    for resource, action in some:
        by_resource.setdefault(resource, set()).add(action)
    return _listed(list(_in_words(by_resource)))


def _in_words(by_resource: Mapping[str, set[str]]) -> Iterator[str]:
    return (f"{in_words(actions)} {resource}" for resource, actions in sorted(by_resource.items()))


def _listed(items: list[str]) -> str:
    shown = [*items[:_SHOWN], *([f"{len(items) - _SHOWN} more"] if len(items) > _SHOWN else [])]
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1] if shown else ""]))
