"""What the audit says of controls, as CycloneDX declarations: claims with evidence, and never a score.

A finding is a counter-claim to the controls that its policy supports; a policy that was put to something and
found nothing is a claim. A finding that could not be decided is neither, and a policy without subjects says
nothing.
"""

from collections import defaultdict
from typing import Any

from mcpaudit.model.report import Report
from mcpaudit.report.escape import clip, prose, visible
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.stable import stable_uuid

Node = dict[str, Any]

_LONGEST = 4_000


def declarations(report: Report, target: str) -> tuple[list[Node], Node]:
    """The standards with the requirements that are named, and what is claimed of `target`."""
    assessor = _ref("assessor", report.tool.name)
    claims: list[Node] = []
    evidence: list[Node] = []
    supports: dict[str, list[str]] = defaultdict(list)
    contradicts: dict[str, list[str]] = defaultdict(list)
    mentioned: set[str] = set()
    policies = {row.policy: row for row in report.coverage.policies}
    for _, policy in sorted(policies.items()):
        if policy.findings or not policy.population or not policy.controls:
            continue
        ref = _ref("claim", "policy", policy.policy)
        says = f"The policy {policy.policy} was put to {policy.population} subjects and found nothing"
        claims.append(
            {"bom-ref": ref, "target": target, "predicate": prose(says), "reasoning": prose(policy.title)}
        )
        for control in policy.controls:
            supports[control].append(ref)
    findings = {(row.fingerprint, row.policy): row for row in report.findings}
    for _, row in sorted(findings.items()):
        ref, proof = _ref("claim", row.policy, row.fingerprint), _ref("evidence", row.policy, row.fingerprint)
        word = STATUS_WORDS.get(row.status, "")
        says = clip(prose(row.message or row.title), _LONGEST)
        claims.append(
            {
                "bom-ref": ref,
                "target": target,
                "predicate": f"{word.capitalize()}: {says}" if word else says,
                "evidence": [proof],
                **({"reasoning": clip(prose(row.reason), _LONGEST)} if row.reason else {}),
            }
        )
        spots = [place(spot) for spot in row.locations]
        steps = [f"{step.reason} ({step.certainty})" for step in row.witness]
        evidence.append(
            {
                "bom-ref": proof,
                "propertyName": f"mcpaudit:finding:{visible(row.fingerprint)}",
                "description": clip(prose(". ".join((*steps, *filter(None, spots))) or row.title), _LONGEST),
            }
        )
        mentioned.update(row.controls)
        for control in row.controls if row.status != "inconclusive" else ():
            contradicts[control].append(ref)
    named = sorted(mentioned | set(supports))
    attestation = {
        "summary": "What the policies that support these requirements found; no statement that any is met",
        "assessor": assessor,
        "map": [
            {
                "requirement": _ref("requirement", control),
                **({"claims": sorted(set(supports[control]))} if supports[control] else {}),
                **({"counterClaims": sorted(set(contradicts[control]))} if contradicts[control] else {}),
            }
            for control in named
        ],
    }
    body: Node = {
        "assessors": [
            {"bom-ref": assessor, "thirdParty": False, "organization": {"name": visible(report.tool.name)}}
        ]
    }
    body |= {"attestations": [attestation]} if named else {}
    body |= {"claims": claims} if claims else {}
    body |= {"evidence": evidence} if evidence else {}
    return _standards(named), body


def _standards(controls: list[str]) -> list[Node]:
    items: dict[str, list[str]] = defaultdict(list)
    for control in controls:
        items[control.partition(":")[0]].append(control)
    return [
        {
            "bom-ref": _ref("standard", name),
            "name": visible(name),
            "requirements": [
                {
                    "bom-ref": _ref("requirement", control),
                    "identifier": visible(control.partition(":")[2] or control),
                }
                for control in held
            ],
        }
        for name, held in sorted(items.items())
    ]


def _ref(kind: str, *parts: str) -> str:
    return f"{kind}/{stable_uuid(kind, *parts)}"
