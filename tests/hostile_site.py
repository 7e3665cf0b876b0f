"""An installation in which every text that somebody else can fill is hostile.

What a server says of itself (its tools, their parameters, titles, notes), what a pull request can bring
(names, commands, variables, addresses, folders, rules, policies, waivers, owners, names of files), and what
clients keep beside it (logs).
"""

import json
from pathlib import Path
from typing import Any

from tests.hostile import HOSTILE
from tests.installation import npx, servers, site_of, uvx

TEXTS = tuple(text for name, text in HOSTILE.items() if name != "very-long")
LONG = HOSTILE["very-long"]
_KINDS = 9
HUB = npx("acme-hub@1.0.0")
"""The server of which a list of tools is saved."""
NAMED = tuple(
    text for name, text in HOSTILE.items() if name not in ("very-long", "null", "surrogate", "empty", "blank")
)
"""Those of which a file on disk can be named, once slashes are gone."""


def _entry(number: int, text: str) -> dict[str, Any]:
    """One way in which a text gets into an entry; each text takes another."""
    ways: tuple[dict[str, Any], ...] = (
        npx("@modelcontextprotocol/server-filesystem@2026.8.31", f"/srv/{text}", text),
        npx(f"acme-{text}", f"--root={text}", **{text: "x", f"{text}_TOKEN": text}),
        uvx(f"acme-{number}@{text}", text),
        {"type": "http", "url": f"https://mcp.example/{text}?{text}#{text}", "headers": {text: text}},
        {"command": text, "args": [text, text], "cwd": text, "description": text, "title": text},
        {"command": "docker", "args": ["run", "-i", "-v", f"/srv/{text}:/data", "-e", text, f"acme/{text}"]},
        {"type": text, "url": text, "disabled": text, text: text},
        npx("@modelcontextprotocol/server-github@1.0.0", GITHUB_PERSONAL_ACCESS_TOKEN=f"${{{text}}}"),
        {"command": "node", "args": [f"servers/{text}.js"], "env": {"DATABASE_URL": f"postgres://db/{text}"}},
    )
    return ways[number % _KINDS]


def entries(turn: int = 0, start: int = 0, step: int = 1) -> dict[str, Any]:
    """Each text, or each so many, as the name of a server, with itself in what the entry says."""
    return {text: _entry(number + turn, text) for number, text in enumerate(TEXTS) if number % step == start}


def tool(text: str) -> dict[str, Any]:
    """A tool that says the same text wherever a server may say one."""
    properties = {
        text: {"type": "string", "description": text, "enum": [text], "default": text, "title": text}
    }
    return {
        "name": text,
        "title": text,
        "description": f"{text} writes files and sends {text}",
        "inputSchema": {"type": "object", "title": text, "properties": properties, "required": [text]},
        "outputSchema": {"type": "object", "properties": properties},
        "annotations": {"title": text, "readOnlyHint": True},
        "_meta": {text: text},
    }


def offer() -> dict[str, Any]:
    """A saved answer to `tools/list`, and what a server says of itself beside it."""
    return {
        "tools": [*map(tool, TEXTS), tool(LONG)],
        "serverInfo": {"name": HOSTILE["ansi"], "version": HOSTILE["osc-title"], "title": HOSTILE["script"]},
        "instructions": " ".join(TEXTS),
        "resources": [{"uri": text, "name": text, "description": text} for text in TEXTS],
        "prompts": [{"name": text, "description": text} for text in TEXTS],
    }


def rules() -> dict[str, Any]:
    """Rules that name what is hostile."""
    return {
        "permissions": {
            "allow": [f"mcp__hub__{text}" for text in TEXTS[::9]] + [f"Bash({text})" for text in TEXTS[1::9]],
            "deny": [f"mcp__{text}" for text in TEXTS[2::9]] + [f"Read({text})" for text in TEXTS[3::9]],
            "ask": list(TEXTS[4::9]),
            "additionalDirectories": list(TEXTS),
        },
        "enabledMcpjsonServers": list(TEXTS),
        "env": dict.fromkeys(TEXTS, "x"),
    }


