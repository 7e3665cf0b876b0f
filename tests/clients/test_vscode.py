"""VS Code: editions, profiles, workspace files, dev containers, and settings that block or force asking."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.decision import Mode
from tests.installation import agent, collect, decision, installed, npx

USER = "~/.config/Code/User/"
INSIDERS = "~/.config/Code - Insiders/User/"
SETTINGS = ".vscode/settings.json"
EVERYTHING = "chat.tools.global.autoApprove"


def having(**entries: Any) -> dict[str, Any]:
    return {"servers": entries}


FS = having(fs=npx("server-x"))


@pytest.mark.parametrize(
    ("file", "content", "level"),
    [
        (f"{USER}profiles/-1a2b/mcp.json", FS, "profile -1a2b"),
        (f"{INSIDERS}mcp.json", FS, "insiders"),
        (f"{INSIDERS}settings.json", {"mcp": FS}, "insiders"),
        (f"{INSIDERS}profiles/x/mcp.json", FS, "profile x (insiders)"),
        ("app.code-workspace", {"folders": [], "settings": {"mcp": FS}}, "workspace"),
        (
            "app.code-workspace",
            '{"settings": {"mcp.servers": {"fs": {"command": "x"}},} /* c */}',
            "workspace",
        ),
        (".devcontainer.json", {"customizations": {"vscode": {"mcp": FS}}}, "devcontainer"),
        (".devcontainer/devcontainer.json", {"customizations": {"vscode": {"mcp": FS}}}, "devcontainer"),
    ],
)
def test_places(tmp_path: Path, file: str, content: Any, level: str) -> None:
    found = installed(collect(tmp_path, {file: content}), "vscode")
    assert {name: (one.level, one.reachable) for name, one in found.items()} == {"fs": (level, True)}


@pytest.mark.parametrize(
    "files",
    [
        {"app.code-workspace": {"folders": []}},
        {".devcontainer.json": {"image": "x", "customizations": {"vscode": {"extensions": []}}}},
        {f"{USER}profiles/x/settings.json": {"editor.tabSize": 2}},
    ],
)
def test_files_without_servers_are_no_agent(tmp_path: Path, files: dict[str, Any]) -> None:
    assert collect(tmp_path, files).agents == ()


def test_profiles_do_not_hide_one_another_and_the_workspace_hides_all(tmp_path: Path) -> None:
    files = {
        ".vscode/mcp.json": having(a=npx("w")),
        f"{USER}mcp.json": having(a=npx("u"), b=npx("u")),
        f"{USER}profiles/p/mcp.json": having(a=npx("p"), b=npx("p")),
    }
    found = agent(collect(tmp_path, files), "vscode").installations
    reachable = [(one.name, one.level) for one in found if one.reachable and not one.server.builtin]
    assert reachable == [("a", "workspace"), ("b", "user"), ("b", "profile p")]
    assert [place.file for place in found[0].shadows] == [f"{USER}mcp.json", f"{USER}profiles/p/mcp.json"]


@pytest.mark.parametrize(
    ("files", "states"),
    [
        ({}, ("loaded", "loaded", "loaded")),
        ({f"{USER}settings.json": {"chat.mcp.access": "none"}}, ("blocked", "blocked", "loaded")),
        ({f"{USER}settings.json": {"chat.mcp.access": "all"}}, ("loaded", "loaded", "loaded")),
        ({SETTINGS: {"chat.mcp.access": "off"}}, ("blocked", "blocked", "blocked")),
        (
            {f"{USER}settings.json": {"chat.mcp.access": "none"}, f"{INSIDERS}settings.json": {"x": 1}},
            ("loaded", "blocked", "loaded"),
        ),
    ],
)
def test_access_blocks_all_servers(tmp_path: Path, files: dict[str, Any], states: tuple[str, ...]) -> None:
    own = {
        ".vscode/mcp.json": having(w=npx("x")),
        f"{USER}mcp.json": having(u=npx("x")),
        f"{INSIDERS}mcp.json": having(i=npx("x")),
    }
    found = installed(collect(tmp_path, {**own, **files}), "vscode")
    assert tuple(found[name].state for name in "wui") == states
    for one in found.values():
        if one.state == "blocked":
            assert "chat.mcp.access" in one.reason
            assert one.decided is not None
            assert (one.decided.file.endswith("settings.json"), one.decided.route) == (
                True,
                ("chat.mcp.access",),
            )


def test_a_registry_is_not_known_here(tmp_path: Path) -> None:
    files = {".vscode/mcp.json": FS, f"{USER}settings.json": {"chat.mcp.access": "registry"}}
    collected = collect(tmp_path, files)
    assert installed(collected, "vscode")["fs"].reachable
    assert [(gap.kind, gap.client) for gap in collected.gaps] == [("not-understood", "vscode")]


@pytest.mark.parametrize(
    ("workspace", "user", "profile", "verdict"),
    [
        ({}, {EVERYTHING: True}, {}, "allow"),
        ({EVERYTHING: False}, {EVERYTHING: True}, {}, "ask"),
        ({EVERYTHING: True}, {EVERYTHING: False}, {}, "allow"),
        ({}, {EVERYTHING: False}, {EVERYTHING: True}, "allow"),
        ({}, {EVERYTHING: False}, {}, "ask"),
    ],
)
def test_the_workspace_decides_before_the_user(
    tmp_path: Path, workspace: Any, user: Any, profile: Any, verdict: str
) -> None:
    settings = {SETTINGS: workspace, f"{USER}settings.json": user, f"{USER}profiles/p/settings.json": profile}
    collected = collect(tmp_path, {".vscode/mcp.json": FS, **settings})
    assert decision(collected, "vscode", "fs", "x").verdict == verdict


ELIGIBLE = "chat.tools.eligibleForAutoApproval"


@pytest.mark.parametrize(
    ("workspace", "user", "mode", "verdict"),
    [
        ({}, {ELIGIBLE: {"x": False}}, "interactive", "ask"),
        ({}, {ELIGIBLE: {"fs/x": False}}, "bypass", "ask"),
        ({}, {ELIGIBLE: {"x": False}, EVERYTHING: True}, "headless", "deny"),
        ({}, {ELIGIBLE: {"x": True, "y": False}}, "interactive", "allow"),
        ({ELIGIBLE: {"x": True}}, {ELIGIBLE: {"x": False}}, "interactive", "allow"),
        ({ELIGIBLE: {"x": False}}, {ELIGIBLE: {"x": True}}, "interactive", "ask"),
    ],
)
def test_some_tools_are_never_approved_automatically(
    tmp_path: Path, workspace: Any, user: Any, mode: Mode, verdict: str
) -> None:
    files = {".vscode/mcp.json": FS, SETTINGS: workspace, f"{USER}settings.json": user}
    found = decision(collect(tmp_path, files), "vscode", "fs", "x", mode, read_only=True)
    assert (found.verdict, found.rule is not None) == (verdict, verdict != "allow")


def test_inputs_are_unknown_in_every_field(tmp_path: Path) -> None:
    entry = {"type": "http", "url": "https://${input:host}/mcp", "headers": {"X-T": "${input:tok}"}}
    file = {"inputs": [{"id": "tok"}], "servers": {"r": entry}}
    one = installed(collect(tmp_path, {".vscode/mcp.json": file}), "vscode")["r"]
    assert one.entry.url is not None
    assert (one.state, one.entry.url.unexpanded) == ("loaded", ("${input:host}",))
    assert one.entry.headers[0][1].unexpanded == ("${input:tok}",)
