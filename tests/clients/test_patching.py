"""Wishes as patches: what each client's own files say afterwards, and that git and a new audit agree."""

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.audit import gather
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.place import Place
from mcpaudit.model.supposition import Reword, Supposition
from mcpaudit.questions import Patched, patch
from mcpaudit.report.patch import as_patch
from tests.hostile import HOSTILE
from tests.installation import npx, request_of, saved, servers, uvx
from tests.parsing.test_diff import GIT, git_apply

FILES = npx("@modelcontextprotocol/server-filesystem@2026.8.31", "/srv")
WEB = uvx("mcp-server-fetch==2026.10.24")
BOTH = servers(files=FILES, web=WEB)
LOCAL = {
    "files": {"type": "local", "command": [FILES["command"], *FILES["args"]]},
    "web": {"type": "local", "command": [WEB["command"], *WEB["args"]]},
}
CODEX = f"""\
model = "x"

# files
[mcp_servers.files]
command = "npx"
args = {json.dumps(FILES["args"])}

# web
[mcp_servers.web]
command = "uvx"
args = {json.dumps(WEB["args"])}
"""
OFF = Supposition(remove=("web",))
DENY = Supposition(deny=("files/write_file",))


def wished(folder: Path, files: dict[str, Any], what: Supposition, **more: Any) -> Patched:
    """The wish as patches, put into place by git; what they change is what was supposed."""
    # Trust and approvals are not what is tried here.
    request = request_of(folder, {".git/HEAD": "x", **files}, more.pop("manifests", None), **more)
    done = patch(request, what, gather(request, Configuration()))
    assert done.disagreements == ()
    for tree in ("project", "home"):
        own = done.patches.of("project" if tree == "project" else "home")
        if own and GIT:
            copy = folder / f"copy of {tree}"
            shutil.copytree(folder / tree, copy)
            shutil.rmtree(copy / ".git", ignore_errors=True)
            applied = git_apply(copy, as_patch(own, own[0].tree))
            assert applied.returncode == 0, applied.stderr
            for one in own:
                path = copy / one.file.removeprefix("~/")
                assert path.read_bytes() == done.patches.contents[one.file]
    return done


def content(done: Patched, file: str) -> Any:
    raw = done.patches.contents[file]
    return tomllib.loads(raw.decode()) if file.endswith(".toml") else json.loads(raw)


