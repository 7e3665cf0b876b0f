"""Where the knowledge of a server's tools comes from, and how sure it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.audit import gather
from mcpaudit.manifests.catalog import manifest_of
from mcpaudit.manifests.formats import read_offer
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Manifest
from mcpaudit.model.server import Package, Server
from tests.installation import facts_of, npx, request_of, saved, servers

FILES = "@modelcontextprotocol/server-filesystem"


def desktop(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def manifest(folder: Path, entry: Any, manifests: Any = None, more: Any = None) -> Manifest:
    """The manifest of a server `x` of Claude Desktop."""
    facts = facts_of(folder, {**desktop(x=entry), **(more or {})}, manifests)
    return facts.access.manifests["claude-desktop/x"]


def names(found: Manifest) -> list[str]:
    return [tool.name for tool in found.tools]


TWO = saved("get_a", "set_b")


@pytest.mark.parametrize(
    ("content", "complete", "reason"),
    [
        (TWO, True, "the saved list in manifests/x.json"),
        (TWO["tools"], True, "the saved list in manifests/x.json"),
        ({"jsonrpc": "2.0", "id": 1, "result": TWO}, True, "the saved list in manifests/x.json"),
        (
            {**TWO, "nextCursor": "p2"},
            False,
            "the saved list in manifests/x.json, which is only its first page",
        ),
        (
            {"result": {**TWO, "nextCursor": "p2"}},
            False,
            "the saved list in manifests/x.json, which is only its first page",
        ),
        (
            {"tools": [*TWO["tools"], 5, {"no": "name"}]},
            False,
            "the saved list in manifests/x.json, in which 2 entries are no tools",
        ),
        ("\ufeff" + json.dumps(TWO), True, "the saved list in manifests/x.json"),
    ],
)
def test_saved_lists(tmp_path: Path, content: Any, complete: bool, reason: str) -> None:
    found = manifest(tmp_path, npx("acme"), {"x": content})
    assert (names(found), found.complete, found.reason) == (["get_a", "set_b"], complete, reason)
    assert (found.source, found.certainty) == ("supplied", "certain")


@pytest.mark.parametrize("content", [{"tools": []}, [], {"result": {"tools": []}}])
def test_an_empty_list_is_never_silent(tmp_path: Path, content: Any) -> None:
    found = manifest(tmp_path, npx("acme"), {"x": content})
    assert (found.tools, found.complete) == ((), False)
    assert found.reason == "the saved list in manifests/x.json, which lists no tools"
    known = manifest(tmp_path / "b", npx(f"{FILES}@2026.8.31"), {"x": content})
    assert (known.source, len(known.tools) > 5) == ("catalog", True)


def test_a_file_for_one_agent_is_the_better_match(tmp_path: Path) -> None:
    manifests = {"x": saved("everyone"), "claude-desktop/x": saved("own"), "cursor/x": saved("other")}
    files = {
        **desktop(x=npx("acme")),
        ".cursor/mcp.json": servers(x=npx("acme")),
        "~/.claude.json": servers(x=npx("acme")),
    }
    found = facts_of(tmp_path, files, manifests).access.manifests
    assert {name: names(one) for name, one in found.items() if name.endswith("/x")} == {
        "claude-desktop/x": ["own"],
        "cursor/x": ["other"],
        "claude-code/x": ["everyone"],
    }


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("{", "malformed"),
        ("", "malformed"),
        ({"a": 1}, "not-understood"),
        ("5", "not-understood"),
        (b"\xff\xfe{\x00}\x00", "malformed"),
        ({"tools": "x"}, "not-understood"),
    ],
)
def test_what_is_no_manifest_is_a_gap(tmp_path: Path, content: Any, kind: str) -> None:
    facts = facts_of(tmp_path, desktop(x=npx("acme"), y=npx("other")), {"x": content, "y": saved("t")})
    assert [(gap.kind, gap.place.file) for gap in facts.gaps] == [(kind, "manifests/x.json")]
    assert facts.access.manifests["claude-desktop/x"].source == "none"


def test_a_manifest_that_no_server_asks_for_is_a_gap(tmp_path: Path) -> None:
    given = {"x": saved("t"), "claude-desktop/x": saved("t"), "typo": saved("t"), "cursor/x": saved("t")}
    facts = facts_of(tmp_path, desktop(x=npx("acme")), given)
    assert [gap.place.file for gap in facts.gaps] == ["manifests/cursor/x.json", "manifests/typo.json"]


def test_a_broken_docker_catalog_is_a_gap_with_its_place(tmp_path: Path) -> None:
    files = {**desktop(x=npx("acme")), "~/.docker/mcp/catalogs/mine.yaml": "registry: [\n"}
    (gap,) = facts_of(tmp_path, files).gaps
    assert (gap.kind, gap.place.file, gap.line) == ("malformed", "~/.docker/mcp/catalogs/mine.yaml", 2)


DOCKER = {
    "image": "mcp/acme",
    "about": {"title": "Acme"},
    "tools": [{"name": "get_a"}],
    "secrets": [{"env": "KEY"}],
}


def test_a_docker_catalog_entry(tmp_path: Path) -> None:
    found = manifest(tmp_path, npx("acme"), {"x": DOCKER})
    assert (names(found), found.source, found.needs_env) == (["get_a"], "docker", ("KEY",))


@pytest.mark.parametrize("image", ["mcp/acme", "mcp/acme:latest", f"docker.io/mcp/acme@sha256:{'a' * 64}"])
def test_dockers_catalog_in_the_home_is_used(tmp_path: Path, image: str) -> None:
    catalog = {"registry": {"acme": {**DOCKER, "image": image}, "broken": 5}}
    entry = {"command": "docker", "args": ["run", "-i", "mcp/acme:2"]}
    found = manifest(tmp_path, entry, None, {"~/.docker/mcp/catalogs/docker-mcp.yaml": json.dumps(catalog)})
    assert (names(found), found.source, found.certainty) == (["get_a"], "docker", "possible")


def test_a_registry_entry_lists_no_tools_and_says_so(tmp_path: Path) -> None:
    variables = [{"name": "ACME_KEY"}, {"name": "ACME_URL"}]
    entry = {"name": "io.acme/x", "version": "1.0", "packages": [{"environmentVariables": variables}]}
    found = manifest(tmp_path, npx("acme"), {"x": entry})
    assert (found.source, found.tools, found.complete) == ("registry", (), False)
    assert found.reason == "the registry entry manifests/x.json, which lists no tools"


@pytest.mark.parametrize(
    ("server", "source", "certainty", "reason"),
    [
        (f"{FILES}@2026.8.31", "catalog", "certain", "the shipped catalog, which knows version 2026.8.31"),
        (FILES, "catalog", "possible", "which version runs here is not pinned"),
        (f"{FILES}@latest", "catalog", "possible", "which version runs here is not pinned"),
        (f"{FILES}@1.0.0", "catalog", "possible", "which knows version 2026.8.31 and not 1.0.0"),
        (
            "acme-unknown",
            "none",
            "unknown",
            "the shipped catalog does not know it, and neither its source nor a manifest was found",
        ),
    ],
)
def test_the_catalog(tmp_path: Path, server: str, source: str, certainty: str, reason: str) -> None:
    found = manifest(tmp_path, npx(server))
    assert (found.source, found.certainty) == (source, certainty)
    assert found.reason.endswith(reason)
    assert bool(found.tools) == (source == "catalog")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"url": "https://mcp.acme.example"}, "it is a remote server and no manifest of it was supplied"),
        (
            {"command": "/srv/server"},
            "it is a program of your own, and neither its source nor a manifest was found",
        ),
        (
            {"command": "python", "args": ["-m", "acme"]},
            "it is a program of your own, and neither its source nor a manifest was found",
        ),
    ],
)
def test_no_manifest_says_why(tmp_path: Path, entry: dict[str, Any], reason: str) -> None:
    found = manifest(tmp_path, entry)
    assert (found.source, found.tools, found.complete, found.reason) == ("none", (), False, reason)


def test_another_identity_of_a_known_server(tmp_path: Path) -> None:
    found = manifest(tmp_path, {"command": "docker", "args": ["run", "mcp/filesystem", "/x"]})
    assert (found.source, found.server, found.certainty) == ("catalog", "oci:mcp/filesystem", "possible")


def test_the_best_source_wins(tmp_path: Path) -> None:
    known = {"command": "docker", "args": ["run", "-i", "mcp/filesystem"]}
    lists = {"registry": {"fs": {**DOCKER, "image": "mcp/filesystem"}}}
    more = {"~/.docker/mcp/catalogs/x.yaml": json.dumps(lists)}
    assert manifest(tmp_path / "a", known, {"x": saved("own")}, more).source == "supplied"
    assert manifest(tmp_path / "b", known, None, more).source == "docker"
    assert manifest(tmp_path / "c", known).source == "catalog"


@pytest.mark.parametrize(
    "name", ["/" + "x" * 400, "é" * 300, "../../etc/passwd", "a\\b", "aliases", "C:\\x", "con\x7f"]
)
def test_any_command_can_be_looked_up(tmp_path: Path, name: str) -> None:
    assert manifest(tmp_path, {"command": name}).source == "none"
    assert manifest_of(Server(f"npm:{name}", package=Package("npm", name))) is None


def test_a_folder_that_is_none_is_the_users_mistake(tmp_path: Path) -> None:
    from mcpaudit.errors import UsageError

    (tmp_path / "file").write_text("{}")
    with pytest.raises(UsageError, match="--manifests needs a folder"):
        gather(request_of(tmp_path, {}, manifests=None) and _with(tmp_path), Configuration())


def _with(folder: Path) -> Any:
    from dataclasses import replace

    return replace(request_of(folder, {}), manifests=folder / "file")


@pytest.mark.parametrize("content", [b"", b"\x00", b"[[[", b"tools: [{name: a}]\n", b"a: &a [*a]\n"])
def test_yaml_files_are_read_or_are_gaps(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.yaml").write_bytes(content)
    assert isinstance(read_offer(tmp_path / "x.yaml", "x.yaml"), Offer | Gap)
