"""A folder that every command can be run in: a project with a home, a history, keys, logs and a server."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.review.packets import ANN, BOB, Held, signers

ROOT = Path(__file__).resolve().parents[2]
_WHEN = "2026-11-20T08:00:00+00:00"
_SERVER = """
from mcp.server.fastmcp import FastMCP
server = FastMCP("parcels")
@server.tool()
def delete_parcel(path: str) -> str:
    import os
    os.remove(path)
"""


def stage(folder: Path) -> Path:
    """Lay out everything; the same bytes wherever it is."""
    project = folder / "project"
    shutil.copytree(ROOT / "examples/logistics", project)
    _more_servers(project)
    _saved_tools(project / "saved")
    (folder / "keys").mkdir()
    for name in (ANN, BOB):
        (folder / "keys" / name).write_bytes(Held(name).file)
    (folder / "server").mkdir()
    (folder / "server/server.py").write_text(_SERVER)
    (folder / "logs").mkdir()
    line = {"timestamp": "2026-11-20T08:00:00Z", "type": "session_meta", "payload": {}}
    (folder / "logs/rollout-1.jsonl").write_text(json.dumps(line))
    (folder / "fresh").mkdir()
    shutil.copy(ROOT / "examples/logistics/.mcp.json", folder / "fresh/.mcp.json")
    (folder / "fresh/.mcpaudit").mkdir()
    (folder / "fresh/.mcpaudit/signers").write_text(signers(), encoding="utf-8")
    _trap(folder / "trap")
    for name in ("out", "tmp"):
        (folder / name).mkdir()
    _history(project)
    return folder


def _more_servers(project: Path) -> None:
    """Servers that meet on resources, names beyond ASCII, and a gap."""
    config = json.loads((project / ".mcp.json").read_text(encoding="utf-8"))
    for number in range(6):
        mount = ["run", "-i", "-v", f"./shipments/{number % 3}:/data", f"acme/files-{number}:1"]
        config["mcpServers"][f"box-{number}"] = {"command": "docker", "args": mount}
        env = {"GITHUB_TOKEN": f"ghp_{str(number % 4) * 36}"}
        config["mcpServers"][f"hub-{number}"] = {"command": "npx", "args": [f"acme-{number}"], "env": env}
    # A Turkish locale folds I to something else, a German one sorts umlauts elsewhere.
    for name in ("İSTANBUL-ıi", "zoll-Äpfel", "TITLE-I"):
        config["mcpServers"][name] = {"command": "uvx", "args": ["mcp-server-time"]}
    (project / ".mcp.json").write_text(json.dumps(config, indent=1, ensure_ascii=False), encoding="utf-8")
    (project / "home/.codeium/windsurf").mkdir(parents=True)
    (project / "home/.codeium/windsurf/mcp_config.json").write_text('{"mcpServers": {')


def _saved_tools(folder: Path) -> None:
    (folder / "claude-code").mkdir(parents=True)
    tools = [{"name": f"{verb}_{what}"} for verb in ("read", "write", "delete") for what in ("file", "issue")]
    for number in range(6):
        (folder / f"box-{number}.json").write_text(json.dumps({"tools": tools[number % 2 :]}))
        (folder / "claude-code" / f"hub-{number}.json").write_text(json.dumps({"tools": tools}))


def _trap(home: Path) -> None:
    """The home of whoever runs the command; not one of these files may be opened where `--home` is given."""
    trap = json.dumps({"mcpServers": {"trapped": {"command": "uvx", "args": ["mcp-server-git"]}}})
    for name in (
        ".claude.json",
        ".claude/settings.json",
        ".cursor/mcp.json",
        ".config/Claude/claude_desktop_config.json",
        ".codex/config.toml",
        ".gemini/settings.json",
        ".aws/credentials",
        ".npmrc",
        ".config/pip/pip.conf",
        ".netrc",
        ".gitconfig",
    ):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(trap)


def _history(project: Path) -> None:
    """Two commits, with the same names wherever they are made."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in _WHO.items()}
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    config = project / ".mcp.json"
    whole = config.read_bytes()
    less = json.loads(whole)
    del less["mcpServers"]["box-0"]
    for content, words in ((json.dumps(less).encode(), ["init", "-q", "-b", "main"]), (whole, [])):
        config.write_bytes(content)
        for line in (words, ["add", "-A"], ["commit", "-q", "-m", "m"]):
            if line:
                subprocess.run(["git", *line], cwd=project, env=environment, check=True)


_WHO = {"NAME": "a", "EMAIL": "a@example.com", "DATE": _WHEN}
