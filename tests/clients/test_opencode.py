"""opencode: fields merged over all files, the permission map, allow by default."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, site_of

CLIENT, USER, PROJECT = "opencode", "~/.config/opencode/opencode.json", "opencode.json"


def local(package: str, **more: Any) -> dict[str, Any]:
    return {"type": "local", "command": ["npx", "-y", package]} | more


def mcp(**entries: Any) -> dict[str, Any]:
    return {"mcp": entries}


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        ("linux", "/etc/opencode/"),
        ("macos", "/Library/Application Support/opencode/"),
        ("windows", "C:/ProgramData/opencode/"),
    ],
)
def test_levels_from_the_weakest_to_the_strongest(tmp_path: Path, platform: Any, folder: str) -> None:
    order = ["~/.config/opencode/config.json", USER, f"{USER}c", PROJECT, f"{PROJECT}c"]
    order += [".opencode/opencode.json", ".opencode/opencode.jsonc", f"{folder}opencode.json"]
    for count in range(1, len(order) + 1):
        files = {name: mcp(fs=local(f"p{at}")) for at, name in enumerate(order[:count])}
        (fs,) = installed(collect(tmp_path / str(count), files, platform=platform), CLIENT).values()
        assert (fs.server.id, fs.place.file) == (f"npm:p{count - 1}", order[count - 1])
        assert len(fs.shadows) == count - 1


def test_fields_are_merged_over_levels(tmp_path: Path) -> None:
    files = {
        USER: mcp(fs=local("server-x", enabled=False, environment={"A": "1", "B": "2"})),
        PROJECT: mcp(fs={"enabled": True, "environment": {"B": "3"}}),
    }
    (fs,) = installed(collect(tmp_path / "on", files), CLIENT).values()
    assert (fs.state, fs.server.id) == ("loaded", "npm:server-x")
    # What is no whole server brings its switch alone.
    assert {name: word.text for name, word in fs.entry.env} == {"A": "1", "B": "2"}
    files["/etc/opencode/opencode.json"] = mcp(fs={"enabled": False})
    (fs,) = installed(collect(tmp_path / "off", files), CLIENT).values()
    assert (fs.state, fs.level) == ("disabled", "managed")


@pytest.mark.parametrize(
    ("git", "names"), [("project/.git", {"far", "near"}), ("", {"above", "far", "near"})]
)
def test_folders_up_to_the_git_root_or_all(tmp_path: Path, git: str, names: set[str]) -> None:
    files = {PROJECT: mcp(far=local("x"), both=local("far")), f"sub/{PROJECT}": mcp(near=local("x"))}
    files[f"sub/{PROJECT}"]["mcp"]["both"] = local("near")
    site = site_of(tmp_path, files)
    (tmp_path / PROJECT).write_text('{"mcp": {"above": {"type": "local", "command": ["x"]}}}')
    if git:
        (tmp_path / git).mkdir()
    assert site.project is not None
    found = installed(discover(replace(site, project=site.project / "sub"), Packs.shipped()), CLIENT)
    assert set(found) == names | {"both"}
    assert found["both"].server.id == "npm:near"


def test_entries_and_variables(tmp_path: Path) -> None:
    text = """{ // comments, commas and a mark are fine
      "mcpServers": {"ignored": {"command": "x"}},
      "mcp": {
        "a": {"type": "local", "command": ["{env:BIN}", "-y", "{env:PKG}", "{file:~/key}"]},
        "b": {"type": "remote", "url": "https://{env:NOWHERE}/mcp", "headers": {"X": "{env:PKG}"}},
        "half": {"enabled": true},
      },
    }"""
    raw = b"\xef\xbb\xbf" + text.encode()
    collected = collect(tmp_path, {USER: raw}, env={"BIN": "npx", "PKG": "server-x"})
    found = installed(collected, CLIENT)
    assert {name: one.reachable for name, one in found.items()} == {"a": True, "b": True}
    assert (found["a"].server.id, found["a"].entry.args[-1].unexpanded) == ("npm:server-x", ("{file:~/key}",))
    assert found["b"].entry.url is not None
    assert found["b"].entry.url.unexpanded == ("{env:NOWHERE}",)
    assert (found["b"].server.transport, found["b"].entry.headers[0][1].text) == ("http", "server-x")


@pytest.mark.parametrize("name", [USER, PROJECT, "/etc/opencode/opencode.json"])
def test_a_broken_file_stops_the_client(tmp_path: Path, name: str) -> None:
    files = {"~/.config/opencode/config.json": mcp(fs=local("x")), name: "{"}
    collected = collect(tmp_path, files)
    assert installed(collected, CLIENT)["fs"].state == "rejected"
    assert [("opencode does not start" in gap.reason, gap.place.file) for gap in collected.gaps] == [
        (True, name)
    ]


CASES: list[tuple[Any, Mode, str]] = [
    ({}, "interactive", "allow"),
    ({}, "headless", "allow"),
    ("ask", "interactive", "ask"),
    ("nonsense", "interactive", "allow"),
    ({"fs_*": "ask"}, "interactive", "ask"),
    ({"fs_*": "ask"}, "headless", "deny"),
    ({"fs_*": "ask"}, "bypass", "allow"),
    ({"fs_*": "deny"}, "bypass", "deny"),
    ({"fs_*": "deny", "fs_x": "allow"}, "interactive", "allow"),
    ({"fs_x": "allow", "fs_*": "deny"}, "interactive", "deny"),
    ({"fs_?": "deny"}, "interactive", "deny"),
    ({"fs_??": "deny", "fs": "deny", "fs_[x]": "deny"}, "interactive", "allow"),
    ({"fs_x": {"*": "deny"}}, "interactive", "deny"),
    ({"fs_x": {"a*": "deny"}}, "interactive", "allow"),
]


@pytest.mark.parametrize(("permission", "mode", "verdict"), CASES)
def test_decisions(tmp_path: Path, permission: Any, mode: Mode, verdict: str) -> None:
    collected = collect(tmp_path, {USER: {**mcp(fs=local("x")), "permission": permission}})
    found = decision(collected, CLIENT, "fs", "x", mode)
    assert (found.verdict, found.rule is None) == (verdict, "no rule" in found.reason)


def test_rules_of_several_levels_are_one_map(tmp_path: Path) -> None:
    files = {
        USER: {**mcp(fs=local("x")), "permission": {"fs_x": "ask", "fs_*": "allow"}},
        PROJECT: {"permission": {"fs_x": "deny"}},
    }
    # An overridden key keeps its place, so the user's wider rule stays the last one.
    assert decision(collect(tmp_path / "a", files), CLIENT, "fs", "x").verdict == "allow"
    files[PROJECT] = {"permission": {"*": "deny"}, "tools": {"fs_x": True}}
    assert decision(collect(tmp_path / "b", files), CLIENT, "fs", "x").verdict == "deny"


def test_the_older_tools_map_and_its_own_tools(tmp_path: Path) -> None:
    files = {USER: {**mcp(fs=local("x")), "tools": {"fs_*": False, "bash": False}}}
    collected = collect(tmp_path, files)
    assert installed(collected, CLIENT)["fs"].reachable
    assert decision(collected, CLIENT, "fs", "x").verdict == "deny"
    assert decision(collected, CLIENT, "", "bash").verdict == "deny"
    assert decision(collected, CLIENT, "", "edit").verdict == "allow"


def test_rules_of_one_agent_are_a_gap(tmp_path: Path) -> None:
    files = {USER: {"agent": {"build": {"permission": {"bash": "deny"}}}}}
    collected = collect(tmp_path, files)
    assert [gap.kind for gap in collected.gaps] == ["not-understood"]
    assert decision(collected, CLIENT, "", "bash").verdict == "allow"


def test_a_variable_whose_content_is_broken_stops_the_client(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: mcp(fs=local("x"))}, env={"OPENCODE_CONFIG_CONTENT": '{"mcp": '})
    (gap,) = collected.gaps
    assert (gap.kind, gap.place.file, gap.line) == ("malformed", "$OPENCODE_CONFIG_CONTENT", 1)
    assert {one.state for one in installed(collected, CLIENT).values()} == {"rejected"}
