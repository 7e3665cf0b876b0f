"""Patches that pass a server through the relay, in every client's own syntax, and their exact undoing."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.client import Collected
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.clients.relaying import Relayed, Relaying, relaying
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.site import Platform
from mcpaudit.report.patch import as_patch
from tests.installation import collect, installed, npx, servers, uvx
from tests.parsing.test_diff import GIT, git_apply

CANARY = "q7Zp9Kd3Xw8Rt5Vb2Nm4"
FILES = npx("@modelcontextprotocol/server-filesystem@2026.8.31", "/srv")
REMOTE = {"type": "http", "url": "https://mcp.linear.app/mcp?team=a"}
BOTH = servers(files=FILES, web=uvx("mcp-server-fetch"), far=REMOTE)
LOCAL = {
    "files": {"type": "local", "command": [FILES["command"], *FILES["args"]]},
    "far": {"type": "remote", "url": REMOTE["url"]},
}
CODEX = f"""\
# my servers
[mcp_servers.files]
command = "npx" # what else
args = [
  # all of it
  "-y", {json.dumps(FILES["args"][1])},
  "/srv",
]

[mcp_servers.far]
url = "{REMOTE["url"]}"
"""
GEMINI = servers(files=FILES, far={"httpUrl": REMOTE["url"]})
GOOSE = f"""\
extensions:
  files:  # mine
    type: stdio
    enabled: true
    cmd: npx
    args: ["-y", "{FILES["args"][1]}", /srv]
  far:
    type: streamable_http
    enabled: true
    uri: {REMOTE["url"]}
"""
CONTINUE = f"""\
name: mine
mcpServers:
  - name: files
    command: npx
    args:
      # all of it
      - -y
      - "{FILES["args"][1]}"
      # the folder
      - /srv
  - name: far
    type: streamable-http
    url: {REMOTE["url"]}
