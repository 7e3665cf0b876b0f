"""The in-toto Statement of a review: what is signed.

Source: in-toto attestation framework, `spec/v1/statement.md`; RFC 8785 for its bytes.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache

from mcpaudit import shipped
from mcpaudit.errors import ReviewError
from mcpaudit.model.configuration import ReviewTerms
from mcpaudit.model.report import Report
from mcpaudit.model.review import CHOICES, Condition, Decision, Sealed, State
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import parse
from mcpaudit.policy.validation import held_against, sound
from mcpaudit.signoff.layout import FACTS, INPUTS, MANIFEST, REPORT, sha256

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://mcpaudit/attestation/review/v1"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@cache
def schema() -> dict[str, Json]:
    """The JSON Schema of statements."""
    found: dict[str, Json] = shipped.table("signoff/schemas/review.yaml")
    return found


def state_of(
    content: Mapping[str, bytes],
    manifest: bytes,
    report: Report,
    authors: Iterable[str],
    terms: ReviewTerms,
    previous: Sealed | None,
) -> State:
    """What a packet of these files is about."""
    own = [name for name in content if name in (REPORT, FACTS) or name.startswith(INPUTS)]
    return State(
        subjects=(
            Sealed(MANIFEST, sha256(manifest)),
            *(Sealed(name, sha256(content[name])) for name in sorted(own)),
        ),
        tool=report.tool.version,
        as_of=date.fromisoformat(report.as_of),
        verdict=report.summary.verdict,
        findings=tuple(sorted(report.summary.by_status)),
        authors=tuple(sorted(set(authors))),
        terms=terms,
        previous=previous,
    )


def written(state: State, decision: Decision | None = None) -> bytes:
    """The Statement as canonical JSON."""
    predicate: dict[str, Json] = {
        "tool": state.tool,
        "asOf": state.as_of.isoformat(),
        "verdict": state.verdict,
        "findings": dict(state.findings),
        "authors": list(state.authors),
        "terms": {
            "threshold": [{"role": role, "people": people} for role, people in state.terms.threshold],
            "maxDays": state.terms.max_days,
        },
    }
    if state.previous is not None:
        predicate["previous"] = _file(state.previous)
    if decision is not None:
        predicate["decision"] = _decision(decision)
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "predicateType": PREDICATE_TYPE,
            "subject": list(map(_file, state.subjects)),
            "predicate": predicate,
        }
    )


def canonical(tree: Json) -> bytes:
    """JSON by RFC 8785: keys are ASCII and numbers whole, for which Python's own order and form do."""
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace")


def _file(one: Sealed) -> dict[str, Json]:
    return {"name": one.name, "digest": {"sha256": one.sha256}}


def _decision(one: Decision) -> dict[str, Json]:
    tree: dict[str, Json] = {
        "reviewer": one.reviewer,
        "role": one.role,
        "choice": one.choice,
        "time": one.time.astimezone(UTC).strftime(_TIME),
        "expires": one.expires.isoformat(),
        "forms": list(one.forms),
    }
    if one.reason:
        tree["reason"] = one.reason
    if one.conditions:
        tree["conditions"] = [{"text": each.text, "due": each.due.isoformat()} for each in one.conditions]
    if one.earlier:
        tree["earlier"] = list(map(_file, one.earlier))
    return tree


def read(raw: bytes, shown: str) -> tuple[State, Decision | None]:
    """A Statement that mcpaudit wrote; raises ConfigurationError or ReviewError for anything else."""
    document = sound(parse(raw, shown, "json"), shown)
    if mistakes := held_against(document, schema()):
        raise ReviewError("; ".join(f"{shown}: {one.message}" for one in mistakes[:3]))
    root = Node(document, document.data)
    predicate = root.child("predicate")
    assert predicate is not None
    try:
        state, decision = _state(root, predicate), _decided(predicate.child("decision"))
    except ValueError as error:
        raise ReviewError(f"{shown}: {error}") from None
    if written(state, decision) != raw:
        raise ReviewError(f"{shown} is not in the form that is signed (RFC 8785)")
    return state, decision


def _state(root: Node, predicate: Node) -> State:
    counts, terms, previous = (predicate.child(key) for key in ("findings", "terms", "previous"))
    assert counts is not None
    assert terms is not None
    threshold = tuple((one.text("role"), _number(one, "people")) for one in _list(terms, "threshold"))
    return State(
        subjects=tuple(map(_sealed, _list(root, "subject"))),
        tool=predicate.text("tool"),
        as_of=date.fromisoformat(predicate.text("asOf")),
        verdict=predicate.text("verdict"),
        findings=tuple((name, node.value) for name, node in counts.items() if isinstance(node.value, int)),
        authors=tuple(str(one.value) for one in _list(predicate, "authors")),
        terms=ReviewTerms(threshold, _number(terms, "maxDays")),
        previous=_sealed(previous) if previous else None,
    )


def _decided(node: Node | None) -> Decision | None:
    if node is None:
        return None
    return Decision(
        reviewer=node.text("reviewer"),
        role=node.text("role"),
        choice=next(one for one in CHOICES if one == node.text("choice")),
        time=datetime.strptime(node.text("time"), _TIME).replace(tzinfo=UTC),
        expires=date.fromisoformat(node.text("expires")),
        reason=node.text("reason"),
        conditions=tuple(
            Condition(one.text("text"), date.fromisoformat(one.text("due")))
            for one in _list(node, "conditions")
        ),
        earlier=tuple(map(_sealed, _list(node, "earlier"))),
        forms=tuple(str(one.value) for one in _list(node, "forms")),
    )


def _sealed(node: Node) -> Sealed:
    digest = node.child("digest")
    assert digest is not None
    return Sealed(node.text("name"), digest.text("sha256"))


def _number(node: Node, key: str) -> int:
    held = node.child(key)
    assert held is not None
    assert isinstance(held.value, int)
    return held.value


def _list(node: Node, key: str) -> list[Node]:
    held = node.child(key)
    return list(held.elements()) if held else []
