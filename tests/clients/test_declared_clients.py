"""What single clients do beyond the kit: trust, nested entries, approvals, what only some files say."""

from pathlib import Path
from typing import Any

from mcpaudit.clients.outcome import outcome
from mcpaudit.model.manifest import Tool
from tests.installation import agent, collect, decision, installed, npx, servers

A = servers(a=npx("server-x"))
SETTINGS = "~/.config/zed/settings.json"


def test_zed_waits_for_trust_in_a_folder_and_not_in_the_home(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        ".zed/settings.json": {"context_servers": {"here": npx("x")}},
        SETTINGS: {"context_servers": {"home": npx("x")}},
    }
    found = installed(collect(tmp_path / "1", files, as_is=True), "zed")
    assert {name: one.state for name, one in found.items()} == {"here": "pending", "home": "loaded"}
    files[SETTINGS]["session"] = {"trust_all_worktrees": True}
    found = installed(collect(tmp_path / "2", files, as_is=True), "zed")
    assert {one.state for one in found.values()} == {"loaded"}


def test_zed_starts_an_extension_and_an_older_entry(tmp_path: Path) -> None:
    entries = {
        "mcp-server-github": {"source": "extension", "settings": {}},
        "older": {"command": {"path": "npx", "args": ["-y", "server-x"], "env": {"A": "b"}}},
    }
    found = installed(collect(tmp_path, {SETTINGS: {"context_servers": entries}}), "zed")
    assert {name: one.server.id for name, one in found.items()} == {
        "mcp-server-github": "command:mcp-server-github",
        "older": "npm:server-x",
    }
    assert [name for name, _ in found["older"].entry.env] == ["A"]
    assert collect(tmp_path / "other", {SETTINGS: {"theme": "x"}}).agents == ()


def test_cline_reads_what_its_command_line_writes_and_finds_its_tokens(tmp_path: Path) -> None:
    secret = "gho_" + "abcdefghij" * 3 + "012345"
    entries = {
        "nested": {"transport": {"type": "stdio", **npx("server-x")}},
        "plain": {"url": "https://a.example/mcp", "oauth": {"tokens": {"access_token": secret}}},
        "named": {"url": "https://a.example/b", "transportType": "streamableHttp"},
    }
    collected = collect(tmp_path, {"~/.cline/data/settings/cline_mcp_settings.json": {"mcpServers": entries}})
    found = installed(collected, "cline")
    assert found["nested"].server.id == "npm:server-x"
    assert [found[name].server.transport for name in ("plain", "named")] == ["sse", "http"]
    assert [one.secret.place.route[-1] for one in collected.credentials] == ["access_token"]
    assert secret not in repr(collected.agents)


def test_cline_is_moved_by_its_variables(tmp_path: Path) -> None:
    for number, (env, file) in enumerate(
        [
            ({"CLINE_MCP_SETTINGS_PATH": "/opt/x.json"}, "/opt/x.json"),
            ({"CLINE_DATA_DIR": "/opt/d"}, "/opt/d/settings/cline_mcp_settings.json"),
            ({"CLINE_DIR": "/opt/c"}, "/opt/c/data/settings/cline_mcp_settings.json"),
        ]
    ):
        collected = collect(tmp_path / str(number), {file: A}, env=env)
        assert installed(collected, "cline")["a"].place.file == file


def test_goose_ships_extensions_that_are_no_servers(tmp_path: Path) -> None:
    text = """\
GOOSE_MODE: approve
extensions:
  developer: {type: builtin, enabled: true}
  memory: {type: builtin, enabled: true}
  todo: {type: platform, enabled: true}
  remote: {type: streamable_http, uri: https://a.example/mcp, enabled: true}
"""
    collected = collect(tmp_path, {"~/.config/goose/config.yaml": text})
    found = installed(collected, "goose")
    assert {name: one.server.id for name, one in found.items()} == {
        "memory": "command:goose",
        "remote": "url:https://a.example/mcp",
    }
    assert decision(collected, "goose", "remote", "x").verdict == "ask"
    collected = collect(tmp_path, {"~/.config/goose/config.yaml": text}, env={"GOOSE_MODE": "auto"})
    assert decision(collected, "goose", "remote", "x").verdict == "allow"


