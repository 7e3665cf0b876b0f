"""What is asked of an installation beside its audit: what would be if, the least of it, patches, logs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mcpaudit.analysis.change import difference
from mcpaudit.analysis.facts import Facts
from mcpaudit.audit import gather, judge, policies_of
from mcpaudit.clients.discover import discover
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.fact import Difference
from mcpaudit.model.finding import Finding, Safety
from mcpaudit.model.fixes import Proof
from mcpaudit.model.patch import Patches
from mcpaudit.model.plan import Plan, suggestion
from mcpaudit.model.report import Report
from mcpaudit.model.supposition import Supposition
from mcpaudit.policy.evaluate import evaluate
from mcpaudit.policy.policy import Policy
from mcpaudit.policy.subjects import Subjects
from mcpaudit.report.build import Outcome, build_report
from mcpaudit.request import Request, configuration_of

if TYPE_CHECKING:
    from mcpaudit.clients.relaying import Relayed, Relaying
    from mcpaudit.model.usage import Usage


def audit_with_proofs(request: Request) -> tuple[Report, tuple[Proof, ...]]:
    """The audit, and another one for each of its patches: of the files as the patch would leave them."""
    outcome = judge(request)
    return build_report(outcome), tuple(_proof(request, outcome, safety) for safety in outcome.fixes.stages)


def _proof(request: Request, outcome: Outcome, safety: Safety) -> Proof:
    from mcpaudit.analysis.agreement import disagreements

    configuration, _ = configuration_of(request)
    policies = policies_of(request)
    now, patches = outcome.facts, outcome.fixes.stages[safety]
    after = gather(replace(request, instead=patches.contents), configuration)
    supposed = gather(replace(request, supposed=patches.done), configuration)
    open_now, open_then = (_open(policies, facts, request.as_of) for facts in (now, after))
    answered = outcome.fixes.answered(safety)
    keys = [key for key in open_now if key[1] in answered]
    changes = difference(now, after)
    # What follows from a switch is the client's to say: there, that nothing is gained has to do.
    switched = {
        config.agent.id
        for config in now.collected.agents
        if any(switch.place in patches.done.drop for switch in config.switches)
    }
    more = (f"{one.agent}: access to {one.resource} is {one.kind}" for one in changes.changes)
    gained = [
        text for text, one in zip(more, changes.changes, strict=True) if one.kind in ("gained", "looser")
    ]
    return Proof(
        safety,
        len(keys),
        tuple(open_now[key] for key in sorted(keys) if key in open_then),
        len(open_now.keys() - open_then.keys() - set(keys)),
        tuple(one for key, one in sorted(open_then.items()) if key not in open_now),
        changes,
        (*(gained if safety == "safe" else ()), *disagreements(supposed, after, switched)),
    )


def what_if(request: Request, supposed: Supposition) -> Difference:
    """What agents would gain and lose if the supposition held; raises UsageError for an unknown tool."""
    configuration, _ = configuration_of(request)
    now = gather(request, configuration)
    names = set()
    for held, tool in {(row.installation, row.tool) for row in now.rows}:
        names |= {tool, f"{now.access.installations[held].name}/{tool}", f"{held}/{tool}"}
    for denied in supposed.deny:
        if denied not in names:
            hint = did_you_mean(denied, names)
            raise UsageError(f"there is no tool `{denied}` here{f'; {hint}' if hint else ''}")
    after = gather(replace(request, supposed=supposed), configuration)
    return difference(now, after)


@dataclass(frozen=True, slots=True)
class Minimum:
    """What agents should keep for a profile, and what that would change."""

    plans: tuple[Plan, ...]
    changes: Difference
    facts: Facts
    """The state as it is, for lines and columns."""


def minimize(request: Request) -> Minimum:
    """The smallest set of servers and tools for the request's profile, audited again as if it were so."""
    from mcpaudit.analysis.minimum_plan import plans
    from mcpaudit.analysis.spare_scopes import with_fewer_scopes

    configuration, _ = configuration_of(request)
    now = gather(request, configuration)
    found = plans(now)
    after = now
    supposed = suggestion(found)
    if supposed != Supposition():
        after = gather(replace(request, supposed=supposed), configuration)
    found = with_fewer_scopes(found, after)
    if suggestion(found) != supposed:
        after = gather(replace(request, supposed=suggestion(found)), configuration)
    return Minimum(found, difference(now, after), now)


@dataclass(frozen=True, slots=True)
class Patched:
    """A supposition as patches, and what an audit of the patched files says."""

    patches: Patches
    changes: Difference
    """What the patched files change, whatever was supposed."""
    disagreements: tuple[str, ...]
    """Where they do not come to what was supposed: there should be none."""
    resolved: tuple[Finding, ...]
    raised: tuple[Finding, ...]


def patch(request: Request, what: Supposition, now: Facts) -> Patched:
    """The supposition as patches; they are put into a copy in memory, which is audited again."""
    from mcpaudit.analysis.agreement import disagreements
    from mcpaudit.clients.patching import patches

    configuration, _ = configuration_of(request)
    found = patches(now.collected, now.access.manifests, what, Packs.shipped())
    if not found.files:
        return Patched(found, Difference((), ()), (), (), ())
    after = gather(replace(request, instead=found.contents), configuration)
    supposed = gather(replace(request, supposed=found.done), configuration)
    policies = policies_of(request)
    open_now, open_then = (_open(policies, facts, request.as_of) for facts in (now, after))
    return Patched(
        found,
        difference(now, after),
        disagreements(supposed, after),
        tuple(one for key, one in sorted(open_now.items()) if key not in open_then),
        tuple(one for key, one in sorted(open_then.items()) if key not in open_now),
    )


def _open(policies: list[Policy], facts: Facts, as_of: date) -> dict[tuple[str, str], Finding]:
    findings, _ = evaluate(policies, Subjects(facts), as_of.isoformat())
    return {(one.policy, one.fingerprint): one for one in findings if one.status in ("fail", "possible")}


@dataclass(frozen=True, slots=True)
class Used:
    """What clients' logs show, and which of them could not be opened."""

    usage: "Usage"
    unopened: tuple[str, ...]


def used(request: Request, logs: "Sequence[Path]", since: str = "") -> Used:
    """The usage evidence of these logs; without any, of those that the agents' clients keep in the home."""
    from mcpaudit.usage.collect import collect, find, named
    from mcpaudit.usage.formats import UNAUDITED

    if logs:
        found = named(logs)
    else:
        collected = discover(request.site, Packs.shipped())
        clients = {config.agent.client for config in collected.agents}
        found = find(collected.site, clients | UNAUDITED)
        if not found:
            raise UsageError("there are no logs here that mcpaudit can read; name some: mcpaudit usage LOG")
    usage, unopened = collect(found, since)
    return Used(usage, tuple(unopened))


def recording(request: Request, name: str, how: "Relaying") -> "Relayed":
    """The patches that pass a server through a recording relay; raises UsageError for a name that is none."""
    from mcpaudit.clients.relaying import relaying
    from mcpaudit.model.lock import name_of

    configuration, _ = configuration_of(request)
    packs = Packs.shipped()
    collected = discover(request.site, packs, given=request.given, only=configuration.clients)
    every = [one for config in collected.agents for one in config.installations if not one.server.builtin]
    chosen = [one for one in every if name in (one.name, name_of(one))]
    if not chosen:
        known = {word for one in every for word in (one.name, name_of(one))}
        hint = did_you_mean(name, known)
        raise UsageError(f"there is no server `{name}` here{f'; {hint}' if hint else ''}")
    return relaying(collected, chosen, how, packs)
