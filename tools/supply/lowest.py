"""Runs the tests that use each dependency with the lowest version that pyproject.toml allows.

    python -m tools.supply.lowest

It needs the package index. Dependencies of dependencies come in their newest versions, as pip would choose
them for a user whose other packages hold these back.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent.parent
RUNNERS = ("hypothesis", "in-toto-attestation", "packaging", "pypdf", "pytest")
TESTS = (
    "tests/test_check.py",  # click, PyYAML, CEL, protobuf
    "tests/test_bad_input.py",  # jsonschema
    "tests/policy/test_expression.py",  # CEL, protobuf
    "tests/policy/test_pages.py",  # click
    "tests/policy/test_schemas.py",  # jsonschema
    "tests/access/test_access.py",  # networkx
    "tests/manifests/test_javascript.py",  # tree-sitter, JavaScript and TypeScript
    "tests/manifests/test_go.py",  # tree-sitter, Go
    "tests/live/test_list.py",  # mcp
    "tests/report/test_html.py",  # Jinja2
    "tests/report/test_pdf.py",  # weasyprint
    "tests/signoff",  # cryptography
    "tests/analysis/test_solver.py",  # highspy
    "tests/live/probe/test_health.py",  # opentelemetry-sdk
)


def lowest() -> list[str]:
    """Each direct dependency, extras included, at its lower bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    found = []
    for requirement in map(Requirement, [*project["dependencies"], *extras]):
        (bound,) = [one.version for one in requirement.specifier if one.operator == ">="]
        found.append(f"{requirement.name}=={bound}")
    return found


def main() -> int:
    """Install in a scratch environment, and test."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        print("\n".join(lowest()), flush=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *lowest(), *RUNNERS], check=True)
        words = ["-m", "pytest", "-p", "no:cacheprovider", "-m", "not slow", *TESTS]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.run([python, *words], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