def test_amp_rejects_servers_and_waits_for_a_workspace(tmp_path: Path) -> None:
    files = {
        "~/.config/amp/settings.json": {
            "amp.mcpServers": {"a": npx("server-x"), "b": {"command": "other"}},
            "amp.mcpPermissions": [
                {"matches": {"command": "npx", "args": "*server-y*"}, "action": "allow"},
                {"matches": {"command": "npx"}, "action": "reject"},
            ],
            "amp.permissions": [{"tool": "mcp__*", "action": "delegate", "to": "decide"}],
        },
        ".amp/settings.json": {"amp.mcpServers": {"c": npx("server-y")}},
    }
    collected = collect(tmp_path, files, as_is=True)
    states = {name: one.state for name, one in installed(collected, "amp").items()}
    assert states == {"a": "blocked", "b": "loaded", "c": "pending"}
    (gap,) = collected.gaps
    assert (gap.kind, gap.place.route) == ("not-understood", ("amp.permissions", 0))


def test_droid_reads_every_folder_up_to_the_git_root(tmp_path: Path) -> None:
    from dataclasses import replace

    from mcpaudit.clients.discover import discover
    from mcpaudit.knowledge.pack import Packs
    from tests.installation import site_of

    files = {
        ".git/HEAD": "x",
        ".factory/mcp.json": servers(a=npx("root"), b=npx("root")),
        "sub/.factory/mcp.json": servers(a=npx("between"), d=npx("between")),
        "sub/deep/.factory/mcp.json": servers(a=npx("deep"), off=npx("x") | {"disabled": True}),
        "~/.factory/mcp.json": servers(off=npx("home"), c={"url": "https://a.example"}),
    }
    site = site_of(tmp_path, files)
    assert site.project is not None
    collected = discover(replace(site, project=site.project / "sub" / "deep"), Packs.shipped())
    found = installed(collected, "factory-droid")
    reached = {one.name: one.server.id for one in found.values() if one.reachable}
    assert reached == {"a": "npm:deep", "b": "npm:root", "d": "npm:between"}
    assert found["c"].state == "rejected"
    for text in ('{"mcpServers": {"a": {"command": "x"},}}', '\ufeff{"mcpServers": {}}'):
        (gap,) = collect(tmp_path / str(len(text)), {"~/.factory/mcp.json": text}).gaps
        assert gap.kind == "ignored"


def test_antigravity_does_not_start_with_a_broken_file(tmp_path: Path) -> None:
    files = {".agents/mcp_config.json": "{", "~/.gemini/config/mcp_config.json": A}
    one = installed(collect(tmp_path, files), "antigravity")["a"]
    assert (one.state, "does not start" in one.reason) == ("rejected", True)
    both = {"command": "npx", "args": ["x"], "serverUrl": "https://a.example/mcp"}
    collected = collect(tmp_path / "2", {".agents/mcp_config.json": servers(a=both)})
    assert installed(collected, "antigravity")["a"].server.id == "url:https://a.example/mcp"


def test_tabnine_lists_switch_servers_off(tmp_path: Path) -> None:
    both = servers(a=npx("x"), b=npx("y"), c=npx("z"))
    files = {"~/.tabnine/agent/settings.json": {**both, "mcp": {"allowed": ["a", "b"], "excluded": ["b"]}}}
    found = installed(collect(tmp_path, files), "tabnine")
    assert [one.state for one in found.values()] == ["loaded", "disabled", "disabled"]


