"""Asks real clients to list the servers of every tree, and keeps their answers.

    python -m tests.oracle.record [--new] BIN_DIR [CLIENT...]

With `--new` only the trees that have no recording yet; the other answers stay. BIN_DIR holds the clients'
commands: after `npm install @anthropic-ai/claude-code @openai/codex @google/gemini-cli @qwen-code/qwen-code
opencode-ai @github/copilot @kilocode/cli @augmentcode/auggie droid` it is `node_modules/.bin`. Each runs in a
scratch home, without network where `unshare` allows that. No test runs this.
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
    "factory-droid": ["droid", "mcp", "list"],
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
        found[name] = [re.sub(r" \((HTTP|SSE|WS)\)$", "", target).strip(), state]
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
        # A server of an extension says so.
        name = re.sub(r" \(from [\w-]+\)$", "", name)
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


def droid(text: str) -> dict[str, list[str]]:
    """`name  type  status  [level]`; of an entry only its type is shown."""
    found = {}
    for name, kind, status in re.findall(r"^  (\S+)  (\S+)  (.*)  \[\w+\]$", text, re.MULTILINE):
        found[name] = [kind, "off" if status == "disabled" else "on"]
    return found


READERS: dict[str, Any] = {
    "auggie": auggie,
    "claude-code": claude,
    "codex": codex,
    "copilot-cli": copilot,
    "factory-droid": droid,
    "gemini-cli": gemini,
    "kilo-code": opencode,
    "opencode": opencode,
    "qwen-code": gemini,
}


def main(arguments: list[str]) -> None:
    """Record every tree of the named clients, or of all."""
    only_new = arguments[0] == "--new"
    binaries, *clients = arguments[1:] if only_new else arguments
    for client in clients or COMMANDS:
        record(Path(binaries).resolve(), client, only_new)


def record(binaries: Path, client: str, only_new: bool) -> None:
    """Record the trees of one client, in their order; recordings whose trees are gone are dropped."""
    words, path = COMMANDS[client], RECORDINGS / f"{client}.json"
    with tempfile.TemporaryDirectory() as scratch:
        _, text = ask(binaries, [words[0], "--version"], Path(scratch), Path(scratch), {})
    version = [line for line in text.splitlines() if re.search(r"\d\.\d", line)][-1]
    known: dict[str, Any] = {}
    if only_new and path.exists():
        kept = json.loads(path.read_text("utf-8"))
        if kept["version"] != version:
            raise SystemExit(f"{client}: the other answers are of {kept['version']}, this is {version}")
        known = kept["answers"]
    answers = {
        tree["name"]: known.get(tree["name"]) or answer(binaries, client, tree) for tree in trees(client)
    }
    kept = {"client": client, "version": version, "answers": answers}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def answer(binaries: Path, client: str, tree: dict[str, Any]) -> dict[str, Any]:
    """What the client lists of one tree."""
    with tempfile.TemporaryDirectory(prefix="oracle-") as scratch:
        project, home, env = lay_out(tree, Path(scratch).resolve())
        code, text = ask(binaries, COMMANDS[client], project, home, env)
    servers = READERS[client](text) if code == 0 else {}
    print(f"{client:12} {tree['name']:60} {'stopped' if code else servers}")
    return {"stopped": code != 0, "servers": servers}


if __name__ == "__main__":
    main(sys.argv[1:])
