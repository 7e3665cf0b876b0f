"""Puts every policy to every subject of its kind, and makes findings of those it does not accept."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mcpaudit.model.action import ACTIONS, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Param
from mcpaudit.model.finding import SEVERITIES, Finding, PolicyRun, Status
from mcpaudit.policy.expression import Condition, Tree, Undecided, Value
from mcpaudit.policy.policy import PLACEHOLDER, Policy
from mcpaudit.policy.subject import Subject
from mcpaudit.policy.subjects import Subjects


def evaluate(
    policies: Sequence[Policy], subjects: Subjects, as_of: str
) -> tuple[list[Finding], list[PolicyRun]]:
    """The findings of all policies, worst first, and what became of each policy."""
    findings: list[Finding] = []
    runs: list[PolicyRun] = []
    for kind in sorted({policy.subject for policy in policies}):
        own = [policy for policy in policies if policy.subject == kind]
        found, population = _judge(own, subjects.of(kind), as_of)
        for policy in own:
            merged = _one_cause(found[policy.id])
            findings += merged
            runs.append(
                PolicyRun(policy.id, policy.title, policy.severity, population, len(merged), policy.file)
            )
    return sorted(findings, key=_order), sorted(runs, key=lambda run: run.policy)


def _judge(
    policies: Sequence[Policy], population: Iterable[Subject], as_of: str
) -> tuple[dict[str, list[Finding]], int]:
    """Put all policies of one kind to each subject in turn, so that no two subjects are held at once."""
    conditions = [(policy, Condition(policy.subject, policy.where)) for policy in policies]
    found: dict[str, list[Finding]] = {policy.id: [] for policy in policies}
    count = 0
    for subject in population:
        count += 1
        for policy, condition in conditions:
            finding = _put(policy, condition, subject, as_of)
            if finding is not None:
                found[policy.id].append(finding)
    return found, count


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return -SEVERITIES.index(finding.severity), finding.policy, finding.subject, finding.fingerprint


def _put(policy: Policy, condition: Condition, subject: Subject, as_of: str) -> Finding | None:
    outcome = condition.holds(subject.tree, policy.params, as_of)
    if outcome is False:
        return None
    status: Status = "fail" if subject.certainty is Certainty.CERTAIN else "possible"
    reason = ""
    if isinstance(outcome, Undecided):
        status, reason = "inconclusive", outcome.reason
    return Finding(
        fingerprint=fingerprint(policy.id, subject.id),
        policy=policy.id,
        title=policy.title,
        severity=policy.severity,
        status=status,
        certainty=subject.certainty if status != "inconclusive" else Certainty.UNKNOWN,
        message=fill(policy.message, policy.subject, subject.tree, policy.params),
        fix=fill(policy.fix, policy.subject, subject.tree, policy.params),
        subject=subject.id,
        agents=subject.agents,
        places=subject.places,
        witness=subject.witness,
        controls=policy.controls,
        reason=reason,
        digest=_digest(policy, subject),
    )


def fingerprint(policy: str, subject: str) -> str:
    """What a finding is known by: the policy's id and the subject's identities, nothing that moves."""
    return hashlib.sha256(f"{policy}\n{subject}".encode()).hexdigest()[:16]


def _digest(policy: Policy, subject: Subject) -> str:
    """What a waiver is bound to: the subject, how bad it is, and the values that the message tells.

    A policy that says the same in other words leaves it as it is; agents stand in the waiver itself.
    """
    paths = sorted({match[1] for match in PLACEHOLDER.finditer(policy.message)})
    told = [
        f"{path}={fill(f'{{{path}}}', policy.subject, subject.tree, policy.params)}"
        for path in paths
        if not path.endswith("agents")
    ]
    parts = [policy.id, subject.id, policy.severity, *told]
    return hashlib.sha256(
        "\n".join(json.dumps(part, ensure_ascii=False) for part in parts).encode()
    ).hexdigest()


def _one_cause(findings: Sequence[Finding]) -> list[Finding]:
    """The same subject in several agents is one finding that names them."""
    merged: dict[str, Finding] = {}
    for finding in findings:
        same = merged.get(finding.fingerprint)
        if same is None:
            merged[finding.fingerprint] = finding
            continue
        worse = finding if finding.status == "fail" and same.status != "fail" else same
        merged[finding.fingerprint] = replace(
            worse,
            agents=tuple(dict.fromkeys((*same.agents, *finding.agents))),
            places=tuple(dict.fromkeys((*same.places, *finding.places))),
        )
    return list(merged.values())


def fill(text: str, subject: str, tree: Tree, params: Mapping[str, Param]) -> str:
    """Put fields into a message; a field that is not known reads `(not known)`."""

    def value(path: str) -> str:
        first, *rest = path.split(".")
        if first == "params":
            return _shown(params.get(rest[0]))
        node: Value = tree if first == subject else None
        for step in rest:
            node = node.get(step) if isinstance(node, Mapping) else None
            node = node() if callable(node) else node
        if isinstance(node, Mapping):
            node = node.get("id") or node.get("name")
        return _shown(node)

    return PLACEHOLDER.sub(lambda match: value(match[1]), text)


def _shown(value: Value) -> str:
    if value is None:
        return "(not known)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, Mapping):
        return str(value.get("id") or value.get("name") or "(not known)")
    if callable(value):
        return _shown(value())
    items = [_shown(item) for item in value if item != {}]
    if items and set(items) <= set(ACTIONS):
        return in_words(items)
    if len(items) > 4:
        return f"{', '.join(items[:3])} and {len(items) - 3} more"
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items) or "none"
