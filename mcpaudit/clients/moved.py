"""Environment variables by which clients move their files: which templates, and where they lie then.

Sources: tried with each client's own server listing in November 2026 (Claude Code 2.1.330, Codex 0.169.0,
Gemini CLI 0.61.0, Qwen Code 0.24.4, opencode 1.18.33, Copilot CLI 1.0.102). For VS Code microsoft/vscode,
src/vs/platform/environment/node/userDataPath.ts; for Cline cline/cline, August 2026; for Kiro and Windsurf
see knowledge/clients. That Claude Desktop heeds `XDG_CONFIG_HOME`, too, is likely
(it is built the same way) and not verified.
"""

from collections.abc import Mapping

from mcpaudit.model.site import Platform

_FOLDERS = (
    ("CLAUDE_CONFIG_DIR", "{home}/.claude.json", "/.claude.json"),
    ("CLAUDE_CONFIG_DIR", "{home}/.claude/", "/"),
    ("CODEX_HOME", "{home}/.codex/", "/"),
    ("COPILOT_HOME", "{home}/.copilot/", "/"),
    ("GEMINI_CLI_HOME", "{home}/.gemini/", "/.gemini/"),
    ("QWEN_HOME", "{home}/.qwen/", "/"),
    ("XDG_CONFIG_HOME", "{home}/.config/opencode/", "/opencode/"),
    ("XDG_CONFIG_HOME", "{home}/.config/devin/", "/devin/"),
    ("CLINE_DATA_DIR", "{home}/.cline/data/", "/"),
    ("CLINE_DIR", "{home}/.cline/", "/"),
    ("KIRO_HOME", "{home}/.kiro/", "/"),
    ("VSCODE_PORTABLE", "{userdata}/Code/", "/user-data/"),
)
_FILES = (
    ("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "gemini-cli/settings.json", "GeminiCli/settings.json"),
    ("GEMINI_CLI_SYSTEM_DEFAULTS_PATH", "gemini-cli/system-defaults.json", "GeminiCli/system-defaults.json"),
    ("QWEN_CODE_SYSTEM_SETTINGS_PATH", "qwen-code/settings.json", "QwenCode/settings.json"),
)
_ANYWHERE = (("CLINE_MCP_SETTINGS_PATH", "{home}/.cline/data/settings/cline_mcp_settings.json"),)
VARIABLES = frozenset((*(name for name, _, _ in (*_FOLDERS, *_FILES)), *(name for name, _ in _ANYWHERE)))
"""All of them."""
_SYSTEM = {"linux": "/etc/", "macos": "/Library/Application Support/", "windows": "{programdata}/"}


def moves(env: Mapping[str, str], platform: Platform) -> tuple[tuple[str, str], ...]:
    """Beginnings of templates, and the absolute paths that take their place; the first that fits counts."""
    found = []
    for variable, template in _ANYWHERE:
        if file := _absolute(env.get(variable, "")):
            found.append((template, file))
    for variable, template, inside in _FOLDERS:
        if folder := _absolute(env.get(variable, "")):
            found.append((template, folder + inside))
    for variable, plain, on_macos in _FILES:
        if file := _absolute(env.get(variable, "")):
            found.append((_SYSTEM[platform] + (on_macos if platform == "macos" else plain), file))
    if platform == "linux" and (folder := _absolute(env.get("XDG_CONFIG_HOME", ""))):
        found.append(("{userdata}/", f"{folder}/"))
    return tuple(found)


def _absolute(path: str) -> str:
    """An absolute path without its drive; empty for any other, which clients refuse or take otherwise."""
    path = path.replace("\\", "/")
    if path[1:2] == ":":
        path = path[2:]
    return path.rstrip("/") if path.startswith("/") else ""
