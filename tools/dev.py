"""Sets up a virtual environment of this checkout and runs the common jobs in it.

    python3 tools/dev.py demo     audit examples/ and write audit.html
    python3 tools/dev.py test     format, lint, types, layers, generated files, policy tests and lint, tests
    python3 tools/dev.py slow     the tests that take longer or need a browser
    python3 tools/dev.py all      test, then slow
    python3 tools/dev.py gen      regenerate what is generated (docs, schemas, samples)
    python3 tools/dev.py build    wheel and sdist into dist/, with their digests
    python3 tools/dev.py lowest   the lowest versions that pyproject.toml allows, in a scratch environment
    python3 tools/dev.py guarantees   all tests of promises, and their figures for docs/guarantees.md;
                                      some of them by words for pytest (a file, `-m "promise and slow"`)

It needs Python 3.11 or later and the package registry, nothing else. Dependencies come from the lock files.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
DEMO = ["check", "examples/logistics", "--home", "examples/logistics/home", "--as-of", "2026-11-22"]
CHECKS = (
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("lint", ["-m", "ruff", "check", "."]),
    ("types", ["-m", "mypy"]),
    ("layers", ["-c", "from importlinter.cli import lint_imports_command as lint; lint()"]),
    ("generated files", ["-m", "tools.generate", "--check"]),
    ("policy tests", ["-m", "mcpaudit", "policy", "test"]),
    ("policy lint", ["-m", "mcpaudit", "policy", "lint"]),
    ("tests", ["-m", "pytest", "-n", "2", "-m", "not slow"]),
)


def python() -> Path:
    """The interpreter of the virtual environment."""
    return HOME / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def set_up(lock: str) -> None:
    """Install what a lock file names, unless that was done already."""
    wanted = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    stamp = HOME / f"{lock}.sha256"
    if stamp.is_file() and stamp.read_text() == wanted and python().exists():
        return
    print(f"Setting up {HOME.name} from {lock} ...", flush=True)
    if not python().exists():
        venv.create(HOME, with_pip=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    subprocess.run([python(), "-m", "pip", "install", *quiet, "-r", ROOT / lock], check=True)
    stamp.write_text(wanted)


def run(words: list[str]) -> int:
    """Run the environment's interpreter in the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([python(), *words], cwd=ROOT, env=environment, check=False).returncode


def demo() -> int:
    """Audit the example, and say where the report is."""
    set_up("requirements.lock")
    code = run(["-m", "mcpaudit", *DEMO, "--format", "text", "--format", f"html={ROOT / 'audit.html'}"])
    print(f"\nThe full report is a page: open {ROOT / 'audit.html'} in a browser.")
    # Exit code 1 says that there are findings, and the example is full of them.
    return 0 if code == 1 else code or 1


def checks(names: list[tuple[str, list[str]]]) -> int:
    """Run every check, even after one has failed, and name those that did."""
    set_up("requirements-dev.lock")
    failed = []
    for name, words in names:
        print(f"\n== {name}: {' '.join(words)}", flush=True)
        if run(words):
            failed.append(name)
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nEverything passes.")
    return 1 if failed else 0


def main(arguments: list[str]) -> int:
    """Run one job by name."""
    if sys.version_info < (3, 11):  # noqa: UP036 - whoever runs this may have an older one
        print("mcpaudit needs Python 3.11 or later; this is", sys.version.split()[0])
        return 2
    name, more = arguments[0] if arguments else "", arguments[1:]
    slow = [("slow tests", ["-m", "pytest", "-m", "slow"])]
    promises = ["-m", "pytest", "-n", "2", "-m", "promise", "-p", "tools.guarantees.record", *more]
    generate = ("generate", ["-m", "tools.generate"])
    jobs = {
        "demo": demo,
        "test": lambda: checks(list(CHECKS)),
        "slow": lambda: checks(slow),
        "all": lambda: checks([*CHECKS, *slow]),
        "gen": lambda: checks([generate]),
        "build": lambda: checks([("build", ["-m", "tools.supply.build"])]),
        "lowest": lambda: checks([("lowest versions", ["-m", "tools.supply.lowest"])]),
        "guarantees": lambda: checks([("promises", promises), generate]),
    }
    if name not in jobs or (more and name != "guarantees"):
        print(__doc__)
        return 2
    return jobs[name]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
