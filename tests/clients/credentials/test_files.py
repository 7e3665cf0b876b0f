"""What credential files tell, each in a small installation; the values never come with it."""

import json
import os
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.credential import Credential
from tests.installation import collect

PEM = "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n-----END PRIVATE KEY-----"
KEY = json.dumps({"type": "service_account", "client_email": "a@b.example", "private_key": PEM}).replace(
    "\\\\n", "\\n"
)
LOGIN = {
    "access_token": "ya29.a0AfH6SMBx7Qw3Zp9Kd3Xw8Rt5Vb2Nm",
    "refresh_token": "1//0gLx7Qw3Zp9Kd3Xw8Rt5Vb2Nm4Tq",
    "scope": "https://www.googleapis.com/auth/gmail.modify https://www.googleapis.com/auth/gmail.settings.basic",
    "token_type": "Bearer",
    "expiry_date": 1796342400000,
}
EXPIRING = {key: value for key, value in LOGIN.items() if key != "refresh_token"}


def server(**env: str) -> dict[str, Any]:
    return {"mcpServers": {"one": {"command": "npx", "args": ["-y", "acme-server@1.0.0"], "env": env}}}


def found(folder: Path, files: dict[str, Any], **more: Any) -> list[Credential]:
    return list(collect(folder, files, **more).credentials)


def one(folder: Path, files: dict[str, Any]) -> Credential:
    listed = found(folder, files)
    assert len(listed) == 1, listed
    return listed[0]


def test_a_service_account_key_that_a_variable_names(tmp_path: Path) -> None:
    files = {
        "~/.claude.json": server(GOOGLE_APPLICATION_CREDENTIALS="~/keys/bot.json"),
        "~/keys/bot.json": KEY,
    }
    key = one(tmp_path, files)
    assert (key.secret.kind, key.secret.provider, key.lifetime) == ("service_account", "google", "static")
    assert (key.secret.file, key.secret.line, key.secret.literal) == ("~/keys/bot.json", 1, False)
    assert key.secret.length > 50
    assert key.secret.place.file == "~/.claude.json"


def test_a_stored_login_tells_scopes_and_that_it_is_renewed(tmp_path: Path) -> None:
    files = {
        "~/.claude.json": {
            "mcpServers": {"mail": {"command": "npx", "args": ["-y", "@gongrzhe/server-gmail-autoauth-mcp"]}}
        },
        "~/.gmail-mcp/credentials.json": LOGIN,
    }
    login = one(tmp_path, files)
    assert (login.secret.kind, login.lifetime, login.refresh) == ("oauth_tokens", "refreshing", True)
    assert login.scopes
    assert len(login.scopes) == 2
    assert login.scope_source == "file"
    assert login.secret.file == "~/.gmail-mcp/credentials.json"


def test_a_login_without_refresh_token_ends_on_its_day(tmp_path: Path) -> None:
    files = {
        "~/.claude.json": server(ACME_TOKEN_FILE="~/acme/token.json"),
        "~/acme/token.json": json.dumps({"x": {"tokens": EXPIRING}}, indent=1),
    }
    login = one(tmp_path, files)
    assert (login.lifetime, login.refresh, login.secret.expires) == ("expiring", False, "2026-12-04")
    assert login.secret.line == 3


def test_an_env_file_gives_its_secrets_their_own_names_and_lines(tmp_path: Path) -> None:
    cursor = {
        "mcpServers": {"one": {"command": "node", "args": ["x.js"], "envFile": "${workspaceFolder}/.env"}}
    }
    files = {
        ".cursor/mcp.json": cursor,
        ".env": "# keys\nLOG=debug\nexport SLACK_BOT_TOKEN='xoxb-123456789012-AbCdEfGhIjKlMnOp'\n",
    }
    token = one(tmp_path, files)
    assert (token.secret.name, token.secret.kind, token.secret.provider) == (
        "SLACK_BOT_TOKEN",
        "bot",
        "slack",
    )
    assert (token.secret.file, token.secret.line) == (".env", 3)
    assert token.scope_source == "introspect"
    collected = collect(tmp_path, files)
    entry = next(
        one for config in collected.agents for one in config.installations if one.name == "one"
    ).entry
    assert dict(entry.env)["LOG"].text == "debug"
    assert dict(entry.env)["SLACK_BOT_TOKEN"].text == "***"
    # The file differs between machines, so that the lock does not speak of it.
    assert entry.own_env() == ()


