"""Asks real clients to list the servers of every tree, and keeps their answers.

    python -m tests.oracle.record BIN_DIR [CLIENT...]

BIN_DIR holds the clients' commands: after `npm install @anthropic-ai/claude-code @openai/codex
@google/gemini-cli @qwen-code/qwen-code opencode-ai @github/copilot @kilocode/cli @augmentcode/auggie` it is
`node_modules/.bin`. Each runs in a scratch home, without network where `unshare` allows that. No test runs
this.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.oracle.trees import RECORDINGS, lay_out, trees

ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
COMMANDS = {
    "auggie": ["auggie", "mcp", "list", "--json"],
    "claude-code": ["claude", "mcp", "list"],
    "codex": ["codex", "mcp", "list", "--json"],
    "copilot-cli": ["copilot", "mcp", "list", "--json"],
    "gemini-cli": ["gemini", "mcp", "list"],
    "kilo-code": ["kilo", "mcp", "list"],
    "opencode": ["opencode", "mcp", "list"],
    "qwen-code": ["qwen", "mcp", "list"],
}


def ask(binaries: Path, words: list[str], project: Path, home: Path, env: dict[str, str]) -> tuple[int, str]:
    """Run one client command; its exit code and what it printed."""
    isolated = ["unshare", "-n"] if shutil.which("unshare") else []
    environment = {
        "PATH": f"{binaries}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "NO_COLOR": "1",
        **env,
    }
    done = subprocess.run(
        [*isolated, str(binaries / words[0]), *words[1:]],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, ANSI.sub("", done.stdout + ("" if "--json" in words else done.stderr))


def claude(text: str) -> dict[str, list[str]]:
    """`name: command args - status`."""
    found = {}
    for name, target, status in re.findall(r"^(.+?): (.*) - ([✘✓⏸!✔].*)$", text, re.MULTILINE):
        state = "pending" if status.startswith("⏸") else "on"
        found[name] = [re.sub(r" \((HTTP|SSE)\)$", "", target).strip(), state]
    return found


def auggie(text: str) -> dict[str, list[str]]:
    """A JSON list; a command comes as one line with its arguments."""
    found = {}
    for row in json.loads(text)["servers"]:
        target = row["command"] if "command" in row else row["url"]
        found[row["name"]] = [target, "on" if row["enabled"] else "off"]
    return found


def copilot(text: str) -> dict[str, list[str]]:
    """A JSON map as in the files, with what each server's state is."""
    found = {}
    for name, row in json.loads(text)["mcpServers"].items():
        target = row["url"] if "url" in row else " ".join([row["command"], *row["args"]])
        found[name] = [target, "on" if row["enabled"] else "off"]
    return found


def codex(text: str) -> dict[str, list[str]]:
    """A JSON list."""
    found = {}
    for row in json.loads(text):
        how = row["transport"]
        target = how["url"] if "url" in how else " ".join([how["command"], *how["args"]])
        found[row["name"]] = [target, "on" if row["enabled"] else "off"]
    return found


def gemini(text: str) -> dict[str, list[str]]:
    """`○ name: command args (stdio) - Disabled`."""
    found = {}
    for name, target, status in re.findall(r"^[○✓✗] (.+?): (.*) \(\w+\) - (\w+)", text, re.MULTILINE):
        found[name] = [target.strip(), "off" if status in ("Disabled", "Blocked") else "on"]
    return found


def opencode(text: str) -> dict[str, list[str]]:
    """A line with name and status, then what it says of it, then the command or URL."""
    found = {}
    for block in re.split(r"^●", text, flags=re.MULTILINE)[1:]:
        lines = [line.strip("│ ").strip() for line in block.splitlines()]
        name, status = lines[0].removeprefix("✗").removeprefix("✓").removeprefix("○").strip().rsplit(" ", 1)
        said = [line for line in lines[1:] if line and not line.startswith("└")]
        found[name.strip()] = [said[-1], "off" if status == "disabled" else "on"]
    return found


READERS: dict[str, Any] = {
    "auggie": auggie,
    "claude-code": claude,
    "codex": codex,
    "copilot-cli": copilot,
    "gemini-cli": gemini,
    "kilo-code": opencode,
    "opencode": opencode,
    "qwen-code": gemini,
}


def main(arguments: list[str]) -> None:
    """Record every tree of the named clients, or of all."""
    binaries = Path(arguments[0]).resolve()
    for client in arguments[1:] or COMMANDS:
        words = COMMANDS[client]
        answers: dict[str, Any] = {}
        with tempfile.TemporaryDirectory() as scratch:
            _, version = ask(binaries, [words[0], "--version"], Path(scratch), Path(scratch), {})
        for tree in trees(client):
            with tempfile.TemporaryDirectory(prefix="oracle-") as scratch:
                root = Path(scratch).resolve()
                project, home, env = lay_out(tree, root)
                code, text = ask(binaries, words, project, home, env)
                servers = READERS[client](text) if code == 0 else {}
                answers[tree["name"]] = {"stopped": code != 0, "servers": servers}
                print(f"{client:12} {tree['name']:60} {'stopped' if code else servers}")
        named = [line for line in version.splitlines() if re.search(r"\d\.\d", line)]
        kept = {"client": client, "version": named[-1], "answers": answers}
        (RECORDINGS / f"{client}.json").write_text(
            json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
