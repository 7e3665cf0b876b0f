"""Kilo Code: its own names for opencode's files, the older project file, ask by default."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.decision import Mode
from tests.installation import collect, decision, installed, npx, servers, site_of

CLIENT, USER, PROJECT, OLDER = "kilo-code", "~/.config/kilo/kilo.json", "kilo.json", ".kilocode/mcp.json"


def local(package: str, **more: Any) -> dict[str, Any]:
    return {"type": "local", "command": ["npx", "-y", package]} | more


def mcp(**entries: Any) -> dict[str, Any]:
    return {"mcp": entries}


def test_levels_from_the_weakest_to_the_strongest(tmp_path: Path) -> None:
    user = [f"~/.config/kilo/{name}" for name in ("config.json", "kilo.json", "kilo.jsonc")]
    user += [f"~/.config/kilo/{name}" for name in ("opencode.json", "opencode.jsonc")]
    beside = ["kilo.json", "kilo.jsonc", "opencode.json", "opencode.jsonc"]
    inner = ["kilo.jsonc", "kilo.json", "opencode.jsonc", "opencode.json"]
    folders = [".kilocode/", ".kilo/", "~/.kilocode/", "~/.kilo/", "/etc/kilo/"]
    order = [
        OLDER,
        ".kilo/mcp.json",
        *user,
        *beside,
        *(folder + name for folder in folders for name in inner),
    ]
    files: dict[str, Any] = {name: mcp(fs=local(f"p{at}")) for at, name in enumerate(order)}
    files |= {name: servers(fs=npx(f"p{at}")) for at, name in enumerate(order[:2])}
    for count in range(1, len(order) + 1):
        some = {name: files[name] for name in order[:count]}
        (fs,) = installed(collect(tmp_path / str(count), some), CLIENT).values()
        assert (fs.server.id, fs.place.file) == (f"npm:p{count - 1}", order[count - 1])
        # Of the two older files one entry replaces the other.
        assert len(fs.shadows) == max(count - 2, 0)


@pytest.mark.parametrize(
    ("platform", "managed"),
    [("macos", "/Library/Application Support/kilo/kilo.json"), ("windows", "C:/ProgramData/kilo/kilo.json")],
)
def test_the_managed_file_elsewhere(tmp_path: Path, platform: Any, managed: str) -> None:
    files = {managed: mcp(fs=local("managed")), PROJECT: mcp(fs=local("x"))}
    (fs,) = installed(collect(tmp_path, files, platform=platform), CLIENT).values()
    assert (fs.server.id, fs.level) == ("npm:managed", "managed")


@pytest.mark.parametrize(
    ("older", "user", "state"),
    [
        ({}, {}, "loaded"),
        ({"disabled": True}, {}, "disabled"),
        ({}, {"enabled": False}, "disabled"),
        ({"disabled": True}, {"enabled": True}, "loaded"),
    ],
)
def test_fields_are_merged_over_both_formats(
    tmp_path: Path, older: dict[str, Any], user: dict[str, Any], state: str
) -> None:
    files = {OLDER: servers(fs=npx("server-x", A="{env:A}") | older), USER: mcp(fs=user) if user else {}}
    (fs,) = installed(collect(tmp_path, files, env={"A": "1"}), CLIENT).values()
    assert (fs.state, fs.server.id, bool(fs.reason)) == (state, "npm:server-x", state != "loaded")
    assert fs.entry.env[0][1].text == "{env:A}"


def test_disabled_is_not_a_word_of_the_new_format(tmp_path: Path) -> None:
    entry = local("{env:PKG}", disabled=True)
    found = installed(collect(tmp_path, {USER: mcp(fs=entry)}, env={"PKG": "server-x"}), CLIENT)["fs"]
    assert (found.state, found.server.id) == ("loaded", "npm:server-x")


def test_folders_up_to_the_git_root(tmp_path: Path) -> None:
    files = {
        PROJECT: mcp(far=local("x"), both=local("far")),
        "sub/kilo.json": mcp(both=local("near")),
        ".git/HEAD": "",
    }
    site = site_of(tmp_path, files)
    (tmp_path / PROJECT).write_text('{"mcp": {"above": {"type": "local", "command": ["x"]}}}')
    assert site.project is not None
    found = installed(discover(replace(site, project=site.project / "sub"), Packs.shipped()), CLIENT)
    assert {name: one.server.id for name, one in found.items()} == {"far": "npm:x", "both": "npm:near"}


def test_of_inner_folders_the_outer_one_wins(tmp_path: Path) -> None:
    files = {f"{at}.kilo/kilo.json": mcp(fs=local(at or "root/")) for at in ("", "sub/")} | {".git/HEAD": ""}
    site = site_of(tmp_path, files)
    assert site.project is not None
    found = installed(discover(replace(site, project=site.project / "sub"), Packs.shipped()), CLIENT)
    assert found["fs"].server.id.endswith("root/")


BAD = [5, None, {"type": "local"}, {"type": "local", "command": "x"}, {"command": ["x"]}]
BAD += [{"type": "local", "command": ["x"], "environment": {"A": 1}}, {"type": "remote", "url": 5}]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_server_drops_a_projects_file_and_stops_at_the_users(tmp_path: Path, bad: Any) -> None:
    files = {PROJECT: mcp(fs=local("x"), bad=bad), "kilo.jsonc": mcp(kept=local("x"))}
    collected = collect(tmp_path / "a", files)
    assert set(installed(collected, CLIENT)) == {"kept"}
    assert [gap.place.file for gap in collected.gaps] == [PROJECT]
    for name in (USER, "/etc/kilo/kilo.json"):
        collected = collect(tmp_path / name.strip("~/"), {name: mcp(bad=bad), PROJECT: mcp(fs=local("x"))})
        assert installed(collected, CLIENT)["fs"].state == "rejected"
        assert any("Kilo Code does not start" in gap.reason for gap in collected.gaps)


def test_the_users_broken_file_stops_it_and_a_projects_is_dropped(tmp_path: Path) -> None:
    collected = collect(tmp_path / "a", {USER: "{", PROJECT: mcp(fs=local("x"))})
    assert installed(collected, CLIENT)["fs"].state == "rejected"
    assert any("Kilo Code does not start" in gap.reason for gap in collected.gaps)
    lenient = '{"mcp": {"fs": {"type": "local", "command": ["x"]},}} // c'
    files = {PROJECT: "{", "~/.kilo/kilo.json": "{", USER: "", "kilo.jsonc": lenient}
    collected = collect(tmp_path / "b", files)
    assert installed(collected, CLIENT)["fs"].reachable
    assert {gap.place.file for gap in collected.gaps} == {PROJECT, "~/.kilo/kilo.json", USER}


def test_variables_in_a_projects_files(tmp_path: Path) -> None:
    remote = {"type": "remote", "url": "https://a.example", "headers": {"A": "{env:A}"}}
    collected = collect(tmp_path / "a", {PROJECT: mcp(fs=local("x"), bad=remote)}, env={"A": "1"})
    found = installed(collected, CLIENT)
    assert {name: one.state for name, one in found.items()} == {"fs": "loaded", "bad": "rejected"}
    files = {PROJECT: mcp(fs=local("{env:A}")), USER: mcp(kept=remote)}
    collected = collect(tmp_path / "b", files, env={"A": "1"})
    found = installed(collected, CLIENT)
    assert set(found) == {"kept"}
    assert found["kept"].entry.headers[0][1].text == "1"
    assert "no file of a project may use" in collected.gaps[0].reason


def test_a_projects_own_server_gets_no_secret_of_the_user(tmp_path: Path) -> None:
    remote = {"type": "remote", "url": "https://a.example/", "headers": {"A": "b"}, "enabled": False}
    other = {"url": "https://b.example/", "type": "remote"}
    for at, (entry, count) in enumerate([({}, 1), ({"enabled": True}, 1), (other, 0), (local("x"), 0)]):
        files = {USER: mcp(fs=remote), PROJECT: mcp(fs=entry | {"enabled": entry.get("enabled", False)})}
        (fs,) = installed(collect(tmp_path / str(at), files), CLIENT).values()
        assert len(fs.entry.headers) == count
        assert fs.state == ("loaded" if entry.get("enabled") else "disabled")
    managed = {USER: mcp(fs=remote), "/etc/kilo/kilo.json": mcp(fs=other)}
    (fs,) = installed(collect(tmp_path / "managed", managed), CLIENT).values()
    assert (len(fs.entry.headers), fs.server.id) == (1, "url:https://b.example")


def test_what_is_no_server_counts_for_its_switch(tmp_path: Path) -> None:
    files = {
        USER: mcp(fs=local("x")),
        PROJECT: mcp(fs={"type": "local", "enabled": False}, no={"enabled": True}),
    }
    found = installed(collect(tmp_path, files), CLIENT)
    assert {name: one.state for name, one in found.items()} == {"fs": "disabled"}
    assert found["fs"].server.id == "npm:x"


def test_env_in_the_newer_form(tmp_path: Path) -> None:
    (fs,) = installed(collect(tmp_path, {USER: mcp(fs=local("x", env={"A": "1"}))}), CLIENT).values()
    assert [name for name, _ in fs.entry.env] == ["A"]


@pytest.mark.parametrize("bad", [None, {"command": "x", "args": 5}, {"command": "x", "alwaysAllow": "x"}])
def test_one_older_entry_can_take_both_files_along(tmp_path: Path, bad: Any) -> None:
    files = {OLDER: servers(bad=bad), ".kilo/mcp.json": servers(fs=npx("x")), PROJECT: mcp(kept=local("x"))}
    collected = collect(tmp_path, files)
    assert set(installed(collected, CLIENT)) == {"kept"}
    assert "cannot convert bad" in collected.gaps[0].reason


@pytest.mark.parametrize(
    "text", ['{"mcpServers": {}} // c', '{"mcpServers": {},}', b'\xef\xbb\xbf{"mcpServers": {}}']
)
def test_older_files_are_strict(tmp_path: Path, text: Any) -> None:
    collected = collect(tmp_path, {OLDER: text, PROJECT: mcp(kept=local("x"))})
    assert ["Kilo Code ignores this whole file" in gap.reason for gap in collected.gaps if gap.client] == [
        True
    ]


def test_older_entries_by_their_type(tmp_path: Path) -> None:
    url = {"url": "https://a.example/mcp"}
    entries = {
        "a": url | {"type": "sse"},
        "b": url,
        "c": url | {"type": "http"},
        "d": {"command": "x", "args": "yz"},
    }
    found = installed(collect(tmp_path, {OLDER: servers(**entries)}), CLIENT)
    states = {"a": "loaded", "b": "rejected", "c": "rejected", "d": "loaded"}
    assert {name: one.state for name, one in found.items()} == states
    assert [word.text for word in found["d"].entry.args] == ["y", "z"]


CASES: list[tuple[dict[str, Any], Mode, str]] = [
    ({}, "interactive", "allow"),
    ({}, "headless", "allow"),
    ({"fs_*": "ask"}, "interactive", "ask"),
    ({"fs_*": "allow"}, "headless", "allow"),
    ({"fs_*": "allow", "fs_x": "ask"}, "interactive", "ask"),
    ({"fs_x": "ask"}, "headless", "deny"),
    ({"fs_x": "ask"}, "bypass", "allow"),
    ({"fs_x": "allow", "fs_*": "deny"}, "bypass", "deny"),
    ({"fs_y": "deny"}, "interactive", "allow"),
]


@pytest.mark.parametrize(("permission", "mode", "verdict"), CASES)
def test_decisions(tmp_path: Path, permission: dict[str, Any], mode: Mode, verdict: str) -> None:
    collected = collect(tmp_path, {USER: {**mcp(fs=local("x")), "permission": permission}})
    assert decision(collected, CLIENT, "fs", "x", mode).verdict == verdict


@pytest.mark.parametrize(
    ("chosen", "mode", "verdict", "certainty"),
    [
        ("code", "interactive", "allow", "CERTAIN"),
        ("own", "headless", "allow", "POSSIBLE"),
        ("ask", "interactive", "ask", "CERTAIN"),
        ("plan", "headless", "deny", "CERTAIN"),
        ("plan", "bypass", "allow", "CERTAIN"),
    ],
)
def test_the_default_agent_decides_what_no_rule_names(
    tmp_path: Path, chosen: str, mode: Mode, verdict: str, certainty: str
) -> None:
    files = {USER: {**mcp(fs=local("x")), "default_agent": "debug"}, PROJECT: {"default_agent": chosen}}
    found = decision(collect(tmp_path, files), CLIENT, "fs", "x", mode)
    assert (found.verdict, found.certainty.name) == (verdict, certainty)


def test_rules_see_cleaned_names(tmp_path: Path) -> None:
    text = {"mcp": {"my.fs": local("x")}, "permission": {"my_fs_a_b": "deny", "my.fs_c": "deny"}}
    collected = collect(tmp_path, {USER: text})
    assert [decision(collected, CLIENT, "my.fs", name).verdict for name in ("a b", "c")] == ["deny", "allow"]


def test_the_older_approvals_count_nowhere(tmp_path: Path) -> None:
    files = {OLDER: servers(fs=npx("x") | {"alwaysAllow": ["x"]}), USER: {"permission": {"fs_*": "ask"}}}
    assert decision(collect(tmp_path, files), CLIENT, "fs", "x").verdict == "ask"


def test_files_of_other_clients_do_not_show_it(tmp_path: Path) -> None:
    files = {"opencode.json": mcp(fs=local("x")), ".mcp.json": servers(fs=npx("x"))}
    files["~/.kilocode/cli/global/settings/mcp_settings.json"] = servers(fs=npx("x"))
    files[".opencode/opencode.json"] = files["~/.config/opencode/opencode.json"] = mcp(fs=local("x"))
    assert CLIENT not in {one.agent.id for one in collect(tmp_path, files).agents}
