"""The inverse of a fact: what to change so that it no longer holds, and how much access that takes away.

Nothing is audited again to find it: whoever finds a fact knows which tools of which servers it rests on, and
it ends with them. That the suppositions hold what they promise, the tests prove.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain

from mcpaudit.access.graph import ANY_TOOL, AccessGraph
from mcpaudit.analysis.parting import Meeting, Parting
from mcpaudit.model.access import Access
from mcpaudit.model.decision import Rule
from mcpaudit.model.place import Place
from mcpaudit.model.remedy import Act, How, Remedy, listed, ranked
from mcpaudit.model.server import Installation
from mcpaudit.model.supposition import Supposition

Taken = Mapping[str, Set[str]]
"""Tools by installation."""
_SHOWN = 4


class Remedies:
    """Words, suppositions and costs for what can be changed in an installation."""

    def __init__(self, access: AccessGraph, rows: Iterable[Access]) -> None:
        self._access = access
        self._gives: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for row in rows:
            if row.runs:
                self._gives[row.installation][row.tool] += len(row.actions)

    def taking(self, taken: Taken) -> Iterator[Remedy]:
        """Deny these tools; a server of which nothing that runs would be left is removed instead."""
        acts: list[Act] = []
        remove: list[str] = []
        deny: list[str] = []
        cost = 0
        for name, tools in sorted(taken.items()):
            one, runs = self._access.installations[name], self._gives[name]
            if self._removable(one) and (ANY_TOOL in tools or tools >= runs.keys()):
                acts.append(self._removal(one))
                remove.append(name)
                cost += sum(runs.values())
            else:
                acts.append(self.act(one, f"deny {_tools(tools)} of {_name(one)}"))
                deny += [f"{name}/{tool}" for tool in sorted(tools)]
                cost += sum(runs[tool] for tool in tools)
        how: How = "deny" if deny else "remove"
        yield Remedy(how, tuple(acts), cost, Supposition(remove=tuple(remove), deny=tuple(deny)))
        if deny:
            yield from self.removing(taken)

    def removing(self, names: Iterable[str]) -> Iterator[Remedy]:
        """Remove these servers; a client's own tools cannot be removed."""
        found = [self._access.installations[name] for name in sorted(names)]
        if all(map(self._removable, found)):
            cost = sum(sum(self._gives[one.id].values()) for one in found)
            acts = tuple(map(self._removal, found))
            yield Remedy("remove", acts, cost, Supposition(remove=tuple(one.id for one in found)))

    def dropping(self, agent: str, rule: Rule, how: How = "drop", cost: int = 0) -> Remedy:
        """Delete a rule from its file."""
        title, where = self._access.configs[agent].agent.title, rule.place
        act = Act(agent, title, f"drop the {rule.level} rule `{rule.pattern}`", where)
        return Remedy(how, (act,), cost, Supposition(drop=(where,)))

    def changing(self, how: How, phrases: Mapping[str, str], cost: int = 0) -> Remedy:
        """A change of entries that cannot be supposed, by installation."""
        found = self._access.installations
        acts = (self.act(found[name], phrase, found[name].place) for name, phrase in sorted(phrases.items()))
        return Remedy(how, tuple(acts), cost)

    def act(self, one: Installation, phrase: str, place: Place | None = None) -> Act:
        """One change in the agent of an installation."""
        return Act(one.agent, self._access.configs[one.agent].agent.title, phrase, place)

    def left_to_one(self, parties: Mapping[str, tuple[str, Set[str]]]) -> tuple[Remedy, ...]:
        """What leaves one of several parties that disturb each other, each with a key and its tools.

        Parties of one key do not disturb each other: all of them stay.
        """
        found: list[Remedy] = []
        for kept in self._worth({name: key for name, (key, _) in parties.items()}):
            found += self.taking({name: tools for name, (key, tools) in parties.items() if key != kept})
        # Of many parties, the best to keep is worth saying, and not each.
        return ranked(found)[: _SHOWN + 2]

    def removing_others(self, keys: Mapping[str, str]) -> Iterator[Remedy]:
        """Remove all installations but those of one key, for the keys that are most worth keeping."""
        for kept in self._worth(keys):
            yield from self.removing([name for name, key in keys.items() if key != kept])

    def _worth(self, keys: Mapping[str, str]) -> list[str]:
        """The keys whose installations give most: to keep them takes least away."""
        gives: dict[str, int] = defaultdict(int)
        for name, key in keys.items():
            gives[key] += sum(self._gives[name].values())
        return sorted(gives, key=lambda key: (-gives[key], key))[: _SHOWN + 2]

    def covering(self, meetings: Iterable[Meeting], tools: Taken) -> tuple[Remedy, ...]:
        """What leaves none of these meetings: one party where it is in all of them, else the busiest ones.

        `tools` are those by which each party meets others.
        """
        parting = Parting(meetings)
        found = chain.from_iterable(self.taking({name: tools[name]}) for name in parting.alone())
        if ways := ranked(found):
            return ways
        cost = {name: sum(self._gives[name][tool] for tool in own) for name, own in tools.items()}
        return ranked(self.taking({name: tools[name] for name in parting.cover(cost)}))

    def _removal(self, one: Installation) -> Act:
        return self.act(one, f"remove {_name(one)}", one.place)

    def _removable(self, one: Installation) -> bool:
        return not one.server.builtin


def _name(one: Installation) -> str:
    return "the client itself" if one.server.builtin else f"`{one.name}`"


def _tools(tools: Iterable[str]) -> str:
    found = [f"`{tool}`" for tool in sorted(tools)]
    more = [f"{len(found) - _SHOWN} more tools"] if len(found) > _SHOWN + 1 else []
    return listed([*found[:_SHOWN], *more] if more else found)
