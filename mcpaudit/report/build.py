"""Turns facts and findings into the canonical report: plain rows, every place with its line and column."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, field
from functools import cache
from itertools import repeat

from mcpaudit import __version__
from mcpaudit.analysis.facts import Facts
from mcpaudit.dataclass import dataclass
from mcpaudit.model import run
from mcpaudit.model.action import in_order
from mcpaudit.model.decision import MODES, Decision, Verdict
from mcpaudit.model.finding import Finding, PolicyRun, WaiverUse
from mcpaudit.model.fixes import Answer, Fixes
from mcpaudit.model.gap import Gap
from mcpaudit.model.report import SCHEMA, Report
from mcpaudit.model.report_access import (
    AccessRow,
    DecisionRow,
    HintsRow,
    ModesRow,
    RuleRow,
    ToolRow,
    TouchRow,
)
from mcpaudit.model.report_fact import ConflictRow, ExcessRow, IdlenessRow, RoleRow, UsageRow
from mcpaudit.model.report_finding import FindingRow, WaiverRow
from mcpaudit.model.report_inventory import AgentRow, InstallationRow, ManifestRow, PackageRow, ServerRow
from mcpaudit.model.server import Installation
from mcpaudit.parsing.document import Document
from mcpaudit.report.build_credentials import credential_rows, scope_use_row
from mcpaudit.report.build_fixes import answer_row, patch_rows
from mcpaudit.report.build_flows import flow_rows
from mcpaudit.report.build_limits import limits
from mcpaudit.report.build_places import Places
from mcpaudit.report.build_remedies import remedy_rows
from mcpaudit.report.summary import summarise


@dataclass(frozen=True, slots=True)
class Outcome:
    """An audit that is done, with the choices that it was done under."""

    facts: Facts
    findings: tuple[Finding, ...]
    runs: tuple[PolicyRun, ...]
    waivers: tuple[WaiverUse, ...]
    own_files: Mapping[str, Document]
    as_of: str
    fail_on: str
    strict: bool
    as_is: bool
    honours_waivers: bool
    profiles: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    fixes: Fixes = field(default_factory=Fixes)


def build_report(outcome: Outcome, *, rows: bool = True) -> Report:
    """The whole report of one audit.

    Without `rows` it lacks tools and access: a comparison has them in its states, and needs the rest of both.
    """
    facts = outcome.facts
    stops = {gap.place: (gap.line, gap.column) for gap in facts.gaps if gap.line}
    places = Places({**facts.collected.documents, **outcome.own_files}, stops)
    answers = outcome.fixes.answers
    findings = tuple(_finding(one, places, answers.get(one.fingerprint)) for one in outcome.findings)
    gaps = tuple(
        _gap(gap, places) for gap in sorted(facts.gaps, key=lambda gap: (gap.place.sort_key, gap.kind))
    )
    installations = tuple(
        _installation(one, facts, places)
        for one in sorted(
            facts.access.installations.values(),
            key=lambda one: (one.agent, one.server.builtin, one.name, one.level),
        )
    )
    report = Report(
        schema=SCHEMA,
        tool=run.ToolInfo("mcpaudit", __version__),
        as_of=outcome.as_of,
        run=run.RunSettings(
            platform=facts.collected.site.platform,
            mode=facts.mode,
            as_is=outcome.as_is,
            strict=outcome.strict,
            fail_on=outcome.fail_on,
            profile=", ".join(outcome.profiles),
            packs=outcome.packs,
            waivers=outcome.honours_waivers,
            folder=facts.collected.site.below,
        ),
        inputs=_inputs(facts, outcome.own_files),
        coverage=_coverage(outcome, gaps, places),
        agents=tuple(
            AgentRow(config.agent.id, config.agent.client, config.agent.title, config.agent.cwd)
            for config in facts.collected.agents
        ),
        servers=tuple(_servers(facts)),
        installations=installations,
        tools=tuple(_tools(facts, places)) if rows else (),
        rules=tuple(
            RuleRow(
                rule.agent, rule.effect, rule.pattern, rule.level, rule.subject, fact.effective,
                fact.server_found, fact.tool_found, rule.problem, places.location(rule.place),
            )
            for fact in facts.rules
            for rule in (fact.rule,)
        ),
        credentials=tuple(credential_rows(facts, places)),
        scopes=tuple(map(scope_use_row, facts.scopes, repeat(places))),
        access=tuple(_access(facts, places)) if rows else (),
        conflicts=tuple(_conflicts(facts, places)),
        flows=tuple(flow_rows(facts.flows, places)),
        excess=tuple(
            ExcessRow(
                one.id, one.level, one.kind, one.subject, one.name, one.agents, one.profile, one.reason,
                one.certainty.value, tuple(map(places.step, one.witness)), one.tool, in_order(one.actions),
                one.path, one.instead, one.setting,
                IdlenessRow(*astuple(one.idleness)) if one.idleness else None,
                tuple(remedy_rows(one.remedies, places)),
            )
            for one in facts.excess
        ),
        usage=tuple(
            UsageRow(installation, tool, IdlenessRow(*astuple(idleness)))
            for installation, tool, idleness in (facts.evidence.seen if facts.evidence else ())
        ),
        changes=(),
        findings=findings,
        patches=tuple(patch_rows(outcome.fixes)),
        waivers=tuple(
            WaiverRow(
                use.fingerprint, use.policy, use.owner, use.approver, use.reason, use.expires, use.state,
                use.explanation, use.warning, places.location(use.place),
            )
            for use in outcome.waivers
        ),
        summary=run.Summary("", 0, 0, 0, 0, 0, 0, 0, (), ()),
    )  # fmt: skip
    return summarise(report)


def _finding(one: Finding, places: Places, answer: Answer | None) -> FindingRow:
    return FindingRow(
        fingerprint=one.fingerprint,
        policy=one.policy,
        title=one.title,
        severity=one.severity,
        status=one.status,
        certainty=one.certainty.value,
        message=one.message,
        fix=one.fix,
        reason=one.reason,
        subject=one.subject,
        digest=one.digest,
        agents=one.agents,
        controls=one.controls,
        # Several agents may read one file.
        locations=tuple(dict.fromkeys(map(places.location, one.places))),
        witness=tuple(map(places.step, one.witness)),
        patch=answer_row(answer) if answer else None,
    )


def _gap(gap: Gap, places: Places) -> run.GapRow:
    return run.GapRow(gap.kind, gap.reason, gap.client, places.location(gap.place))


def _inputs(facts: Facts, own_files: Mapping[str, Document]) -> tuple[run.Input, ...]:
    read = {
        name: (document, facts.collected.roles.get(name, ""))
        for name, document in facts.collected.documents.items()
    }
    read |= {name: (document, "configuration of mcpaudit") for name, document in own_files.items()}
    return tuple(
        run.Input(name, document.sha256, role, bool(document.masked))
        for name, (document, role) in sorted(read.items())
    )


def _coverage(outcome: Outcome, gaps: tuple[run.GapRow, ...], places: Places) -> run.Coverage:
    facts = outcome.facts
    site = facts.collected.site
    reached = [one for one in facts.access.installations.values() if one.reachable and not one.server.builtin]
    manifests = {one.server.id: facts.access.manifests[one.id] for one in reached}
    levels = (("project", site.project), ("user", site.home), ("system", site.system_root))
    return run.Coverage(
        clients=facts.collected.looked_for,
        levels=tuple(name for name, part in levels if part is not None),
        files_read=len(facts.collected.documents),
        credential_files=facts.collected.credential_files,
        gaps=gaps,
        without_manifest=tuple(sorted(name for name, one in manifests.items() if not one.tools)),
        incomplete_manifests=tuple(
            sorted(name for name, one in manifests.items() if one.tools and not one.complete)
        ),
        policies=tuple(
            run.PolicyRow(
                one.policy, one.title, one.severity, one.population, one.findings, one.source, one.controls
            )
            for one in outcome.runs
        ),
        limits=(*_denied(facts, places), *limits(facts)),
    )


def _denied(facts: Facts, places: Places) -> Iterable[str]:
    """Reach that is left out on the organisation's word."""
    for use in facts.access.links:
        if use.removed:
            link, where = use.link, places.location(use.link.place)
            says = f"{where.file}:{where.line} denies that {link.source} reaches {link.target.text}"
            yield f"{says}; on its word, what {', '.join(sorted(use.removed))} may reach so is left out."


