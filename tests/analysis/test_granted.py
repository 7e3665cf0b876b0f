"""Granted scopes narrow reach: what a credential was certainly not granted is left out, and that is said."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.access.scopes import Scopes
from mcpaudit.analysis.facts import Facts
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.action import ACTIONS
from tests.installation import facts_of, npx, servers

PACKS = Packs.shipped()
READING = "channels:history channels:read reactions:write users.profile:read users:read"
WHOLE = f"{READING} chat:write"
SLACK = "@modelcontextprotocol/server-slack@2025.4.25"


def slack(folder: Path, scope: str | None, **more: Any) -> Facts:
    """A Slack server whose token stands in a file, with or without what it was granted."""
    token = {"access_token": "xoxb-123456789012-AbCdEfGhIjKlMnOp", "token_type": "bot"}
    token |= {} if scope is None else {"scope": scope}
    entry = npx(SLACK, SLACK_TOKEN_FILE="~/slack.json", SLACK_TEAM_ID="T1")
    files = {"~/.config/Claude/claude_desktop_config.json": servers(slack=entry), "~/slack.json": token}
    return facts_of(folder, files, **more)


def does(facts: Facts, tool: str) -> dict[str, set[str]]:
    """What a tool does, by resource."""
    found: dict[str, set[str]] = {}
    for row in facts.rows:
        if row.tool == tool:
            found.setdefault(str(row.resource), set()).update(row.actions)
    return found


def test_what_no_granted_scope_gives_is_no_access(tmp_path: Path) -> None:
    facts = slack(tmp_path, READING)
    assert does(facts, "slack_post_message") == {}
    assert does(facts, "slack_get_channel_history")["slack:T1/channel.message"] == {"read"}
    (said,) = [one for one in facts.not_granted if "`slack_post_message`" in one]
    assert "could create and send slack:T1/channel.message is left out: the file that stores it says" in said


def test_what_is_granted_is_access_and_so_is_what_nobody_tells(tmp_path: Path) -> None:
    for number, scope in enumerate((WHOLE, None, f"{READING} some:new-scope")):
        facts = slack(tmp_path / str(number), scope)
        assert does(facts, "slack_post_message")["slack:T1/channel.message"] == {"create", "send"}
        assert facts.not_granted == ()


def test_what_goes_through_an_integration_goes_with_it(tmp_path: Path) -> None:
    calendar = "google:?/calendar.event"
    whole = does(slack(tmp_path / "whole", WHOLE), "slack_post_message")
    assert calendar in whole
    assert calendar not in does(slack(tmp_path / "less", READING), "slack_post_message")


def test_the_scope_is_still_said_to_be_missing(tmp_path: Path) -> None:
    (use,) = slack(tmp_path, READING).scopes
    missing = {fact.name: fact.tools for fact in use.scopes if fact.granted is False}
    assert missing == {"chat:write": ("slack_post_message", "slack_reply_to_thread")}


def test_a_row_that_shrinks_says_why(tmp_path: Path) -> None:
    tool = {"name": "manage_messages", "description": "", "inputSchema": {"type": "object", "properties": {
        "action": {"type": "string", "enum": ["read", "delete"]}}}}  # fmt: skip
    token = {"access_token": "xoxb-123456789012-AbCdEfGhIjKlMnOp", "token_type": "bot"}
    token["scope"] = "channels:history"
    entry = npx(SLACK, SLACK_TOKEN_FILE="~/slack.json", SLACK_TEAM_ID="T1")
    files = {"~/.config/Claude/claude_desktop_config.json": servers(slack=entry), "~/slack.json": token}
    facts = facts_of(tmp_path, files, {"slack": {"tools": [tool]}})
    (row,) = [row for row in facts.rows if str(row.resource) == "slack:T1/channel.message"]
    assert row.actions == {"read"}
    assert "which does not let it delete" in row.witness[-1].reason
    assert row.witness[-1].place is not None


def test_what_a_login_asks_for_is_not_what_was_granted(tmp_path: Path) -> None:
    entry = {"type": "http", "url": "https://mcp.slack.com/mcp", "oauth": {"scopes": "channels:history"}}
    facts = facts_of(tmp_path, {"~/.claude.json": servers(slack=entry)})
    assert facts.not_granted == ()


CHECKED = [one for name in PACKS.providers() if (one := PACKS.get(name)) and "scopes" in one.checked]


@pytest.mark.parametrize("pack", CHECKED, ids=[pack.provider for pack in CHECKED])
def test_every_scope_together_refuses_nothing(pack: Any) -> None:
    scopes = Scopes(pack, PACKS)
    for kind in pack.kinds:
        for action in ACTIONS:
            assert scopes.refused(pack.scopes, kind, {action}) == frozenset()


@given(st.data())
def test_more_scopes_never_refuse_more(data: st.DataObject) -> None:
    pack = PACKS.get(data.draw(st.sampled_from(["slack", "google", "microsoft-graph"])))
    assert pack is not None
    scopes = Scopes(pack, PACKS)
    names = st.sets(st.sampled_from(sorted(pack.scopes)), max_size=4)
    few, more = data.draw(names), data.draw(names)
    kind = data.draw(st.sampled_from(sorted(pack.kinds)))
    asked = data.draw(st.sets(st.sampled_from(ACTIONS), min_size=1))
    assert scopes.refused(few | more, kind, asked) <= scopes.refused(few, kind, asked) <= asked
