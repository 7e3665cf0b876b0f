"""The cheapest cut of a flow: the fewest tools without which an agent has it no more."""

from collections.abc import Iterable, Mapping, Sequence

from mcpaudit.analysis.legs import Steps, complete
from mcpaudit.model.enumeration import few
from mcpaudit.model.fact import LEGS, Cut, FlowKind, LegName, Loss
from mcpaudit.model.server import Installation
from mcpaudit.model.supposition import Supposition

_LEFT: Mapping[LegName, str] = {
    "sources": "leaves nothing to read that strangers write",
    "private": "leaves nothing private to read",
    "sinks": "leaves no way out",
}


def cheapest_cut(
    installations: Mapping[str, Installation],
    title: str,
    kind: FlowKind,
    legs: Mapping[LegName, Steps],
    every: Steps,
) -> Cut:
    """The leg of fewest tools: as every source leads everywhere, only a leg gone as a whole ends a flow.

    `title` is how people call the agent. `every` is what it has besides, its client's own tools among them:
    it may complete the flow again.
    """

    def price(leg: LegName) -> tuple[int, int, int]:
        tools = {step.tool for step in legs[leg]}
        # Of two cuts that are as cheap, the later leg: a way out is missed less than something to read.
        return len(tools), len({installation for installation, _ in tools}), -LEGS.index(leg)

    leg = min(LEGS, key=price)
    gone = {step.tool for step in legs[leg]}
    running = [step for step in every if step.row.runs]
    held, lost = _by_installation({step.tool for step in running}), _by_installation(gone)
    losses, remove, deny = [], [], []
    for installation, taken in sorted(lost.items()):
        one = installations[installation]
        whole = taken == held[installation] and not one.server.builtin
        remove += [installation] if whole else []
        deny += [] if whole else [f"{installation}/{tool}" for tool in sorted(taken)]
        losses.append(Loss("the client" if one.server.builtin else one.name, tuple(sorted(taken)), whole))
    proved = not complete(kind, [step for step in running if step.tool not in gone])
    agent = running[0].row.agent
    supposed = Supposition(remove=tuple(remove), deny=tuple(deny))
    return Cut(agent, title, leg, tuple(losses), proved, _says(kind, leg, losses, proved), supposed)


def cuts_in_words(cuts: Iterable[Cut]) -> list[str]:
    """What ends the flow for each agent; said once where it is the same for several."""
    titles: dict[str, list[str]] = {}
    for cut in cuts:
        titles.setdefault(cut.says, []).append(cut.title)
    return [f"in {few(names, len(names))}, {says}" for says, names in titles.items()]


def _by_installation(tools: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for installation, tool in tools:
        found.setdefault(installation, set()).add(tool)
    return found


def _says(kind: FlowKind, leg: LegName, losses: Sequence[Loss], proved: bool) -> str:
    removed = [f"`{loss.name}`" for loss in losses if loss.whole]
    denied = [
        f"{few([f'`{tool}`' for tool in loss.tools])} of {loss.name}" for loss in losses if not loss.whole
    ]
    steps = [f"{verb} {few(named)}" for verb, named in (("removing", removed), ("denying", denied)) if named]
    left = (
        "leaves nothing to change and no way out" if (kind, leg) == ("rule-of-two", "sinks") else _LEFT[leg]
    )
    doubt = "" if proved else ", though the client's own tools or unknown ones may complete it again"
    return f"{' and '.join(steps)} {left}{doubt}"
