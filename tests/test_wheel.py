"""The wheel is whole: an audit runs from it alone."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ["check", str(ROOT / "examples/logistics"), "--home", str(ROOT / "examples/logistics/home")]


def python(*words: str, cwd: Path = ROOT, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the interpreter with the package found at `path`."""
    environment = {**os.environ, "PYTHONPATH": str(path), "MCPAUDIT_DEBUG": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_all_that_an_audit_needs(tmp_path: Path) -> None:
    built = python(
        "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(tmp_path), str(ROOT)
    )
    assert built.returncode == 0, built.stderr
    wheel = next(tmp_path.glob("mcp_reach_audit-*.whl"))
    site = tmp_path / "site"
    installed = python("-m", "pip", "install", "-q", "--no-deps", "--target", str(site), str(wheel))
    assert installed.returncode == 0, installed.stderr
    page = tmp_path / "audit.html"
    done = python(
        "-m", "mcpaudit", *EXAMPLE, "--format", "text", "--format", f"html={page}", cwd=tmp_path, path=site
    )
    assert done.returncode == 1, done.stderr
    assert "silent-root-bypass" in done.stdout
    assert "<!doctype html>" in page.read_text(encoding="utf-8").lower()
