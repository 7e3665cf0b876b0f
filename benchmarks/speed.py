"""CPU and memory of whole commands, as figures and as ratios to a bare interpreter.

    python benchmarks/speed.py [RUNS]

Each row is the median of RUNS fresh processes (default 5). Absolute times depend on the machine; the ratios
to a bare interpreter, and to the bare imports of the libraries that an audit needs, depend on it far less.
The samples are made in a scratch folder: 17 entries of 11 servers in 6 files of four clients, and one
`.cursor/mcp.json` with 200 servers.
"""

import compileall
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import mcpaudit

POPULAR = [
    ("files", "npx", ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "./data"]),
    ("github", "npx", ["-y", "@modelcontextprotocol/server-github@2025.4.8"]),
    ("slack", "npx", ["-y", "@modelcontextprotocol/server-slack@2025.4.25"]),
    ("db", "npx", ["-y", "@modelcontextprotocol/server-postgres@0.6.2", "postgres://app:pw@db.example/app"]),
    ("fetch", "uvx", ["mcp-server-fetch"]),
    ("git", "uvx", ["mcp-server-git", "--repository", "."]),
    ("browser", "npx", ["@playwright/mcp@latest"]),
    ("memory", "npx", ["-y", "@modelcontextprotocol/server-memory"]),
    ("jira", "uvx", ["mcp-atlassian"]),
    ("google", "uvx", ["workspace-mcp"]),
    ("shell", "npx", ["-y", "@wonderwhy-er/desktop-commander"]),
]


def entries(rows: list[tuple[str, str, list[str]]]) -> dict[str, object]:
    return {name: {"command": command, "args": args} for name, command, args in rows}


def small_sample(root: Path) -> list[str]:
    """17 entries of 11 servers in 6 files."""
    files = {
        "project/.mcp.json": {"mcpServers": entries(POPULAR[:4])},
        "project/.cursor/mcp.json": {"mcpServers": entries(POPULAR[2:6])},
        "project/.vscode/mcp.json": {"servers": entries(POPULAR[6:8])},
        "project/.claude/settings.json": {
            "permissions": {"allow": ["mcp__files__*", "Bash(*)"], "deny": ["mcp__db"]}
        },
        "home/.cursor/mcp.json": {"mcpServers": entries(POPULAR[7:10])},
        "home/.claude.json": {"mcpServers": entries(POPULAR[7:11])},
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2))
    return ["check", str(root / "project"), "--home", str(root / "home"), "--format", "json"]


def large_sample(root: Path, count: int) -> list[str]:
    """One file with many servers, every third of them known to the catalog."""
    rows = []
    for index in range(count):
        name, command, args = POPULAR[index % len(POPULAR)]
        if index % 3:
            command, args = "npx", ["-y", f"acme-mcp-{index}@1.0.{index}"]
        rows.append((f"{name}-{index}", command, args))
    folder = root / ".cursor"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mcp.json").write_text(json.dumps({"mcpServers": entries(rows)}))
    return ["check", str(root), "--no-home", "--format", "json"]


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Median CPU seconds and peak MiB of fresh processes."""
    seconds, peaks = [], []
    for _ in range(runs):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, _, usage = os.wait4(child.pid, 0)
        seconds.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / 1024)
    return statistics.median(seconds), statistics.median(peaks)


def write_bytecode() -> None:
    """Compile the program, as installing it does; some environments keep a run from writing bytecode."""
    compileall.compile_dir(Path(mcpaudit.__file__).parent, quiet=2)


def main() -> None:
    write_bytecode()
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    tool = [sys.executable, "-m", "mcpaudit"]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        rows = {
            "bare interpreter": [sys.executable, "-c", "pass"],
            "imports of the libraries": [sys.executable, "-c", "import click, yaml, jsonschema"],
            "--help": [*tool, "--help"],
            "check, 11 servers in 6 files": [*tool, *small_sample(root / "small")],
            "check, 200 servers": [*tool, *large_sample(root / "large", 200)],
        }
        bare = 0.0
        print(f"{'command':32} {'CPU s':>8} {'over bare':>10} {'ratio':>7} {'MiB':>7}")
        for name, command in rows.items():
            seconds, peak = measure(command, runs)
            bare = bare or seconds
            print(f"{name:32} {seconds:8.3f} {seconds - bare:10.3f} {seconds / bare:7.1f} {peak:7.1f}")


if __name__ == "__main__":
    main()
