"""The inverse of every fact: what is supposed to remove it, removes it, and nothing comes in its place.

Every remedy that can be supposed is supposed, in every truth case and in the example, and audited again.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.analysis.facts import Facts
from mcpaudit.audit import gather
from mcpaudit.model.fact import CONFLICT_KINDS, Conflict
from mcpaudit.model.remedy import Remedy
from mcpaudit.model.site import Site
from mcpaudit.model.supposition import Supposition
from mcpaudit.request import Request, configuration_of
from tests.analysis.test_truth import CASES
from tests.installation import AS_OF, npx, request_of, servers

EXAMPLE = Path(__file__).parents[2] / "examples" / "logistics"
SINGLE = [(table, case) for table, case in CASES if "files" in case]


def request(folder: Path, case: dict[str, Any]) -> Request:
    options = {key: case[key] for key in ("mode", "as_is", "profile") if key in case}
    saved = {f"{name}.json": content for name, content in case.get("manifests", {}).items()}
    return request_of(folder, case["files"], saved or None, **options)


def supposing(asked: Request, what: Supposition) -> Facts:
    return gather(replace(asked, supposed=what), configuration_of(asked)[0])


def parties(fact: Conflict) -> set[tuple[str, str]]:
    return {(role.agent, role.name) for role in fact.roles}


def resources(fact: Conflict) -> set[str]:
    return {fact.resource, *fact.resources}


def still_there(fact: Conflict, before: Facts, after: Facts) -> Iterator[str]:
    """The same parties, or some of them, still disagree on the same resource, and did not before."""
    others = {one.id for one in before.conflicts} - {fact.id}
    for one in after.conflicts:
        if one.id in others:
            continue
        alike = (
            one.kind == fact.kind and one.by_itself == fact.by_itself and one.transitive == fact.transitive
        )
        if alike and parties(one) <= parties(fact) and resources(one) & resources(fact):
            yield f"{one.id} of {sorted(parties(one))}"


def apart(fact: Conflict) -> list[set[tuple[str, str]]]:
    """The parties of each agent where agents have nothing to do with each other, else all of them."""
    if fact.kind in ("decision", "concurrent-write"):
        return [parties(fact)]
    return [{party for party in parties(fact) if party[0] == agent} for agent in fact.agents]


def new(before: Facts, after: Facts) -> Iterator[str]:
    """Conflicts that no conflict of before accounts for, be it as one of its attributes."""
    for one in after.conflicts:
        rank = CONFLICT_KINDS.index(one.kind)
        old = [parties(old) for old in before.conflicts if CONFLICT_KINDS.index(old.kind) <= rank]
        if not all(any(own <= known for known in old) for own in apart(one)):
            yield f"{one.id} of {sorted(parties(one))}"


def unproved(asked: Request, before: Facts) -> Iterator[tuple[Remedy, list[str]]]:
    """Every supposable remedy of every conflict, with what speaks against it."""
    for fact in before.conflicts:
        assert fact.remedies, f"nothing removes {fact.id}"
        for remedy in fact.remedies:
            if remedy.supposed is not None:
                after = supposing(asked, remedy.supposed)
                wrong = [f"still there: {one}" for one in still_there(fact, before, after)]
                # To give up a limit is to let happen what it withheld.
                if remedy.how != "give-up":
                    wrong += [f"new: {one}" for one in new(before, after)]
                yield remedy, [f"{fact.id}: {remedy.sentence}: {one}" for one in wrong]


def uncut(asked: Request, before: Facts) -> Iterator[str]:
    """Flows that go on in an agent although their cut, which is called proved, is supposed."""
    for flow in before.flows:
        for cut in flow.cuts:
            if cut.proved:
                after = supposing(asked, cut.supposed)
                if any(one.kind == flow.kind and cut.agent in one.agents for one in after.flows):
                    yield f"{flow.id}: {cut.sentence}"


def kept(asked: Request, before: Facts) -> Iterator[str]:
    """Excess that stays although what removes it is supposed."""
    for fact in before.excess:
        assert fact.remedies, f"nothing removes {fact.id}"
        for remedy in fact.remedies:
            # A narrower root is written into an entry, and nothing that can be supposed.
            assert remedy.supposed is not None or fact.level == "path"
            if remedy.supposed is not None:
                after = supposing(asked, remedy.supposed)
                if fact.id in {one.id for one in after.excess}:
                    yield f"{fact.id}: {remedy.sentence}"


@pytest.mark.parametrize(("table", "case"), SINGLE, ids=[f"{name}: {case['name']}" for name, case in SINGLE])
def test_what_is_supposed_to_remove_a_conflict_removes_it(
    tmp_path: Path, table: str, case: dict[str, Any]
) -> None:
    asked = request(tmp_path, case)
    before = gather(asked, configuration_of(asked)[0])
    found = [line for _, wrong in unproved(asked, before) for line in wrong]
    assert [*found, *uncut(asked, before), *kept(asked, before)] == []


def test_in_the_example_too() -> None:
    asked = Request(Site(EXAMPLE, EXAMPLE / "home", None, "linux", {}), as_of=AS_OF, shipped_policies=False)
    before = gather(asked, configuration_of(asked)[0])
    found = list(unproved(asked, before))
    assert [*uncut(asked, before), *kept(asked, before)] == []
    assert [line for _, wrong in found for line in wrong] == []
    assert {remedy.how for remedy, _ in found} >= {"deny", "remove"}


def test_of_many_credentials_all_but_one_go(tmp_path: Path) -> None:
    def github(token: str) -> dict[str, Any]:
        return npx("@modelcontextprotocol/server-github@2025.4.8", GITHUB_PERSONAL_ACCESS_TOKEN=token)

    tokens = {"a": "ghp_CANARYa", "b": "ghp_CANARYb", "c": "ghp_CANARYc", "d": "ghp_CANARYa"}
    entries = {name: github(token) for name, token in tokens.items()}
    asked = request_of(tmp_path, {".cursor/mcp.json": servers(**entries)}, None)
    before = gather(asked, configuration_of(asked)[0])
    (fact,) = [one for one in before.conflicts if one.kind == "identity"]
    assert fact.remedies[0].sentence == (
        "in Cursor, give `b` the credential of `a` and give `c` the credential of `a`"
    )
    removed = [set(one.supposed.remove) for one in fact.remedies if one.supposed is not None]
    # Those of one credential stay together.
    assert {"cursor/b", "cursor/c"} in removed
    assert {"cursor/a", "cursor/c", "cursor/d"} in removed
    assert [line for _, wrong in unproved(asked, before) for line in wrong] == []
