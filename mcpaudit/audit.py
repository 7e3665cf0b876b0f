"""The main job from end to end: files in, one report out. The only place that joins the stages."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mcpaudit.access.effective import access_rows
from mcpaudit.access.graph import build
from mcpaudit.access.reaches import without_effect
from mcpaudit.analysis.conflicts import conflicts
from mcpaudit.analysis.excess import duplicates, unneeded
from mcpaudit.analysis.facts import Facts
from mcpaudit.analysis.flows import flows
from mcpaudit.analysis.granted import granted_access
from mcpaudit.analysis.redundant import redundant
from mcpaudit.analysis.rules import rule_facts
from mcpaudit.analysis.scopes import scope_uses
from mcpaudit.analysis.tools import tool_facts
from mcpaudit.clients.discover import discover
from mcpaudit.clients.ledger import Ledger
from mcpaudit.installed import drift_from, lock_of, saved_manifests
from mcpaudit.knowledge.masked_digest import digested
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.on_disk import read_catalogs
from mcpaudit.manifests.resolve import Manifests
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.finding import Finding, WaiverUse
from mcpaudit.model.fixes import Fixes
from mcpaudit.model.probe import FILE as PROBES
from mcpaudit.model.report import Report
from mcpaudit.parsing.document import Document
from mcpaudit.policy.configuration import FILE, FOLDER, check_names
from mcpaudit.policy.evaluate import evaluate
from mcpaudit.policy.policy import Policy, PolicyFile, configured, load, shipped
from mcpaudit.policy.selection import selected
from mcpaudit.policy.subjects import Subjects
from mcpaudit.policy.waivers import apply_baseline, apply_waivers, read_register
from mcpaudit.report.build import Outcome, build_report
from mcpaudit.request import Request, configuration_of

if TYPE_CHECKING:
    from mcpaudit.access.graph import AccessGraph
    from mcpaudit.analysis.cover_search import Solver
    from mcpaudit.analysis.probed import Probed
    from mcpaudit.analysis.unused import Evidence
    from mcpaudit.clients.client import Collected
    from mcpaudit.model.access import Access
    from mcpaudit.model.fact import Excess
    from mcpaudit.model.review import SignOff


def audit(request: Request) -> Report:
    """Read, understand, analyse and judge one installation; raises McpauditError for the user's mistakes."""
    return build_report(judge(request))


def judge(request: Request, collected: "Collected | None" = None, before: Sequence[Finding] = ()) -> Outcome:
    """All of an audit but its report; `collected` where it was collected before.

    For findings that an earlier state had just so (`before`) no edits are worked out.
    """
    configuration, own_files = configuration_of(request)
    facts = gather(request, configuration, collected)
    policies = _policies(request, configuration, own_files.get(FILE))
    findings, runs = evaluate(policies, Subjects(facts), request.as_of.isoformat())
    uses: list[WaiverUse] = []
    folder = request.own / FOLDER if request.own else None
    if request.waivers and folder is not None:
        register = read_register(folder, FOLDER)
        own_files = {**own_files, **register.documents}
        findings, uses = apply_waivers(findings, register.waivers, request.as_of, configuration)
        findings = apply_baseline(findings, register.baseline)
    return Outcome(
        facts=facts,
        findings=tuple(findings),
        runs=tuple(runs),
        waivers=tuple(uses),
        own_files=digested(own_files, Packs.shipped()),
        as_of=request.as_of.isoformat(),
        fail_on=request.fail_on or configuration.fail_on or "high",
        strict=request.strict,
        as_is=request.as_is,
        honours_waivers=request.waivers,
        profiles=tuple(profile.id for profile in configuration.profiles),
        packs=request.packs,
        fixes=_fixes(findings, facts, before) if request.fixes else Fixes(),
    )


def _fixes(findings: Sequence[Finding], facts: Facts, before: Sequence[Finding]) -> Fixes:
    known = {_told(one) for one in before}
    findings = [one for one in findings if one.wish and _told(one) not in known]
    if not findings:
        return Fixes()
    # Imported here: many audits find nothing that an edit would answer.
    from mcpaudit.policy.fixes import fixes_for

    return fixes_for(findings, facts, Packs.shipped())


def _told(one: Finding) -> tuple[object, ...]:
    """What makes a finding the same as one before."""
    return one.fingerprint, one.digest, one.severity, one.status, one.agents


def collect(request: Request, configuration: Configuration) -> "Collected":
    """What is installed: no servers' code is read for it."""
    packs = Packs.shipped()
    return discover(
        request.site,
        packs,
        as_is=request.as_is,
        given=request.given,
        only=configuration.clients,
        supposed=request.supposed,
        instead=request.instead,
        relays=configuration.relays,
        ledger=Ledger(packs, request.correlation_key),
    )


