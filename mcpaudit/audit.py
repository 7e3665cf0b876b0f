"""The main job from end to end: files in, one report out. The only place that joins the stages."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mcpaudit import __version__
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
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.knowledge.masked_digest import digested
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.on_disk import read_catalogs
from mcpaudit.manifests.resolve import Manifests
from mcpaudit.model.configuration import Configuration, Profile
from mcpaudit.model.decision import Mode
from mcpaudit.model.finding import Finding, Severity, WaiverUse
from mcpaudit.model.fixes import Fixes
from mcpaudit.model.gap import Gap
from mcpaudit.model.probe import FILE as PROBES
from mcpaudit.model.report import Report
from mcpaudit.model.site import Site
from mcpaudit.model.supposition import Supposition
from mcpaudit.parsing.document import Document
from mcpaudit.policy.configuration import FILE, FOLDER, check_names, find_profile, read_configuration
from mcpaudit.policy.evaluate import evaluate
from mcpaudit.policy.policy import Policy, PolicyFile, configured, load, shipped
from mcpaudit.policy.selection import selected
from mcpaudit.policy.subjects import Subjects
from mcpaudit.policy.waivers import apply_baseline, apply_waivers, read_register
from mcpaudit.report.build import Outcome, build_report

if TYPE_CHECKING:
    from mcpaudit.access.graph import AccessGraph
    from mcpaudit.analysis.cover_search import Solver
    from mcpaudit.analysis.probed import Probed
    from mcpaudit.analysis.unused import Evidence
    from mcpaudit.clients.client import Collected
    from mcpaudit.manifests.offer import Offer
    from mcpaudit.manifests.resolve import Fetch
    from mcpaudit.manifests.supplied import Supplied
    from mcpaudit.model.access import Access
    from mcpaudit.model.drift import Drift
    from mcpaudit.model.fact import Excess
    from mcpaudit.model.lock import Lock
    from mcpaudit.model.review import SignOff


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be audited, and how."""

    site: Site
    as_of: date
    given: Path | None = None
    """A configuration file named by hand; then only that file is read."""
    manifests: Path | None = None
    profile: str = ""
    policies: tuple[Path, ...] = ()
    packs: tuple[str, ...] = ()
    """Only the policies of these packs; empty for all."""
    fail_on: Severity | None = None
    mode: Mode = "interactive"
    as_is: bool = False
    strict: bool = False
    waivers: bool = True
    usage: tuple[Path, ...] = ()
    """Usage evidence, or logs that are read for it."""
    probes: Path | None = None
    """Probe evidence; without it the file in `.mcpaudit`, where there is one."""
    shipped_policies: bool = True
    sign_off: bool = True
    """Whether the newest review is looked at, where the configuration asks for one."""
    fixes: bool = True
    """Whether edits that would answer the findings are worked out."""
    solver: bool = False
    """Whether the extra solver settles what the search for the smallest set leaves open."""
    supposed: Supposition | None = None
    """What is to be otherwise than the files say."""
    rules: Path | None = None
    """The folder whose `mcpaudit.yaml`, `.mcpaudit` and lock judge, where it is not the audited one: so
    that a change is judged by what was there before it."""
    original: Path | None = None
    """The folder that `rules` is a copy of: packs outside of it lie beside that one."""
    proposed: "Lock | None" = None
    """A lock that nobody has accepted yet: it may add abilities, and proves nothing."""
    correlation_key: bytes = field(default=b"", repr=False)
    """Makes equal secrets recognisable in the reports of several machines; empty for none."""
    instead: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Contents that count in place of files, by the name that reports show."""

    @property
    def own(self) -> Path | None:
        """The folder of mcpaudit's own files."""
        return self.rules or self.site.project


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
    supplied, on_disk, locked = _supplied(request, packs), read_catalogs(request.site), _locked(request)
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
        drift=_drift(request, lock) if lock else (),
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


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed, as a lock, and what of it could not be read."""

    lock: "Lock"
    agents: int
    gaps: tuple[Gap, ...]


def installed(
    request: Request,
    *,
    full: bool = False,
    fetch: "Fetch | None" = None,
    live: "Mapping[str, Offer] | None" = None,
    before: "Lock | None" = None,
) -> Installed:
    """What a lock would hold now; the project's own lock (`before`) is evidence only of live lists.

    `fetch` may ask a package index for the source of what lies nowhere on the machine. `live` is what running
    servers have just answered, by `AGENT/NAME`.
    """
    from mcpaudit.manifests.lock.take import take
    from mcpaudit.model.lock import Scope, Writer

    configuration, _ = configuration_of(request)
    packs = Packs.shipped()
    collected = discover(
        request.site, packs, given=request.given, only=configuration.clients, relays=configuration.relays
    )
    supplied, on_disk = _supplied(request, packs), read_catalogs(request.site)
    found = [one for config in collected.agents for one in config.installations]
    manifests = Manifests(packs, supplied, on_disk.offers, site=request.site, fetch=fetch, live=live or {})
    writer = Writer("mcpaudit", __version__)
    scope: Scope = "repository" if request.site.home is None else "machine"
    gaps = [*collected.gaps, *on_disk.gaps]
    if supplied is not None:
        gaps += [*supplied.gaps, *supplied.without_server([(one.agent, one.name) for one in found])]
    lock = take(found, manifests, writer, scope, full=full, before=before)
    return Installed(lock, len(collected.agents), tuple(gaps))


def _locked(request: Request) -> "tuple[Lock, Document] | None":
    """The project's lock, if it has one; raises ConfigurationError where it cannot be used."""
    path = request.own / "mcpaudit.lock" if request.own else None
    if path is None or not (path.exists() or path.is_symlink()):
        return None
    # Imported here: most projects have no lock.
    from mcpaudit.manifests.lock.read import read_lock

    return read_lock(path)


def _drift(request: Request, lock: "Lock") -> "tuple[Drift, ...]":
    """What is installed otherwise than the lock says; one of the repository alone says nothing of a home."""
    from mcpaudit.manifests.lock.drift import compare

    site = request.site
    if lock.scope == "repository":
        site = replace(site, home=None, system_root=None)
    return compare(lock, installed(replace(request, site=site), before=lock).lock)


def _supplied(request: Request, packs: Packs) -> "Supplied | None":
    if request.manifests is None:
        return None
    # Imported here: it brings the lexicon, which an audit by the catalog alone does not need.
    from mcpaudit.manifests.supplied import read_folder

    if not request.manifests.is_dir():
        raise UsageError(f"--manifests needs a folder, and {request.manifests} is none")
    return read_folder(request.manifests, packs)


def configuration_of(request: Request) -> tuple[Configuration, dict[str, Document]]:
    """`mcpaudit.yaml` of the project, with the profile that the command line names."""
    project = request.own
    configuration, files = Configuration(), {}
    if project is not None and (project / FILE).is_file():
        configuration, document = read_configuration(project / FILE, FILE)
        files[FILE] = document
    if request.profile:
        chosen: Profile = find_profile(request.profile, project)
        agents = next((one.agents for one in configuration.profiles if one.id == chosen.id), ())
        chosen = replace(chosen, agents=agents)
        configuration = replace(configuration, profiles=(chosen,))
    return configuration, files


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
