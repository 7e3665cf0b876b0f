"""Claude Code: allow and deny lists, what an organization delivers, and plugins."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation
from tests.installation import collect, decision, installed, npx, servers

USER, OWN = "~/.claude.json", "~/.claude/settings.json"
MANAGED, DROP_INS = "/etc/claude-code/managed-settings.json", "/etc/claude-code/managed-settings.d/"
ACME = {"url": "https://mcp.acme.example/v1", "type": "http"}
BOTH = servers(fs=npx("server-x@1.0.0"), web=ACME)
NAME, COMMAND = {"serverName": "fs"}, {"serverCommand": ["npx", "-y", "server-x@1.0.0"]}
TRUSTED = {"projects": {"@project@": {"hasTrustDialogAccepted": True}}}


def all_of(folder: Path, files: dict[str, Any], **more: Any) -> dict[str, Installation]:
    return installed(collect(folder, files, **more), "claude-code")


def loaded(folder: Path, files: dict[str, Any]) -> set[str]:
    return {one.name for one in all_of(folder, {USER: BOTH, **files}).values() if one.state == "loaded"}


def url(pattern: str) -> dict[str, str]:
    return {"serverUrl": pattern}


@pytest.mark.parametrize(
    ("allow", "names"),
    [
        (None, {"fs", "web"}),
        ([], set()),
        ([NAME], {"fs"}),
        ([{"serverName": "web"}], {"web"}),
        ([COMMAND], {"fs"}),
        # The exact command line, not its beginning.
        ([{"serverCommand": ["npx", "-y"]}], set()),
        ([{"serverCommand": ["npx", "-y", "server-x@1.0.0", "/"]}], set()),
        ([url("https://mcp.acme.example/v1")], {"web"}),
        ([url("https://*.acme.example/*")], {"web"}),
        ([url("https://mcp.acme.example")], set()),
        ([url("https://mcpxacme.example/v1")], set()),
        # Names count only while no entry speaks of that kind of server more exactly.
        ([{"serverName": "web"}, NAME, {"serverCommand": ["other"]}], {"web"}),
        ([{"serverName": "web"}, NAME, url("https://other.example/*")], {"fs"}),
        ([NAME, COMMAND], {"fs"}),
    ],
)
@pytest.mark.parametrize("file", [MANAGED, OWN])
def test_allow_lists(tmp_path: Path, file: str, allow: Any, names: set[str]) -> None:
    assert loaded(tmp_path, {file: {"allowedMcpServers": allow} if allow is not None else {}}) == names


@pytest.mark.parametrize(
    ("deny", "names"),
    [
        ([], {"fs", "web"}),
        ([NAME], {"web"}),
        ([COMMAND], {"web"}),
        ([url("https://*.acme.example/*")], {"fs"}),
        ([url("*")], {"fs"}),
        ([NAME, {"serverCommand": ["other"]}], {"web"}),
    ],
)
def test_deny_beats_allow(tmp_path: Path, deny: Any, names: set[str]) -> None:
    settings = {"allowedMcpServers": [NAME, {"serverName": "web"}], "deniedMcpServers": deny}
    assert loaded(tmp_path, {MANAGED: settings}) == names


def test_the_reason_names_the_place_of_the_list(tmp_path: Path) -> None:
    settings = {"allowedMcpServers": [], "deniedMcpServers": [{"serverName": "x"}, NAME]}
    found = all_of(tmp_path, {USER: BOTH, MANAGED: settings})
    assert (found["fs"].state, found["fs"].reason) == ("blocked", "deniedMcpServers lists it")
    assert found["fs"].decided == Place(MANAGED, ("deniedMcpServers", 1))
    assert found["web"].reason == "no entry of allowedMcpServers admits it"
    assert found["web"].decided == Place(MANAGED, ("allowedMcpServers",))


def test_a_list_is_compared_with_values_that_are_never_shown(tmp_path: Path) -> None:
    token = "xoxb-000000000000-abcdefghijkl"
    files = {
        USER: servers(a=npx("server-x", token)),
        MANAGED: {"allowedMcpServers": [{"serverCommand": ["npx", "-y", "server-x", token]}]},
    }
    found = all_of(tmp_path, files)["a"]
    assert (found.state, token in repr(found)) == ("loaded", False)


@pytest.mark.parametrize(
    ("managed", "names"),
    [
        ({"allowedMcpServers": [NAME]}, {"fs", "web"}),
        ({"allowedMcpServers": [NAME], "allowManagedMcpServersOnly": True}, {"fs"}),
        ({"allowManagedMcpServersOnly": True}, {"fs", "web"}),
    ],
)
def test_the_users_list_widens_the_managed_one(
    tmp_path: Path, managed: dict[str, Any], names: set[str]
) -> None:
    assert loaded(tmp_path, {MANAGED: managed, OWN: {"allowedMcpServers": [{"serverName": "web"}]}}) == names


@pytest.mark.parametrize("record", [TRUSTED, {}])
def test_any_repository_removes_a_users_server(tmp_path: Path, record: dict[str, Any]) -> None:
    files = {USER: BOTH | record, ".claude/settings.json": {"deniedMcpServers": [NAME]}}
    assert loaded(tmp_path, files) == {"web"}


def test_a_strange_list_entry_is_a_gap(tmp_path: Path) -> None:
    collected = collect(tmp_path, {USER: BOTH, OWN: {"deniedMcpServers": [NAME, {"name": "web"}]}})
    assert [str(gap.place) for gap in collected.gaps] == [f"{OWN} / deniedMcpServers / 1"]


def test_servers_of_the_organization_need_no_allow_entry(tmp_path: Path) -> None:
    delivered = {"d": {"url": "https://d.example", "type": "http"}}
    home = {"url": "https://${HOST:-h.example}", "type": "http"}
    settings = {"allowedMcpServers": [], "managedMcpServers": delivered}
    files = {
        MANAGED: settings,
        "/etc/claude-code/managed-mcp.json": servers(m=npx("m"), v=npx("v", "${HOME}"), h=home),
        USER: BOTH | TRUSTED,
    }
    assert loaded(tmp_path / "a", files) == {"d", "m"}
    # A project cannot deny them; the user can.
    deny = {"deniedMcpServers": [{"serverName": "m"}]}
    assert loaded(tmp_path / "b", files | {".claude/settings.json": deny}) == {"d", "m"}
    assert loaded(tmp_path / "c", files | {OWN: deny}) == {"d"}


def test_only_https_servers_are_delivered(tmp_path: Path) -> None:
    delivered = {
        "a": {"url": "https://a.example", "type": "http"},
        "b": {"url": "http://b.example", "type": "http"},
        "c": npx("c"),
    }
    own = {"managedMcpServers": {"u": {"url": "https://u.example", "type": "http"}}}
    collected = collect(tmp_path, {MANAGED: {"managedMcpServers": delivered}, OWN: own, USER: BOTH})
    found = installed(collected, "claude-code")
    assert {name: one.level for name, one in found.items()} == {"a": "managed", "fs": "user", "web": "user"}
    assert [(gap.kind, str(gap.place)) for gap in collected.gaps] == [
        ("ignored", f"{MANAGED} / managedMcpServers / b"),
        ("ignored", f"{MANAGED} / managedMcpServers / c"),
        ("ignored", f"{OWN} / managedMcpServers"),
    ]


def test_drop_in_files_count_as_managed(tmp_path: Path) -> None:
    files = {
        DROP_INS + "10-a.json": {"deniedMcpServers": [NAME], "permissions": {"defaultMode": "plan"}},
        DROP_INS + "20-b.json": {"permissions": {"defaultMode": "dontAsk"}},
        DROP_INS + "README.md": "x",
        MANAGED: {"permissions": {"defaultMode": "acceptEdits"}},
        USER: BOTH,
    }
    found = all_of(tmp_path / "a", files)
    assert found["fs"].decided == Place(f"{DROP_INS}10-a.json", ("deniedMcpServers", 0))
    assert "dontAsk" in decision(collect(tmp_path / "b", files), "claude-code", "web", "x").reason


@pytest.mark.parametrize(
    ("file", "value", "blocked"),
    [
        (MANAGED, ["mcp"], True),
        (MANAGED, True, True),
        (MANAGED, ["skills"], False),
        (MANAGED, False, False),
        (OWN, ["mcp"], False),
    ],
)
def test_servers_of_plugins_only(tmp_path: Path, file: str, value: Any, blocked: bool) -> None:
    files = {
        file: {"strictPluginOnlyCustomization": value},
        USER: BOTH
        | {
            "projects": {
                "@project@": servers(local=npx("l"))
                | {"enabledMcpjsonServers": ["p"], "hasTrustDialogAccepted": True}
            }
        },
        ".mcp.json": servers(p=npx("p")),
        "~/.claude/plugins/cache/m/tool/1.0.0/.mcp.json": servers(s=npx("s")),
        ".claude/settings.local.json": {"enabledPlugins": {"1.0.0@m": True}},
    }
    found = all_of(tmp_path, files)
    expected = "blocked" if blocked else "loaded"
    assert {name: found[name].state for name in ("fs", "local", "p")} == dict.fromkeys(
        ("fs", "local", "p"), expected
    )
    assert found["plugin:1.0.0:s"].state == "loaded"


@pytest.mark.parametrize(
    "settings",
    [
        {"enableAllProjectMcpServers": "yes"},
        {"enabledMcpjsonServers": {}},
        {"enabledPlugins": []},
        {"permissions": []},
        {"permissions": {"allow": "mcp__fs"}},
        {"permissions": {"defaultMode": 1}},
    ],
)
def test_one_wrong_type_drops_the_whole_file(tmp_path: Path, settings: dict[str, Any]) -> None:
    collected = collect(tmp_path, {USER: BOTH, OWN: {**settings, "deniedMcpServers": [NAME]}})
    assert installed(collected, "claude-code")["fs"].state == "loaded"
    (gap,) = collected.gaps
    key = ".".join(map(str, gap.place.route))
    assert (gap.kind, gap.place.file) == ("ignored", OWN)
    assert f"ignores this whole file because `{key}` is not " in gap.reason


PLUGIN = "~/.claude/plugins/cache/market/tool/1.0.0/"
DESCRIBED = {PLUGIN + ".claude-plugin/plugin.json": {"name": "my.tool"}}


@pytest.mark.parametrize(
    "files",
    [
        {PLUGIN + ".mcp.json": servers(s=npx("s"))},
        {PLUGIN + ".mcp.json": {"s": npx("s")}},
        {PLUGIN + ".claude-plugin/plugin.json": {"name": "my.tool", **servers(s=npx("s"))}},
        {
            PLUGIN + ".claude-plugin/plugin.json": {"name": "my.tool", "mcpServers": "./own/mcp.json"},
            PLUGIN + "own/mcp.json": {"s": npx("s")},
        },
    ],
)
def test_where_plugins_keep_servers(tmp_path: Path, files: dict[str, Any]) -> None:
    rules = {
        "permissions": {"allow": ["mcp__plugin_my_tool_s__x"]},
        "enabledPlugins": {"my.tool@market": True},
    }
    collected = collect(tmp_path, {**DESCRIBED, **files, OWN: rules, USER: servers(s=npx("other"))})
    found = installed(collected, "claude-code")
    # A user's server of the same name stays beside it.
    assert {(name, one.level, one.server.id, one.state) for name, one in found.items()} == {
        ("plugin:my.tool:s", "plugin", "npm:s", "loaded"),
        ("s", "user", "npm:other", "loaded"),
    }
    assert decision(collected, "claude-code", "plugin:my.tool:s", "x").verdict == "allow"
    assert decision(collected, "claude-code", "s", "x").verdict == "ask"


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({}, "pending"),
        ({OWN: {"enabledPlugins": {"my.tool@market": True}}}, "loaded"),
        ({OWN: {"enabledPlugins": {"my.tool@market": False}}}, "disabled"),
        ({OWN: {"enabledPlugins": {"other@market": True}}}, "disabled"),
        (
            {MANAGED: {"enabledPlugins": {"my.tool@m": False}}, OWN: {"enabledPlugins": {"my.tool@m": True}}},
            "disabled",
        ),
        # What a repository says counts in a trusted folder only.
        ({".claude/settings.json": {"enabledPlugins": {"my.tool@m": True}}}, "pending"),
        ({".claude/settings.json": {"enabledPlugins": {"my.tool@m": True}}, USER: TRUSTED}, "loaded"),
        ({"/etc/claude-code/managed-mcp.json": servers()}, "blocked"),
        (
            {
                USER: {"projects": {"@project@": {"disabledMcpServers": ["plugin:my.tool:s"]}}},
                OWN: {"enabledPlugins": {"my.tool@m": True}},
            },
            "disabled",
        ),
    ],
)
def test_which_plugins_are_on(tmp_path: Path, files: dict[str, Any], state: str) -> None:
    found = all_of(tmp_path, {**DESCRIBED, PLUGIN + ".mcp.json": servers(s=npx("s")), **files})
    assert found["plugin:my.tool:s"].state == state


def test_plugin_variables_and_what_is_no_installed_plugin(tmp_path: Path) -> None:
    entry = {"command": "node", "args": ["${CLAUDE_PLUGIN_ROOT}/server.js"]}
    files = {
        **DESCRIBED,
        PLUGIN + ".mcp.json": servers(s=entry, broken=7),
        PLUGIN + "deeper/.mcp.json": servers(no=npx("no")),
        "~/.claude/plugins/marketplaces/market/tool/.mcp.json": servers(no=npx("no")),
        "~/.claude/plugins/a/b/c/d/e/f/.mcp.json": servers(no=npx("no")),
    }
    found = all_of(tmp_path, files)
    assert {name: one.server.id for name, one in found.items()} == {
        "plugin:my.tool:s": f"path:{PLUGIN}server.js"
    }


def test_a_plugins_server_gives_way_to_the_same_command_of_the_user(tmp_path: Path) -> None:
    files = {**DESCRIBED, PLUGIN + ".mcp.json": servers(s=npx("s"), t=npx("t")), USER: servers(mine=npx("s"))}
    found = all_of(tmp_path, files)
    assert {one.name: one.reachable for one in found.values()} == {
        "mine": True,
        "plugin:my.tool:s": False,
        "plugin:my.tool:t": True,
    }
