"""Promises of the README: nothing is started or contacted, start-up stays light, the wheel is whole."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SDK = ("mcp", "mcp_types", "pydantic", "httpx2", "anyio")
EXAMPLE = ["check", str(ROOT / "examples/logistics"), "--home", str(ROOT / "examples/logistics/home")]

# Raises on any attempt to start a process, open a socket or write outside of the named output.
GUARD = """
import os, sys
allowed = sys.argv[1]
def whole(event, args):
    # What is named from an open folder, as `shutil.rmtree` does.
    folder = args[1] if event in ("os.remove", "os.rmdir") else -1
    above = os.readlink(f"/proc/self/fd/{folder}") if folder != -1 and os.path.exists("/proc") else ""
    return f"{above}/{args[0]}"
def guard(event, args):
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.spawn"):
        raise RuntimeError(f"started a process: {event}")
    if event.startswith("socket.") and event != "socket.__new__":
        raise RuntimeError(f"used the network: {event}")
    if event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
        if not isinstance(args[0], int) and not str(args[0]).startswith((allowed, "/dev/null")):
            raise RuntimeError(f"wrote {args[0]}")
    changing = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod")
    if event in changing and allowed not in whole(event, args):
        raise RuntimeError(f"changed files: {event} {args[0]}")
sys.dont_write_bytecode = True
sys.addaudithook(guard)
from mcpaudit.cli.main import run
sys.exit(run(sys.argv[2:]))
"""


def python(
    *words: str, cwd: Path = ROOT, path: Path = ROOT, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the interpreter with the package found at `path`."""
    environment = {**os.environ, "PYTHONPATH": str(path), "MCPAUDIT_DEBUG": "1", **(environment or {})}
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("output", ["text", "json", "sarif", "markdown", "html"])
def test_check_starts_nothing_contacts_nothing_and_writes_only_its_output(
    output: str, tmp_path: Path
) -> None:
    target = tmp_path / "report"
    done = python("-c", GUARD, str(tmp_path), *EXAMPLE, "--format", f"{output}={target}")
    assert done.returncode == 1, done.stderr
    assert target.stat().st_size > 1000


@pytest.mark.skipif(shutil.which("git") is None, reason="git makes what this test reads")
def test_a_git_revision_is_read_without_starting_git(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "m"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    done = python("-c", GUARD, str(tmp_path / "out"), "policy", "digest", f"git+{tmp_path}@HEAD:policies")
    assert done.returncode == 0, done.stderr
    plain = python("-m", "mcpaudit", "policy", "digest", str(tmp_path / "policies"))
    assert done.stdout == plain.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="git makes what this test reads")
def test_diff_starts_nothing_and_writes_only_its_output_and_a_folder_that_is_gone_afterwards(
    tmp_path: Path,
) -> None:
    folder, scratch = tmp_path / "repository", tmp_path / "scratch"
    shutil.copytree(ROOT / "examples/logistics", folder)
    scratch.mkdir()
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-q", "-m", "m"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    environment = {"TMPDIR": str(scratch)}
    for words in (["HEAD"], ["HEAD", "HEAD"]):
        # The one place where it may write beside its output is the folder for temporary files.
        done = python(
            "-c", GUARD, str(scratch), "diff", *words, "--path", str(folder), environment=environment
        )
        assert done.returncode == 0, done.stderr
    assert list(scratch.iterdir()) == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_lock_starts_nothing_contacts_nothing_and_writes_only_the_lock(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/logistics", tmp_path / "x")
    words = ["lock", str(tmp_path / "x"), "--home", str(tmp_path / "x/home")]
    before = set(tmp_path.rglob("*"))
    done = python("-c", GUARD, str(tmp_path), *words)
    assert done.returncode == 0, done.stderr
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "x/mcpaudit.lock"}
    done = python("-c", GUARD, "/no/such/place", *words, "--check")
    assert done.returncode == 0, done.stderr


def test_review_starts_nothing_contacts_nothing_and_writes_only_the_packet(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples/logistics", tmp_path / "x")
    folder, home = str(tmp_path / "x"), str(tmp_path / "x/home")
    packet = str(tmp_path / "packet")
    words = ["review", "prepare", folder, "--home", home, "--author", "ann", "-o", packet]
    done = python("-c", GUARD, packet, *words)
    assert done.returncode == 0, done.stderr
    done = python(
        "-c", GUARD, "/no/such/place", "review", "verify", packet, "--against", folder, "--home", home
    )
    assert done.returncode == 1, done.stderr


def test_usage_starts_nothing_contacts_nothing_and_writes_only_its_output(tmp_path: Path) -> None:
    log = tmp_path / "rollout-1.jsonl"
    log.write_text('{"timestamp": "2026-11-20T08:00:00Z", "type": "session_meta", "payload": {}}\n')
    target = tmp_path / "usage.json"
    for words in ([str(log)], [str(log), "--format", "json", "-o", str(target)]):
        done = python("-c", GUARD, str(tmp_path), "usage", *words)
        assert done.returncode == 0, done.stderr
    assert set(tmp_path.iterdir()) == {log, target}


def test_the_guard_itself_notices_a_process_and_a_write(tmp_path: Path) -> None:
    for deed in ("import subprocess; subprocess.run(['true'])", "open('/tmp/mcpaudit-guard', 'w')"):
        caught = python("-c", GUARD.replace("from mcpaudit.cli.main import run", deed), str(tmp_path))
        assert "RuntimeError" in caught.stderr


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_loads_none_of_the_heavy_libraries(words: list[str]) -> None:
    heavy = (
        "networkx",
        "jsonschema",
        "jinja2",
        *SDK,
        "yaml",
        "cel_expr_python",
        "google.protobuf",
    )
    done = python("-X", "importtime", "-m", "mcpaudit", *words)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & set(heavy)


def test_an_audit_without_own_policies_or_html_loads_no_validator_and_no_templates(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(
        '{"mcpServers": {"time": {"command": "uvx", "args": ["mcp-server-time"]}}}'
    )
    done = python("-X", "importtime", "-m", "mcpaudit", "check", str(tmp_path), "--no-home")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "mcpaudit.access.graph" in loaded
    assert not loaded & {"networkx", "jsonschema", "jinja2", *SDK}


@pytest.mark.parametrize(
    "words", [["live", "list", "--help"], ["live", "list", "--no-home"], ["lock", "--help"]]
)
def test_nothing_but_a_server_that_was_agreed_to_loads_the_sdk(words: list[str], tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text('{"mcpServers": {"time": {"command": "uvx"}}}')
    done = python("-X", "importtime", "-m", "mcpaudit", *words, cwd=tmp_path)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in loaded
    assert not loaded & set(SDK)


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
