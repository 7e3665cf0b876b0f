"""Conflicts beyond what `truth/*.yaml` says of them: places, agents, ids."""

from pathlib import Path
from typing import Any

from mcpaudit.model.fact import Conflict
from tests.installation import facts_of, npx, servers, uvx

PG_URL = "postgresql://app@db.example:5432/app"
RO, RW = "--access-mode=restricted", "--access-mode=unrestricted"


def claude(permissions: dict[str, Any] | None = None, **entries: Any) -> dict[str, Any]:
    """Claude Code with these servers of the user's."""
    files: dict[str, Any] = {"~/.claude.json": servers(**entries)}
    return files | ({"~/.claude/settings.json": {"permissions": permissions}} if permissions else {})


def postgres(mode: str, url: str = PG_URL) -> dict[str, Any]:
    return uvx("postgres-mcp==0.3.0", mode, DATABASE_URI=url)


FETCH = uvx("mcp-server-fetch==2025.4.7")
SLACK = npx(
    "@modelcontextprotocol/server-slack@2025.4.25", SLACK_BOT_TOKEN="${SLACK_BOT_TOKEN}", SLACK_TEAM_ID="T1"
)


def bypasses(folder: Path, files: dict[str, Any]) -> list[Conflict]:
    """What goes round a limit, but for the client's own shell, which goes round every root."""
    facts = facts_of(folder, files).conflicts
    return [one for one in facts if one.kind == "bypass" and not one.roles[-1].server.startswith("builtin:")]


def test_a_bypass_names_the_place_of_what_it_goes_round(tmp_path: Path) -> None:
    (one,) = bypasses(tmp_path, claude(ro=postgres(RO), rw=postgres(RW)))
    first = one.witness[0]
    assert first.place is not None
    assert str(first.place) == "~/.claude.json / mcpServers / ro / args / 1"
    assert first.reason == "`ro` may only list and read: it is started with `--access-mode=restricted`"
    assert all(edge.reason for edge in one.witness)
    assert (one.resource, one.certainty) == ("sql:db.example:5432/app", "certain")


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
