"""Repositories with a history, for tests of what a change lets agents do."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.installation import servers

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git makes what these tests read")
WHO = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_DEFAULT_REF_FORMAT": "files",
}

FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
FETCH = {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}
SHELL = {"command": "npx", "args": ["-y", "@wonderwhy-er/desktop-commander@0.2.50"]}
STRICT = {"permissions": {"deny": ["Bash", "WebFetch", "WebSearch", "Edit", "Write", "Read"]}}

Files = dict[str, Any]


def files(*roots: str) -> dict[str, Any]:
    return {"command": "npx", "args": ["-y", FILES, *roots]}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **WHO}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def put(folder: Path, content: Files) -> None:
    """Write files; one that is `None` goes away."""
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text if isinstance(text, str) else json.dumps(text, indent=2), encoding="utf-8")


def begun(folder: Path, *words: str) -> Path:
    """An empty repository."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main", *words)
    return folder


def commit(folder: Path, content: Files, message: str = "m") -> str:
    put(folder, content)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


Diff = Callable[..., Any]


def told(seen: Any, kind: str = "gained") -> set[tuple[str, str]]:
    return {(one["name"], one["resource"]) for one in seen["access"] if one["kind"] == kind}


BASE: Files = {
    ".mcp.json": servers(files=files("./data")),
    ".claude/settings.json": STRICT,
}


def own_server(*tools: str) -> str:
    lines = "\n".join(f'@mcp.tool()\ndef {name}(id: str) -> str:\n    """{name}"""\n' for name in tools)
    return f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('crm')\n{lines}\nmcp.run()\n"


CRM = {".mcp.json": servers(crm={"command": "python", "args": ["./crm.py"]})}

BAD: Files = {
    ".mcp.json": servers(shell=SHELL, token={**FETCH, "env": {"API_KEY": "ghp_" + "a1B2" * 9}}),
    ".claude/settings.json": {"permissions": {"allow": ["mcp__shell", "Bash"]}},
}

POLICY = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: no-web, title: No web server here, severity: high}
spec:
  for: access
  where: access.resource.provider == "web" && access.server.startsWith("pypi:")
  message: "{access.tool} reaches the web"
  why: It must not.
  fix: Remove it.
"""


def roots(**named: tuple[str, ...]) -> Files:
    return {".mcp.json": servers(**{name: files(*paths) for name, paths in named.items()})}
