"""Promise 1 for credential files: what is planted in them is in no output of any format."""

import base64
import json
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.model.report import Report
from mcpaudit.report.formats import TEXTS, render
from mcpaudit.request import Request
from tests.installation import AS_OF, site_of
from tests.test_check import canary, forms

PEM = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n"
URL = "https://mcp.acme.example/sse"
HASH = md5(URL.encode()).hexdigest()


def login(first: int, **more: Any) -> dict[str, Any]:
    """A stored login with a secret in every field, the scopes among them."""
    return {
        "access_token": canary(first),
        "refresh_token": canary(first + 1),
        "id_token": canary(first + 2),
        "scope": f"read {canary(first + 3)}",
        "token_type": "Bearer",
        "expires_in": 3600,
        **more,
    }


def jwt(number: int) -> str:
    claims = {"exp": 1796342400, "scope": f"repo {canary(number)}", "sub": canary(number)}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{body}.{canary(number)}"


ENTRY = {
    "command": "npx",
    "args": ["-y", "acme-server@1.0.0", "--env-file", "~/a/flags.env", "--credentials-file=~/a/client.json"],
    "env": {
        "GOOGLE_APPLICATION_CREDENTIALS": "~/a/key.json",
        "KUBECONFIG": "~/a/kube",
        "AWS_PROFILE": "ops",
        "NETRC": "~/a/netrc",
        "PGPASSFILE": "~/a/pgpass",
        "NPM_CONFIG_USERCONFIG": "~/a/npmrc",
        "ACME_TOKEN_FILE": "~/a/token",
        "OTHER_TOKEN_FILE": "~/a/broken.json",
        "KEY_FILE": "~/a/key.pem",
    },
}
BRIDGE = {"command": "npx", "args": ["-y", "mcp-remote", URL]}
KUBE = f"""users:
- name: {canary(10)}
  user: {{token: {canary(11)}, password: {canary(12)}, client-key-data: {canary(13)}}}
- name: x
  user: {{auth-provider: {{config: {{access-token: {canary(14)}, refresh-token: {canary(15)}}}}}}}
"""
FILES: dict[str, Any] = {
    ".mcp.json": {"mcpServers": {"acme": ENTRY, "bridge": BRIDGE}},
    ".cursor/mcp.json": {"mcpServers": {"acme": {"command": "node", "args": ["x.js"], "envFile": "all.env"}}},
    "all.env": f"API_KEY={canary(0)}\nDATABASE_URL='postgres://u:{canary(1)}@db/x'\nJWT={jwt(2)}\n",
    "~/.claude.json": {"mcpServers": {"remote": {"type": "http", "url": "https://mcp.acme.example/mcp"}}},
    "~/.claude/.credentials.json": {
        "claudeAiOauth": login(3),
        "mcpOAuth": {"remote|1": {"serverName": "remote", **login(16)}},
    },
    "~/a/key.json": {
        "type": "service_account",
        "private_key": PEM.format(canary(7)),
        "private_key_id": canary(8),
    },
    "~/a/client.json": {"installed": {"client_id": "x", "client_secret": canary(9)}},
    "~/a/kube": KUBE,
    "~/.aws/credentials": f"[ops]\naws_access_key_id = AKIA{canary(20)}\n"
    f"aws_secret_access_key = {canary(21)}\naws_session_token = {canary(22)}\n",
    "~/a/netrc": f"machine api.example login me password {canary(23)}\n",
    "~/a/pgpass": f"db.example:*:*:me:{canary(24)}\n",
    "~/a/npmrc": f"//registry.example/:_authToken={canary(25)}\n",
    "~/a/token": f"{canary(26)}\n",
    "~/a/flags.env": f"SLACK_BOT_TOKEN={canary(27)}\n{canary(28)}=x\n",
    "~/a/broken.json": f'{{"token": "{canary(29)}", "refresh_token": "{canary(30)}"',
    "~/a/key.pem": PEM.format(canary(31)),
    f"~/.mcp-auth/mcp-remote-0.1.9/{HASH}_tokens.json": login(32),
}
PLANTED = 36


@cache
def report() -> Report:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return audit(Request(site_of(Path(folder), FILES), AS_OF))


def test_the_canaries_are_planted_and_their_files_read() -> None:
    text = json.dumps(FILES)
    hidden = {2}  # inside the JWT's claims
    assert all(f"CANARY{number:02d}" in text for number in set(range(PLANTED)) - hidden)
    read = {one.file for one in report().credentials} - {""}
    stores = {name.removeprefix("./") for name in FILES} - {".mcp.json", ".cursor/mcp.json", "~/.claude.json"}
    assert read == stores


@pytest.mark.parametrize("format", TEXTS)
def test_no_secret_of_a_file_is_in_any_report(format: str) -> None:
    text = render(report(), format).decode("utf-8", "replace")
    assert [number for number in range(PLANTED) for form in forms(canary(number)) if form in text] == []
    assert "CANARY" not in text
    assert len(text) > 1000 or format == "patch"


def test_no_secret_of_a_file_is_in_what_commands_print(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    site_of(tmp_path, FILES)
    where = [str(tmp_path / "project"), "--home", str(tmp_path / "home"), "--platform", "linux"]
    run(["access", *where, "--why"])
    run(["lock", *where])
    shown = "".join(capfd.readouterr()) + (tmp_path / "project/mcpaudit.lock").read_text("utf-8")
    assert "acme" in shown
    assert "CANARY" not in shown