def _servers(facts: Facts) -> Iterable[ServerRow]:
    by_id: dict[str, Installation] = {}
    for _, one in sorted(facts.access.installations.items()):
        by_id.setdefault(one.server.id, one)
    for server_id, one in sorted(by_id.items()):
        manifest = facts.access.manifests[one.id]
        note = facts.configuration.server(server_id)
        package = one.server.package
        yield ServerRow(
            id=server_id,
            name=one.name,
            transport=one.server.transport,
            package=PackageRow(package.ecosystem, package.name, package.version, package.pinned)
            if package
            else None,
            url=one.server.url,
            builtin=one.server.builtin,
            owner=note.owner,
            purpose=note.purpose,
            trusted=note.trusted,
            operations=note.operations,
            providers=facts.access.providers[one.id],
            manifest=ManifestRow(
                manifest.source,
                manifest.complete,
                manifest.digest,
                manifest.reason,
                manifest.version,
                manifest.certainty.value,
            ),
        )


def _installation(one: Installation, facts: Facts, places: Places) -> InstallationRow:
    return InstallationRow(
        id=one.id,
        agent=one.agent,
        client=one.client,
        server=one.server.id,
        name=one.name,
        level=one.level,
        enabled=one.reachable,
        state=one.state,
        reason=one.reason,
        decided=places.optional(one.decided),
        assumed=one.assumed,
        shadows=tuple(map(places.location, one.shadows)),
        shadowed_by=places.optional(one.shadowed_by),
        location=places.location(one.place),
        bounds=tuple(dict.fromkeys(str(named.resource) for named in facts.access.bounds[one.id].named)),
    )


