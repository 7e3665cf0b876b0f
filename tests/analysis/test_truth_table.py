"""Small installations, with the facts that must and must not appear: every near miss of DESIGN section 6."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.fact import Conflict
from tests.installation import facts_of, npx, saved, servers, uvx

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
PG_URL = "postgresql://app@db.example:5432/app"
RO, RW = "--access-mode=restricted", "--access-mode=unrestricted"


def claude(permissions: dict[str, Any] | None = None, **entries: Any) -> dict[str, Any]:
    """Claude Code with these servers of the user's."""
    files: dict[str, Any] = {"~/.claude.json": servers(**entries)}
    return files | ({"~/.claude/settings.json": {"permissions": permissions}} if permissions else {})


def postgres(mode: str, url: str = PG_URL) -> dict[str, Any]:
    return uvx("postgres-mcp==0.3.0", mode, DATABASE_URI=url)


def github(url: str, token: str = "GH_TOKEN") -> dict[str, Any]:
    return {"type": "http", "url": url, "headers": {"Authorization": f"Bearer ${{{token}}}"}}


GITHUB = "https://api.githubcopilot.com/mcp"
FETCH = uvx("mcp-server-fetch==2025.4.7")
GIT = uvx("mcp-server-git==2026.1.14", "--repository", "/srv/app")
SHELL = npx("mcp-server-commands")
BROWSER = npx("@playwright/mcp")
SLACK = npx(
    "@modelcontextprotocol/server-slack@2025.4.25", SLACK_BOT_TOKEN="${SLACK_BOT_TOKEN}", SLACK_TEAM_ID="T1"
)


def mounted(flag: str) -> dict[str, Any]:
    return {
        "command": "docker",
        "args": ["run", "-i", "--rm", "-v", f"/srv:/in{flag}", "mcp/filesystem", "/in"],
    }


def slack(token: str, team: str, package: str = "@modelcontextprotocol/server-slack") -> dict[str, Any]:
    return npx(package, SLACK_BOT_TOKEN=token, SLACK_TEAM_ID=team)


A, B = "xoxb-111111111111-aaaaBBBBccccDDDD", "xoxb-222222222222-eeeeFFFFggggHHHH"
CURSOR_PG = {"~/.cursor/mcp.json": servers(pg=postgres(RW))}

# Name, files, and the facts that must appear: kind and the installations concerned, or nothing at all.
BYPASS: list[tuple[str, dict[str, Any], set[tuple[str, ...]]]] = [
    ("a read-only switch", claude(ro=postgres(RO), rw=postgres(RW)), {("ro", "rw")}),
    ("the switch on both", claude(a=postgres(RO), b=postgres(RO, f"{PG_URL}2")), set()),
    ("another database", claude(ro=postgres(RO), rw=postgres(RW, "postgresql://db.example/other")), set()),
    (
        "a last flag that lifts the first",
        claude(a=uvx("postgres-mcp==0.3.0", RO, RW, DATABASE_URI=PG_URL)),
        set(),
    ),
    ("a read-only address", claude(ro=github(f"{GITHUB}/readonly"), rw=github(f"{GITHUB}/")), {("ro", "rw")}),
    ("a read-only mount", claude(ro=mounted(":ro"), rw=npx(FILES, "/srv")), {("ro", "rw")}),
    ("a mount that writes", claude(a=mounted(""), b=npx(FILES, "/elsewhere")), set()),
    ("a root by a wider root", claude(one=npx(FILES, "/srv/app"), all=npx(FILES, "/srv")), {("one", "all")}),
    ("sibling roots", claude(a=npx(FILES, "/srv/a"), b=npx(FILES, "/srv/b")), set()),
    ("roots that only look alike", claude(a=npx(FILES, "/srv/data"), b=npx(FILES, "/srv/database")), set()),
    ("a root by a shell", claude(one=npx(FILES, "/srv/app"), sh=SHELL), {("one", "sh")}),
    ("a fetch server beside a browser", claude(fetch=FETCH, browser=BROWSER), set()),
    ("git beside files", claude(git=GIT, files=npx(FILES, "/srv/app")), set()),
    (
        "a shell that a rule denies",
        claude({"deny": ["mcp__sh"]}, one=npx(FILES, "/srv/app"), sh=SHELL),
        set(),
    ),
    (
        "a wider route that is switched off",
        {
            **claude(ro=postgres(RO), rw=postgres(RW)),
            "~/.claude.json": {
                **servers(ro=postgres(RO), rw=postgres(RW)),
                "projects": {"@project@": {"disabledMcpServers": ["rw"]}},
            },
        },
        set(),
    ),
    (
        "a client rule",
        claude({"deny": ["mcp__a__execute_sql"]}, a=postgres(RW), b=postgres(RW, PG_URL + "?x=1")),
        {("a", "b")},
    ),
]


