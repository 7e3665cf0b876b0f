"""What the remedy of a policy means for a fact: what would have to be otherwise in clients' files."""

from collections.abc import Iterable, Iterator, Sequence

from mcpaudit.analysis.facts import Facts, RuleFact, ToolFact
from mcpaudit.clients.client import Switch
from mcpaudit.clients.outcome import matches
from mcpaudit.model.access import Access
from mcpaudit.model.credential import Credential
from mcpaudit.model.decision import MODES, Decision, Verdict
from mcpaudit.model.fact import Conflict, Excess, Flow
from mcpaudit.model.finding import Wish
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation, Server
from mcpaudit.model.supposition import Supposition
from mcpaudit.policy.remedy import Remedy


def wish(remedy: Remedy, about: object, facts: Facts, certain: bool) -> Wish:
    """What a remedy means for the fact that a finding is about; without `certain` a person has to look."""
    supposed, reason = Supposition(), ""
    match remedy.edit, about:
        case "remove-installation", Excess() | Installation() | Server():
            supposed = Supposition(remove=tuple(one.id for one in _installations(about, facts)))
        case "deny-tool", Excess():
            ids = tuple(f"{one.id}/{about.tool}" for one in _installations(about, facts) if about.tool)
            supposed = Supposition(deny=ids)
        case "deny-tool", ToolFact():
            supposed = Supposition(
                deny=tuple(f"{one.installation}/{about.tool.name}" for one in about.outcomes)
            )
        case "deny-tool", Access():
            supposed = Supposition(deny=(f"{about.installation}/{about.tool}",))
        case "drop-rule", RuleFact():
            supposed = Supposition(drop=(about.rule.place,))
        case "drop-rule", Credential():
            supposed = Supposition(drop=(about.secret.place,))
        case "drop-rule", ToolFact() | Access():
            supposed, reason = _not_allowed(about, facts)
        case "drop-setting", Gap():
            supposed = Supposition(drop=(about.place,))
        case "turn-off-switch", Switch():
            supposed = Supposition(drop=(about.place,))
        case "bind-locally", Installation():
            from mcpaudit.analysis.rewording import bound

            words, reason = bound(about, facts.collected.documents)
            supposed = Supposition(reword=words)
        case "pin-version", Server():
            from mcpaudit.analysis.rewording import pinned

            found = [
                pinned(one, facts.access.manifests[one.id], facts.collected.documents)
                for one in _installations(about, facts)
            ]
            supposed = Supposition(reword=tuple(word for words, _ in found for word in words))
            reason = next((why for _, why in found if why), "")
        case "advised", Conflict() | Excess():
            best = next(iter(about.remedies), None)
            if best is not None and best.supposed is not None:
                supposed = best.supposed
            elif best is not None:
                reason = f"no patch can do what is advised: {best.sentence}"
        case "advised", Flow():
            proved = about.cuts and all(cut.proved for cut in about.cuts)
            for cut in about.cuts if proved else ():
                supposed = supposed.with_all_of(cut.supposed)
            reason = "" if proved else "no change of servers is proved to end it"
    safe = certain and remedy.safety == "safe" and _takes_away(supposed, facts)
    if not supposed.parts and not reason:
        reason = "no edit of a configuration is known that does this"
    return Wish(supposed, "safe" if safe else "needs-review", reason)


def _takes_away(what: Supposition, facts: Facts) -> bool:
    """Whether an edit takes access away, or has no effect on it: no word is changed, no limit dropped."""
    dropped = set(what.drop)
    limits = (
        rule
        for config in facts.collected.agents
        for rule in (config.rules if dropped else ())
        if rule.effect != "allow" and rule.place in dropped
    )
    return not what.reword and next(limits, None) is None


def _installations(about: Excess | Installation | Server, facts: Facts) -> Iterator[Installation]:
    if isinstance(about, Installation):
        yield about
        return
    for _, one in sorted(facts.access.installations.items()):
        if isinstance(about, Server):
            own = one.server.id == about.id
        else:
            own = one.server.id == about.subject and one.agent in about.agents
            own = own and (about.kind != "duplicate" or one.name == about.name)
        if own and one.reachable and not one.server.builtin:
            yield one


def _not_allowed(about: ToolFact | Access, facts: Facts) -> tuple[Supposition, str]:
    """Without the rules that allow a tool, in each agent where it runs unasked."""
    mode = MODES.index(facts.mode)
    if isinstance(about, Access):
        uses: Sequence[tuple[str, str, Decision]] = [(about.installation, about.tool, about.decision)]
    else:
        uses = [(one.installation, about.tool.name, one.decisions[mode]) for one in about.outcomes]
    dropped: list[Place] = []
    reason = ""
    for installation, tool, decision in uses:
        if decision.verdict is not Verdict.ALLOW:
            continue
        found = list(_allowing(facts, facts.access.installations[installation], tool, decision))
        dropped += found
        if not found:
            agent = facts.access.configs[facts.access.installations[installation].agent].agent.title
            reason = reason or f"in {agent} no rule allows it: {decision.reason}"
    return Supposition(drop=tuple(dict.fromkeys(dropped))), reason


def _allowing(facts: Facts, one: Installation, tool: str, decision: Decision) -> Iterable[Place]:
    if decision.rule is not None and decision.rule.effect == "allow":
        yield decision.rule.place
    known = next((each for each in facts.access.manifests[one.id].tools if each.name == tool), None)
    for rule in facts.access.configs[one.agent].rules:
        if rule.effect == "allow" and rule.effective is not False and known and matches(rule, one, known):
            yield rule.place