def policy(number: int, text: str) -> str:
    """A policy of the project's own whose words are hostile; YAML takes JSON."""
    words = text if text.strip() else f"x{text}"
    spec = {
        "for": "installation",
        "where": 'installation.name == "hub"',
        "message": f"{_told(text)} of {{installation.name}}",
        "why": words,
        "fix": _told(text),
    }
    metadata = {"id": f"own-{number}", "title": words, "severity": "high"}
    return json.dumps({"apiVersion": "mcpaudit/v1", "kind": "Policy", "metadata": metadata, "spec": spec})


def _told(text: str) -> str:
    """For a text in which braces name fields."""
    return f"x{text}".replace("{", "{{").replace("}", "}}")


def folder_of(text: str) -> str:
    """A name for a file or a folder, as near to the text as a file system lets it be."""
    return text.replace("/", "\u2215")[:60].encode("utf-8", "replace").decode()


def files(turn: int = 0) -> dict[str, Any]:
    """The files of the site, by the names that `site_of` takes."""
    return {
        ".mcp.json": servers(**entries(turn), **{LONG[:5_000]: npx("acme-long", LONG)}, hub=HUB),
        ".claude/settings.json": rules(),
        ".cursor/mcp.json": servers(**entries(turn + 3, 0, 8), hub=HUB),
        ".vscode/mcp.json": {
            "servers": entries(turn + 6, 1, 8),
            "inputs": [{"id": text, "type": "promptString", "description": text} for text in TEXTS],
        },
        "~/.claude.json": {"projects": {text: {} for text in TEXTS}},
        "~/.gemini/settings.json": {
            "mcpServers": entries(turn + 4, 2, 8),
            "mcp": {"allowed": list(TEXTS[::9])},
        },
        "~/.codex/config.toml": _toml(turn),
        "~/.config/opencode/opencode.json": {
            "mcp": {text: {"type": "local", "command": [text]} for text in TEXTS[4::8]},
            "permission": {"bash": dict.fromkeys(TEXTS[::9], "deny")},
        },
    }


def _toml(turn: int) -> str:
    """Codex's servers; TOML takes JSON's strings but for half pairs."""
    lines = []
    for name, entry in entries(turn + 2, 3, 8).items():
        text = _quoted(name)
        if "command" in entry:
            args = ", ".join(map(_quoted, entry.get("args", [])))
            lines.append(f"[mcp_servers.{text}]\ncommand = {_quoted(entry['command'])}\nargs = [{args}]\n")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    kept = text.encode("utf-8", "replace").decode()
    return f'"{"".join(map(_spelled, kept))}"'


def _spelled(one: str) -> str:
    return one if one.isascii() and one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}"


CONFIGURATION: dict[str, Any] = {
    "apiVersion": "mcpaudit/v1",
    "policies": [".mcpaudit/policies"],
    "servers": [
        {"identity": "npm:acme-hub", "owner": HOSTILE["ansi"], "purpose": HOSTILE["script"]},
        {
            "identity": "npm:@modelcontextprotocol/*",
            "owner": HOSTILE["csv-formula"],
            "purpose": HOSTILE["heading"],
        },
    ],
}


def few() -> dict[str, Any]:
    """A site that is audited quickly: one client, each text once as a server or as a tool."""
    return {".mcp.json": servers(**entries(0, 0, 3), hub=HUB), "~/.claude.json": {}}


def built(folder: Path, *, small: bool = False) -> list[str]:
    """Write the site and what lies beside it; gives the words that name it to a command."""
    site_of(folder, few() if small else files())
    project = folder / "project"
    (folder / "lists").mkdir()
    (folder / "lists" / "hub.json").write_text(json.dumps(offer()))
    (project / "mcpaudit.yaml").write_text(json.dumps(CONFIGURATION))
    policies = project / ".mcpaudit" / "policies"
    policies.mkdir(parents=True)
    for number, text in enumerate(TEXTS[::6]):
        (policies / f"own-{number}.yaml").write_text(policy(number, text))
    return ["--home", str(folder / "home"), "--system-root", str(folder / "root"), "--platform", "linux"]