def _tools(facts: Facts, places: Places) -> Iterable[ToolRow]:
    for fact in facts.tools:
        decisions = []
        for outcome in fact.outcomes:
            own = facts.access.installations[outcome.installation]
            shown = outcome.decisions[MODES.index(facts.mode)]
            believed, ignored = _modes(*outcome.decisions), _modes(*outcome.without_hints)
            decisions.append(
                DecisionRow(
                    own.agent, own.id, believed.interactive, believed.headless, believed.bypass,
                    shown.reason, places.optional(shown.rule.place if shown.rule else None),
                    tuple(places.location(rule.place) for rule in shown.beats),
                    None if ignored == believed else ignored,
                )
            )  # fmt: skip
        hints = fact.tool.hints
        yield ToolRow(
            server=fact.server,
            name=fact.tool.name,
            actions=in_order(fact.tool.actions),
            resources=fact.resources,
            certainty=fact.certainty,
            hints=HintsRow(hints.read_only, hints.destructive, hints.idempotent, hints.open_world),
            hint_mismatch=fact.hint_mismatch,
            evidence=tuple(dict.fromkeys(text for touch in fact.tool.touches for text in touch.evidence)),
            touches=tuple(map(TouchRow.of, fact.tool.touches)),
            decisions=tuple(decisions),
        )


def _modes(interactive: Decision, headless: Decision, bypass: Decision) -> ModesRow:
    return _modes_row(interactive.verdict, headless.verdict, bypass.verdict)


@cache
def _modes_row(interactive: Verdict, headless: Verdict, bypass: Verdict) -> ModesRow:
    return ModesRow(interactive.value, headless.value, bypass.value)


def _access(facts: Facts, places: Places) -> Iterable[AccessRow]:
    for one in facts.rows:
        yield AccessRow(
            id=one.id,
            agent=one.agent,
            installation=one.installation,
            server=one.server,
            tool=one.tool,
            actions=in_order(one.actions),
            resource=str(one.resource),
            labels=tuple(sorted(one.labels)),
            decision=one.decision.verdict.value,
            mode=one.mode,
            certainty=one.certainty.value,
            credential=one.credential,
            transitive=one.transitive,
            universal=one.universal,
            conditional=one.conditional,
            witness=tuple(map(places.step, one.witness)),
        )


def _conflicts(facts: Facts, places: Places) -> Iterable[ConflictRow]:
    for one in facts.conflicts:
        yield ConflictRow(
            id=one.id,
            kind=one.kind,
            agents=one.agents,
            resource=one.resource,
            resources=one.resources or (one.resource,),
            labels=one.labels,
            servers=one.servers,
            roles=tuple(
                RoleRow(
                    role.part,
                    role.agent,
                    role.server,
                    role.name,
                    role.tools,
                    in_order(role.actions),
                    role.verdict,
                    role.sentence,
                    role.how,
                )
                for role in one.roles
            ),
            modes=one.modes,
            certainty=one.certainty.value,
            transitive=one.transitive,
            silent=one.silent,
            also=one.also,
            remedies=tuple(remedy_rows(one.remedies, places)),
            witness=tuple(map(places.step, one.witness)),
        )
