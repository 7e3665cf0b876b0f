"""`mcpaudit check` from end to end: the example, the same bytes twice, and no secret in any report."""

import base64
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.model.report import Report
from mcpaudit.model.site import Site
from mcpaudit.report.formats import TEXTS, render
from mcpaudit.request import Request
from tests.installation import AS_OF, request_of, servers

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples/logistics"


@cache
def example() -> Report:
    site = Site(EXAMPLE, EXAMPLE / "home")
    return audit(Request(site=site, as_of=AS_OF))


def at(steps: Any) -> set[str]:
    """The files and lines that a witness or finding names."""
    return {f"{step.location.file}:{step.location.line}" for step in steps if step.location is not None}


def line_of(file: str, text: str) -> str:
    """Where a text first stands in a file of the example."""
    path = EXAMPLE / file if not file.startswith("~") else EXAMPLE / "home" / file[2:]
    lines = path.read_text().splitlines()
    return f"{file}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


def conflict(kind: str, agents: tuple[str, ...], transitive: bool = False) -> Any:
    (one,) = [
        c for c in example().conflicts if (c.kind, c.agents, c.transitive) == (kind, agents, transitive)
    ]
    return one


def test_slack_and_the_project_tool_both_touch_the_calendar() -> None:
    one = conflict("ambiguous-route", ("claude-code",), transitive=True)
    assert (one.resource, one.certainty) == ("google:dispatch@logistics.example/calendar.event", "certain")
    assert {role.name for role in one.roles} == {"calendar", "slack", "asana"}
    assert {line_of("mcpaudit.yaml", f'from: {name}, to: "google') for name in ("slack", "asana")} <= at(
        one.witness
    )
    assert {line_of(".mcp.json", f'"{name}": {{') for name in ("calendar", "slack", "asana")} <= at(
        one.witness
    )


def test_the_database_is_read_only_here_and_writable_there() -> None:
    one = conflict("decision", ("claude-code", "cursor"))
    assert (one.resource, one.certainty) == ("sql:db.logistics.example:5432/warehouse", "certain")
    assert line_of(".mcp.json", "--access-mode=restricted") in at(one.witness)
    assert line_of(".cursor/mcp.json", '"warehouse"') in at(one.witness)


def test_a_shell_goes_round_the_root_of_the_filesystem_server() -> None:
    one = conflict("bypass", ("claude-code",))
    assert (one.resource, one.silent) == ("local:host/file/./shipments", True)
    assert {line_of(".mcp.json", "./shipments"), line_of(".claude/settings.json", '"Bash"')} <= at(
        one.witness
    )


def test_one_token_has_no_refresh() -> None:
    (one,) = [c for c in example().credentials if c.expires]
    assert (one.holder, one.kind, one.lifetime, one.refresh) == (
        "claude-desktop/asana",
        "jwt",
        "expiring",
        False,
    )
    file = "~/.config/Claude/claude_desktop_config.json"
    assert f"{one.location.file}:{one.location.line}" == line_of(file, "ASANA_ACCESS_TOKEN")
    assert any(f.policy == "token-without-refresh" and f.status == "fail" for f in example().findings)


def test_one_server_is_unneeded_for_the_task() -> None:
    servers = [one for one in example().excess if (one.kind, one.level) == ("unneeded", "server")]
    found = [one for one in servers if "claude-code" in one.agents]
    assert [(one.name, one.profile) for one in found] == [("asana", "dispatch")]
    assert line_of(".mcp.json", '"asana": {') in at(found[0].witness)


def test_every_finding_names_a_file_and_a_line() -> None:
    assert len(example().findings) > 10
    for one in example().findings:
        assert one.locations, one.policy
        assert all(location.file and location.line for location in one.locations), one.policy
        assert one.message
        assert one.fix


def test_rows_and_facts_have_ids_of_their_own() -> None:
    for rows in (example().access, example().conflicts, example().installations, example().excess):
        ids = [one.id if hasattr(one, "id") else one for one in rows]
        assert len(ids) == len(set(ids))


