"""Explicit statements that contradict each other, within an agent: what wins, and where both stand."""

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.test_conflicts import RW, postgres
from tests.installation import facts_of, servers


def within(level: str, *rules: tuple[str, str]) -> dict[str, Any]:
    effects: dict[str, list[str]] = {}
    for effect, pattern in rules:
        effects.setdefault(effect, []).append(pattern)
    name = {"user": "~/.claude/settings.json", "project": ".claude/settings.json"}[level]
    return {name: {"permissions": effects}}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            (within("user", ("allow", "mcp__pg")), within("project", ("deny", "mcp__pg__execute_sql"))),
            ("project", "user"),
        ),
        (
            (within("user", ("ask", "mcp__pg")), within("project", ("allow", "mcp__pg__execute_sql"))),
            ("user", "project"),
        ),
        # One level that narrows its own rule contradicts nobody.
        ((within("user", ("allow", "mcp__pg"), ("deny", "mcp__pg__execute_sql")),), None),
        ((within("user", ("allow", "mcp__pg")), within("project", ("allow", "mcp__pg__execute_sql"))), None),
        # A rule without effect contradicts nothing.
        ((within("user", ("allow", "mcp__*")), within("project", ("deny", "mcp__pg__execute_sql"))), None),
    ],
)
def test_decision_within_an_agent(tmp_path: Path, rules: tuple[dict[str, Any], ...], expected: Any) -> None:
    files: dict[str, Any] = {"~/.claude.json": servers(pg=postgres(RW))}
    for one in rules:
        files |= one
    facts = [one for one in facts_of(tmp_path, files).conflicts if one.kind == "decision"]
    if expected is None:
        assert facts == []
        return
    (fact,) = facts
    parts = {role.part: role.sentence for role in fact.roles}
    assert f"the {expected[0]} settings" in parts["winner"]
    assert f"the {expected[1]} settings" in parts["loser"]
    assert [edge.place is not None for edge in fact.witness] == [True, True]
