"""Published servers, where they are installed: none of them gives a false alarm, whatever is tested.

To install them: npm i @modelcontextprotocol/server-{everything,filesystem,memory}; pip install
mcp-server-{git,time,sqlite}; and put their programs on PATH.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.live.probe.probing import Probing

TESTS = ("--auth", "--faults", "--leaks", "--rotation")
GOOD = {"pass", "clear-refusal", "cannot-test"}
SERVERS: dict[str, list[str]] = {
    "mcp-server-everything": [],
    "mcp-server-filesystem": ["DATA"],
    "mcp-server-memory": [],
    "mcp-server-git": ["--repository", "DATA/repo"],
    "mcp-server-time": [],
    "mcp-server-sqlite": ["--db-path", "DATA/x.db"],
}


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def data(site: Probing) -> Path:
    folder = site.folder / "data"
    (folder / "repo").mkdir(parents=True)
    if git := shutil.which("git"):
        subprocess.run([git, "init", "-q", str(folder / "repo")], check=True)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", SERVERS)
def test_a_published_server_is_well(site: Probing, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr("mcpaudit.live.probe.health.SHUTDOWN", 10.0)
    started, folder = program(name), str(data(site))
    words = [word.replace("DATA", folder) for word in SERVERS[name]]
    seen = site.install(one={"command": started, "args": words}).seen(*TESTS, timeout=60)["one"]
    bad = {check: row["says"] for check, row in seen.items() if row["verdict"] not in GOOD}
    if name == "mcp-server-sqlite" and "reachable" in bad:
        pytest.skip("it names no version of the SDK, and ends at the start with one of 2.x")
    assert bad == {}
    assert seen["ping"]["verdict"] == "pass"


@contextmanager
def everything() -> Iterator[str]:
    """The server of all features, by HTTP."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [program("mcp-server-everything"), "streamableHttp"]
    started = subprocess.Popen(
        words, env={**os.environ, "PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        started.terminate()
        started.wait()


@pytest.mark.slow
def test_a_published_server_by_http_is_well(site: Probing) -> None:
    with everything() as url:
        seen = site.install(one={"url": url}).seen(*TESTS, timeout=20)["one"]
    assert {check: row["says"] for check, row in seen.items() if row["verdict"] not in GOOD} == {}
    assert {"ping", "stalled", "wrong-id", "other-session"} <= seen.keys()