def command(*arguments: str, seed: str) -> subprocess.CompletedProcess[bytes]:
    call = [
        sys.executable,
        "-m",
        "mcpaudit",
        "check",
        "examples/logistics",
        "--home",
        "examples/logistics/home",
    ]
    env = {**os.environ, "PYTHONHASHSEED": seed, "COLUMNS": "80"}
    return subprocess.run(
        [*call, "--as-of", "2026-11-22", *arguments], cwd=ROOT, env=env, capture_output=True, check=False
    )


@pytest.mark.promise("same-bytes")
def test_same_input_same_bytes(tmp_path: Path) -> None:
    runs = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        formats = [f"--format={name}={folder / name}" for name in TEXTS]
        done = command(*formats, seed=seed)
        assert done.returncode == 1, done.stderr
        runs.append({name: (folder / name).read_bytes() for name in TEXTS})
    assert runs[0] == runs[1]
    assert json.loads(runs[0]["json"])["summary"]["exit_code"] == 1


# One canary for each place; each is long and odd enough to be a secret wherever its place says so.
def canary(number: int) -> str:
    return f"CANARY{number:02d}q7Zp9Kd3Xw8Rt5Vb{number:02d}Nm"


def entry(first: int) -> dict[str, Any]:
    """A local server with secrets in its variables, arguments and connection strings."""
    return {
        "command": "npx",
        "args": [
            *("-y", "acme-server", "--api-key", canary(first), f"--token={canary(first + 1)}"),
            f"postgresql://app:{canary(first + 2)}@db.example/app",
            f"https://user:{canary(first + 3)}@api.acme.example/x?access_token={canary(first + 4)}",
        ],
        "env": {
            "API_KEY": canary(first + 5),
            "DATABASE_URL": f"postgres://u:{canary(first + 6)}@db.example:5432/x",
            "DB": f"host=db.example dbname=app password={canary(first + 7)}",
        },
    }


def remote(first: int, **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://user:{canary(first)}@mcp.acme.example/mcp?api_key={canary(first + 1)}",
        "headers": {"Authorization": f"Bearer {canary(first + 2)}", "X-Api-Key": canary(first + 3)},
        **more,
    }


def listed(first: int) -> dict[str, Any]:
    """The same local server as opencode and Kilo Code write it."""
    plain = entry(first)
    return {"type": "local", "command": [plain["command"], *plain["args"]], "environment": plain["env"]}


CODEX = """
[mcp_servers.local]
command = "npx"
args = ["-y", "acme-server", "--api-key", "{0}", "postgresql://app:{1}@db.example/app"]
env = {{ API_KEY = "{2}" }}
[mcp_servers.remote]
url = "https://user:{3}@mcp.acme.example/mcp?token={4}"
http_headers = {{ Authorization = "Bearer {5}" }}
bearer_token = "{6}"
"""
CURL = 'Bash(curl -H "Authorization: Bearer {}" https://api.acme.example/*)'
EXPORT = "Bash(API_KEY={} ./deploy.sh)"
LOGIN = "Shell(psql postgresql://app:{}@db.example/app)"
SECRETS = {
    ".mcp.json": servers(local=entry(0), remote=remote(8, type="http")),
    "~/.claude.json": {
        "mcpServers": {"own": entry(12)},
        "projects": {"@project@": {"mcpServers": {"mine": entry(20)}}},
    },
    ".claude/settings.json": {"permissions": {"allow": [CURL.format(canary(28)), EXPORT.format(canary(29))]}},
    "~/.claude/settings.json": {
        "permissions": {"deny": [f"Bash(curl -u me:{canary(30)} https://x.example)"]}
    },
    ".cursor/mcp.json": servers(local=entry(31), remote=remote(39)),
    ".cursor/cli.json": {"permissions": {"allow": [LOGIN.format(canary(43))]}},
    "~/.config/Claude/claude_desktop_config.json": servers(local=entry(44)),
    ".vscode/mcp.json": {"servers": {"local": entry(52), "remote": remote(60)}},
    ".vscode/settings.json": {"cody.mcpServers": {"local": entry(64), "remote": remote(72)}},
    "~/.gemini/settings.json": servers(local=entry(76), remote={**remote(84), "httpUrl": remote(84)["url"]}),
    "~/.gemini/policies/x.toml": f'rule = [{{toolName = "x", argsPattern = "TOKEN={canary(88)}"}}]\n',
    ".codex/config.toml": CODEX.format(*(canary(number) for number in range(89, 96))),
    "~/.copilot/mcp-config.json": servers(local=entry(96), remote=remote(104, type="http")),
    "~/.qwen/settings.json": servers(local=entry(108), remote=remote(116)),
    "~/.config/opencode/opencode.json": {"mcp": {"local": listed(120), "remote": remote(128, type="remote")}},
    "~/.config/kilo/kilo.json": {"mcp": {"local": listed(132), "remote": remote(140, type="remote")}},
    "~/.augment/settings.json": servers(local=entry(144), remote=remote(152, type="http")),
}
PLANTED = 156
SEEN = (
    *("claude-code", "claude-desktop", "cursor", "cody", "vscode", "codex", "gemini-cli"),
    *("copilot-cli", "qwen-code", "opencode", "kilo-code", "auggie"),
)