def bypasses(folder: Path, files: dict[str, Any]) -> list[Conflict]:
    """What goes round a limit, but for the client's own shell, which goes round every root."""
    facts = facts_of(folder, files).conflicts
    return [one for one in facts if one.kind == "bypass" and not one.roles[-1].server.startswith("builtin:")]


def names(fact: Conflict) -> tuple[str, ...]:
    return tuple(dict.fromkeys(role.name for role in fact.roles))


@pytest.mark.parametrize(
    ("files", "expected"), [case[1:] for case in BYPASS], ids=[case[0] for case in BYPASS]
)
def test_bypass(tmp_path: Path, files: dict[str, Any], expected: set[tuple[str, ...]]) -> None:
    assert {names(one) for one in bypasses(tmp_path, files)} == expected


def test_a_shell_over_many_roots_is_one_cause(tmp_path: Path) -> None:
    roots = {f"r{i}": npx(FILES, f"/srv/{i}") for i in range(5)}
    (one,) = bypasses(tmp_path, claude(sh=SHELL, **roots))
    assert {role.name for role in one.roles if role.part == "restricted"} == set(roots)
    assert len(one.resources) == 5


def test_the_clients_own_shell_goes_round_a_root(tmp_path: Path) -> None:
    files = {"~/.claude.json": servers(one=npx(FILES, "/srv/app"))}
    (one,) = [fact for fact in facts_of(tmp_path, files).conflicts if fact.kind == "bypass"]
    assert [role.server for role in one.roles][-1] == "builtin:claude-code"
    assert one.silent is False
    allowed = {**files, "~/.claude/settings.json": {"permissions": {"allow": ["Bash"]}}}
    assert [fact.silent for fact in facts_of(tmp_path, allowed).conflicts if fact.kind == "bypass"] == [True]


def test_a_bypass_names_the_place_of_what_it_goes_round(tmp_path: Path) -> None:
    (one,) = bypasses(tmp_path, claude(ro=postgres(RO), rw=postgres(RW)))
    first = one.witness[0]
    assert first.place is not None
    assert str(first.place) == "~/.claude.json / mcpServers / ro / args / 1"
    assert first.reason == "`ro` may only list and read: it is started with `--access-mode=restricted`"
    assert all(edge.reason for edge in one.witness)
    assert (one.resource, one.certainty) == ("sql:db.example:5432/app", "certain")


OTHER_SLACK = "slack-mcp-server"
IDENTITY: list[tuple[str, dict[str, Any], str]] = [
    ("two tokens", claude(a=slack(A, "T1"), b=slack(B, "T1", OTHER_SLACK)), "certain"),
    ("the same token twice", claude(a=slack(A, "T1"), b=slack(A, "T1", OTHER_SLACK)), ""),
    (
        "the same variable twice",
        claude(a=slack("${SLACK_BOT_TOKEN}", "T1"), b=slack("${SLACK_BOT_TOKEN}", "T1", OTHER_SLACK)),
        "",
    ),
    (
        "two variables",
        claude(a=slack("${SLACK_BOT_TOKEN}", "T1"), b=slack("${SLACK_TOKEN}", "T1", OTHER_SLACK)),
        "possible",
    ),
    ("two known tenants", claude(a=slack(A, "T1"), b=slack(B, "T2", OTHER_SLACK)), ""),
    ("an unknown tenant", claude(a=slack(A, "T1"), b=npx(OTHER_SLACK, SLACK_BOT_TOKEN=B)), "possible"),
    (
        "a switched-off rival",
        claude({"deny": ["mcp__b"]}, a=slack(A, "T1"), b=slack(B, "T1", OTHER_SLACK)),
        "",
    ),
]
TOOLS = {
    "a": saved("slack_post_message", "slack_get_channel_history"),
    "b": saved("conversations_add_message", "conversations_history"),
}


