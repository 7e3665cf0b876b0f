"""What policies were put to, written down and judged again; and what nobody wrote, refused in a sentence."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.audit import judge, policies_of
from mcpaudit.errors import McpauditError
from mcpaudit.model.report import Report
from mcpaudit.model.site import Site
from mcpaudit.policy.evaluate import evaluate
from mcpaudit.policy.policy import Policy, shipped
from mcpaudit.policy.subjects import Subjects
from mcpaudit.report.build import build_report
from mcpaudit.request import Request
from mcpaudit.review import facts, policies
from mcpaudit.review.reevaluate import judge_again
from mcpaudit.signoff.layout import FACTS, POLICIES
from tests.review.packets import AS_OF, request

LOGISTICS = Path(__file__).parent.parent.parent / "examples" / "logistics"


def test_the_example_is_judged_from_its_facts_as_from_its_files() -> None:
    asked = Request(Site(LOGISTICS, LOGISTICS / "home"), AS_OF)
    found, applied = judge(asked).facts, policies_of(asked)
    raw = b"".join(facts.written(applied, Subjects(found)))
    first, runs = evaluate(applied, Subjects(found), "2026-11-22")
    again, runs_again = evaluate(policies.read(policies.written(applied)), facts.read(raw), "2026-11-22")
    assert len(first) > 20
    kept = ("fingerprint", "policy", "severity", "status", "certainty", "message", "fix", "subject", "digest")
    assert [[getattr(one, key) for key in kept] for one in again] == [
        [getattr(one, key) for key in kept] for one in first
    ]
    assert [one.population for one in runs] == [one.population for one in runs_again]


def test_every_shipped_policy_is_the_same_when_it_is_written_and_read() -> None:
    def same(policy: Policy) -> dict[str, object]:
        return {name: getattr(policy, name) for name in Policy.__slots__ if name not in ("file", "pack")}

    again = {policy.id: policy for policy in policies.read(policies.written(shipped()))}
    for policy in shipped():
        assert same(again[policy.id]) == same(policy)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Request, Report]:
    asked = request(tmp_path_factory.mktemp("small"))
    return asked, build_report(judge(asked))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "id", "agents", "tools", "server"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(tree=JSON, kind=st.sampled_from(["server", "tool", "nonsense"]), whole=st.booleans())
@settings(max_examples=80, deadline=None)
def test_facts_that_nobody_wrote_are_refused_or_judged(
    small: tuple[Request, Report], tree: object, kind: str, whole: bool
) -> None:
    row = {"kind": kind, "id": "x", "certainty": "certain", "agents": ["a"], "tree": tree} if whole else tree
    asked, report = small
    files = {
        FACTS: json.dumps(row).encode(),
        **{f"{POLICIES}{name}": raw for name, raw in policies.written(policies_of(asked)).items()},
    }
    with suppress(McpauditError):
        judge_again(Path("/nowhere"), files, report)