@pytest.mark.parametrize(
    ("text", "kind", "lifetime", "refresh", "expires"),
    [
        ("aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzz", "access_key", "static", None, ""),
        (
            "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzz\naws_session_token = FwoGZXIvYXdzEB\n"
            "aws_expiration = 2026-12-04T10:00:00+00:00",
            *("session_key", "expiring", False, "2026-12-04"),
        ),
        ("role_arn = arn:aws:iam::1:role/x\nsource_profile = y", "role", "refreshing", True, ""),
        ("sso_session = corp", "single_sign_on", "expiring", None, ""),
    ],
)  # fmt: skip
def test_an_aws_profile(
    tmp_path: Path, text: str, kind: str, lifetime: str, refresh: bool | None, expires: str
) -> None:
    files = {
        "~/.claude.json": server(AWS_PROFILE="ops"),
        "~/.aws/credentials": f"[default]\naws_secret_access_key = other\n[ops]\n{text}\n",
    }
    key = one(tmp_path, files)
    told = (key.secret.kind, key.lifetime, key.refresh, key.secret.expires, key.secret.provider)
    assert told == (kind, lifetime, refresh, expires, "aws")
    assert key.secret.file == "~/.aws/credentials"


def test_an_aws_server_without_any_variable_uses_the_default_profile(tmp_path: Path) -> None:
    entry = {"command": "uvx", "args": ["awslabs.cloudwatch-mcp-server@latest"]}
    files = {
        "~/.claude.json": {"mcpServers": {"aws": entry}},
        "~/.aws/credentials": "[default]\naws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYzz\n",
    }
    assert one(tmp_path, files).secret.kind == "access_key"


def test_a_kubeconfig_with_a_key_and_a_plugin(tmp_path: Path) -> None:
    text = """apiVersion: v1
users:
- name: admin
  user: {client-key-data: TFMwdExTMUNSVWRKVGlCU1UwRWdVRkpKVmtGVVJTQkxSVmt0}
- name: dev
  user:
    exec: {command: aws, args: [eks, get-token]}
"""
    files = {"~/.claude.json": server(KUBECONFIG="~/.kube/config"), "~/.kube/config": text}
    keys = {key.secret.kind: key for key in found(tmp_path, files)}
    assert set(keys) == {"private_key", "exec_plugin"}
    assert (keys["private_key"].secret.line, keys["exec_plugin"].secret.line) == (4, 7)
    assert (keys["exec_plugin"].refresh, keys["exec_plugin"].secret.length) == (True, 0)


def test_pgpass_serves_an_address_without_a_password_and_only_its_host(tmp_path: Path) -> None:
    address = "postgresql://app@db.example/orders"
    args = ["-y", "@modelcontextprotocol/server-postgres", address]
    entry = {"command": "npx", "args": args}
    lines = "other.example:*:*:app:Zp9Kd3Xw8\ndb.example:5432:*:app:Rt5Vb\\:2Nm\n"
    files = {"~/.claude.json": {"mcpServers": {"db": entry}}, "~/.pgpass": lines}
    password = one(tmp_path, files)
    assert (password.secret.file, password.secret.line, password.secret.length) == ("~/.pgpass", 2, 9)
    args[2] = "postgresql://app:Rt5Vb9Kd3Xw8@db.example/orders"
    assert {key.secret.file for key in found(tmp_path / "b", files)} == {""}


def test_netrc_that_a_variable_names(tmp_path: Path) -> None:
    text = "machine api.example login me\n  password Zp9Kd3Xw8Rt5\n"
    files = {"~/.claude.json": server(NETRC="~/.netrc"), "~/.netrc": text}
    assert one(tmp_path, files).secret.line == 2


