"""No test reaches the network, unless it is marked `network` and asked for by `--network`.

An audit hook sees every connection and every look-up of this process, whatever library makes it. Child
processes get proxies where nobody listens: that stops whatever honours them (pip, git, npm, curl, browsers,
Python's own clients), and not a program that opens a socket by itself.
"""

import ipaddress
import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# No test is judged by the clock: on a busy machine hypothesis would call what it draws too slow.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest_plugins = ["pytester"]

DEAD = "http://127.0.0.1:9"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
REACHES = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOKS_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")

attempts: list[str] = []
"""What the test that runs has tried to reach; a test that hides the error fails all the same."""


class NetworkRefusedError(OSError):
    """A test tried to reach beyond this machine."""


def beyond(host: object) -> bool:
    """Whether an address or a name stands for another machine than this."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if not isinstance(name, str) or name in ("", "localhost"):
        return False
    try:
        return not ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return True


def _guard(event: str, arguments: tuple[object, ...]) -> None:
    if event in REACHES:
        # A path of AF_UNIX is a string; all else is a pair or longer, and starts with the host.
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and len(address) >= 2 else None
    elif event in LOOKS_UP:
        host = arguments[0]
    else:
        return
    if _refusing and beyond(host):
        attempts.append(f"{event} {host!r}")
        raise NetworkRefusedError(f"a test without the mark `network` tried to reach {host!r}")


_refusing = True


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--network` runs what needs the network, too."""
    parser.addoption("--network", action="store_true", help="also run the tests that are marked `network`")


def pytest_configure(config: pytest.Config) -> None:
    """From here on nothing is reached."""
    sys.addaudithook(_guard)
    if not config.getoption("--network"):
        os.environ.update(dict.fromkeys(PROXIES, DEAD))
        os.environ.update(dict.fromkeys(("no_proxy", "NO_PROXY"), "localhost,127.0.0.1,::1"))
        os.environ["PIP_NO_INDEX"] = "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs the network is skipped, and says so."""
    if not config.getoption("--network"):
        for item in items:
            if item.get_closest_marker("network"):
                item.add_marker(pytest.mark.skip(reason="needs the network: `--network`"))


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail whoever tried."""
    global _refusing
    _refusing = request.node.get_closest_marker("network") is None
    yield
    _refusing = True
    tried = [*attempts]
    attempts.clear()
    assert not tried, f"tried to reach the network: {tried}"
