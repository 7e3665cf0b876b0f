"""Providers are told by evidence, the strongest kind alone, and never by the name the user chose."""

import pytest

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import ProviderMatch, providers_of
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.server import Package, Server

PACKS = Packs.shipped()


def found(server: Server, *env: str) -> list[tuple[str, str, str]]:
    """The matches as plain rows."""
    return [
        (match.provider, match.certainty.value, match.reason) for match in providers_of(server, env, PACKS)
    ]


def npm(name: str) -> Server:
    return Server(f"npm:{name}", package=Package("npm", name))


def url(address: str) -> Server:
    return Server(f"url:{address}", "http", url=address)


def test_by_package() -> None:
    server = npm("@modelcontextprotocol/server-slack")
    assert found(server) == [("slack", "certain", "its package is listed under Slack")]


def test_by_image() -> None:
    server = Server("oci:mcp/slack", package=Package("oci", "docker.io/mcp/slack"))
    assert found(server) == [("slack", "certain", "its image is listed under Slack")]


def test_by_address() -> None:
    server = url("https://mcp.linear.app/sse")
    assert found(server) == [("linear", "certain", "its address is listed under Linear")]


def test_by_host() -> None:
    assert found(url("https://api.linear.app:443/graphql")) == [
        ("linear", "certain", "it is called at api.linear.app")
    ]


def test_by_variables() -> None:
    server = Server("path:/srv/bridge.py")
    assert found(server, "SLACK_BOT_TOKEN", "SLACK_TEAM_ID", "LINEAR_API_KEY", "HOME") == [
        ("linear", "possible", "it is given LINEAR_API_KEY"),
        ("slack", "possible", "it is given SLACK_BOT_TOKEN"),
    ]


@pytest.mark.parametrize(
    ("server", "row"),
    [
        (npm("@acme/slack-bridge"), ("slack", "possible", "its package name says slack")),
        (npm("my-jira_tool"), ("atlassian", "possible", "its package name says jira")),
        (Server("path:/opt/tools/gmail-reader/gmail.py"), ("google", "possible", "its file name says gmail")),
        (Server(r"path:C:\tools\notion-sync.js"), ("notion", "possible", "its file name says notion")),
        (
            Server("oci:acme/github-helper", package=Package("oci", "acme/github-helper")),
            ("github", "possible", "its image name says github"),
        ),
        (Server("command:slack-bridge"), ("slack", "possible", "its command name says slack")),
    ],
)
def test_by_word(server: Server, row: tuple[str, str, str]) -> None:
    assert found(server) == [row]


@pytest.mark.parametrize(
    "server",
    [
        npm("slackware-tools"),
        npm("unheard-of"),
        Server("path:/home/me/slack/server.py"),
        Server("command:?"),
        Server(""),
        Server("builtin:claude-code"),
        url("https://mcp.linear.app.evil.example/sse"),
        url("https://[broken"),
    ],
)
def test_no_evidence(server: Server) -> None:
    assert found(server) == []


def test_by_the_beginning_of_a_variable_that_no_pack_lists() -> None:
    assert found(npm("unheard-of"), "NOTION_WORKSPACE_SECRET") == [
        ("notion", "possible", "it is given NOTION_WORKSPACE_SECRET")
    ]
    for other in ("NOTION_THEME", "AZURE_OPENAI_API_KEY", "WEB_URL", "SHELL_HOST"):
        assert found(npm("unheard-of"), other) == []


def test_neither_a_launcher_nor_a_registry_names_a_provider() -> None:
    assert found(Server("command:docker")) == []
    image = Package("oci", "europe-docker.pkg.dev/acme/tool")
    assert found(Server("oci:europe-docker.pkg.dev/acme/tool", package=image)) == []


def test_the_strongest_kind_wins_alone() -> None:
    assert [row[0] for row in found(npm("@modelcontextprotocol/server-slack"), "LINEAR_API_KEY")] == ["slack"]
    assert [row[0] for row in found(npm("slack-bridge"), "LINEAR_API_KEY")] == ["linear"]


def test_the_first_reason_for_a_provider_is_given() -> None:
    server = Server("path:/srv/bridge.py")
    assert found(server, "GITLAB_TOKEN", "CI_JOB_TOKEN") == [
        ("gitlab", "possible", "it is given GITLAB_TOKEN")
    ]


def test_matches_are_values() -> None:
    assert providers_of(npm("mcp-linear"), (), PACKS) == (
        ProviderMatch("linear", Certainty.CERTAIN, "its package is listed under Linear"),
    )


def test_a_server_of_prometheus_is_not_grafanas() -> None:
    assert found(npm("prometheus-mcp-server")) == []