CASES: dict[str, tuple[dict[str, Any], Supposition, str, Any]] = {
    "claude-code, a project server": (
        {".mcp.json": BOTH},
        OFF,
        ".mcp.json",
        lambda data: "web" not in data["mcpServers"] and "files" in data["mcpServers"],
    ),
    "claude-code, a tool of a project server": (
        {".mcp.json": BOTH},
        DENY,
        ".claude/settings.json",
        lambda data: data == {"permissions": {"deny": ["mcp__files__write_file"]}},
    ),
    "claude-code, a tool of the user's server": (
        {"~/.claude.json": BOTH, "~/.claude/settings.json": {"permissions": {"deny": ["Bash"]}}},
        DENY,
        "~/.claude/settings.json",
        lambda data: data == {"permissions": {"deny": ["Bash", "mcp__files__write_file"]}},
    ),
    "claude-code, the user's server": (
        {"~/.claude.json": {"userID": "x", **BOTH}},
        OFF,
        "~/.claude.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "claude-desktop": (
        {"~/.config/Claude/claude_desktop_config.json": BOTH},
        OFF,
        "~/.config/Claude/claude_desktop_config.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "cursor": (
        {".cursor/mcp.json": BOTH},
        OFF,
        ".cursor/mcp.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "cursor, an allow list": (
        {".cursor/mcp.json": servers(files=FILES | {"enabledTools": ["read_file", "write_file"]})},
        DENY,
        ".cursor/mcp.json",
        lambda data: data["mcpServers"]["files"]["enabledTools"] == ["read_file"],
    ),
    "cody": (
        {".vscode/settings.json": {"cody.mcpServers": BOTH["mcpServers"]}},
        OFF,
        ".vscode/settings.json",
        lambda data: list(data["cody.mcpServers"]) == ["files"],
    ),
    "vscode": (
        {".vscode/mcp.json": {"servers": BOTH["mcpServers"], "inputs": []}},
        OFF,
        ".vscode/mcp.json",
        lambda data: list(data["servers"]) == ["files"],
    ),
    "codex": (
        {".codex/config.toml": CODEX},
        OFF,
        ".codex/config.toml",
        lambda data: list(data["mcp_servers"]) == ["files"],
    ),
    "codex, a tool": (
        {".codex/config.toml": CODEX},
        DENY,
        ".codex/config.toml",
        lambda data: "write_file" not in data["mcp_servers"]["files"].get("enabled_tools", ["write_file"]),
    ),
    "codex, merged levels": (
        {"~/.codex/config.toml": CODEX, ".codex/config.toml": "[mcp_servers.web]\nenabled = true\n"},
        OFF,
        "~/.codex/config.toml",
        lambda data: list(data["mcp_servers"]) == ["files"],
    ),
    "gemini-cli": (
        {".gemini/settings.json": BOTH},
        OFF,
        ".gemini/settings.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "gemini-cli, a tool": (
        {".gemini/settings.json": servers(files=FILES | {"excludeTools": ["edit_file"]})},
        DENY,
        ".gemini/settings.json",
        lambda data: "write_file" not in data["mcpServers"]["files"].get("includeTools", ["write_file"]),
    ),
    "gemini-cli, an extension's server": (
        {
            "~/.gemini/settings.json": {},
            "~/.gemini/extensions/one/gemini-extension.json": {
                "name": "one",
                "version": "1.0.0",
                **servers(web=WEB),
            },
        },
        OFF,
        "~/.gemini/settings.json",
        lambda data: data == {"mcp": {"excluded": ["web"]}},
    ),
    "copilot-cli": (
        {"~/.copilot/mcp-config.json": BOTH},
        OFF,
        "~/.copilot/mcp-config.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "copilot-cli, a tool": (
        {"~/.copilot/mcp-config.json": servers(files=FILES | {"tools": ["*"]})},
        DENY,
        "~/.copilot/mcp-config.json",
        lambda data: {"read_file"} <= {*data["mcpServers"]["files"]["tools"]} - {"write_file"},
    ),
    "qwen-code": (
        {".qwen/settings.json": BOTH},
        OFF,
        ".qwen/settings.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "opencode": (
        {"opencode.jsonc": {"mcp": LOCAL}},
        OFF,
        "opencode.jsonc",
        lambda data: list(data["mcp"]) == ["files"],
    ),
    "opencode, a tool": (
        {"opencode.json": {"mcp": LOCAL, "permission": "allow"}},
        DENY,
        "opencode.json",
        lambda data: list(data["permission"].items()) == [("*", "allow"), ("files_write_file", "deny")],
    ),
    "opencode, a tool that a rule allows": (
        {"opencode.json": {"mcp": LOCAL, "permission": {"files_write_file": "allow", "files_*": "ask"}}},
        DENY,
        "opencode.json",
        lambda data: list(data["permission"].items()) == [("files_*", "ask"), ("files_write_file", "deny")],
    ),
    "kilo-code": (
        {"kilo.json": {"mcp": LOCAL}},
        OFF,
        "kilo.json",
        lambda data: list(data["mcp"]) == ["files"],
    ),
    "kilo-code, a tool": (
        {"kilo.json": {"mcp": LOCAL}},
        DENY,
        "kilo.json",
        lambda data: data["permission"] == {"files_write_file": "deny"},
    ),
    "kilo-code, a tool of a server in an older file": (
        {".kilocode/mcp.json": servers(files=FILES)},
        DENY,
        "kilo.json",
        lambda data: data == {"permission": {"files_write_file": "deny"}},
    ),
    "auggie": (
        {".augment/settings.json": BOTH},
        OFF,
        ".augment/settings.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "auggie, a tool": (
        {".augment/settings.json": BOTH},
        DENY,
        ".augment/settings.json",
        lambda data: data["removedTools"] == ["write_file_files"],
    ),
    "windsurf": (
        {"~/.codeium/windsurf/mcp_config.json": BOTH},
        DENY,
        "~/.codeium/windsurf/mcp_config.json",
        lambda data: data["mcpServers"]["files"]["disabledTools"] == ["write_file"],
    ),
    "cline": (
        {"~/.cline/data/settings/cline_mcp_settings.json": BOTH},
        OFF,
        "~/.cline/data/settings/cline_mcp_settings.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
    "roo-code": (
        {".roo/mcp.json": BOTH},
        DENY,
        ".roo/mcp.json",
        lambda data: data["mcpServers"]["files"]["disabledTools"] == ["write_file"],
    ),
    "kiro": (
        {".kiro/settings/mcp.json": BOTH},
        DENY,
        ".kiro/settings/mcp.json",
        lambda data: data["mcpServers"]["files"]["disabledTools"] == ["write_file"],
    ),
    "amazon-q": (
        {"~/.aws/amazonq/mcp.json": BOTH},
        OFF,
        "~/.aws/amazonq/mcp.json",
        lambda data: list(data["mcpServers"]) == ["files"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_the_client_says_afterwards(case: str, tmp_path: Path) -> None:
    files, what, file, holds = CASES[case]
    done = wished(tmp_path, files, what)
    assert done.patches.left == ()
    assert holds(content(done, file)), content(done, file)
    request = request_of(tmp_path, {}, instead=done.patches.contents)
    running = {(row.server, row.tool) for row in gather(request, Configuration()).rows if row.runs}
    if what is OFF:
        assert "pypi:mcp-server-fetch" not in {server for server, _ in running}
    else:
        names = {tool for server, tool in running if server.startswith("npm:")}
        assert "read_file" in names
        assert "write_file" not in names


def test_every_client_is_here() -> None:
    from mcpaudit.clients.registry import CLIENTS

    assert {client.id for client in CLIENTS} == {case.partition(",")[0] for case in CASES}


SECRET = "ghp_" + "abcdefghij" * 3 + "012345"
WITH_SECRET = WEB | {"env": {"GITHUB_TOKEN": SECRET}}


@pytest.mark.parametrize(
    ("files", "what", "said"),
    [
        (
            {"~/.config/Claude/claude_desktop_config.json": BOTH},
            DENY,
            "deny `write_file` of `files` in Claude Desktop: no file of it is known to deny a tool",
        ),
        (
            {"/etc/claude-code/managed-mcp.json": BOTH},
            OFF,
            "remove `web` from Claude Code: it comes from settings that the organisation manages",
        ),
        (
            {"~/.config/Claude/claude_desktop_config.json": servers(web=WITH_SECRET)},
            OFF,
            "remove `web` from Claude Desktop: a patch would have to repeat the secret in line 9 of",
        ),
    ],
)
def test_what_no_patch_does_is_said(
    files: dict[str, Any], what: Supposition, said: str, tmp_path: Path
) -> None:
    done = wished(tmp_path, files, what)
    assert done.patches.files == ()
    assert done.patches.done == Supposition()
    assert [text[: len(said)] for text in done.patches.left] == [said]


def test_a_server_with_a_secret_is_switched_off_where_that_shows_none(tmp_path: Path) -> None:
    text = CODEX + f'env = {{ GITHUB_TOKEN = "{SECRET}" }}\ncwd = "/srv"\n'
    done = wished(tmp_path, {".codex/config.toml": text}, OFF)
    (one,) = done.patches.files
    assert "+enabled = false" in one.diff
    assert SECRET not in repr(done)
    assert SECRET.encode() in done.patches.contents[one.file]


def test_a_file_of_several_clients_changes_only_where_all_of_them_agree(tmp_path: Path) -> None:
    files = {".mcp.json": BOTH, "~/.copilot/config.json": {}, "~/.copilot/settings.json": {}}
    (tmp_path / "both").mkdir()
    (tmp_path / "one").mkdir()
    both = wished(tmp_path / "both", files, OFF)
    assert list(content(both, ".mcp.json")["mcpServers"]) == ["files"]
    one = wished(tmp_path / "one", files, Supposition(remove=("claude-code/web",)))
    assert content(one, ".claude/settings.json") == {"disabledMcpjsonServers": ["web"]}
    assert ".mcp.json" not in one.patches.contents
    other = wished(tmp_path / "one", files, Supposition(remove=("copilot-cli/web",)))
    assert content(other, "~/.copilot/settings.json") == {"disabledMcpServers": ["web"]}


def test_a_file_of_several_clients_that_do_not_agree_is_left(tmp_path: Path) -> None:
    files = {
        ".vscode/mcp.json": {"servers": {}},
        ".vscode/settings.json": {"chat.mcp.discovery.enabled": {"cursor-workspace": True}},
        ".cursor/mcp.json": BOTH,
    }
    done = wished(tmp_path, files, Supposition(remove=("cursor/web",)))
    assert done.patches.left == (
        "remove `web` from Cursor: VS Code reads it from .cursor/mcp.json too, and keeps it",
    )


def test_rules_of_one_file_are_for_all_who_read_it(tmp_path: Path) -> None:
    files = {"opencode.json": {"mcp": LOCAL}, "kilo.json": {}}
    (tmp_path / "both").mkdir()
    (tmp_path / "one").mkdir()
    done = wished(tmp_path / "both", files, DENY)
    assert content(done, "opencode.json")["permission"] == {"files_write_file": "deny"}
    done = wished(tmp_path / "one", files, Supposition(deny=("opencode/files/write_file",)))
    assert done.patches.left == (
        "deny `write_file` of `files` in opencode: Kilo Code reads it from opencode.json too, and keeps it",
    )


def test_what_an_entry_hides_is_not_taken_from_an_extension(tmp_path: Path) -> None:
    extension = {"name": "one", "version": "1.0.0", **servers(web=WEB)}
    files = {
        "~/.gemini/settings.json": BOTH,
        "~/.gemini/extensions/one/gemini-extension.json": extension,
    }
    done = wished(tmp_path, files, OFF)
    assert list(done.patches.contents) == ["~/.gemini/settings.json"]
    assert content(done, "~/.gemini/settings.json")["mcp"] == {"excluded": ["web"]}


def test_a_word_that_two_agents_want_gone_goes_once(tmp_path: Path) -> None:
    entry = npx(FILES["args"][1], "/srv", "/etc", "/opt")
    files = {".mcp.json": servers(files=entry), "~/.copilot/config.json": {}}
    place = Place(".mcp.json", ("mcpServers", "files", "args", 3))
    words = (Reword("claude-code/files", place, "", ""), Reword("copilot-cli/files", place, "", ""))
    done = wished(tmp_path, files, Supposition(reword=words))
    args = content(done, ".mcp.json")["mcpServers"]["files"]["args"]
    assert args[2:] == ["/srv", "/opt"]
    (tmp_path / "one").mkdir()
    done = wished(tmp_path / "one", files, Supposition(reword=words[:1]))
    assert done.patches.left == (
        "narrow `files` in Claude Code: Copilot CLI reads it from .mcp.json too, and keeps it",
    )


def test_a_file_that_its_client_throws_away_gets_no_rule(tmp_path: Path) -> None:
    files = {".mcp.json": BOTH, ".claude/settings.json": "{\n  // ours\n}\n"}
    done = wished(tmp_path, files, DENY)
    assert done.patches.files == ()
    (left,) = done.patches.left
    assert left.endswith(".claude/settings.json: Claude Code ignores this whole file because of a comment")


def test_comments_and_line_ends_stay(tmp_path: Path) -> None:
    text = """{\r
  // what the team uses\r
  "servers": {\r
    "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem"]}, // all\r
    // the web, for research\r
    "web": {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]},\r
  },\r
}"""
    done = wished(tmp_path, {".vscode/mcp.json": text.encode()}, OFF)
    lines = [line for line in text.split("\n") if "web" not in line]
    assert done.patches.contents[".vscode/mcp.json"].decode() == "\n".join(lines)


def test_a_narrower_root(tmp_path: Path) -> None:
    files = {".cursor/mcp.json": servers(files=npx(FILES["args"][1], "${workspaceFolder}"))}
    place = Place(".cursor/mcp.json", ("mcpServers", "files", "args", 2))
    what = Supposition(
        reword=(Reword("cursor/files", place, "${workspaceFolder}/in", str(tmp_path / "project" / "in")),)
    )
    done = wished(tmp_path, files, what)
    args = content(done, ".cursor/mcp.json")["mcpServers"]["files"]["args"]
    assert args[2] == "${workspaceFolder}/in"
    assert {change.resource for change in done.changes.changes} == {"local:host/file/."}


def test_a_rule_goes(tmp_path: Path) -> None:
    rules = {"permissions": {"allow": ["mcp__files__read_file", "mcp__files__write_file"]}}
    files = {".mcp.json": BOTH, ".claude/settings.json": rules}
    place = Place(".claude/settings.json", ("permissions", "allow", 1))
    done = wished(tmp_path, files, Supposition(drop=(place,)))
    assert content(done, ".claude/settings.json")["permissions"]["allow"] == ["mcp__files__read_file"]
    assert {change.kind for change in done.changes.changes} == {"stricter"}


def test_the_same_wish_twice_is_one_change(tmp_path: Path) -> None:
    files = {
        ".mcp.json": BOTH,
        ".claude/settings.json": {"permissions": {"deny": ["mcp__files__write_file"]}},
    }
    done = wished(tmp_path, files, DENY)
    assert done.patches.files == ()
    assert done.patches.left == ()


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_names_end_no_line_of_a_patch(hostile: str, tmp_path: Path) -> None:
    tools = saved({"name": f"delete_{hostile}", "description": "Deletes a row"}, "query_database")
    entry = uvx("acme-pg", DATABASE_URI="postgresql://db.example/app")
    files = {".mcp.json": servers(**{f"pg{hostile}": entry, "web": WEB}), "opencode.json": {"mcp": {}}}
    for what in (
        Supposition(deny=(f"delete_{hostile}",)),
        Supposition(remove=(f"pg{hostile}",)),
    ):
        folder = tmp_path / str(len(what.deny))
        folder.mkdir()
        done = wished(folder, files, what, manifests={"claude-code/pg": tools})
        head = as_patch(done.patches.files, "project").partition("\n--- ")[0]
        assert all(line.startswith("#") or not line for line in head.split("\n"))


CANARY = "sk-live-" + "c4n4ry0123456789" * 2
KEPT_SECRETS: dict[str, Any] = {
    "env": {"files": FILES | {"env": {"API_KEY": CANARY}}, "web": WEB},
    "after": {"web": WEB, "zz": FILES | {"env": {"API_KEY": CANARY}}},
    "header": {
        "a": {"type": "http", "url": "https://a.example/mcp", "headers": {"X-Api-Key": CANARY}},
        "web": WEB,
    },
    "flag": {"a": npx("acme", "--api-key", CANARY), "web": WEB},
    "equals": {"a": npx("acme", f"--api-key={CANARY}"), "web": WEB},
    "url": {"a": {"type": "http", "url": f"https://a.example/mcp?api_key={CANARY}"}, "web": WEB},
    "its own": {"files": FILES, "web": WEB | {"env": {"API_KEY": CANARY}}},
}


@pytest.mark.parametrize("place", KEPT_SECRETS)
@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("file", [".mcp.json", ".cursor/mcp.json", ".gemini/settings.json"])
def test_no_line_with_a_secret_is_in_a_patch(
    file: str, indent: int | None, place: str, tmp_path: Path
) -> None:
    text = json.dumps({"mcpServers": KEPT_SECRETS[place], "apiKey": CANARY}, indent=indent)
    done = wished(tmp_path, {file: text, "~/.x": ""}, OFF)
    shown = "".join(one.diff for one in done.patches.files) + repr(done)
    assert CANARY not in shown
    assert bool(done.patches.files) or done.patches.left


def test_secrets_in_comments_are_in_no_patch(tmp_path: Path) -> None:
    text = f"""{{
  "servers": {{
    // "old": {{"env": {{"API_KEY": "{CANARY}"}}}},

    "web": {{"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}},
    "files": {{"command": "npx", "args": ["acme"]}}
    // API_KEY={CANARY}
  }}
}}
"""
    done = wished(tmp_path, {".vscode/mcp.json": text}, OFF)
    (one,) = done.patches.files
    assert '-    "web"' in one.diff
    assert CANARY not in one.diff