"""
USER_OF_CODE = "~/.config/Code/User/globalStorage"
SERVER_URL = servers(files=FILES, far={"serverUrl": REMOTE["url"]})
CASES: dict[str, tuple[str, Any]] = {
    "claude-code": (".mcp.json", BOTH),
    "claude-desktop": ("~/.config/Claude/claude_desktop_config.json", servers(files=FILES)),
    "cursor": ("~/.cursor/mcp.json", BOTH),
    "cody": (".vscode/settings.json", {"cody.mcpServers": BOTH["mcpServers"]}),
    "vscode": (".vscode/mcp.json", {"servers": BOTH["mcpServers"]}),
    "codex": (".codex/config.toml", CODEX),
    "gemini-cli": (".gemini/settings.json", GEMINI),
    "copilot-cli": ("~/.copilot/mcp-config.json", BOTH),
    "qwen-code": (".qwen/settings.json", GEMINI),
    "opencode": ("opencode.json", {"mcp": LOCAL}),
    "kilo-code": ("kilo.json", {"mcp": LOCAL}),
    "auggie": (".augment/settings.json", BOTH),
    "amazon-q": ("~/.aws/amazonq/agents/default.json", BOTH),
    "amp": (".amp/settings.json", {"amp.mcpServers": BOTH["mcpServers"]}),
    "antigravity": ("~/.gemini/config/mcp_config.json", SERVER_URL),
    "cline": ("~/.cline/mcp.json", BOTH),
    "continue": ("~/.continue/config.yaml", CONTINUE),
    "crush": ("crush.json", {"mcp": BOTH["mcpServers"]}),
    "devin-cli": (".devin/config.json", BOTH),
    "factory-droid": (".factory/mcp.json", BOTH),
    "goose": ("~/.config/goose/config.yaml", GOOSE),
    "junie": (".junie/mcp/mcp.json", BOTH),
    "kiro": (".kiro/settings/mcp.json", BOTH),
    "lm-studio": ("~/.lmstudio/mcp.json", BOTH),
    "roo-code": (f"{USER_OF_CODE}/rooveterinaryinc.roo-cline/settings/mcp_settings.json", BOTH),
    "tabnine": (".tabnine/agent/settings.json", GEMINI),
    "visual-studio": ("~/.mcp.json", {"servers": BOTH["mcpServers"]}),
    "warp": (".warp/.mcp.json", BOTH),
    "windsurf": ("~/.codeium/windsurf/mcp_config.json", SERVER_URL),
    "zed": (".zed/settings.json", {"context_servers": BOTH["mcpServers"]}),
}
UNKNOWN = {
    "jetbrains-ai": "its servers stand in XML whose form is not documented",
    "copilot-cloud-agent": "its servers stand on GitHub's machines, where no relay of this one can be",
}
OTHER_FORMS: dict[str, tuple[str, str, Any]] = {
    "zed, as of before": (
        "zed",
        "~/.config/zed/settings.json",
        {"context_servers": {"files": {"command": {"path": "npx", "args": FILES["args"]}}}},
    ),
    "continue, as of before": (
        "continue",
        "~/.continue/config.json",
        {"experimental": {"modelContextProtocolServers": [{"name": "files", "transport": FILES}]}},
    ),
    "goose, as it writes it": (
        "goose",
        "~/.config/goose/config.yaml",
        GOOSE.replace(
            f'["-y", "{FILES["args"][1]}", /srv]', f"\n    - -y\n    - '{FILES['args'][1]}'\n    - /srv"
        ),
    ),
    "amp, in an editor": (
        "amp",
        "~/.config/Code/User/settings.json",
        {"amp.mcpServers": {"files": FILES}},
    ),
}


def test_all_clients_are_tried_or_say_why_not() -> None:
    assert CASES.keys() | UNKNOWN.keys() == {client.id for client in CLIENTS}


def site(folder: Path, client: str, files: dict[str, Any]) -> Collected:
    platform: Platform = "windows" if client == "visual-studio" else "linux"
    return collect(folder, {".git/HEAD": "x", **files}, platform=platform)


def relayed(folder: Path, client: str, name: str, files: dict[str, Any], **more: Any) -> Relayed:
    one = installed(collected := site(folder, client, files), client)[name]
    return relaying(collected, [one], Relaying(listen="127.0.0.1:8765", **more), Packs.shipped())


def applied(folder: Path, found: Relayed) -> None:
    """The patch and its undoing, by git and by patch: the changed file says what was wanted, and then not."""
    for file, (before, after) in found.contents.items():
        tree = folder / ("home" if file.startswith("~/") else "project")
        path = tree / file.removeprefix("~/")
        assert path.read_bytes() == before
        for patch, content in ((found.there, after), (found.back, before)):
            text = as_patch(patch, patch[0].tree)
            assert git_apply(tree, text).returncode == 0
            assert path.read_bytes() == content
        for patch, content in ((found.there, after), (found.back, before)):
            text = as_patch(patch, patch[0].tree).encode()
            subprocess.run(["patch", "-p1"], input=text, cwd=tree, check=True, capture_output=True)
            assert path.read_bytes() == content
        assert before != after


needs_git = pytest.mark.skipif(not GIT, reason="needs git")


@needs_git
@pytest.mark.parametrize("name", ["files", "far"])
@pytest.mark.parametrize("client", CASES)
def test_every_client(tmp_path: Path, client: str, name: str) -> None:
    file, content = CASES[client]
    if client == "claude-desktop" and name == "far":
        pytest.skip("it knows no remote servers in its file")
    found = relayed(tmp_path, client, name, {file: content})
    assert found.left == ()
    applied(tmp_path, found)
    (changed,) = found.contents
    collected = site(tmp_path / "after", client, {changed: found.contents[changed][1]})
    one, other = installed(collected, client)[name], installed(site(tmp_path, client, {}), client)[name]
    if name == "files":
        assert one.server == other.server
        assert (one.entry.command, one.entry.relay is not None) == ("npx", True)
        assert [word.text for word in one.entry.args] == [word.text for word in other.entry.args]
        assert found.commands == ()
        assert f"--client={client}" in found.contents[changed][1].decode()
    else:
        assert one.server.url == "http://127.0.0.1:8765/mcp"
        assert one.entry.url
        assert one.entry.url.text == "http://127.0.0.1:8765/mcp?team=a"
        to = "--listen 127.0.0.1:8765 --to https://mcp.linear.app/mcp"
        assert found.commands == (f"mcpaudit live record {to} --name=far --client={client}",)


@needs_git
@pytest.mark.parametrize("form", OTHER_FORMS)
def test_other_forms_of_entries(tmp_path: Path, form: str) -> None:
    client, file, content = OTHER_FORMS[form]
    found = relayed(tmp_path, client, "files", {file: content})
    assert found.left == ()
    applied(tmp_path, found)
    (changed,) = found.contents
    one = installed(collect(tmp_path / "after", {changed: found.contents[changed][1]}), client)["files"]
    assert (one.entry.command, one.entry.relay is not None) == ("npx", True)
    assert [word.text for word in one.entry.args] == FILES["args"]


ODD = {
    "comments": '{"servers": // mine\n  {"files": {"command": "npx", "args": [\n  // first\n  "a" ], },},\n}',
    "no arguments": '{"servers": {"files": {"command": "acme-mcp"}}}',
    "an empty list": '{"servers": {"files": {"command": "acme-mcp", "args": []}}}',
    "tabs and CRLF": '{\r\n\t"servers": {\r\n\t\t"files": {"command": "npx", "args": [\r\n\t\t\t"a"]}}}\r\n',
    "a mark, no end": '\ufeff{"servers": {"files": {"command": "npx", "args": ["a"]}}}',
    "escapes": '{"servers": {"files": {"command": "n\\u0070x", "args": ["\\u0061"], "env": {}}}}\n\n\n',
}


@needs_git
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_every_byte_comes_back(tmp_path: Path, text: str) -> None:
    found = relayed(tmp_path, "vscode", "files", {".vscode/mcp.json": text.encode()})
    assert found.left == ()
    applied(tmp_path, found)


def test_a_secret_on_another_line_is_not_shown(tmp_path: Path) -> None:
    entry = FILES | {"env": {"API_KEY": CANARY}}
    found = relayed(tmp_path, "cursor", "files", {".cursor/mcp.json": servers(files=entry)})
    assert found.left == ()
    for patch in (found.there, found.back):
        assert CANARY not in as_patch(patch, "project")
    applied(tmp_path, found)


@pytest.mark.parametrize(
    ("client", "files", "reason"),
    [
        ("cursor", {".cursor/mcp.json": json.dumps(servers(one=npx("a", f"--api-key={CANARY}")))}, "secret"),
        (
            "cursor",
            {".cursor/mcp.json": servers(one={"url": f"https://a.example/?api_key={CANARY}"})},
            "secret",
        ),
        ("cursor", {".cursor/mcp.json": servers(one={"url": "https://${env:HOST}/mcp"})}, "a variable"),
        ("claude-code", {".mcp.json": servers(one={"type": "ws", "url": "wss://a.example/"})}, "no address"),
        ("claude-code", {"/etc/claude-code/managed-mcp.json": servers(one=FILES)}, "organisation"),
        (
            "cursor",
            {".cursor/mcp.json": servers(one={"command": "mcpaudit", "args": ["live", "record", "--", "a"]})},
            "recorded already",
        ),
    ],
)
def test_what_is_not_changed(tmp_path: Path, client: str, files: dict[str, Any], reason: str) -> None:
    found = relayed(tmp_path, client, "one", files)
    assert found.there == found.back == ()
    assert reason in found.left[0]
    assert CANARY not in repr(found)


def test_a_file_that_two_clients_read_names_none_of_them(tmp_path: Path) -> None:
    collected = collect(tmp_path, {".mcp.json": BOTH})
    users = [
        one
        for config in collected.agents
        for one in config.installations
        if one.name == "files" and one.place.file == ".mcp.json"
    ]
    found = relaying(collected, users, Relaying(), Packs.shipped())
    (_, after), *rest = found.contents.values()
    assert not rest
    assert (b"--client=" in after) == (len({one.client for one in users}) == 1)


def test_a_program_that_is_not_on_the_path(tmp_path: Path) -> None:
    found = relayed(tmp_path, "cursor", "files", {".cursor/mcp.json": BOTH}, program="/opt/mcpaudit")
    (_, after) = found.contents[".cursor/mcp.json"]
    assert json.loads(after)["mcpServers"]["files"]["command"] == "/opt/mcpaudit"
