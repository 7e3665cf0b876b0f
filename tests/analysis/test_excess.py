"""What an agent could do without: profiles and duplicates."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.configuration import Configuration, Need, Profile
from mcpaudit.model.pattern import Pattern
from mcpaudit.model.place import Place
from tests.installation import facts_of, npx, saved, servers, uvx

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
PG = uvx("postgres-mcp==0.3.0", DATABASE_URI="postgresql://db.example/app")


def profile(
    *needs: tuple[str, str] | tuple[str, str, dict[str, bool]], agents: tuple[str, ...] = ()
) -> Configuration:
    found = tuple(
        Need(frozenset(need[0].split()), Pattern.parse(need[1]), **(need[2] if len(need) > 2 else {}))
        for need in needs
    )
    return Configuration(profiles=(Profile("task", "A task", found, Place("x"), agents=agents),))


def desktop(**entries: Any) -> dict[str, Any]:
    """Claude Desktop has no tools of its own."""
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


READ_DB, READ_SRV = ("read", "sql:db.example:5432/app/**"), ("read", "local:host/file/srv/**")
TWO = {"pg": PG, "files": npx(FILES, "/srv")}
CASES: list[tuple[dict[str, Any], Configuration, set[str]]] = [
    (TWO, profile(READ_DB, READ_SRV), set()),
    (TWO, profile(READ_DB), {"files"}),
    (TWO, profile(READ_SRV), {"pg"}),
    (TWO, profile(("read", "slack:**")), {"files", "pg"}),
    (TWO, profile(READ_DB, agents=("cursor",)), set()),
    # A server without a manifest is never called excess.
    ({**TWO, "own": npx("acme-own")}, profile(READ_DB, READ_SRV), set()),
    # A path that does not hold what is needed.
    ({"files": npx(FILES, "/other")}, profile(READ_SRV), {"files"}),
    # Of two that do, the one with less outside the need stays.
    ({"a": npx(FILES, "/srv"), "b": npx(FILES, "/srv", "/etc")}, profile(READ_SRV), {"b"}),
    # A server of which it takes the whole need, and not its parts.
    (
        {"r": npx("acme-r"), "w": npx("acme-w"), "pg": PG},
        profile(("read create", "sql:**", {"together": True})),
        {"r", "w"},
    ),
    # Only reach that holds all of the pattern.
    (
        {"files": npx(FILES, "/srv/part")},
        profile(("read", "local:host/file/srv/**", {"all": True})),
        {"files"},
    ),
    ({"files": npx(FILES, "/srv/part")}, profile(READ_SRV), set()),
]


@pytest.mark.parametrize(("entries", "configuration", "expected"), CASES)
def test_unneeded(
    tmp_path: Path, entries: dict[str, Any], configuration: Configuration, expected: set[str]
) -> None:
    tools = {"r": saved("get_row"), "w": saved("create_row")}
    facts = facts_of(tmp_path, desktop(**entries), tools, configuration)
    unneeded = [one for one in facts.excess if (one.kind, one.level) == ("unneeded", "server")]
    assert {one.name for one in unneeded} == expected
    assert all(one.witness[0].place is not None and "task" in one.reason for one in unneeded)


def test_what_may_meet_a_need_is_not_called_unneeded(tmp_path: Path) -> None:
    """Qwen Code leaves it to a model whether its tools run: that is unknown, and so is what they meet."""
    files = {".qwen/settings.json": servers(pg=PG, files=npx(FILES, "/srv"))}
    facts = facts_of(tmp_path, files, configuration=profile(READ_DB))
    assert {one.name for one in facts.excess if one.kind == "unneeded"} == {"files"}


def test_a_shell_beside_a_tool_that_is_needed_has_its_price(tmp_path: Path) -> None:
    tools = {"a": saved("query_database", "run_command"), "b": saved("query_database")}
    entries = {name: uvx(f"acme-{name}", DATABASE_URI="postgresql://db.example/app") for name in tools}
    facts = facts_of(tmp_path, desktop(**entries), tools, profile(READ_DB))
    assert [one.name for one in facts.excess if one.kind == "unneeded"] == ["a"]


def test_what_is_denied_meets_no_need(tmp_path: Path) -> None:
    files = {
        "~/.claude.json": servers(pg=PG),
        "~/.claude/settings.json": {"permissions": {"deny": ["mcp__pg"]}},
    }
    facts = facts_of(tmp_path, files, configuration=profile(READ_DB))
    assert [one.name for one in facts.excess] == ["pg"]
    assert facts.needed[0].unmet == ("read sql:db.example:5432/app/**",)


def test_what_nothing_meets_is_said(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, desktop(**TWO), configuration=profile(READ_DB, ("send", "slack:**")))
    assert [one.unmet for one in facts.needed] == [("send slack:**",)]
    assert {one.certainty for one in facts.excess} == {"possible"}


def test_no_profile_no_advice(tmp_path: Path) -> None:
    assert facts_of(tmp_path, desktop(**TWO)).excess == ()


A, B = "xoxb-111111111111-aaaaBBBBccccDDDD", "xoxb-222222222222-eeeeFFFFggggHHHH"
SLACK = "@modelcontextprotocol/server-slack"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (npx(FILES, "/srv"), npx(FILES, "/srv"), True),
        (npx(FILES, "/srv"), npx(FILES, "/srv/../srv/"), False),
        (npx(FILES, "/srv"), npx(FILES, "/etc"), False),
        (npx(FILES, "/srv"), npx("acme", "/srv"), False),
        (npx(SLACK, SLACK_BOT_TOKEN=A), npx(SLACK, SLACK_BOT_TOKEN=A), True),
        # Two accounts: their tokens look alike only once they are masked.
        (npx(SLACK, SLACK_BOT_TOKEN=A), npx(SLACK, SLACK_BOT_TOKEN=B), False),
        (
            {"url": "https://mcp.acme.example", "headers": {"Authorization": f"Bearer {A}"}},
            {"url": "https://mcp.acme.example", "headers": {"Authorization": f"Bearer {B}"}},
            False,
        ),
        (
            {"url": "https://mcp.acme.example", "headers": {"X-Team": "1"}},
            {"url": "https://mcp.acme.example", "headers": {"X-Team": "2"}},
            False,
        ),
        (
            {"command": "bash", "args": ["-c", "cd /a && ./x"]},
            {"command": "bash", "args": ["-c", "cd /b && ./x"]},
            False,
        ),
    ],
)
def test_duplicates(tmp_path: Path, first: Any, second: Any, expected: bool) -> None:
    facts = facts_of(tmp_path, desktop(a=first, b=second))
    assert [one.kind for one in facts.excess] == ["duplicate"] * expected
    if expected:
        assert [edge.place.route[1] for edge in facts.excess[0].witness if edge.place] == ["a", "b"]


def test_a_duplicate_in_two_agents_is_one_fact(tmp_path: Path) -> None:
    pair = {"a": npx(FILES, "/srv"), "b": npx(FILES, "/srv")}
    facts = facts_of(tmp_path, {**desktop(**pair), ".cursor/mcp.json": servers(**pair)})
    assert [one.agents for one in facts.excess] == [("claude-desktop", "cursor")]


def test_a_shadowed_entry_is_no_duplicate(tmp_path: Path) -> None:
    files = {
        ".vscode/mcp.json": {"servers": {"a": npx(FILES)}},
        "~/.config/Code/User/mcp.json": {"servers": {"a": npx(FILES)}},
    }
    assert facts_of(tmp_path, files).excess == ()
