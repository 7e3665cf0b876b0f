"""What was granted, against what enabled tools need, in whole installations."""

import base64
import json
from pathlib import Path
from typing import Any

from mcpaudit.audit import gather
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.scope import ScopeFact, ScopeUse
from mcpaudit.request import Request
from tests.installation import AS_OF, site_of

SLACK = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-slack@2025.4.25"]}
LEAST = "channels:history channels:read chat:write reactions:write users.profile:read users:read"
TOKEN = "xoxb-123456789012-AbCdEfGhIjKlMnOp"


def uses(folder: Path, files: dict[str, Any]) -> list[ScopeUse]:
    return list(gather(Request(site_of(folder, files), AS_OF), Configuration()).scopes)


def slack(scope: str, **rules: list[str]) -> dict[str, Any]:
    """The Slack server with a login that a file stores, and the user's rules for it."""
    return {
        "~/.claude.json": {"mcpServers": {"slack": {**SLACK, "env": {"SLACK_TOKEN_FILE": "~/slack.json"}}}},
        "~/.claude/settings.json": {"permissions": rules},
        "~/slack.json": {"access_token": TOKEN, "token_type": "bot", "scope": scope},
    }


def one(folder: Path, files: dict[str, Any]) -> tuple[ScopeUse, dict[str, ScopeFact]]:
    listed = uses(folder, files)
    assert len(listed) == 1, listed
    return listed[0], {fact.name: fact for fact in listed[0].scopes}


def jwt(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{body}.c2lnbmF0dXJlLW9mLWFuLWV4YW1wbGU"


def test_what_is_granted_and_needed_is_neither_too_much_nor_missing(tmp_path: Path) -> None:
    use, facts = one(tmp_path, slack(LEAST))
    assert use.needed == tuple(sorted(LEAST.split()))
    assert all(fact.granted and fact.needed for fact in facts.values())
    assert (use.source, use.undecided) == ("file", ())


def test_a_scope_that_nothing_needs_comes_with_its_witness(tmp_path: Path) -> None:
    _, facts = one(tmp_path, slack(f"{LEAST} files:write"))
    spare = facts["files:write"]
    assert (spare.granted, spare.needed, spare.certainty) == (True, False, Certainty.CERTAIN)
    assert [edge.kind for edge in spare.witness] == ["authenticates-with", "grants", "needs"]
    assert "the file that stores it says" in spare.witness[1].reason


def test_a_rule_that_denies_the_tools_makes_their_scope_too_much(tmp_path: Path) -> None:
    denied = ["mcp__slack__slack_post_message", "mcp__slack__slack_reply_to_thread"]
    _, facts = one(tmp_path, slack(LEAST, deny=denied))
    assert facts["chat:write"].needed is False


def test_a_missing_scope_names_its_tools_and_their_access(tmp_path: Path) -> None:
    _, facts = one(tmp_path, slack(LEAST.replace(" chat:write", "")))
    missing = facts["chat:write"]
    assert (missing.granted, missing.needed) == (False, True)
    assert missing.tools == ("slack_post_message", "slack_reply_to_thread")
    kinds = [edge.kind for edge in missing.witness]
    assert kinds == ["loads", "offers", "decides", "acts-on", "needs", "grants"]


def test_an_unknown_scope_is_said_to_be_unknown_and_makes_what_is_missing_a_doubt(tmp_path: Path) -> None:
    _, facts = one(tmp_path, slack(f"{LEAST.replace(' chat:write', '')} acme:everything"))
    strange = facts["acme:everything"]
    assert (strange.known, strange.needed, strange.certainty) == (False, None, Certainty.UNKNOWN)
    assert facts["chat:write"].certainty is Certainty.POSSIBLE


def test_a_token_that_tells_nothing_is_unknown_and_what_is_needed_is_still_told(tmp_path: Path) -> None:
    github = {"command": "docker", "args": ["run", "ghcr.io/github/github-mcp-server"]}
    tokens = (
        ("ghp_" + "aB3" * 12, "introspect", "repo"),
        ("github_pat_" + "aB3" * 20, "opaque", "contents:write"),
    )
    for token, source, needed in tokens:
        entry = {**github, "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": token}}
        use, facts = one(tmp_path / source, {"~/.claude.json": {"mcpServers": {"github": entry}}})
        assert (use.granted, use.source, facts) == (None, source, {})
        assert needed in use.needed


def test_a_token_that_says_what_it_was_granted(tmp_path: Path) -> None:
    token = jwt(scp="Mail.ReadWrite Calendars.Read", exp=1796342400)
    entry = {
        "command": "npx",
        "args": ["-y", "@softeria/ms-365-mcp-server@0.155.0", "--read-only"],
        "env": {"MS365_MCP_OAUTH_TOKEN": token},
    }
    use, facts = one(tmp_path, {"~/.claude.json": {"mcpServers": {"mail": entry}}})
    assert (use.source, use.granted) == ("token", ("Mail.ReadWrite", "Calendars.Read"))
    assert facts["Mail.ReadWrite"].instead == ("Mail.Read",)
    assert facts["Calendars.Read"].needed is True
    assert facts["Files.Read"].granted is False


def test_without_a_list_of_tools_nobody_knows_what_is_needed(tmp_path: Path) -> None:
    remote = {"type": "http", "url": "https://mcp.slack.com/mcp", "oauth": {"scopes": "chat:write"}}
    use, facts = one(tmp_path, {"~/.claude.json": {"mcpServers": {"slack": remote}}})
    assert (use.source, facts["chat:write"].needed) == ("declared", None)
    assert facts["chat:write"].certainty is Certainty.UNKNOWN


def test_what_another_server_with_the_same_secret_may_need_is_not_called_too_much(tmp_path: Path) -> None:
    files = slack(f"{LEAST} files:write")
    other = {"command": "node", "args": ["/srv/files.js"], "env": {"SLACK_TOKEN_FILE": "~/slack.json"}}
    files["~/.claude.json"]["mcpServers"]["other"] = other
    facts = {fact.name: fact for use in uses(tmp_path, files) for fact in use.scopes}
    assert facts["files:write"].needed is None


def test_the_same_server_in_two_agents_is_one_use(tmp_path: Path) -> None:
    files = slack(LEAST)
    files["~/.cursor/mcp.json"] = files["~/.claude.json"]
    use, _ = one(tmp_path, files)
    assert use.agents == ("claude-code", "cursor")


def test_scopes_for_signing_in_are_needed(tmp_path: Path) -> None:
    login = {
        "token": "ya29.a0AfH6SMBx7Qw3Zp9Kd3Xw8",
        "refresh_token": "1//0gLx7Qw3Zp9Kd3Xw8Rt5Vb2Nm",
        "token_uri": "https://oauth2.googleapis.com/token",
        "expiry": "2026-11-22T10:00:00",
        "scopes": [
            "openid",
            *(f"https://www.googleapis.com/auth/{name}" for name in ("userinfo.email", "drive")),
        ],
    }
    files = {
        "~/.claude.json": {
            "mcpServers": {"g": {"command": "uvx", "args": ["workspace-mcp@2.2.1", "--read-only"]}}
        },
        "~/.google_workspace_mcp/credentials/a@b.example.json": login,
    }
    _, facts = one(tmp_path, files)
    assert not {name for name in facts if "openid" in name or "userinfo" in name} - {
        name for name, fact in facts.items() if fact.needed is not False
    }
    assert facts["drive"].needed is False
    assert facts["drive"].certainty is Certainty.POSSIBLE