@pytest.mark.parametrize(
    ("files", "certainty"), [case[1:] for case in IDENTITY], ids=[case[0] for case in IDENTITY]
)
def test_identity(tmp_path: Path, files: dict[str, Any], certainty: str) -> None:
    facts = facts_of(tmp_path, files, TOOLS).conflicts
    mine = [one for one in facts if one.kind == "identity" or "identity" in one.also]
    assert [one.certainty for one in mine] == ([certainty] if certainty else [])


POST = {"name": "create_record", "description": "Create a record in the store."}
AMBIGUOUS: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("two writers", claude(a=slack(A, "T1"), b=slack(A, "T1", OTHER_SLACK)), TOOLS, True),
    (
        "two readers",
        claude(a=slack(A, "T1"), b=slack(A, "T1", OTHER_SLACK)),
        {"a": saved("get_channel"), "b": saved("get_channel_history")},
        False,
    ),
    ("writers of two tenants", claude(a=slack(A, "T1"), b=slack(A, "T2", OTHER_SLACK)), TOOLS, False),
    (
        "a reader and a writer",
        claude(a=slack(A, "T1"), b=slack(A, "T1", OTHER_SLACK)),
        {"a": saved("get_message"), "b": saved("post_message")},
        False,
    ),
    (
        "the same tool names",
        claude(a=npx("acme-one"), b=npx("acme-two")),
        {"a": saved(POST), "b": saved(POST)},
        True,
    ),
    (
        "the same name of two readers",
        claude(a=npx("acme-one"), b=npx("acme-two")),
        {"a": saved("get_x"), "b": saved("get_x")},
        False,
    ),
    (
        "a writer that is denied",
        claude({"deny": ["mcp__b"]}, a=slack(A, "T1"), b=slack(A, "T1", OTHER_SLACK)),
        TOOLS,
        False,
    ),
]


@pytest.mark.parametrize(
    ("files", "tools", "expected"), [case[1:] for case in AMBIGUOUS], ids=[case[0] for case in AMBIGUOUS]
)
def test_ambiguous_routes(
    tmp_path: Path, files: dict[str, Any], tools: dict[str, Any], expected: bool
) -> None:
    facts = [
        one
        for one in facts_of(tmp_path, files, tools).conflicts
        if "ambiguous-route" in (one.kind, *one.also)
    ]
    facts = [one for one in facts if not one.transitive]
    assert bool(facts) is expected
    assert all(set(one.servers) == set(facts[0].servers) for one in facts)


def test_a_route_through_an_integration(tmp_path: Path) -> None:
    calendar = npx("@cocal/google-calendar-mcp@2.6.3")
    facts = facts_of(tmp_path, claude(slack=SLACK, calendar=calendar)).conflicts
    (one,) = [fact for fact in facts if fact.transitive]
    assert (one.kind, one.resource, one.certainty) == (
        "ambiguous-route",
        "google:?/calendar.event",
        "possible",
    )
    assert [role.name for role in one.roles] == ["calendar", "slack"]
    assert any(edge.kind == "reaches" for edge in one.witness)


def test_the_same_servers_in_many_agents_are_one_fact(tmp_path: Path) -> None:
    pair = {"ro": postgres(RO), "rw": postgres(RW)}
    one_agent = bypasses(tmp_path / "a", claude(**pair))
    both = bypasses(tmp_path / "b", {**claude(**pair), "~/.cursor/mcp.json": servers(**pair)})
    assert [fact.agents for fact in one_agent] == [("claude-code",)]
    assert [fact.agents for fact in both] == [("claude-code", "cursor")]
    assert both[0].id == one_agent[0].id


def test_ids_hold_no_names_and_no_lines(tmp_path: Path) -> None:
    plain = bypasses(tmp_path / "a", claude(ro=postgres(RO), rw=postgres(RW)))
    moved = bypasses(tmp_path / "b", claude(pad=FETCH, safe=postgres(RO), wild=postgres(RW)))
    assert [fact.id for fact in plain] == [fact.id for fact in moved]
    assert len(plain) == 1
