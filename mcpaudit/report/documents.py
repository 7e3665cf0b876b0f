"""The documents that people sign: the security review, the access review, the compliance evidence."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from itertools import groupby

from mcpaudit.dataclass import dataclass
from mcpaudit.model.evidence import NOTHING_BESIDE, Control, Dossier, Evidence
from mcpaudit.model.report import Report
from mcpaudit.model.report_inventory import InstallationRow
from mcpaudit.report import access_review_words, reach, verdict
from mcpaudit.report.advice import advice
from mcpaudit.report.build_evidence import build_evidence
from mcpaudit.report.canonical import digest
from mcpaudit.report.counts import counts
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.escape import named
from mcpaudit.report.listing import STATUS_WORDS, answered_findings, open_findings
from mcpaudit.report.matrix import matrices
from mcpaudit.report.template import AS_SHIPPED, Templates
from mcpaudit.report.unseen import unseen

_MOST_STEPS = 6
_MOST_TOOLS = 12
_MOST_REFS = 6
_MOST_CHANGES = 40
_FIRST = 3

RESULT_WORDS = {
    "against": "findings speak against it",
    "undecided": "not decided",
    "accepted": "accepted findings only",
    "nothing-found": "nothing found by these tests",
    "shown": "shown by this document",
    "not-tested": "not tested here",
}
RESULT_CLASSES = {"against": "bad", "undecided": "warn", "accepted": "warn"}
ON_REQUEST = ("pci-dss", "hipaa", "eu-ai-act", "iso-42001", "nist-ai-rmf")
"""Frameworks that apply to some organisations or systems only."""


def sign_off(report: Report, dossier: Dossier = NOTHING_BESIDE, templates: Templates = AS_SHIPPED) -> str:
    """The summary of a security review, to be decided on and signed."""
    evidence = build_evidence(report, dossier)
    return _page(
        "sign-off.html",
        report,
        templates,
        evidence=evidence,
        first=open_findings(report)[:_FIRST],
        findings=(*open_findings(report), *answered_findings(report)),
        baselined=_baselined(report),
        verdicts=list(_verdicts(report)),
        matrices=matrices(report),
        radius=list(_radius(report)),
        advised=advice(report),
    )


def access_review(
    report: Report, dossier: Dossier = NOTHING_BESIDE, templates: Templates = AS_SHIPPED
) -> str:
    """The entitlements for people to judge, with the answers where there are any."""
    asked = entitlements(report)
    review = dossier.review
    return _page(
        "access-review.html",
        report,
        templates,
        asked=asked,
        groups=[
            (agent, own[0].client, own)
            for agent, rows in groupby(asked, key=lambda one: one.agent)
            for own in [list(rows)]
        ],
        counts=counts(report),
        review=review,
        review_fits=review is not None and review.report_sha256 == digest(report),
        answers=_answers(dossier),
        words=("keep", "change", "remove"),
        most_tools=_MOST_TOOLS,
    )


def evidence(report: Report, dossier: Dossier = NOTHING_BESIDE, templates: Templates = AS_SHIPPED) -> str:
    """The compliance evidence of a report and what was laid beside it."""
    found: Evidence = build_evidence(report, dossier)
    return _page(
        "evidence.html",
        report,
        templates,
        evidence=found,
        findings=(*open_findings(report), *answered_findings(report)),
        baselined=_baselined(report),
        answers=_answers(dossier),
        findings_of=_findings_of,
        result_words=RESULT_WORDS,
        result_classes={**dict.fromkeys(RESULT_WORDS, ""), **RESULT_CLASSES},
        on_request=ON_REQUEST,
        most_refs=_MOST_REFS,
    )


def _page(name: str, report: Report, templates: Templates, **values: object) -> str:
    from markupsafe import Markup

    style = templates.text("document.css") + templates.text("brand.css")
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    return templates.render(
        name,
        report=report,
        digest=digest(report),
        policy=f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'",
        # Files of this project or of the user's own, and the policy above names exactly its bytes.
        style=Markup(style),
        verdict=verdict,
        titles=reach.titles(report),
        unseen=unseen(report),
        installed=_installed(report),
        status_words=STATUS_WORDS,
        decision_words=reach.DECISION_WORDS,
        review_words=access_review_words,
        most_steps=_MOST_STEPS,
        most_changes=_MOST_CHANGES,
        **values,
    )


def _baselined(report: Report) -> list[str]:
    return [row.fingerprint for row in report.findings if row.status == "baselined"]


def _answers(dossier: Dossier) -> dict[str, object]:
    return {one.id: one for one in dossier.review.answers} if dossier.review else {}


def _findings_of(control: Control) -> tuple[str, ...]:
    """The findings of a control's firm tests."""
    return tuple(dict.fromkeys(name for test in control.tests if test.firm for name in test.findings))


def _installed(report: Report) -> dict[str, list[InstallationRow]]:
    found: dict[str, list[InstallationRow]] = {row.id: [] for row in report.servers}
    for row in report.installations:
        found.setdefault(row.server, []).append(row)
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one policy."""

    policy: str
    title: str
    severity: str
    verdict: str
    style: str
    put: int
    open: int
    accepted: int


def _verdicts(report: Report) -> Iterable[Verdict]:
    states: dict[str, list[str]] = {}
    for row in report.findings:
        states.setdefault(row.policy, []).append(row.status)
    for policy in report.coverage.policies:
        own = states.get(policy.policy, [])
        still = [state for state in own if state in ("fail", "possible", "inconclusive")]
        word, style = "passes", ""
        if "fail" in own:
            word, style = "fails", "bad"
        elif still:
            word, style = "not decided" if "inconclusive" in own else "may fail", "warn"
        elif own:
            word, style = "accepted", "warn"
        yield Verdict(
            *(policy.policy, policy.title, policy.severity, word, style, policy.population),
            *(len(still), len(own) - len(still)),
        )


@dataclass(frozen=True, slots=True)
class Radius:
    """How far one server reaches, alone and together with the others."""

    server: str
    name: str
    reads: int
    changes: int
    silent: int
    conflicts: int
    flows: int


def _radius(report: Report) -> Iterable[Radius]:
    asked = entitlements(report)
    for row in report.servers:
        own = [one for one in asked if one.server == row.id]
        changing = [one for one in own if one.effect == "changes"]
        yield Radius(
            server=row.id,
            name="own tools" if row.builtin else named(row.name or row.id),
            reads=len({one.resource for one in own if one.effect == "reads"}),
            changes=len({one.resource for one in changing}),
            silent=len({one.resource for one in changing if one.decision == "allow"}),
            conflicts=sum(row.id in {role.server for role in one.roles} for one in report.conflicts),
            flows=sum(
                row.id in {leg.server for leg in (*one.sources, *one.private, *one.sinks)}
                for one in report.flows
            ),
        )
