"""Gemini CLI: folder trust, lists of servers, and the policy engine."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import agent, collect, decision, installed, npx, servers

USER, PROJECT = "~/.gemini/settings.json", ".gemini/settings.json"
TRUST = {"~/.gemini/trustedFolders.json": '{"@project@": "TRUST_FOLDER"}'}
FS = servers(fs=npx("server-x"))
SYSTEM, DEFAULTS = "/etc/gemini-cli/settings.json", "/etc/gemini-cli/system-defaults.json"
ENABLEMENT = "~/.gemini/mcp-server-enablement.json"
UNTRUSTING = {"security": {"folderTrust": {"enabled": False}}}


@pytest.mark.parametrize(
    ("platform", "system"),
    [
        ("linux", "/etc/gemini-cli/settings.json"),
        ("macos", "/Library/Application Support/GeminiCli/settings.json"),
        ("windows", "C:/ProgramData/gemini-cli/settings.json"),
    ],
)
def test_the_system_beats_the_project_beats_the_user(tmp_path: Path, platform: Any, system: str) -> None:
    files = {USER: FS, PROJECT: FS, **TRUST}
    found = installed(collect(tmp_path / "a", files, platform=platform), "gemini-cli")
    assert (found["fs"].level, found["fs (user, shadowed)"].reachable) == ("project", False)
    found = installed(collect(tmp_path / "b", {**files, system: FS}, platform=platform), "gemini-cli")
    assert found["fs"].level == "system"


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "pending"),
        (TRUST, "loaded"),
        ({"~/.gemini/trustedFolders.json": {"/": "TRUST_FOLDER"}}, "loaded"),
        ({"~/.gemini/trustedFolders.json": '{"/": "TRUST_FOLDER", "@project@": "DO_NOT_TRUST"}'}, "pending"),
        ({"~/.gemini/trustedFolders.json": '{"@project@x": "TRUST_FOLDER"}'}, "pending"),
        ({SYSTEM: UNTRUSTING}, "loaded"),
        ({DEFAULTS: UNTRUSTING}, "loaded"),
        ({SYSTEM: {"security": {"folderTrust": {"enabled": True}}}, DEFAULTS: UNTRUSTING}, "pending"),
        # A repository cannot switch the question off that protects from it.
        ({PROJECT: UNTRUSTING}, "pending"),
        ({**TRUST, ENABLEMENT: {"fs": {"enabled": False}}}, "disabled"),
        ({**TRUST, ENABLEMENT: {"fs": {"enabled": True}, "other": {"enabled": False}}}, "loaded"),
        ({**TRUST, PROJECT: {"mcp": {"excluded": ["fs"]}}}, "disabled"),
        ({**TRUST, PROJECT: {"mcp": {"allowed": ["other"]}}}, "disabled"),
        ({**TRUST, PROJECT: {"mcp": {"allowed": ["fs"]}}}, "loaded"),
    ],
)
def test_the_state_of_a_user_server(tmp_path: Path, more: dict[str, Any], state: str) -> None:
    found = installed(collect(tmp_path, {USER: FS, **more}), "gemini-cli")["fs"]
    assert (found.state, bool(found.reason)) == (state, state != "loaded")


def test_lists_of_several_levels_are_intersected(tmp_path: Path) -> None:
    both = servers(a=npx("a"), b=npx("b"), c=npx("c"))
    files = {
        USER: {**both, "mcp": {"allowed": ["a", "b"]}},
        PROJECT: {"mcp": {"allowed": ["b", "c"]}},
        **TRUST,
    }
    found = installed(collect(tmp_path, files), "gemini-cli")
    assert [name for name, one in found.items() if one.reachable] == ["b"]


def test_the_http_address_wins_and_undefined_variables_stay(tmp_path: Path) -> None:
    entry = {"url": "https://a.example", "httpUrl": "https://$HOST/mcp"}
    known = installed(collect(tmp_path, {USER: servers(x=entry)}, env={"HOST": "b.example"}), "gemini-cli")
    assert known["x"].server.id == "url:https://b.example/mcp"
    literal = installed(collect(tmp_path, {USER: servers(x=entry)}), "gemini-cli")["x"]
    assert literal.entry.url is not None
    assert (literal.entry.url.unexpanded, literal.state) == (("$HOST",), "pending")


def policies(*rules: str) -> dict[str, str]:
    return {"~/.gemini/policies/own.toml": "".join(f"[[rule]]\n{rule}\n" for rule in rules)}


CASES: list[tuple[dict[str, Any], tuple[str, ...], Mode, str]] = [
    ({}, (), "interactive", "ask"),
    ({}, (), "headless", "deny"),
    ({}, (), "bypass", "allow"),
    ({"trust": True}, (), "headless", "allow"),
    ({"includeTools": ["y"]}, (), "interactive", "hidden"),
    ({"excludeTools": ["x"], "trust": True}, (), "interactive", "hidden"),
    ({}, ('mcpName = "fs"\ntoolName = "x"\ndecision = "allow"',), "headless", "allow"),
    ({}, ('mcpName = "fs"\ndecision = "deny"',), "bypass", "deny"),
    # `trust` has a priority of its own among the user's rules: 200.
    ({"trust": True}, ('mcpName = "fs"\ndecision = "ask_user"',), "interactive", "allow"),
    ({"trust": True}, ('mcpName = "fs"\ndecision = "ask_user"\npriority = 199',), "interactive", "allow"),
    ({"trust": True}, ('mcpName = "fs"\ndecision = "ask_user"\npriority = 201',), "interactive", "ask"),
    ({}, ('mcpName = "other"\ndecision = "allow"',), "interactive", "ask"),
    ({}, ('toolName = "x"\ndecision = "allow"',), "interactive", "ask"),
    # The highest priority wins, not the strictest rule.
    (
        {},
        (
            'mcpName = "fs"\ndecision = "deny"\npriority = 1',
            'mcpName = "fs"\ndecision = "allow"\npriority = 2',
        ),
        "interactive",
        "allow",
    ),
    # A list names several tools, and no others.
    ({}, ('mcpName = "fs"\ntoolName = ["x", "y"]\ndecision = "deny"',), "interactive", "deny"),
    ({}, ('mcpName = "fs"\ntoolName = ["y", "z"]\ndecision = "deny"',), "interactive", "ask"),
    ({}, ('toolName = "*"\ndecision = "allow"',), "interactive", "allow"),
    # Rules on some uses decide nothing as a whole.
    ({}, ('mcpName = "fs"\nargsPattern = "a"\ndecision = "deny"',), "interactive", "ask"),
    ({}, ('mcpName = "fs"\nmodes = ["plan"]\ndecision = "deny"',), "interactive", "ask"),
    ({}, ('mcpName = "fs"\ndecision = "nonsense"',), "interactive", "ask"),
]


@pytest.mark.parametrize(("entry", "rules", "mode", "verdict"), CASES)
def test_decisions(
    tmp_path: Path, entry: dict[str, Any], rules: tuple[str, ...], mode: Mode, verdict: str
) -> None:
    files = {USER: servers(fs=npx("server-x") | entry), **TRUST, **policies(*rules)}
    assert decision(collect(tmp_path, files), "gemini-cli", "fs", "x", mode).verdict == verdict


def test_rules_on_its_own_tools(tmp_path: Path) -> None:
    files = {USER: FS, **policies('toolName = "run_shell_command"\ndecision = "allow"')}
    collected = collect(tmp_path, files)
    assert decision(collected, "gemini-cli", "", "run_shell_command").verdict == "allow"
    assert decision(collected, "gemini-cli", "", "write_file").verdict == "ask"


# The approval mode of the settings, the tool (of the server `fs` if it is `x`), the mode, and the decision.
APPROVALS: list[tuple[dict[str, Any], str, Mode, str]] = [
    ({"general": {"defaultApprovalMode": "yolo"}}, "x", "interactive", "ask"),
    ({"general": {"defaultApprovalMode": "yolo"}}, "run_shell_command", "headless", "deny"),
    ({"general": {"defaultApprovalMode": "auto_edit"}}, "write_file", "headless", "allow"),
    ({"general": {"defaultApprovalMode": "auto_edit"}}, "web_fetch", "interactive", "allow"),
    ({"general": {"defaultApprovalMode": "auto_edit"}}, "run_shell_command", "interactive", "ask"),
    ({"general": {"defaultApprovalMode": "auto_edit"}}, "x", "interactive", "ask"),
    ({"general": {"defaultApprovalMode": "plan"}}, "run_shell_command", "interactive", "deny"),
    ({"general": {"defaultApprovalMode": "plan"}}, "web_fetch", "interactive", "ask"),
    ({"general": {"defaultApprovalMode": "plan"}}, "read_file", "headless", "allow"),
    ({"general": {"defaultApprovalMode": "plan"}}, "x", "interactive", "deny"),
    ({"general": {"defaultApprovalMode": "plan"}}, "run_shell_command", "bypass", "allow"),
    ({"security": {"disableYoloMode": True}}, "run_shell_command", "bypass", "ask"),
    ({"tools": {"allowed": ["run_shell_command"]}}, "run_shell_command", "headless", "allow"),
    # One command is allowed, and every other one refused: what it can do is more than nothing.
    ({"tools": {"allowed": ["run_shell_command(git)"]}}, "run_shell_command", "interactive", "allow"),
    ({"tools": {"allowed": ["ShellTool"]}}, "run_shell_command", "interactive", "allow"),
    ({"tools": {"confirmationRequired": ["read_file"]}}, "read_file", "bypass", "ask"),
    (
        {"tools": {"confirmationRequired": ["read_file"], "allowed": ["read_file"]}},
        "read_file",
        "headless",
        "deny",
    ),
    ({"tools": {"core": ["read_file"]}}, "read_file", "interactive", "allow"),
    ({"tools": {"core": ["read_file"]}}, "write_file", "bypass", "deny"),
    ({"tools": {"core": ["read_file"]}}, "x", "bypass", "deny"),
    ({"mcp": {"autoAllowInHeadless": True}}, "x", "headless", "allow"),
    ({"mcp": {"autoAllowInHeadless": True}}, "x", "interactive", "ask"),
    ({"tools": {"exclude": ["read_file"]}}, "read_file", "bypass", "deny"),
    ({"mcp": {"allowed": ["fs"]}}, "x", "headless", "allow"),
    ({"mcp": {"allowed": ["fs"]}, "general": {"defaultApprovalMode": "plan"}}, "x", "interactive", "deny"),
]


@pytest.mark.parametrize(("settings", "tool", "mode", "verdict"), APPROVALS)
def test_approval_modes_and_lists_of_the_settings(
    tmp_path: Path, settings: dict[str, Any], tool: str, mode: Mode, verdict: str
) -> None:
    collected = collect(tmp_path, {USER: {**FS, **settings}, **TRUST})
    server = "fs" if tool == "x" else ""
    assert decision(collected, "gemini-cli", server, tool, mode).verdict == verdict


def test_edits_run_unasked_inside_the_working_directory_only(tmp_path: Path) -> None:
    files = {USER: {**FS, "general": {"defaultApprovalMode": "auto_edit"}}}
    assert decision(collect(tmp_path / "a", files), "gemini-cli", "", "replace").here
    # Nobody trusts this folder: its approval mode is the default one.
    found = decision(collect(tmp_path / "b", files, as_is=True), "gemini-cli", "", "replace")
    assert found.verdict == "ask"


def test_plan_asks_for_what_claims_to_only_read(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: {**FS, "general": {"defaultApprovalMode": "plan"}}, **TRUST})
    assert decision(collected, "gemini-cli", "fs", "x", read_only=True).verdict == "ask"


def test_a_policy_of_the_repository_does_nothing(tmp_path: Path) -> None:
    files = {USER: FS, ".gemini/policies/x.toml": '[[rule]]\nmcpName = "fs"\ndecision = "allow"\n'}
    collected = collect(tmp_path, files)
    assert decision(collected, "gemini-cli", "fs", "x").verdict == "ask"
    (rule,) = agent(collected, "gemini-cli").rules
    assert (rule.level, rule.effective, "workspace tier" in rule.problem) == ("project", False, True)


EXTENSION = "~/.gemini/extensions/kit/"


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/etc/gemini-cli/policies/"),
        ("macos", "/Library/Application Support/GeminiCli/policies/"),
        ("windows", "C:/ProgramData/gemini-cli/policies/"),
    ],
)
def test_the_tier_comes_before_the_priority(tmp_path: Path, platform: Any, folder: str) -> None:
    low, high = "priority = 1\n", "priority = 999\n"
    deny, ask = (
        '[[rule]]\nmcpName = "fs"\ndecision = "deny"\n',
        '[[rule]]\nmcpName = "fs"\ndecision = "ask_user"\n',
    )
    files = {
        USER: FS,
        f"{EXTENSION}policies/x.toml": deny + high,
        "~/.gemini/policies/x.toml": ask + low,
    }
    found = decision(collect(tmp_path / "a", files, platform=platform), "gemini-cli", "fs", "x")
    assert (found.verdict, found.rule and found.rule.level) == ("ask", "user")
    files |= {f"{folder}x.toml": deny + low}
    found = decision(collect(tmp_path / "b", files, platform=platform), "gemini-cli", "fs", "x")
    assert (found.verdict, found.rule and found.rule.level) == ("deny", "system")


def test_an_extension_may_deny_and_not_allow(tmp_path: Path) -> None:
    rules = '[[rule]]\nmcpName = "fs"\ndecision = "allow"\n[[rule]]\nmcpName = "b"\ndecision = "deny"\n'
    files = {USER: servers(fs=npx("x"), b=npx("y")), f"{EXTENSION}policies/x.toml": rules}
    collected = collect(tmp_path, files)
    assert decision(collected, "gemini-cli", "fs", "x").verdict == "ask"
    assert decision(collected, "gemini-cli", "b", "x").verdict == "deny"
    assert [rule.effective for rule in agent(collected, "gemini-cli").rules] == [False, None]


def test_names_with_an_underscore_break_rules(tmp_path: Path) -> None:
    rules = policies('mcpName = "my_fs"\ndecision = "deny"')
    collected = collect(tmp_path / "a", {USER: servers(my_fs=npx("x")), **rules})
    assert decision(collected, "gemini-cli", "my_fs", "x").verdict == "ask"
    (rule,) = agent(collected, "gemini-cli").rules
    assert (rule.effective, "first underscore" in rule.problem) == (False, True)
    # Such a server answers to the rules of another name.
    rules = policies('mcpName = "my"\ndecision = "allow"')
    collected = collect(tmp_path / "b", {USER: servers(my_fs=npx("x")), **rules})
    assert decision(collected, "gemini-cli", "my_fs", "x").verdict == "allow"


@pytest.mark.parametrize(
    ("tool", "verdicts"),
    [
        ("mcp_fs_x", ("allow", "ask", "ask")),
        ("mcp_fs_*", ("allow", "allow", "ask")),
        ("mcp_*_x", ("allow", "ask", "ask")),
        ("mcp_*", ("allow", "allow", "ask")),
        ("*", ("allow", "allow", "allow")),
        ("write_file", ("ask", "ask", "allow")),
    ],
)
def test_rules_by_full_names(tmp_path: Path, tool: str, verdicts: tuple[str, ...]) -> None:
    collected = collect(tmp_path, {USER: FS, **policies(f'toolName = "{tool}"\ndecision = "allow"')})
    calls = (("fs", "x"), ("fs", "y"), ("", "write_file"))
    assert tuple(decision(collected, "gemini-cli", *call).verdict for call in calls) == verdicts


def test_variables_name_other_system_files(tmp_path: Path) -> None:
    env = {
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH": "/opt/top.json",
        "GEMINI_CLI_SYSTEM_DEFAULTS_PATH": "/opt/low.json",
    }
    files = {
        SYSTEM: servers(unread=npx("x")),
        DEFAULTS: servers(unread=npx("x")),
        "/opt/top.json": servers(a=npx("top")),
        "/opt/low.json": servers(a=npx("low"), b=npx("low"), c=npx("low")),
        USER: servers(a=npx("user"), b=npx("user")),
        **TRUST,
    }
    found = installed(collect(tmp_path, files, env=env), "gemini-cli")
    reachable = {name: (one.level, one.server.id) for name, one in found.items() if one.reachable}
    assert reachable == {
        "a": ("system", "npm:top"),
        "b": ("user", "npm:user"),
        "c": ("defaults", "npm:low"),
    }
    assert "unread" not in found


def test_extensions_bring_servers_and_their_trust_does_not_count(tmp_path: Path) -> None:
    own = {"command": "node", "args": ["${extensionPath}/s.js"], "trust": True}
    files = {
        f"{EXTENSION}gemini-extension.json": {
            "name": "kit",
            "version": "1.0.0",
            **servers(kit=own, fs=npx("theirs")),
        },
        USER: FS,
        **TRUST,
    }
    collected = collect(tmp_path, files)
    found = installed(collected, "gemini-cli")
    assert {name: (one.level, one.reachable) for name, one in found.items()} == {
        "fs": ("user", True),
        "kit": ("extension", True),
        "fs (extension, shadowed)": ("extension", False),
    }
    assert found["kit"].server.id == "path:~/.gemini/extensions/kit/s.js"
    assert decision(collected, "gemini-cli", "kit", "x").verdict == "ask"


def test_an_untrusted_project_switches_nothing_off_as_is(tmp_path: Path) -> None:
    files = {USER: FS, PROJECT: {"mcp": {"excluded": ["fs"]}, "general": {"defaultApprovalMode": "yolo"}}}
    collected = collect(tmp_path, files, as_is=True)
    assert installed(collected, "gemini-cli")["fs"].state == "pending"
    assert agent(collected, "gemini-cli").switches == ()


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("{", True),
        ("", True),
        (b"\xef\xbb\xbf{}", True),
        ('{"mcpServers": {},}', True),
        ('{"mcpServers": {}} // c', False),
    ],
)
@pytest.mark.parametrize("file", [USER, PROJECT])
def test_what_its_parser_refuses_stops_the_client(tmp_path: Path, file: str, text: Any, stops: bool) -> None:
    other = PROJECT if file == USER else USER
    collected = collect(tmp_path, {file: text, other: FS, **TRUST})
    found = installed(collected, "gemini-cli")["fs"]
    assert found.state == ("rejected" if stops else "loaded")
    assert found.reason.startswith(f"Gemini CLI does not start: {file}: ") == stops
    told = ["Gemini CLI does not start with it" in gap.reason for gap in collected.gaps]
    assert told == ([True] if stops else [])


def test_keys_of_other_clients_change_nothing(tmp_path: Path) -> None:
    entry = npx("server-x") | {"disabled": True, "autoApprove": ["x"]}
    collected = collect(tmp_path, {USER: servers(fs=entry), **TRUST})
    assert installed(collected, "gemini-cli")["fs"].state == "loaded"
    assert decision(collected, "gemini-cli", "fs", "x").verdict == "ask"
    assert [(gap.kind, gap.place.route[-1]) for gap in collected.gaps] == [
        ("without-effect", "disabled"),
        ("without-effect", "autoApprove"),
    ]


@pytest.mark.parametrize(("platform", "url"), [("windows", "https://a.example"), ("linux", "https://%HOST%")])
def test_percent_variables_on_windows(tmp_path: Path, platform: Any, url: str) -> None:
    files = {USER: servers(x={"httpUrl": "https://%HOST%"})}
    collected = collect(tmp_path, files, platform=platform, env={"HOST": "a.example"})
    entry = installed(collected, "gemini-cli")["x"].entry
    assert entry.url is not None
    assert entry.url.text == url


def test_broken_files_are_gaps(tmp_path: Path) -> None:
    files = {USER: '{"mcpServers": [1]}', PROJECT: "{", **policies('decision = ["allow"]')}
    collected = collect(tmp_path, files)
    assert sorted((gap.kind, gap.place.file) for gap in collected.gaps) == [
        ("malformed", PROJECT),
        ("wrong-type", "~/.gemini/policies/own.toml"),
        ("wrong-type", USER),
    ]


def test_a_long_name_loses_its_middle_and_with_it_its_rules(tmp_path: Path) -> None:
    long = "x" * 70
    rules = policies(f'mcpName = "fs"\ntoolName = "{long}"\ndecision = "deny"')
    files = {USER: FS, **TRUST, **rules}
    collected = collect(tmp_path, files)
    assert decision(collected, "gemini-cli", "fs", long).verdict == "ask"
    assert decision(collected, "gemini-cli", "fs", "x" * 50).verdict == "ask"
    whole = policies('mcpName = "fs"\ndecision = "deny"')
    assert decision(collect(tmp_path, {**files, **whole}), "gemini-cli", "fs", long).verdict == "deny"
