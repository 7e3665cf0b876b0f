"""Puts every policy to every subject of its kind, and makes findings of those it does not accept."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from mcpaudit.analysis.facts import Facts
from mcpaudit.model.action import ACTIONS, in_words
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.finding import SEVERITIES, Finding, PolicyRun, Status
from mcpaudit.policy.expansion import expand
from mcpaudit.policy.expression import Expression, Tree, Undecided, Value, conditions
from mcpaudit.policy.policy import PLACEHOLDER, Policy
from mcpaudit.policy.subject import Subject
from mcpaudit.policy.wishes import wish


class Population(Protocol):
    """What policies are put to."""

    @property
    def facts(self) -> Facts | None:
        """What remedies are worked out from; without them findings come without a remedy."""

    def of(self, kind: str) -> Iterator[Subject]:
        """All subjects of a kind, one by one."""


def evaluate(
    policies: Sequence[Policy], subjects: Population, as_of: str
) -> tuple[list[Finding], list[PolicyRun]]:
    """The findings of all policies, worst first, and what became of each policy."""
    findings: list[Finding] = []
    runs: list[PolicyRun] = []
    titles = {agent.id: str(agent.tree.get("title") or agent.id) for agent in subjects.of("agent")}
    for kind in sorted({policy.subject for policy in policies}):
        own = [policy for policy in policies if policy.subject == kind]
        found, population = _judge(own, subjects, titles, as_of)
        for policy in own:
            merged = _one_cause(found[policy.id])
            findings += merged
            runs.append(
                PolicyRun(
                    policy.id,
                    policy.title,
                    policy.severity,
                    population,
                    len(merged),
                    policy.file,
                    policy.controls,
                )
            )
    return sorted(findings, key=_order), sorted(runs, key=lambda run: run.policy)


class _Prepared:
    """A policy's condition and variables with its params written into them."""

    def __init__(self, policy: Policy) -> None:
        self.where = expand(policy.where, policy.params, policy.variables)
        self.variables = {
            name: Expression(policy.subject, expand(f"variables.{name}", policy.params, policy.variables))
            for name in policy.variables
        }


def names_read(policies: Iterable[Policy]) -> frozenset[str]:
    """The names of all fields that policies read, in conditions and in messages."""
    found = {"id", "name", "title"}  # titles are how messages call agents
    for policy in policies:
        prepared = _Prepared(policy)
        expressions = [Expression(policy.subject, prepared.where), *prepared.variables.values()]
        found = found.union(*(one.names for one in expressions))
        for text in (policy.message, policy.fix):
            found |= {step for match in PLACEHOLDER.finditer(text) for step in match[1].split(".")}
    return frozenset(found)


def _judge(
    policies: Sequence[Policy], subjects: Population, titles: Mapping[str, str], as_of: str
) -> tuple[dict[str, list[Finding]], int]:
    """Put all policies of one kind to each subject in turn, so that no two subjects are held at once."""
    prepared = [_Prepared(policy) for policy in policies]
    asked = conditions(policies[0].subject, tuple(one.where for one in prepared))
    found: dict[str, list[Finding]] = {policy.id: [] for policy in policies}
    count = 0
    for subject in subjects.of(policies[0].subject):
        count += 1
        for index, outcome in asked.outcomes(subject.tree, as_of):
            policy = policies[index]
            finding = _finding(policy, prepared[index].variables, subject, outcome, titles, as_of)
            facts = subjects.facts
            if policy.remedy is not None and facts is not None and finding.status != "inconclusive":
                certain = finding.status == "fail"
                finding = replace(finding, wish=wish(policy.remedy, subject.about, facts, certain))
            found[policy.id].append(finding)
    return found, count


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return -SEVERITIES.index(finding.severity), finding.policy, finding.subject, finding.fingerprint


def _finding(
    policy: Policy,
    variables: Mapping[str, Expression],
    subject: Subject,
    outcome: bool | Undecided,
    titles: Mapping[str, str],
    as_of: str,
) -> Finding:
    def variable(name: str) -> Value:
        return variables[name].value(subject.tree, as_of)

    def filled(text: str) -> str:
        return fill(text, policy, subject.tree, variable, titles)

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
        message=filled(policy.message),
        fix=filled(policy.fix),
        subject=subject.id,
        agents=subject.agents,
        places=subject.places,
        witness=subject.witness,
        controls=policy.controls,
        reason=reason,
        digest=_digest(policy, subject, filled),
    )


def fingerprint(policy: str, subject: str) -> str:
    """What a finding is known by: the policy's id and the subject's identities, nothing that moves."""
    return hashlib.sha256(f"{policy}\n{subject}".encode()).hexdigest()[:16]


def _digest(policy: Policy, subject: Subject, filled: Callable[[str], str]) -> str:
    """What a waiver is bound to: the subject, how bad it is, and the values that the message tells.

    A policy that says the same in other words leaves it as it is; agents stand in the waiver itself.
    """
    paths = sorted({match[1] for match in PLACEHOLDER.finditer(policy.message)})
    told = [f"{path}={filled(f'{{{path}}}')}" for path in paths if not path.endswith("agents")]
    parts = json.dumps([policy.id, subject.id, policy.severity, *told], ensure_ascii=False)
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()


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
            wish=same.wish.with_all_of(finding.wish) if same.wish and finding.wish else worse.wish,
        )
    return list(merged.values())


def fill(
    text: str, policy: Policy, tree: Tree, variable: Callable[[str], Value], titles: Mapping[str, str]
) -> str:
    """Put fields into a message: agents by their titles; what is not known reads `(not known)`."""

    def value(path: str) -> str:
        first, *rest = path.split(".")
        if first == "params":
            return _shown(policy.params.get(rest[0]))
        if first == "variables":
            return _shown(variable(rest[0]))
        node: Value = tree if first == policy.subject else None
        for step in rest:
            node = node.get(step) if isinstance(node, Mapping) else None
            node = node() if callable(node) else node
        if isinstance(node, Mapping):
            node = node.get("id") or node.get("name")
        if rest[-1:] == ["agent"] and isinstance(node, str):
            node = titles.get(node, node)
        if rest[-1:] == ["agents"] and isinstance(node, Sequence):
            node = [titles.get(str(agent), agent) for agent in node]
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
    if not isinstance(value, Sequence):
        return str(value)  # a number, time or duration that a variable works out
    items = [_shown(item) for item in value if item != {}]
    if items and set(items) <= set(ACTIONS):
        return in_words(items)
    if len(items) > 4:
        return f"{', '.join(items[:3])} and {len(items) - 3} more"
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items) or "none"
