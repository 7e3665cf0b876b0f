"""OSCAL assessment-results: what the policies observed, and for which controls something speaks against them.

`satisfied` is never written: that no policy objects does not show that a control is met. A control has a
finding only where a proved one is open; what is possible or could not be decided is an observation, what is
accepted a risk.
"""

from collections import defaultdict

from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.canonical import digest
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.oscal import (
    Node,
    agent_uuid,
    components,
    control_ids,
    markup,
    metadata,
    other_frameworks,
    props,
    server_uuid,
    written,
)
from mcpaudit.report.stable import midnight, stable_uuid

_RISKS = {"fail": "open", "possible": "investigating", "waived": "deviation-approved", "baselined": "open"}
_NONE = "ca-7"


def render(report: Report) -> str:
    """One result: the audit."""
    named = digest(report)
    plan, source = stable_uuid("oscal-plan", named), stable_uuid("oscal-report", named)
    settings = (
        f"mode {report.run.mode}, platform {report.run.platform}, profile {report.run.profile or 'none'}"
    )
    return written(
        "assessment-results",
        {
            "uuid": stable_uuid("oscal-ar", named),
            "metadata": metadata(report, "Audit of an MCP installation", named),
            "import-ap": {"href": f"#{plan}"},
            "results": [_result(report, named, source)],
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": "How the audit was run",
                        "description": markup(f"There is no assessment plan beside its settings: {settings}"),
                    },
                    {
                        "uuid": source,
                        "title": "The mcpaudit report that this was made from",
                        "description": f"Its canonical bytes have the SHA-256 {named}",
                    },
                ]
            },
        },
    )


def _result(report: Report, named: str, source: str) -> Node:
    found = {(row.fingerprint, row.policy): row for row in report.findings}
    findings = [row for _, row in sorted(found.items())]
    observations = [*_clean(report), *(_observation(row, report, source) for row in findings)]
    risks = [_risk(row) for row in findings if row.status in _RISKS]
    against = _against(findings)
    parts = components(report)
    installed = _inventory(report)
    local = {
        **({"components": [{**one, "status": {"state": "operational"}} for one in parts]} if parts else {}),
        **({"inventory-items": installed} if installed else {}),
    }
    return {
        "uuid": stable_uuid("oscal-result", named),
        "title": "What the policies found",
        "description": _description(report),
        "start": midnight(report.as_of),
        **({"local-definitions": local} if local else {}),
        "reviewed-controls": _reviewed(report),
        **({"observations": observations} if observations else {}),
        **({"risks": risks} if risks else {}),
        **({"findings": against} if against else {}),
    }


def _description(report: Report) -> str:
    unknown = len(report.coverage.without_manifest)
    return markup(
        f"{report.summary.servers} servers in {report.summary.installations} installations of "
        f"{report.summary.agents} agents. {len(report.coverage.unread)} parts of the input were not read; "
        f"the tools of {unknown} servers are not known. Verdict: {report.summary.verdict}"
    )


def _reviewed(report: Report) -> Node:
    """Controls of policies that were put to something; the format wants one even where none was."""
    named = [one for row in report.coverage.policies if row.population for one in row.controls]
    named += [one for row in report.findings for one in row.controls]
    reviewed = control_ids(named)
    says = "Policies that support these controls were put to what is installed; they test a part of each"
    if not reviewed:
        says = "No policy that names a control was put to anything; the audit itself is a part of this one"
    return {
        "description": says,
        **({"props": extra} if (extra := props(*other_frameworks(named))) else {}),
        "control-selections": [{"include-controls": [{"control-id": one} for one in reviewed or [_NONE]]}],
    }


def _inventory(report: Report) -> list[Node]:
    servers = {row.id for row in report.servers}
    rows = {row.id: row for row in report.installations}
    return [
        {
            "uuid": stable_uuid("oscal-installation", name),
            "description": markup(f"{row.name}, as {row.agent} has it: {row.state}, {row.reason}"),
            "props": props(("installation", name), ("state", row.state), ("place", place(row.location))),
            **(
                {"implemented-components": [{"component-uuid": server_uuid(row.server)}]}
                if row.server in servers
                else {}
            ),
        }
        for name, row in sorted(rows.items())
    ]


