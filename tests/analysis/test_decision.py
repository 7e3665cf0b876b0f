"""Explicit statements that contradict each other, within an agent and across agents."""

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.test_truth_table import CURSOR_PG, FETCH, RO, RW, claude, postgres
from tests.installation import facts_of, servers

DECISION: list[tuple[str, dict[str, Any], bool]] = [
    ("a switch here, none there", {**claude(pg=postgres(RO)), **CURSOR_PG}, True),
    ("the same everywhere", {**claude(pg=postgres(RW)), **CURSOR_PG}, False),
    (
        "an explicit question here, an allowlist there",
        {
            **claude({"ask": ["mcp__pg__execute_sql"]}, pg=postgres(RW)),
            **CURSOR_PG,
            "~/.cursor/permissions.json": {"mcpAllowlist": ["pg:*"]},
        },
        True,
    ),
    (
        "an explicit question here, a default question there",
        {**claude({"ask": ["mcp__pg"]}, pg=postgres(RW)), **CURSOR_PG},
        False,
    ),
    (
        "defaults that differ",
        {**claude(pg=postgres(RW)), ".vscode/settings.json": {"cody.mcpServers": {"pg": postgres(RW)}}},
        False,
    ),
    (
        "a deny rule here, a question there",
        {**claude({"deny": ["mcp__pg__execute_sql"]}, pg=postgres(RW)), **CURSOR_PG},
        True,
    ),
    (
        "a deny rule on both sides",
        {
            **claude({"deny": ["mcp__pg__execute_sql"]}, pg=postgres(RW)),
            **CURSOR_PG,
            "~/.cursor/cli-config.json": {"permissions": {"deny": ["Mcp(pg:execute_sql)"]}},
        },
        False,
    ),
    ("another server of that name", {**claude({"ask": ["mcp__pg"]}, pg=FETCH), **CURSOR_PG}, False),
]


@pytest.mark.parametrize(
    ("files", "expected"), [case[1:] for case in DECISION], ids=[case[0] for case in DECISION]
)
def test_decision_across_agents(tmp_path: Path, files: dict[str, Any], expected: bool) -> None:
    facts = [one for one in facts_of(tmp_path, files).conflicts if one.kind == "decision"]
    assert len(facts) == expected
    assert all(len(one.agents) == 2 for one in facts)


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
