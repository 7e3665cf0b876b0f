"""Codex: tables merged over its levels, trust, and approval modes."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed

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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[mcp_servers.fs\n", "malformed"),
        (FS + FS, "malformed"),
        ("", "malformed"),
        ("mcp_servers = 5\n", "wrong-type"),
        ("[mcp_servers]\nfs = 5\n", "wrong-type"),
        ('[mcp_servers.fs]\ncommand = ["a", 5]\n', "wrong-type"),
    ],
)
def test_broken_files_are_gaps(tmp_path: Path, text: str, kind: str) -> None:
    collected = collect(tmp_path, {USER: text, SYSTEM: FS.replace("fs", "kept")})
    assert kind in {gap.kind for gap in collected.gaps}
    assert {gap.place.file for gap in collected.gaps} == {USER}
    assert installed(collected, "codex")["kept"].reachable


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
    ('default_tools_approval_mode = "approve"\ntools.x.approval_mode = "prompt"', {}, "bypass", "ask"),
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
        entry.endswith(('tools.x.approval_mode = "approve"', '"prompt"')) and "tools.x" in entry
    )


def test_full_access_skips_every_question(tmp_path: Path) -> None:
    text = 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n' + FS
    assert decision(collect(tmp_path, {USER: text}), "codex", "fs", "x", "headless").verdict == "allow"
    half = text.replace("danger-full-access", "read-only")
    assert decision(collect(tmp_path, {USER: half}), "codex", "fs", "x").verdict == "ask"