def test_a_custom_agent_of_copilot_has_servers_in_its_head(tmp_path: Path) -> None:
    text = """\
---
name: reviewer
mcp-servers:
  db:
    type: local
    command: npx
    args: ["-y", "server-x"]
    tools: [query]
---
# Review
mcp-servers: not here
"""
    files = {".github/agents/reviewer.md": text, ".github/agents/other.md": "# No head\n"}
    collected = collect(tmp_path, files)
    one = installed(collected, "copilot-cloud-agent")["db"]
    assert (one.level, one.server.id, one.only_tools) == ("agent reviewer", "npm:server-x", ("query",))
    assert collected.documents[one.place.file].locate((*one.place.route, "command"))[0] == 6
    assert collected.gaps == ()


def test_an_agent_of_amazon_q_does_not_speak_for_another(tmp_path: Path) -> None:
    files = {
        ".amazonq/cli-agents/one.json": {**A, "allowedTools": ["@a"], "tools": ["@a"]},
        "~/.aws/amazonq/cli-agents/two.json": servers(a=npx("server-y")),
    }
    collected = collect(tmp_path, files)
    config = agent(collected, "amazon-q")
    by_level = {one.level: one for one in config.installations if not one.server.builtin}
    assert set(by_level) == {"project agent one", "agent two"}
    assert all(one.reachable for one in by_level.values())
    verdicts = {
        level: outcome(config, one, Tool("x", ()), "interactive").verdict for level, one in by_level.items()
    }
    assert verdicts == {"project agent one": "allow", "agent two": "ask"}
    assert [gap.place.route for gap in collected.gaps] == [("tools", 0)]


def test_one_mcp_json_is_loaded_by_each_of_its_readers(tmp_path: Path) -> None:
    own = dict.fromkeys(("~/.codeium/windsurf/mcp_config.json", "~/.copilot/x", "~/.qwen/x"), "{}")
    files = {".mcp.json": A, **own}
    collected = collect(tmp_path, files)
    readers = {
        config.agent.client
        for config in collected.agents
        if any(one.place.file == ".mcp.json" for one in config.installations)
    }
    assert {"claude-code", "copilot-cli", "qwen-code", "windsurf"} <= readers
    assert collect(tmp_path / "2", {".mcp.json": A}).documents.keys() == {".mcp.json"}


def test_a_script_of_crush_is_parsed_and_never_run(tmp_path: Path) -> None:
    canary = tmp_path / "ran"
    script = f"""\
touch {canary}
mcp add files --type stdio --command npx --args -y --args server-x --env TOKEN=$(touch {canary})
mcp add remote --type http --url https://a.example/mcp --disabled
if [ -n "$CI" ]; then mcp add sometimes --command npx -- -y server-y; fi
source ./more
"""
    collected = collect(tmp_path, {".crushrc": script})
    found = installed(collected, "crush")
    assert {name: (one.server.id, one.state) for name, one in found.items()} == {
        "files": ("npm:server-x", "loaded"),
        "remote": ("url:https://a.example/mcp", "disabled"),
        "sometimes": ("npm:server-y", "loaded"),
    }
    ((name, word),) = found["files"].entry.env
    assert (name, word.known) == ("TOKEN", False)
    assert collected.documents[".crushrc"].locate(found["files"].place.route)[0] == 2
    told = [gap.reason.partition(",")[0] for gap in collected.gaps]
    assert told == [
        "whether this line runs is decided by a shell",
        "what this brings in is worked out by a shell",
    ]
    assert not canary.exists()


def test_servers_under_the_key_of_another_client_are_said_to_do_nothing(tmp_path: Path) -> None:
    collected = collect(tmp_path, {"~/.cline/mcp.json": {"servers": A["mcpServers"]}})
    assert installed(collected, "cline") == {}
    (gap,) = collected.gaps
    assert (gap.kind, gap.place.route, "`mcpServers`" in gap.reason) == ("without-effect", ("servers",), True)