def _clean(report: Report) -> list[Node]:
    """What was put to something and found nothing: an observation, and no finding."""
    policies = {row.policy: row for row in report.coverage.policies if row.population and not row.findings}
    return [
        {
            "uuid": stable_uuid("oscal-clean", name),
            "title": markup(row.title or name),
            "description": markup(
                f"The policy {name} was put to {row.population} subjects and found nothing"
            ),
            "props": props(("policy", name), ("status", "nothing-found"), *_supports(row.controls)),
            "methods": ["EXAMINE"],
            "types": ["control-objective"],
            "collected": midnight(report.as_of),
        }
        for name, row in sorted(policies.items())
    ]


def _supports(controls: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("supports", control) for control in sorted(set(controls))]


def _observation_uuid(row: FindingRow) -> str:
    return stable_uuid("oscal-observation", row.policy, row.fingerprint)


def _risk_uuid(row: FindingRow) -> str:
    return stable_uuid("oscal-risk", row.policy, row.fingerprint)


def _observation(row: FindingRow, report: Report, source: str) -> Node:
    known = {agent.id for agent in report.agents}
    subjects = [
        {"subject-uuid": agent_uuid(agent), "type": "component"} for agent in sorted({*row.agents} & known)
    ]
    evidence = [place(spot) for spot in row.locations]
    evidence += [
        f"{place(step.location)}: {step.reason} ({step.certainty})"
        if place(step.location)
        else f"{step.reason} ({step.certainty})"
        for step in row.witness
    ]
    word = STATUS_WORDS.get(row.status, "")
    return {
        "uuid": _observation_uuid(row),
        "title": markup(row.title or row.policy),
        "description": markup(f"{word.capitalize()}: {row.message}" if word else row.message),
        "props": props(
            *(("policy", row.policy), ("fingerprint", row.fingerprint), ("severity", row.severity)),
            *(("status", row.status), ("certainty", row.certainty), *_supports(row.controls)),
        ),
        "methods": ["EXAMINE"],
        "types": ["finding"],
        **({"subjects": subjects} if subjects else {}),
        "relevant-evidence": [
            {"href": f"#{source}", "description": markup(one)} for one in dict.fromkeys(evidence) if one
        ]
        or [{"href": f"#{source}", "description": "The report, by its fingerprint"}],
        "collected": midnight(report.as_of),
    }


def _risk(row: FindingRow) -> Node:
    says = row.fix or "The policy names no fix"
    return {
        "uuid": _risk_uuid(row),
        "title": markup(row.title or row.policy),
        "description": markup(row.message or row.title),
        "statement": markup(f"{STATUS_WORDS[row.status].capitalize()}: {row.reason or says}".lstrip(": ")),
        "props": props(("policy", row.policy), ("severity", row.severity), ("status", row.status)),
        "status": _RISKS[row.status],
        "related-observations": [{"observation-uuid": _observation_uuid(row)}],
    }


def _against(findings: list[FindingRow]) -> list[Node]:
    """A finding for each control against which something proved and unanswered speaks."""
    rows: dict[str, list[FindingRow]] = defaultdict(list)
    for row in findings:
        for control in control_ids(row.controls) if row.status == "fail" else ():
            rows[control].append(row)
    return [
        {
            "uuid": stable_uuid("oscal-finding", control),
            "title": f"Open findings of policies that support {control}",
            "description": markup(f"{len(own)} open: {', '.join(sorted({row.policy for row in own}))}"),
            "target": {
                "type": "statement-id",
                "target-id": f"{control}_smt",
                "status": {"state": "not-satisfied", "reason": "fail"},
            },
            "related-observations": [{"observation-uuid": _observation_uuid(row)} for row in own],
            "related-risks": [{"risk-uuid": _risk_uuid(row)} for row in own],
        }
        for control, own in sorted(rows.items())
    ]