def test_the_store_of_mcp_remote_by_the_hash_of_the_url(tmp_path: Path) -> None:
    url = "https://mcp.acme.example/sse"
    name = md5(url.encode()).hexdigest()
    args = ["-y", "mcp-remote@0.1.9", url]
    entry = {"command": "npx", "args": args}
    tokens = {
        "access_token": "a" * 20 + "9Zp",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "read write",
    }
    files = {
        "~/.claude.json": {"mcpServers": {"acme": entry}},
        f"~/.mcp-auth/mcp-remote-0.1.9/{name}_tokens.json": tokens,
        f"~/.mcp-auth/mcp-remote-0.1.9/{'0' * 32}_tokens.json": tokens,
    }
    login = one(tmp_path, files)
    assert (login.lifetime, login.refresh, login.scopes) == ("expiring", False, ("read", "write"))
    args += ["--header", "X: y"]
    assert found(tmp_path / "b", files) == []


MCP = "https://mcp.acme.example/mcp"
TOKENS = {"accessToken": "x9" * 12, "refreshToken": "y8" * 12, "expiresAt": 1796342400000, "scope": "read"}
SNAKE = {
    "access_token": "x9" * 12,
    "refresh_token": "y8" * 12,
    "expires_at": 1796342400000,
    "scopes": ["read"],
}
STORES = {
    "claude-code": (
        *("~/.claude.json", {"mcpServers": {"acme": {"type": "http", "url": MCP}}}),
        "~/.claude/.credentials.json",
        {
            "mcpOAuth": {"acme|a1": {"serverName": "acme", "serverUrl": MCP, **TOKENS}},
            "claudeAiOauth": TOKENS,
        },
    ),
    "codex": (
        *("~/.codex/config.toml", f'[mcp_servers.acme]\nurl = "{MCP}"\n'),
        "~/.codex/.credentials.json",
        {"acme|a1": {"server_name": "acme", "server_url": MCP, "client_id": "c", **SNAKE}},
    ),
    "gemini-cli": (
        *("~/.gemini/settings.json", {"mcpServers": {"acme": {"httpUrl": MCP}}}),
        "~/.gemini/mcp-oauth-tokens.json",
        [
            {"serverName": "acme", "token": TOKENS},
            {"serverName": "other", "token": {**TOKENS, "scope": "all"}},
        ],
    ),
    "opencode": (
        *("~/.config/opencode/opencode.json", {"mcp": {"acme": {"type": "remote", "url": MCP}}}),
        "~/.local/share/opencode/mcp-auth.json",
        {"acme": {"tokens": TOKENS, "serverUrl": MCP}},
    ),
}


@pytest.mark.parametrize("client", list(STORES))
def test_a_clients_own_store_is_matched_by_name_or_address(tmp_path: Path, client: str) -> None:
    config, entries, path, store = STORES[client]
    listed = found(tmp_path, {config: entries, path: store})
    assert [(key.refresh, key.scopes, key.secret.file) for key in listed] == [(True, ("read",), path)]
    other = json.dumps(store).replace("acme", "other")
    assert found(tmp_path / "b", {config: entries, path: other}) == []


def test_the_scopes_that_an_entry_asks_for_are_those_of_its_login(tmp_path: Path) -> None:
    login = {"type": "http", "url": "https://mcp.acme.example/mcp", "oauthScopes": ["read", "write"]}
    credential = one(tmp_path, {"~/.copilot/mcp-config.json": {"mcpServers": {"acme": login}}})
    assert (credential.secret.kind, credential.scopes) == ("login", ("read", "write"))
    assert credential.scope_source == "declared"
    assert credential.scope_place is not None
    assert "oauthScopes" in credential.scope_place.route


def test_one_secret_in_two_places_shares_a_group(tmp_path: Path) -> None:
    token = "xoxb-123456789012-AbCdEfGhIjKlMnOp"
    files = {
        "~/.claude.json": server(SLACK_BOT_TOKEN=token),
        ".cursor/mcp.json": {"mcpServers": {"two": {"command": "node", "args": ["x.js"], "envFile": ".env"}}},
        ".env": f"SLACK_BOT_TOKEN={token}\nOTHER_TOKEN=Zp9Kd3Xw8Rt5Vb2Nm4Tq\n",
    }
    groups = {(key.holder, key.secret.name): key.secret.group for key in found(tmp_path, files)}
    assert groups[("claude-code/one", "SLACK_BOT_TOKEN")] == groups[("cursor/two", "SLACK_BOT_TOKEN")]
    assert len(set(groups.values())) == 2


