"""Codex: tables merged over its levels, trust, and approval modes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.client import Collected
from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import agent, collect, decision, installed, site_of

USER, PROJECT, SYSTEM = "~/.codex/config.toml", ".codex/config.toml", "/etc/codex/config.toml"
FS = '[mcp_servers.fs]\ncommand = "npx"\nargs = ["-y", "server-x"]\n'
TRUST = '[projects."@project@"]\ntrust_level = "trusted"\n'


@pytest.mark.parametrize(
    ("platform", "system"),
    [("linux", SYSTEM), ("macos", SYSTEM), ("windows", "C:/ProgramData/OpenAI/Codex/config.toml")],
)
def test_levels_on_every_platform(tmp_path: Path, platform: Any, system: str) -> None:
    files = {system: FS, USER: FS.replace("fs", "b"), PROJECT: FS.replace("fs", "c")}
    found = installed(collect(tmp_path, files, platform=platform), "codex")
    assert {name: (one.level, one.state) for name, one in found.items()} == {
        "fs": ("system", "loaded"),
        "b": ("user", "loaded"),
        "c": ("project", "pending"),
    }


def test_trust_makes_a_project_file_count(tmp_path: Path) -> None:
    assert installed(collect(tmp_path, {PROJECT: FS, USER: TRUST}), "codex")["fs"].state == "loaded"


def test_fields_of_one_name_are_merged(tmp_path: Path) -> None:
    env = '[mcp_servers.fs.env]\nA = "1"\nB = "2"\n'
    off = f"{FS}enabled = false\n{env}"
    on = TRUST.replace("@project@", "/x") + '[mcp_servers.fs]\nenabled = true\nenv = {B = "3"}\n'
    collected = collect(tmp_path, {USER: off + TRUST, PROJECT: on})
    (fs,) = installed(collected, "codex").values()
    assert (fs.state, fs.server.id, fs.level) == ("loaded", "npm:server-x", "project")
    assert {name: (word.text, word.place.file) for name, word in fs.entry.env} == {
        "A": ("1", USER),
        "B": ("3", PROJECT),
    }
    assert [place.file for place in fs.shadows] == [USER]
    assert collected.gaps == ()


def test_a_project_may_switch_a_server_off(tmp_path: Path) -> None:
    files = {USER: FS + TRUST, PROJECT: "[mcp_servers.fs]\nenabled = false\n"}
    assert installed(collect(tmp_path, files), "codex")["fs"].state == "disabled"


def test_an_untrusted_project_counts_for_nothing_as_is(tmp_path: Path) -> None:
    files = {USER: FS, PROJECT: "[mcp_servers.fs]\nenabled = false\n" + FS.replace("fs", "c")}
    found = installed(collect(tmp_path, files, as_is=True), "codex")
    assert [name for name, one in found.items() if one.reachable] == ["fs"]
    assert found["fs"].level == "user"


MANAGED, REQUIRED = "/etc/codex/managed_config.toml", "/etc/codex/requirements.toml"
SUB = "packages/app"


def in_folder(tmp_path: Path, files: dict[str, str], **more: Any) -> Collected:
    """What discovery finds for `packages/app` of the project, whose root is `@project@`."""
    site = replace(site_of(tmp_path, files), project=tmp_path / "project" / SUB)
    return discover(site, Packs.shipped(), **more)


def trust(folder: str = "", level: str = "trusted") -> str:
    return f'[projects."@project@{folder}"]\ntrust_level = "{level}"\n'


def test_the_deepest_folder_wins_and_fields_are_merged(tmp_path: Path) -> None:
    (tmp_path / "project" / ".git").mkdir(parents=True)
    files = {
        USER: FS + trust(),
        PROJECT: '[mcp_servers.fs]\ncwd = "/root"\nenabled = false\n',
        "packages/.codex/config.toml": "[mcp_servers.fs]\nenabled = true\n",
        f"{SUB}/.codex/config.toml": '[mcp_servers.fs]\nenv = {A = "1"}\n',
    }
    (fs,) = installed(in_folder(tmp_path, files), "codex").values()
    assert (fs.state, fs.server.id, fs.entry.cwd) == ("loaded", "npm:server-x", "/root")
    assert (fs.place.file, len(fs.entry.env)) == (PROJECT, 1)
    assert [place.file for place in fs.shadows] == [f"../{PROJECT}", f"../../{PROJECT}", USER]


@pytest.mark.parametrize("git", [True, False])
@pytest.mark.parametrize(
    ("records", "states"),
    [
        (trust(), ("loaded", "loaded")),
        (trust(f"/{SUB}"), ("pending", "loaded")),
        (trust() + trust(f"/{SUB}", "untrusted"), ("loaded", "rejected")),
        (trust(level="untrusted") + trust(f"/{SUB}"), ("rejected", "loaded")),
        (trust("/.."), ("pending", "pending")),
        ("", ("pending", "pending")),
    ],
)
def test_trust_of_the_git_root_and_of_a_folder(
    tmp_path: Path, git: bool, records: str, states: tuple[str, str]
) -> None:
    if git:
        (tmp_path / "project").mkdir()
        (tmp_path / "project" / ".git").write_text("gitdir: elsewhere\n")
    files = {USER: records, PROJECT: FS.replace("fs", "top"), f"{SUB}/.codex/config.toml": FS}
    files["../.codex/config.toml"] = FS.replace("fs", "outside")
    found = installed(in_folder(tmp_path, files), "codex")
    if git:
        assert {name: one.state for name, one in found.items()} == {"fs": states[1], "top": states[0]}
    else:
        # Without a repository nothing above the audited folder is read, and its trust does not reach down.
        own = {"loaded": "pending"}.get(states[1], states[1]) if "app" not in records else states[1]
        assert {name: one.state for name, one in found.items()} == {"fs": own}


def test_what_the_user_marked_as_untrusted_is_not_assumed(tmp_path: Path) -> None:
    files = {
        USER: FS + trust(level="untrusted"),
        PROJECT: 'approval_policy = "never"\n[mcp_servers.fs]\nenabled = false\n',
    }
    collected = collect(tmp_path, files)
    assert [one.level for one in installed(collected, "codex").values() if one.reachable] == ["user"]
    assert agent(collected, "codex").switch("approval_policy") is None


def test_the_managed_file_beats_all_others(tmp_path: Path) -> None:
    files = {MANAGED: "[mcp_servers.fs]\nenabled = false\n", PROJECT: FS + "enabled = true\n", USER: trust()}
    (fs,) = installed(collect(tmp_path, files), "codex").values()
    assert (fs.state, fs.level) == ("disabled", "managed")


REMOTE = '[mcp_servers.r]\nurl = "https://r.example/mcp"\n'


@pytest.mark.parametrize(
    ("required", "states"),
    [
        ("", ("loaded", "loaded")),
        ("[mcp_servers]\n", ("blocked", "blocked")),
        ('[mcp_servers.fs.identity]\ncommand = "npx"\n', ("loaded", "blocked")),
        ('[mcp_servers.fs.identity]\ncommand = "uvx"\n', ("blocked", "blocked")),
        ('[mcp_servers.other.identity]\ncommand = "npx"\n', ("blocked", "blocked")),
        ('[mcp_servers.r.identity]\nurl = "https://r.example/mcp"\n', ("blocked", "loaded")),
        ('[mcp_servers.r.identity]\nurl = "https://r.example/other"\n', ("blocked", "blocked")),
    ],
)
def test_requirements_by_name_and_identity(tmp_path: Path, required: str, states: tuple[str, str]) -> None:
    files = {USER: FS + REMOTE, REQUIRED: "x = 1\n" + required}
    found = installed(collect(tmp_path, files), "codex")
    assert (found["fs"].state, found["r"].state) == states
    for one in found.values():
        assert (one.decided is not None and one.decided.file == REQUIRED) == (one.state == "blocked")


@pytest.mark.parametrize(
    ("allowed", "verdicts"),
    [('"on-request"', ("ask", "ask")), ('"on-request", "never"', ("allow", "allow"))],
)
def test_requirements_limit_the_approval_policy(
    tmp_path: Path, allowed: str, verdicts: tuple[str, str]
) -> None:
    files = {
        USER: 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n' + FS,
        REQUIRED: f"allowed_approval_policies = [{allowed}]\n",
    }
    collected = collect(tmp_path, files)
    modes: tuple[Mode, ...] = ("interactive", "bypass")
    assert tuple(decision(collected, "codex", "fs", "x", mode).verdict for mode in modes) == verdicts


STOPS = [
    ("[mcp_servers.fs\n", "malformed"),
    (FS + FS, "malformed"),
    ("mcp_servers = 5\n", "wrong-type"),
    ("[mcp_servers]\nfs = 5\n", "wrong-type"),
    ('[mcp_servers.fs]\ncommand = ["a", 5]\n', "wrong-type"),
    (FS + 'url = "https://x.example"\n', "wrong-type"),
    ("[mcp_servers.fs]\nenabled = true\n", "wrong-type"),
    (FS + 'bearer_token = "x"\n', "wrong-type"),
    (FS + 'bearer_token_env_var = "X"\n', "wrong-type"),
    (REMOTE + 'args = ["x"]\n', "wrong-type"),
    (FS + 'enabled = "yes"\n', "wrong-type"),
    (FS + 'default_tools_approval_mode = "always"\n', "wrong-type"),
    (FS + 'tools.x.approval_mode = "always"\n', "wrong-type"),
]


@pytest.mark.parametrize(("text", "kind"), STOPS)
@pytest.mark.parametrize("file", [USER, PROJECT])
def test_what_is_invalid_stops_the_client(tmp_path: Path, file: str, text: str, kind: str) -> None:
    user = {USER: trust()} if file == PROJECT else {}
    collected = collect(tmp_path, {file: text, SYSTEM: FS.replace("fs", "kept"), **user})
    told = [gap for gap in collected.gaps if "Codex does not start with it" in gap.reason]
    assert [(gap.kind, gap.place.file, gap.client) for gap in told] == [(kind, file, "codex")]
    assert {gap.place.file for gap in collected.gaps} == {file}
    found = installed(collected, "codex")
    assert {one.state for one in found.values()} == {"rejected"}
    assert found["kept"].reason.startswith(f"Codex does not start: {file}: ")


@pytest.mark.parametrize(
    "files",
    [
        {USER: ""},
        {USER: b"\xef\xbb\xbf# only a comment\n"},
        {PROJECT: "[mcp_servers.fs\n"},
        {PROJECT: "[mcp_servers]\nfs = 5\n"},
    ],
)
def test_empty_files_and_those_not_trusted_yet_stop_nothing(tmp_path: Path, files: dict[str, Any]) -> None:
    collected = collect(tmp_path, {SYSTEM: FS.replace("fs", "kept"), **files})
    assert installed(collected, "codex")["kept"].reachable


def test_keys_of_other_clients_change_nothing(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: FS + "disabled = true\n" + REMOTE + 'type = "sse"\n'})
    found = installed(collected, "codex")
    assert [(one.state, one.server.transport) for one in found.values()] == [
        ("loaded", "stdio"),
        ("loaded", "http"),
    ]
    assert [(gap.kind, gap.place.route[-1]) for gap in collected.gaps] == [
        ("without-effect", "disabled"),
        ("without-effect", "type"),
    ]


MODES: list[tuple[str, dict[str, bool], Mode, str]] = [
    ("", {}, "interactive", "ask"),
    ("", {}, "headless", "deny"),
    ("", {}, "bypass", "allow"),
    ("", {"read_only": True}, "interactive", "allow"),
    ("", {"read_only": True, "destructive": True}, "interactive", "ask"),
    ("", {"destructive": False}, "interactive", "ask"),
    ("", {"destructive": False, "open_world": False}, "interactive", "allow"),
    ('default_tools_approval_mode = "approve"', {}, "interactive", "allow"),
    ('default_tools_approval_mode = "prompt"', {"read_only": True}, "interactive", "ask"),
    ('default_tools_approval_mode = "writes"', {"read_only": True}, "interactive", "allow"),
    ('default_tools_approval_mode = "writes"', {}, "interactive", "ask"),
    ('default_tools_approval_mode = "prompt"\ntools.x.approval_mode = "approve"', {}, "headless", "allow"),
    ('default_tools_approval_mode = "approve"\ntools.x.approval_mode = "prompt"', {}, "bypass", "allow"),
    ('default_tools_approval_mode = "approve"\ntools.x.approval_mode = "auto"', {}, "interactive", "ask"),
    ('default_tools_approval_mode = "approve"\ntools.y.approval_mode = "prompt"', {}, "interactive", "allow"),
    ('enabled_tools = ["y"]', {}, "bypass", "hidden"),
    ('enabled_tools = ["x"]\ndisabled_tools = ["x"]', {}, "interactive", "hidden"),
    ("enabled_tools = []", {}, "interactive", "hidden"),
]


@pytest.mark.parametrize(("entry", "hints", "mode", "verdict"), MODES)
def test_approval_modes(tmp_path: Path, entry: str, hints: dict[str, bool], mode: Mode, verdict: str) -> None:
    found = decision(collect(tmp_path, {USER: FS + entry}), "codex", "fs", "x", mode, **hints)
    assert found.verdict == verdict
    assert (found.rule is not None) == (
        entry.endswith(('tools.x.approval_mode = "approve"', '"prompt"'))
        and "tools.x" in entry
        and mode != "bypass"
    )


def test_full_access_skips_every_question(tmp_path: Path) -> None:
    text = 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n' + FS
    assert decision(collect(tmp_path, {USER: text}), "codex", "fs", "x", "headless").verdict == "allow"
    half = text.replace("danger-full-access", "read-only")
    assert decision(collect(tmp_path, {USER: half}), "codex", "fs", "x").verdict == "ask"


FOLDER = '[projects."@project@"]\ntrust_level = "%s"\n'
GRANULAR = "approval_policy = {granular = {sandbox_approval = false, rules = true}}\n"
# The settings, the tool, the mode, the decision, and whether it holds in the working directory only.
OWN: list[tuple[str, str, Mode, str, bool]] = [
    ("", "exec_command", "interactive", "allow", True),
    ("", "exec_command", "headless", "allow", True),
    ("", "exec_command", "bypass", "allow", False),
    ("", "apply_patch", "headless", "allow", True),
    ("", "view_image", "interactive", "allow", False),
    (GRANULAR, "apply_patch", "interactive", "allow", True),
    ('sandbox_mode = "read-only"\n', "exec_command", "interactive", "allow", True),
    ('sandbox_mode = "read-only"\n', "apply_patch", "interactive", "ask", False),
    ('sandbox_mode = "read-only"\n', "apply_patch", "headless", "deny", False),
    ('sandbox_mode = "read-only"\napproval_policy = "never"\n', "apply_patch", "interactive", "deny", False),
    ('sandbox_mode = "danger-full-access"\n', "exec_command", "interactive", "allow", False),
    ('sandbox_mode = "danger-full-access"\n', "apply_patch", "headless", "allow", False),
    ('approval_policy = "untrusted"\n', "exec_command", "interactive", "ask", False),
    ('approval_policy = "untrusted"\n', "exec_command", "headless", "allow", True),
    (FOLDER % "untrusted", "exec_command", "interactive", "ask", False),
    (FOLDER % "untrusted", "apply_patch", "headless", "allow", True),
    ('approval_policy = "on-request"\n' + FOLDER % "untrusted", "exec_command", "interactive", "allow", True),
    ('default_permissions = "mine"\n', "exec_command", "interactive", "unknown", False),
    ('default_permissions = "mine"\n', "exec_command", "bypass", "allow", False),
]


@pytest.mark.parametrize(("text", "tool", "mode", "verdict", "here"), OWN)
def test_its_own_tools(tmp_path: Path, text: str, tool: str, mode: Mode, verdict: str, here: bool) -> None:
    files = {USER: text.replace("@project@", str(tmp_path / "project")) + FS}
    found = decision(collect(tmp_path, files), "codex", "", tool, mode)
    assert (found.verdict, found.here) == (verdict, here)


def test_a_folder_of_which_nobody_decided_is_only_read_as_is(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: FS}, as_is=True)
    assert decision(collected, "codex", "", "apply_patch").verdict == "ask"
    assert "does not write and has no network" in decision(collected, "codex", "", "exec_command").reason


def test_the_sandbox_says_whether_commands_reach_the_network(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: "[sandbox_workspace_write]\nnetwork_access = true\n" + FS})
    assert "reaches the network" in decision(collected, "codex", "", "exec_command").reason


def test_a_policy_that_newer_versions_refuse_is_a_gap(tmp_path: Path) -> None:
    (gap,) = collect(tmp_path, {USER: 'approval_policy = "untrusted"\n' + FS}).gaps
    assert (gap.kind, gap.place.route) == ("not-understood", ("approval_policy",))
