"""How time, memory and output grow with the number of servers: whole commands on made-up projects.

    python benchmarks/scale.py [N ...] [--shared] [--keep DIR]

Each project has N servers (20 to 5,000 unless numbers are given) of 50 tools each in one `.cursor/mcp.json`,
or with `--shared` in one `.mcp.json`, which four clients read, so that each server is installed four times:
files under roots that nest and roots that do not, databases, SaaS servers with tokens of their own and shared
ones, shells, and servers of which little or nothing is known. What is made depends on N alone. The command is
`check --format text --format json=FILE`, in a process of its own. The exponent is the slope of a line through
the logarithms of the rows from 100 servers on, where starting up no longer counts; 1 is linear.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from time import perf_counter

from speed import write_bytecode

SIZES = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
TOOLS = 50
_START = 100
"""Smaller rows measure how long it takes to start."""

VERBS = ("get", "list", "search", "create", "update", "delete", "send", "export", "archive", "run")
# Name, package, the variable that holds its token, words that its tools speak of.
SAAS = [
    ("github", "@modelcontextprotocol/server-github@2025.4.8", "GITHUB_PERSONAL_ACCESS_TOKEN",
     ("repository", "issue", "pull_request", "file", "branch")),
    ("slack", "@modelcontextprotocol/server-slack@2025.4.25", "SLACK_BOT_TOKEN",
     ("message", "channel", "thread", "user", "reaction")),
    ("asana", "@roychri/mcp-server-asana@1.8.0", "ASANA_ACCESS_TOKEN",
     ("task", "project", "section", "story", "workspace")),
    ("calendar", "@cocal/google-calendar-mcp@2.6.3", "GOOGLE_OAUTH_TOKEN",
     ("event", "calendar", "attendee", "reminder", "color")),
    ("linear", "mcp-server-linear@1.0.0", "LINEAR_API_KEY",
     ("issue", "project", "cycle", "comment", "team")),
    ("notion", "@notionhq/notion-mcp-server@1.9.0", "NOTION_TOKEN",
     ("page", "database", "block", "comment", "user")),
    ("sentry", "@sentry/mcp-server@0.20.0", "SENTRY_ACCESS_TOKEN",
     ("issue", "event", "release", "project", "team")),
    ("stripe", "@stripe/mcp@0.2.4", "STRIPE_SECRET_KEY",
     ("customer", "invoice", "refund", "product", "subscription")),
]  # fmt: skip
FILES = ("file", "directory", "folder_tree", "text_file", "file_metadata")
ROWS = ("query", "table", "schema", "index", "row")
SHELL = ("command", "process", "session", "script", "terminal")


def project(root: Path, count: int, *, shared: bool) -> list[str]:
    """Write a project with so many servers; the words of the command that audits it."""
    random, servers = Random(count), {}
    folder = root / "manifests"
    folder.mkdir(parents=True)
    for index in range(count):
        name, entry, nouns = _server(random, index)
        servers[name] = entry
        if nouns:
            (folder / f"{name}.json").write_text(json.dumps({"tools": _tools(nouns)}), encoding="utf-8")
    file = root / (".mcp.json" if shared else ".cursor/mcp.json")
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"mcpServers": servers}, indent=2), encoding="utf-8")
    return ["check", str(root), "--no-home", "--manifests", str(folder)]


def _server(random: Random, index: int) -> tuple[str, dict[str, object], tuple[str, ...]]:
    """The entry of one server and what its tools speak of: in each twenty the same mix, in detail by chance.

    Every other twenty are servers that no catalog knows, each with a package of its own.
    """
    sort, own = index % 20, index // 20 % 2
    if sort < 5:
        path = ("./shared", f"team-{random.randrange(index + 1)}", f"part-{random.randrange(9)}")
        root = "/".join(path[: random.choice((1, 2, 3, 3))]) if sort < 2 else f"./own/{index}"
        words = ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", root]
        mount = ["run", "-i", "--rm", "-v", f"{root}:/data", f"acme/files-{index}:1.0"]
        entry = {"command": "docker", "args": mount} if own else {"command": "npx", "args": words}
        return f"files-{index}", entry, FILES
    if sort < 8:
        where = f"db{random.randrange(index // 4 + 1)}.example:5432/base{random.randrange(3)}"
        words = ["postgres-mcp==0.3.0", f"--access-mode={random.choice(('restricted', 'unrestricted'))}"]
        env = {"DATABASE_URI": f"postgresql://app@{where}"}
        words = [f"acme-postgres-{index}==1.0"] if own else words
        return f"base-{index}", {"command": "uvx", "args": words, "env": env}, ROWS
    if sort < 16:
        name, package, variable, nouns = SAAS[sort - 8]
        env = {variable: f"token-{random.randrange(index + 1):08}-{'x' * 24}"}
        words = ["-y", f"acme-{name}-{index}@1.0.0" if own else package]
        return f"{name}-{index}", {"command": "npx", "args": words, "env": env}, nouns
    if sort == 16:
        words = ["-y", f"acme-shell-{index}@1.0.0" if own else "@wonderwhy-er/desktop-commander@0.2.19"]
        return f"shell-{index}", {"command": "npx", "args": words}, SHELL
    nouns = tuple(f"{noun}_{index}" for noun in ("order", "parcel", "depot", "route", "driver"))
    words = ["-y", f"acme-mcp-{index}@1.0.0"]
    return f"acme-{index}", {"command": "npx", "args": words}, nouns if sort < 19 else ()


def _tools(nouns: tuple[str, ...]) -> list[dict[str, object]]:
    return [
        {
            "name": f"{verb}_{noun}",
            "description": f"{verb.capitalize()} a {noun.replace('_', ' ')}.",
            "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        }
        for verb in VERBS
        for noun in nouns
    ]


def measure(words: list[str], root: Path) -> dict[str, float]:
    """Wall and CPU seconds, peak MiB, sizes of the outputs in KiB."""
    page, saved = root / "report.txt", root / "report.json"
    command = [sys.executable, "-m", "mcpaudit", *words, "--format", "text", "--format", f"json={saved}"]
    with page.open("w") as out:
        start = perf_counter()
        child = subprocess.Popen(command, stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        wall = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"the audit ended with {child.returncode}")
    return {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss / 1024,
        "text": page.stat().st_size / 1024,
        "json": saved.stat().st_size / 1024,
    }


def counts(root: Path) -> dict[str, int]:
    """How many facts of each kind there are, and lines in the text."""
    report = json.loads((root / "report.json").read_bytes())
    kinds = Counter(one["kind"] for one in report["conflicts"])
    return {
        "lines": len((root / "report.txt").read_text().splitlines()),
        "access": len(report["access"]),
        **{kind: kinds[kind] for kind in ("bypass", "identity", "ambiguous-route", "concurrent-write")},
        "flows": len(report["flows"]),
        "excess": len(report["excess"]),
        "findings": len(report["findings"]),
    }


def exponent(points: list[tuple[int, float]]) -> float:
    """The slope of the line through the logarithms."""
    logs = [(math.log(n), math.log(value)) for n, value in points if n >= _START and value > 0]
    if len(logs) < 2:
        return math.nan
    mean_x, mean_y = (sum(one[at] for one in logs) / len(logs) for at in (0, 1))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def main() -> None:
    """Print one row a size, and the exponents."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES)
    parser.add_argument(
        "--shared", action="store_true", help="a file that four clients read: four times as much"
    )
    parser.add_argument("--keep", type=Path, help="write the projects and reports here and leave them")
    given = parser.parse_args()
    write_bytecode()
    rows: list[tuple[int, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for count in given.sizes:
            root = (given.keep or Path(scratch)) / str(count)
            row = measure(project(root, count, shared=given.shared), root) | counts(root)
            rows.append((count, row))
            if len(rows) == 1:
                print("servers".rjust(8), *(name.rjust(_width(name)) for name in row))
            print(f"{count:8}", *(_figure(name, value) for name, value in row.items()), flush=True)
    slopes = {name: exponent([(n, row[name]) for n, row in rows]) for name in rows[0][1]}
    print("exponent", *(f"{slope:{_width(name)}.2f}" for name, slope in slopes.items()))


def _width(name: str) -> int:
    return max(8, len(name))


def _figure(name: str, value: float) -> str:
    return f"{value:{_width(name)}.{1 if name in ('wall', 'cpu') else 0}f}"


if __name__ == "__main__":
    main()