@cache
def planted() -> str:
    return json.dumps(SECRETS)


def test_the_canaries_are_planted_and_found(tmp_path: Path) -> None:
    report = audit(request_of(tmp_path, SECRETS))
    assert {one.agent for one in report.installations} == set(SEEN)
    holders = {one.holder for one in report.credentials}
    assert {one.agent for one in report.installations if f"{one.agent}/local" in holders} == set(SEEN)
    assert any(holder.startswith(".claude/settings.json") for holder in holders)
    assert all(f"CANARY{number:02d}" in planted() for number in range(PLANTED))


@pytest.mark.parametrize("format", TEXTS)
def test_no_secret_is_in_any_report(tmp_path: Path, format: str) -> None:
    text = render(secret_report(), format).decode("utf-8", "replace")
    leaked = [number for number in range(PLANTED) for form in forms(canary(number)) if form in text]
    assert leaked == []
    assert len(text) > 1000 or format == "patch"


@cache
def secret_report() -> Report:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        site = request_of(Path(folder), SECRETS)
        from dataclasses import replace

        return audit(replace(site, shipped_policies=True))


def forms(value: str) -> set[str]:
    """A secret as it stands, and as it would stand in a URL, in base64 at any offset, or reversed."""
    encoded = {base64.b64encode(b"x" * pad + value.encode()).decode()[4:-4] for pad in (0, 1, 2)}
    return {value, value[:12], value[-12:], quote(value, safe=""), value.encode().hex(), *encoded}


def test_no_secret_is_in_an_error_message(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from mcpaudit.cli.main import run
    from tests.installation import site_of

    broken = {
        name: content if isinstance(content, str) else json.dumps(content)[:-1]
        for name, content in SECRETS.items()
    }
    site_of(tmp_path, broken)
    code = run(["check", str(tmp_path / "project"), "--home", str(tmp_path / "home"), "--platform", "linux"])
    shown = "".join(capfd.readouterr())
    assert code in (0, 1)
    assert "CANARY" not in shown
    assert ".mcp.json" in shown


def test_the_report_does_not_tell_where_the_project_lies(tmp_path: Path) -> None:
    """The same tree in two places gives the same bytes, policies of its own included."""
    reports = []
    for name in ("here", "there/and/elsewhere"):
        place = tmp_path / name
        shutil.copytree(EXAMPLE, place)
        target = tmp_path / "report.json"
        run(
            [
                "check",
                str(place),
                "--home",
                str(place / "home"),
                "--as-of",
                "2026-11-22",
                "--format",
                f"json={target}",
            ]
        )
        reports.append(target.read_bytes())
    assert reports[0] == reports[1]
    assert str(tmp_path).encode() not in reports[0]