def gather(request: Request, configuration: Configuration, collected: "Collected | None" = None) -> Facts:
    """Everything up to the judgement: collected, joined, analysed."""
    packs = Packs.shipped()
    collected = collected or collect(request, configuration)
    supplied, on_disk, locked = saved_manifests(request, packs), read_catalogs(request.site), lock_of(request)
    lock = locked[0] if locked else None
    manifests = Manifests(packs, supplied, on_disk.offers, lock, request.site, proposed=request.proposed)
    graph = build(collected, manifests, packs, configuration)
    offered = access_rows(graph, packs, configuration, request.mode)
    granted = granted_access(graph, offered, packs)
    rows = granted.rows
    too_much, needed = unneeded(graph, rows, configuration.profiles, _solver(request))
    too_much += [*duplicates(graph), *redundant(graph, rows, needed)]
    if needed:
        # Imported here: most projects have no profile.
        from mcpaudit.analysis.beyond import beyond

        too_much += beyond(graph, rows, needed)
    idle, evidence, told = _unused(request, graph, offered) if request.usage else ([], None, ())
    tested = _probed(request, graph)
    read = dict.fromkeys(on_disk.documents, "Docker catalog")
    documents, gaps = {**collected.documents, **on_disk.documents}, [*collected.gaps, *on_disk.gaps]
    if supplied is not None:
        read |= dict.fromkeys(supplied.documents, "saved manifest")
        documents |= supplied.documents
        names = [(one.agent, one.name) for one in graph.installations.values()]
        gaps += [*supplied.gaps, *supplied.without_server(names)]
    if locked is not None:
        documents[locked[1].file], read[locked[1].file] = locked[1], "lock"
    for document in told:
        documents[document.file], read[document.file] = document, "usage evidence"
    if tested is not None:
        documents[tested[1].file], read[tested[1].file] = tested[1], "probe evidence"
    documents = digested(documents, packs)
    collected = replace(collected, documents=documents, roles={**collected.roles, **read})
    return Facts(
        collected=collected,
        configuration=configuration,
        mode=request.mode,
        access=graph,
        rows=rows,
        tools=tool_facts(graph, rows),
        rules=rule_facts(graph),
        credentials=collected.credentials,
        scopes=scope_uses(graph, offered, packs),
        conflicts=conflicts(graph, rows, collected.credentials, packs),
        flows=flows(graph, rows),
        excess=(*too_much, *idle),
        needed=tuple(needed),
        gaps=(*gaps, *without_effect(graph.links, packs.providers())),
        evidence=evidence,
        drift=drift_from(request, lock) if lock else (),
        sign_off=_sign_off(request, configuration, collected),
        as_of=request.as_of,
        probed=tested[0] if tested else None,
        not_granted=granted.left_out,
    )


def _sign_off(request: Request, configuration: Configuration, collected: "Collected") -> "SignOff | None":
    if configuration.review is None or request.own is None or not request.sign_off:
        return None
    # Imported here: most projects ask for no sign-off.
    from mcpaudit.signoff.current import of_clients, sign_off

    site = request.site
    levels = (("project", site.project), ("user", site.home), ("system", site.system_root))
    parts = [name for name, part in levels if part is not None]
    read = {name: document.sha256 for name, document in collected.documents.items()}
    return sign_off(request.own, configuration, of_clients(read, collected.roles), parts, request.as_of)


def _solver(request: Request) -> "Solver | None":
    if not request.solver:
        return None
    # Imported here: it is asked for by name, and needs an extra.
    from mcpaudit.analysis.solver import solver

    return solver()


def _unused(
    request: Request, graph: "AccessGraph", rows: "Sequence[Access]"
) -> "tuple[list[Excess], Evidence, tuple[Document, ...]]":
    """What nobody calls, what became of the evidence, and its files."""
    # Imported here: most audits have no usage evidence.
    from mcpaudit.analysis.unused import unused
    from mcpaudit.usage.given import given

    usage, documents = given(request.usage, request.site)
    found, evidence = unused(graph, rows, usage, str(request.site.project or ""), request.as_of)
    return found, evidence, documents


def _probed(request: Request, graph: "AccessGraph") -> "tuple[Probed, Document] | None":
    """What the evidence of live probes says, and its file."""
    path, shown = request.probes, str(request.probes)
    if path is None:
        path = request.own / FOLDER / PROBES if request.own else None
        shown = f"{FOLDER}/{PROBES}"
        if path is None or not path.is_file():
            return None
    # Imported here: most audits have no probe evidence.
    from mcpaudit.analysis.probed import probed
    from mcpaudit.probes import read_probes

    evidence, document = read_probes(path, shown)
    return probed(graph, evidence, request.as_of), document


def policies_of(request: Request) -> list[Policy]:
    """The policies that an audit would use: shipped ones, packs, and those of the project."""
    configuration, own_files = configuration_of(request)
    return _policies(request, configuration, own_files.get(FILE))


def _policies(request: Request, configuration: Configuration, document: Document | None) -> list[Policy]:
    folder = request.own
    own = [folder / path for path in configuration.policies if folder]
    base = shipped() if request.shipped_policies else []
    known = [policy.id for policy in base]
    packs: list[PolicyFile] = []
    if configuration.packs and document is not None and folder:
        # Imported here: few projects have packs.
        from mcpaudit.policy.packs import read_packs

        packs = read_packs(configuration.packs, folder, document, request.original)
    theirs = load([*own, *request.policies], known, folder, packs)
    if document is not None and request.shipped_policies:
        check_names(document, configuration, [*base, *theirs])
    return selected(configured([*base, *theirs], configuration), request.packs)
