"""Tests that reach for the network are stopped and fail, also where they hide it."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError

import pytest

from tests import conftest

pytestmark = pytest.mark.promise("supply-chain")

OUTSIDE = "192.0.2.1"
"""An address for documentation, which nobody has (RFC 5737)."""
Deed = Callable[[], object]


def by_udp(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"x", (host, 53))


DEEDS: dict[str, Deed] = {
    "a connection": lambda: socket.create_connection((OUTSIDE, 80), 1),
    "a datagram": lambda: by_udp(OUTSIDE),
    "a look-up": lambda: socket.getaddrinfo("mcpaudit.example", 443),
    "an old look-up": lambda: socket.gethostbyname("mcpaudit.example"),
    "another machine of the network": lambda: socket.create_connection(("10.0.0.1", 80), 1),
    "all addresses of IPv6": lambda: socket.create_connection(("2001:db8::1", 80), 1),
}


@pytest.mark.parametrize("deed", DEEDS.values(), ids=DEEDS.keys())
def test_what_reaches_beyond_this_machine_is_refused_and_remembered(deed: Deed) -> None:
    with pytest.raises(conftest.NetworkRefusedError, match="without the mark `network`"):
        deed()
    assert len(conftest.attempts) == 1
    conftest.attempts.clear()


def test_this_machine_can_be_reached(tmp_path: Path) -> None:
    for family, address in ((socket.AF_INET, ("127.0.0.1", 0)), (socket.AF_UNIX, str(tmp_path / "s"))):
        with socket.socket(family) as server, socket.socket(family) as client:
            server.bind(address)
            server.listen()
            client.connect(server.getsockname())
    assert socket.getaddrinfo("localhost", 80)
    assert conftest.attempts == []


def test_libraries_and_child_processes_go_by_a_proxy_that_is_dead() -> None:
    with pytest.raises(URLError, match="refused"):
        urllib.request.urlopen("https://mcpaudit.example/", timeout=5)
    assert os.environ["https_proxy"] == os.environ["HTTP_PROXY"] == conftest.DEAD
    asks = "import urllib.request as u; u.urlopen('http://mcpaudit.example/', timeout=5)"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=False)
    assert "refused" in done.stderr.splitlines()[-1].lower()


def test_a_test_that_hides_its_attempt_fails_and_a_marked_one_is_skipped(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(Path(conftest.__file__).read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers = network: needs the network")
    pytester.makepyfile(
        """
        import contextlib, socket, pytest

        def test_hides():
            with contextlib.suppress(OSError):
                socket.getaddrinfo("mcpaudit.example", 443)

        @pytest.mark.network
        def test_asked_for():
            raise AssertionError("ran")
        """
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    words = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        words, cwd=pytester.path, env=environment, capture_output=True, text=True, check=False
    )
    assert "tried to reach the network: [\"socket.getaddrinfo 'mcpaudit.example'\"]" in done.stdout
    assert "needs the network: `--network`" in done.stdout
    assert "1 skipped, 1 error" in done.stdout
