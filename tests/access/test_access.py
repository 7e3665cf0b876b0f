"""From entries to access rows: bounds, mounts, switches, decisions, and a reason on every edge."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.access import Access, Edge
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Configuration, Link
from mcpaudit.model.pattern import Pattern
from mcpaudit.model.place import Place
from tests.installation import facts_of, npx, saved, servers, uvx

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
URL = "postgresql://app:CANARY@db.example/app"


def desktop(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def rows(folder: Path, files: dict[str, Any], *more: Any, **options: Any) -> list[Access]:
    return [
        one for one in facts_of(folder, files, *more, **options).rows if not one.server.startswith("builtin:")
    ]


def reach(found: list[Access]) -> dict[str, frozenset[str]]:
    """What is done to each resource in all."""
    added: dict[str, frozenset[str]] = {}
    for one in found:
        if not one.transitive:
            added[str(one.resource)] = added.get(str(one.resource), frozenset()) | one.actions
    return added


def docker(*flags: str, image: str = "mcp/filesystem", args: tuple[str, ...] = ("/in",)) -> dict[str, Any]:
    return {"command": "docker", "args": ["run", "-i", "--rm", *flags, image, *args]}


READS, WRITES = {"list", "read"}, {"list", "read", "create", "write"}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (npx(FILES, "/srv"), {"local:host/file/srv": WRITES}),
        (npx(FILES, "/srv/a", "~/b"), {"local:host/file/srv/a": WRITES, "local:host/file/~/b": WRITES}),
        (npx(FILES, "."), {"local:host/file/.": WRITES}),
        (npx(FILES, "sub") | {"cwd": "/srv"}, {"local:host/file/srv/sub": WRITES}),
        (npx(FILES), {"local:host/file": WRITES}),
        (docker("-v", "/srv:/in"), {"local:host/file/srv": WRITES}),
        (docker("-v", "/srv:/in:ro"), {"local:host/file/srv": READS}),
        (docker("-v", "/srv:/in:ro,z"), {"local:host/file/srv": READS}),
        (docker("--volume=/srv:/in/"), {"local:host/file/srv": WRITES}),
        (docker("--mount", "type=bind,src=/srv,dst=/in"), {"local:host/file/srv": WRITES}),
        (docker("--mount=type=bind,source=/srv,target=/in,readonly"), {"local:host/file/srv": READS}),
        (docker("-v", "/srv:/in:ro", args=("/in/a/b",)), {"local:host/file/srv/a/b": READS}),
        # The longest mount point that holds a path counts.
        (
            docker("-v", "/srv:/in:ro", "-v", "/tmp/x:/in/x", args=("/in/x/y",)),
            {"local:host/file/tmp/x/y": WRITES},
        ),
        (
            docker("-v", "/tmp/x:/in/x", "-v", "/srv:/in:ro", args=("/in/xy",)),
            {"local:host/file/srv/xy": READS},
        ),
        (docker("-v", "${DATA}${DATA}:/in\n"), {"local:container:claude-desktop%2Fx/file/in": WRITES}),
        (docker("-v", "C:\\data:/in"), {"local:host/file/C:/data": WRITES}),
        # A volume without a host path maps nothing.
        (docker("-v", "/cache", "-v", "/srv:/in"), {"local:host/file/srv": WRITES}),
        (
            uvx("postgres-mcp==0.3.0", DATABASE_URI=URL),
            {"sql:db.example:5432/app": {"list", "read", "create", "write", "delete"}},
        ),
        (
            uvx("postgres-mcp==0.3.0", "--access-mode=restricted", DATABASE_URI=URL),
            {"sql:db.example:5432/app": READS},
        ),
        (
            uvx("postgres-mcp==0.3.0", "--access-mode", "restricted", DATABASE_URI=URL),
            {"sql:db.example:5432/app": READS},
        ),
        (
            uvx(
                "postgres-mcp==0.3.0",
                "--access-mode=restricted",
                "--access-mode=unrestricted",
                DATABASE_URI=URL,
            ),
            {"sql:db.example:5432/app": {"list", "read", "create", "write", "delete"}},
        ),
        (
            uvx("postgres-mcp==0.3.0", DATABASE_URI="${DSN}"),
            {"sql:?": {"list", "read", "create", "write", "delete"}},
        ),
    ],
)
def test_bounds(tmp_path: Path, entry: dict[str, Any], expected: dict[str, set[str]]) -> None:
    found = {name: set(actions) for name, actions in reach(rows(tmp_path, desktop(x=entry))).items()}
    assert {name: actions - {"execute", "admin"} for name, actions in found.items()} == expected


def test_dockers_socket_reaches_everything(tmp_path: Path) -> None:
    socket = "/var/run/docker.sock:/var/run/docker.sock"
    found = rows(tmp_path, desktop(x=docker("-v", socket, image="mcp/docker", args=())))
    assert {str(one.resource) for one in found if one.universal} >= {"local:host/docker"}


def test_an_unknown_container_with_the_socket_is_not_harmless(tmp_path: Path) -> None:
    socket = "/var/run/docker.sock:/var/run/docker.sock"
    found = rows(tmp_path, desktop(x=docker("-v", socket, image="acme/tool", args=())))
    assert [(str(one.resource), one.universal) for one in found if one.resource.provider == "local"] == [
        ("local:host/docker", True)
    ]


@pytest.mark.promise("unseen")
def test_a_server_without_a_manifest_has_one_row_of_unknown_actions(tmp_path: Path) -> None:
    (one,) = rows(tmp_path, desktop(x=npx("acme-unknown")))
    assert (one.tool, str(one.resource), one.certainty) == ("(any tool)", "unknown:?", "unknown")
    assert len(one.actions) == 9
    assert one.witness[1].reason.startswith(
        "the tools of `x` are not known: the shipped catalog does not know it"
    )


def claude(permissions: dict[str, Any], **entries: Any) -> dict[str, Any]:
    return {"~/.claude.json": servers(**entries), "~/.claude/settings.json": {"permissions": permissions}}


def test_a_denied_tool_does_not_run_and_keeps_its_row(tmp_path: Path) -> None:
    found = rows(tmp_path, claude({"deny": ["mcp__x__write_file"]}, x=npx(FILES, "/srv")))
    runs = {one.tool: one.runs for one in found}
    assert runs["write_file"] is False
    assert runs["read_text_file"] is True


@pytest.mark.parametrize(
    "files",
    [
        {".mcp.json": servers(x=npx(FILES)), ".claude/settings.json": {"disabledMcpjsonServers": ["x"]}},
        {".codex/config.toml": '[mcp_servers.x]\ncommand = "npx"\nargs = ["x"]\nenabled = false\n'},
        {".vscode/settings.json": {"cody.mcpServers": {"x": npx(FILES) | {"disabled": True}}}},
        {"~/.claude.json": servers(x=npx(FILES)), "/etc/claude-code/managed-mcp.json": servers()},
    ],
)
def test_what_does_not_load_reaches_nothing_and_stays_listed(tmp_path: Path, files: dict[str, Any]) -> None:
    facts = facts_of(tmp_path, files)
    assert [one.server for one in facts.rows if not one.server.startswith("builtin:")] == []
    assert [one.name for one in facts.access.installations.values() if not one.server.builtin] == ["x"]


def test_every_step_of_every_witness_says_why(tmp_path: Path) -> None:
    files = {
        **claude({}, x=npx(FILES, "/srv"), y=npx("acme"), pg=uvx("postgres-mcp==0.3.0", DATABASE_URI=URL)),
        ".cursor/mcp.json": servers(s=npx("@modelcontextprotocol/server-slack")),
    }
    facts = facts_of(tmp_path, files)
    assert len(facts.rows) > 30
    for edges in facts.access.edges.values():
        assert all(edge.reason for edge, _ in edges)
    for one in facts.rows:
        path = [edge for edge in one.witness if edge.kind != "decides"]
        assert [edge.kind for edge in path][:3] == ["loads", "offers", "acts-on"]
        assert path[0].place is not None or one.server.startswith("builtin:")
        assert all(first.target == second.source for first, second in pairwise(path))
    assert len({one.id for one in facts.rows}) == len(facts.rows)


def test_a_graph_library_finds_the_same_paths(tmp_path: Path) -> None:
    import networkx as nx

    facts = facts_of(
        tmp_path, claude({}, x=npx(FILES, "/srv"), pg=uvx("postgres-mcp==0.3.0", DATABASE_URI=URL))
    )
    graph = facts.access.as_networkx()
    assert {kind for _, kind in graph.nodes(data="type")} >= {"agent", "installation", "tool", "resource"}
    assert graph.number_of_edges() == sum(map(len, facts.access.edges.values()))
    assert all(data["reason"] and data["certainty"] in Certainty for *_, data in graph.edges(data=True))
    assert graph.nodes["installation:claude-code/x"] == {"type": "installation", "name": "claude-code/x"}
    walked = nx.descendants(graph, "agent:claude-code")
    assert {edge.target for row in facts.rows for edge in row.witness if edge.kind != "decides"} <= walked
    assert "agent:claude-code" not in walked


def test_an_edge_without_a_reason_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="an edge needs a reason"):
        Edge("loads", "a", "b", "", Certainty.CERTAIN)


SLACK = npx("@modelcontextprotocol/server-slack@2025.4.25", SLACK_TEAM_ID="T1")


@pytest.mark.parametrize(("holds", "certainty"), [(None, {"possible"}), (True, {"certain"}), (False, set())])
def test_links_are_possible_until_somebody_says(
    tmp_path: Path, holds: bool | None, certainty: set[str]
) -> None:
    links = () if holds is None else (Link("slack", Pattern.parse("google:**"), holds, Place("m.yaml")),)
    found = rows(tmp_path, desktop(s=SLACK), None, Configuration(links=links))
    far = [one for one in found if one.resource.provider == "google"]
    assert {
        edge.certainty.value for one in far for edge in one.witness if edge.kind == "reaches"
    } == certainty
    assert all(one.transitive for one in far)


def test_tenants_come_from_variables(tmp_path: Path) -> None:
    found = rows(tmp_path, desktop(s=SLACK))
    assert {one.resource.tenant for one in found if one.resource.provider == "slack"} == {"T1"}


def test_two_loaded_servers_of_one_name_keep_their_own_reach(tmp_path: Path) -> None:
    files = {
        ".cursor/mcp.json": servers(x=npx(FILES, "/a")),
        "~/.cursor/mcp.json": servers(x=npx(FILES, "/b")),
    }
    found = rows(tmp_path, files)
    owners = {
        one.installation: {str(row.resource) for row in found if row.installation == one.installation}
        for one in found
    }
    assert owners == {"cursor/x": {"local:host/file/a"}, "cursor/x (user)": {"local:host/file/b"}}


def test_a_saved_manifest_is_bounded_like_any_other(tmp_path: Path) -> None:
    tools = {"x": saved({"name": "delete_file", "inputSchema": {"properties": {"path": {"type": "string"}}}})}
    found = rows(tmp_path, desktop(x=npx(FILES, "/srv")), tools)
    assert reach(found) == {"local:host/file/srv": frozenset({"delete"})}
    assert {one.certainty for one in found} == {"certain"}


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), {"list", "read"}),
        (("--enable-write-tools=false",), {"list", "read"}),
        (("--enable-write-tools",), {"list", "read", "create", "write", "delete", "execute"}),
        (("--enable-write-tools=true",), {"list", "read", "create", "write", "delete", "execute"}),
        # What is not known may be the flag.
        (("${EXTRA}",), {"list", "read", "create", "write", "delete", "execute"}),
    ],
)
def test_a_limit_that_a_flag_lifts(tmp_path: Path, args: tuple[str, ...], expected: set[str]) -> None:
    found = rows(tmp_path, {".mcp.json": servers(x=uvx("pagerduty-mcp==1.1.0", *args))})
    assert {action for one in found for action in one.actions} - {"admin", "share"} == expected


@pytest.mark.parametrize(("env", "changes"), [({}, True), ({"READ_OPERATIONS_ONLY": "true"}, False)])
def test_a_tool_for_any_call_still_reads_under_a_read_only_switch(
    tmp_path: Path, env: dict[str, str], changes: bool
) -> None:
    call = {"name": "call_aws", "inputSchema": {"properties": {"cli_command": {"type": "string"}}}}
    files = desktop(x=uvx("awslabs.aws-api-mcp-server==1.0.0", **env))
    found = [row for row in rows(tmp_path, files, {"x": saved(call)}) if row.tool == "call_aws"]
    done = {action for row in found for action in row.actions}
    assert {"list", "read"} <= done
    assert ({"delete", "admin"} <= done) is changes


def test_what_is_only_possible_does_not_pass_for_certain_beside_what_is(tmp_path: Path) -> None:
    tool = {
        "name": "export_customer",
        "description": "Get a customer and save the record.",
    }
    files = {".mcp.json": servers(crm={"command": "node", "args": ["/srv/crm.js"]})}
    found = [row for row in rows(tmp_path, files, {"crm": saved(tool)}) if row.agent == "claude-code"]
    by_certainty = {row.certainty: row.actions for row in found if row.tool == "export_customer"}
    assert by_certainty == {Certainty.CERTAIN: {"read"}, Certainty.POSSIBLE: {"create"}}
    assert len({row.id for row in found}) == len(found)


def test_accept_edits_edits_the_working_directory_silently_and_asks_elsewhere(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {".claude/settings.json": {"permissions": {"defaultMode": "acceptEdits"}}})
    edits = {str(row.resource): row.decision.verdict for row in facts.rows if row.tool == "Edit"}
    assert edits == {"local:host/file/.": "allow", "local:host/file": "ask"}


def test_a_root_is_where_its_links_lead(tmp_path: Path) -> None:
    entry = desktop(x=npx(FILES, "./inside", "./out/y", "/srv/z"))
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "out").symlink_to("/etc")
    (tmp_path / "project" / "inside").symlink_to("real")
    (tmp_path / "root" / "srv").mkdir(parents=True)
    (tmp_path / "root" / "srv" / "z").symlink_to("../opt/z")
    names = set(reach(rows(tmp_path, entry)))
    assert names == {"local:host/file/./real", "local:host/file/etc/y", "local:host/file/opt/z"}
