"""Random trees and bytes in every file of every client: nothing stops an audit."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.audit import audit
from tests.installation import npx, request_of, servers

GOOD = {"~/.cursor/mcp.json": servers(kept=npx("server-kept"))}

KEYS = st.sampled_from(
    [
        *("mcpServers", "servers", "mcp", "mcp_servers", "command", "args", "env", "url", "headers", "type"),
        *("permissions", "allow", "deny", "ask", "x", "projects", "tools", "enabled", "disabled", "trust"),
        *("amp.mcpServers", "amp.permissions", "context_servers", "extensions", "agent", "rules", "user"),
        *("transport", "autoApprove", "disabledTools", "persistentPermissions", "allowedTools", "cmd"),
        *("httpUrl", "enabledMcpjsonServers", "mcpAllowlist", "cody.mcpServers", "security", "folderTrust"),
    ]
) | st.text(max_size=3)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        [
            "npx",
            "-y",
            "docker",
            "run",
            "-v",
            "/a:/b:ro",
            "https://[",
            "mcp__x",
            "${A",
            "postgres://",
            "@",
            "..",
            "\x7f",
        ]
    )
    | st.text(max_size=5)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
ENTRIES = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("command", "args", "env", "url", "headers", "type", "cwd", "enabled"), TREES),
)
SERVER_FILES = st.dictionaries(
    st.sampled_from(
        ["mcpServers", "servers", "mcp_servers", "cody.mcpServers", "mcp", "extensions", "context_servers"]
    ),
    TREES | st.dictionaries(st.text(max_size=3), TREES | ENTRIES, max_size=3),
    max_size=3,
)
NAMES = (
    *(
        ".mcp.json",
        "~/.claude.json",
        "~/.claude/settings.json",
        ".cursor/mcp.json",
        ".cursor/permissions.json",
    ),
    *(".cursor/cli.json", ".vscode/mcp.json", ".vscode/settings.json", ".gemini/settings.json"),
    *("~/.gemini/trustedFolders.json", "~/.config/Claude/claude_desktop_config.json"),
    *("~/.copilot/mcp-config.json", ".github/mcp.json", "~/.qwen/settings.json", "~/.qwen/mcpApprovals.json"),
    *("opencode.json", "~/.config/opencode/opencode.json", "~/.config/kilo/kilo.json", ".kilocode/mcp.json"),
    *("~/.augment/settings.json", ".augment/settings.json", "~/.claude/plugins/p/.mcp.json"),
    *("~/.cline/data/settings/cline_mcp_settings.json", ".roo/mcp.json", ".kiro/settings/mcp.json"),
    *("~/.kiro/settings/permissions.yaml", ".kiro/agents/a.json", ".amazonq/cli-agents/a.json", "crushrc"),
    *("~/.config/zed/settings.json", "~/.continue/config.yaml", "~/.continue/permissions.yaml", "crush.json"),
    *("~/.config/goose/config.yaml", "~/.config/goose/permission.yaml", "~/.config/amp/settings.json"),
    *("~/.factory/mcp.json", "~/.junie/allowlist.json", ".tabnine/agent/settings.json", ".devin/config.json"),
    *(".agents/mcp_config.json", ".github/agents/a.md", "~/.codeium/windsurf/mcp_config.json"),
    *(".devcontainer/devcontainer.json", "x.code-workspace", "~/.gemini/mcp-server-enablement.json"),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(st.sampled_from(NAMES), TREES | SERVER_FILES, min_size=1, max_size=4),
    TREES | SERVER_FILES,
)
def test_any_tree_in_any_file_is_audited(tmp_path_factory: Any, trees: dict[str, Any], codex: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    files = {name: json.dumps(tree) for name, tree in trees.items()}
    files[".codex/config.toml"] = _toml(codex)
    report = audit(request_of(folder, {**files, **{k: v for k, v in GOOD.items() if k not in files}}))
    assert any(one.name == "kept" for one in report.installations)
    assert len({one.id for one in report.installations}) == len(report.installations)


def _toml(tree: Any) -> str:
    """A tree as TOML, as inline values; what TOML has no words for becomes a text."""
    return "".join(
        f"{json.dumps(key)} = {_inline(value)}\n"
        for key, value in (tree if isinstance(tree, dict) else {"x": tree}).items()
    )


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value if value is not None else "null").replace("\\ud", "\\uFFFD\\")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([*NAMES, ".codex/config.toml", "~/.gemini/policies/x.toml"]),
    st.binary(max_size=40) | st.text(max_size=40),
)
def test_any_bytes_in_any_file_are_audited(tmp_path_factory: Any, name: str, content: bytes | str) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    report = audit(request_of(folder, {**GOOD, name: raw}))
    assert any(one.name == "kept" for one in report.installations)