def test_a_named_file_that_is_not_there_is_a_credential_of_which_nothing_is_known(tmp_path: Path) -> None:
    key = one(tmp_path, {"~/.claude.json": server(ACME_CREDENTIALS="~/nowhere/key.json")})
    assert (key.secret.kind, key.secret.file, key.secret.length) == ("file", "~/nowhere/key.json", 0)
    assert (key.lifetime, key.refresh, key.scopes) == ("unknown", None, None)


def test_a_file_inside_a_container_is_not_read(tmp_path: Path) -> None:
    entry = {
        "command": "docker",
        "args": ["run", "-i", "acme/server", "--credentials-file", "~/keys/bot.json"],
    }
    files = {"~/.claude.json": {"mcpServers": {"one": entry}}, "~/keys/bot.json": KEY}
    collected = collect(tmp_path, files)
    assert (collected.credentials, collected.credential_files) == ((), ())


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    files = {".mcp.json": server(ACME_TOKEN_FILE="token.txt"), "~/secret": "Zp9Kd3Xw8Rt5Vb2Nm4Tq\n"}
    collect(tmp_path, files)
    (tmp_path / "project/token.txt").symlink_to(tmp_path / "home/secret")
    collected = collect(tmp_path, files)
    assert collected.credential_files == ()
    assert any("it leads out of the folder" in gap.reason for gap in collected.gaps)


def test_pipes_devices_and_huge_files_are_gaps(tmp_path: Path) -> None:
    entry = server(A_TOKEN_FILE="a.txt", B_TOKEN_FILE="b.txt")
    files = {".mcp.json": entry, "b.txt": "x" * (512 * 1024 + 1)}
    collect(tmp_path, files)
    os.mkfifo(tmp_path / "project/a.txt")
    collected = collect(tmp_path, files)
    reasons = " ".join(gap.reason for gap in collected.gaps)
    assert "a named pipe" in reasons
    assert "512 KiB" in reasons
    assert collected.credential_files == ()


def test_without_a_home_nothing_of_it_is_read(tmp_path: Path) -> None:
    from dataclasses import replace

    from mcpaudit.clients.discover import discover
    from mcpaudit.knowledge.pack import Packs
    from tests.installation import site_of

    files = {".mcp.json": server(ACME_CREDENTIALS="~/keys/bot.json"), "~/keys/bot.json": KEY}
    site = replace(site_of(tmp_path, files), home=None, system_root=None)
    assert discover(site, Packs.shipped()).credential_files == ()


def test_no_more_than_five_hundred_files_are_read(tmp_path: Path) -> None:
    names = [f"t{number}.txt" for number in range(502)]
    entry = server(**{f"N{number}_TOKEN_FILE": name for number, name in enumerate(names)})
    collected = collect(tmp_path, {".mcp.json": entry, **dict.fromkeys(names, "Zp9Kd3Xw8Rt5Vb2Nm4Tq")})
    assert len(collected.credential_files) == 500
    assert sum("not read, after 500 others" in gap.reason for gap in collected.gaps) == 2


def test_what_starts_servers_gets_the_values_of_an_env_file(tmp_path: Path) -> None:
    from mcpaudit.clients.discover import discover
    from mcpaudit.knowledge.pack import Packs
    from mcpaudit.live.values import OpenLedger, launches
    from tests.installation import site_of

    secret = "xoxb-123456789012-AbCdEfGhIjKlMnOp"
    own = {"MODE": "own", "ACME_TOKEN_FILE": "token.txt"}
    entry = {"command": "node", "args": ["x.js"], "env": own, "envFile": ".env"}
    files = {
        ".cursor/mcp.json": {"mcpServers": {"one": entry}},
        ".env": f"SLACK_BOT_TOKEN={secret}\nMODE=file\n",
        "token.txt": "Zp9Kd3Xw8Rt5Vb2Nm4Tq",
    }
    ledger = OpenLedger(Packs.shipped())
    collected = discover(site_of(tmp_path, files), Packs.shipped(), ledger=ledger)
    chosen = [one for config in collected.agents for one in config.installations if one.name == "one"]
    (launch,) = launches(chosen, collected, ledger, {})
    assert dict(launch.env) == {"SLACK_BOT_TOKEN": secret, **own}
    assert {secret, "Zp9Kd3Xw8Rt5Vb2Nm4Tq"} <= launch.secrets
    assert secret not in repr(launch) + " ".join(launch.given)
