"""CPU seconds of `mcpaudit diff` on two revisions of a repository with 30 servers.

    python benchmarks/diff.py [RUNS]

The repository is made with git in a scratch folder: 30 servers in `.mcp.json`, of which the change adds one,
widens a root and bumps a version, beside FILLER other files in 40 folders. Each figure is the median of RUNS
fresh processes (default 5), user and system time; a bare interpreter and `check` stand beside them.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from speed import POPULAR, entries, write_bytecode

FILLER = 2_000
_WHO = ("-c", "user.name=a", "-c", "user.email=a@example.com")


def rows(count: int, root: str, version: str) -> dict[str, object]:
    """The popular servers, and unknown ones up to the number."""
    known = [
        (name, command, [root if word == "./data" else word for word in args])
        for name, command, args in POPULAR
    ]
    more = [
        (f"own{index}", "npx", ["-y", f"@acme/server-{index}@{version}"])
        for index in range(count - len(known))
    ]
    return {"mcpServers": entries([*known, *more])}


def sample(root: Path) -> None:
    """Two commits."""
    for index in range(FILLER):
        path = root / f"src/part{index % 40}/file{index}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"VALUE = {index}\n" * 40)
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True)
    for count, folder, version in ((29, "./data", "1.0.0"), (30, ".", "1.1.0")):
        (root / ".mcp.json").write_text(json.dumps(rows(count, folder, version), indent=2))
        subprocess.run(["git", "add", "-A"], cwd=root, check=True)
        subprocess.run(["git", *_WHO, "commit", "-q", "-m", "m"], cwd=root, check=True)
    subprocess.run(["git", "gc", "-q"], cwd=root, check=True)


def cpu(words: list[str], folder: Path, runs: int) -> float:
    """The median of user and system time of fresh processes."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    taken = []
    for _ in range(runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(taken)


def main(runs: int) -> None:
    """Print one row a command."""
    write_bytecode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample(folder)
        program = [sys.executable, "-m", "mcpaudit"]
        for title, words in (
            ("bare interpreter", [sys.executable, "-c", ""]),
            ("check --no-home", [*program, "check", "--no-home", "--format", "json"]),
            ("diff HEAD~1 HEAD", [*program, "diff", "HEAD~1", "HEAD", "--format", "json"]),
            ("diff HEAD~1", [*program, "diff", "HEAD~1", "--format", "json"]),
        ):
            print(f"{title:20} {cpu(words, folder, runs):6.3f} s CPU")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
