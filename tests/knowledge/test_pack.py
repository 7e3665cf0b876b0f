"""The questions asked of the shipped packs are answered; their form is held by tools/pack_check.py."""

from pathlib import Path

import pytest

from mcpaudit.knowledge import pack_reader
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.words import words

FOLDER = Path(pack_reader.__file__).parent / "packs"
PACKS = Packs.shipped()


class TestReading:
    def test_there_are_many_and_they_are_shared(self) -> None:
        assert PACKS.providers() == tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
        assert Packs.shipped() is PACKS

    def test_only_what_recognises_a_provider_is_parsed_at_first(self) -> None:
        """Start-up reads the heads; resources wait until their provider turns up, sources for ever."""
        text = "provider: one\ntitle: One\nhosts: [x.example]\nresources: [not closed\nsources: ]]\n"
        head = pack_reader.outline(text)
        assert (head.provider, head.hosts) == ("one", ("x.example",))
        whole = pack_reader.complete(pack_reader.outline(text.replace("[not closed", "{}")))
        assert whole.kinds == {}

    @pytest.mark.parametrize(
        ("pattern", "kinds"),
        [
            ("repo", ("repo",)),
            ("repo.**", ("repo", "repo.code", "repo.issue")),
            ("*.code", ("repo.code",)),
            ("**", ("repo", "repo.code", "repo.issue", "repository")),
            ("rep", ()),
        ],
    )
    def test_patterns_over_kinds(self, pattern: str, kinds: tuple[str, ...]) -> None:
        known = ["repo", "repo.code", "repo.issue", "repository"]
        assert pack_reader.matching(pattern, known) == kinds


class TestKindsFor:
    @pytest.mark.parametrize(
        ("name", "provider", "kind", "noun"),
        [
            # The noun of most words wins, then the last; tools/pack_check.py holds the packs' own examples.
            ("get_secret_scanning_alert", "github", "repo.security_alert", "secret_scanning_alert"),
            ("create_merge_request_note", "gitlab", "project.merge_request", "merge_request_note"),
            ("create_entities", "local", "memory", "entity"),
        ],
    )
    def test_the_noun_that_decides(self, name: str, provider: str, kind: str, noun: str) -> None:
        (match,) = PACKS.kinds_for(words(name), [provider])
        assert (match.provider, match.kind, match.noun) == (provider, kind, noun)

    def test_each_provider_gives_its_own(self) -> None:
        found = PACKS.kinds_for(words("create_issue"), ["linear", "slack", "github", "linear"])
        assert [(match.provider, match.kind) for match in found] == [
            ("linear", "issue"),
            ("github", "repo.issue"),
        ]

    @pytest.mark.parametrize("name", ["", "ping", "get_status_now", "Ünïcode"])
    def test_no_noun_gives_nothing(self, name: str) -> None:
        assert PACKS.kinds_for(words(name), ["google", "asana", "nobody"]) == ()

    @pytest.mark.parametrize("plural", ["entity", "entities"])
    def test_plurals_in_ies(self, plural: str) -> None:
        assert PACKS.kinds_for([plural], ["local"])[0].noun == "entity"

    @pytest.mark.parametrize("plural", ["branch", "branches"])
    def test_plurals_in_es(self, plural: str) -> None:
        assert PACKS.kinds_for(["list", plural], ["github"])[0].noun == "branch"


class TestLookups:
    def test_lineage_is_nearest_first(self) -> None:
        assert PACKS.lineage("github", "repo.issue") == ("repo", "org", "account")
        assert PACKS.lineage("local", "worktree") == ("file",)
        assert PACKS.lineage("github", "no.such") == ()
        assert PACKS.lineage("nobody", "x") == ()

    def test_labels_are_inherited(self) -> None:
        assert PACKS.labels("local", "file.secret") == {"private_data", "secret"}
        assert PACKS.labels("sql", "table") == {"private_data"}
        assert PACKS.labels("web", "") == {"untrusted", "external_sink"}
        assert PACKS.labels("none", "") == frozenset()
        assert PACKS.labels("nobody", "") == frozenset()

    def test_covers(self) -> None:
        assert PACKS.covers("local", "exec") == ("local:**", "web:**")
        assert PACKS.covers("local", "file") == ()
        assert PACKS.covers("web", "browser") == ("web:**",)

    @pytest.mark.parametrize(
        ("server", "provider"),
        [
            ("npm:@modelcontextprotocol/server-slack", "slack"),
            ("oci:mcp/slack", "slack"),
            ("oci:docker.io/mcp/slack", "slack"),
            ("oci:ghcr.io/github/github-mcp-server", "github"),
            ("url:https://api.githubcopilot.com/mcp/readonly", "github"),
            ("url:https://api.githubcopilot.com/mcp", "github"),
            ("pypi:awslabs.iam-mcp-server", "aws"),
            ("pypi:awslabs-iam-mcp-server", "aws"),
            ("pypi:mcp_atlassian", "atlassian"),
            ("url:https://mcp.linear.app/sse", "linear"),
            ("npm:@playwright/mcp", "web"),
            ("npm:@modelcontextprotocol/server-sequential-thinking", "none"),
        ],
    )
    def test_servers(self, server: str, provider: str) -> None:
        assert PACKS.provider_of_server(server) == (provider,)

    @pytest.mark.parametrize(
        "server", ["url:https://mcp.slack.com.evil.example/mcp", "npm:slack", "npm:@evil/server-slack", ""]
    )
    def test_strangers(self, server: str) -> None:
        assert PACKS.provider_of_server(server) == ()

    @pytest.mark.parametrize(
        ("host", "providers"),
        [
            ("mcp.linear.app", ("linear",)),
            ("MCP.Linear.app.", ("linear",)),
            ("gmail.googleapis.com", ("google",)),
            ("maps.googleapis.com", ("google-maps",)),
            ("docs.mcp.cloudflare.com", ("search",)),
            ("radar.mcp.cloudflare.com", ("cloudflare",)),
            ("googleapis.com.evil.example", ()),
            ("evilgoogleapis.com", ()),
            ("", ()),
        ],
    )
    def test_hosts(self, host: str, providers: tuple[str, ...]) -> None:
        assert PACKS.provider_of_host(host) == providers

    def test_variables(self) -> None:
        assert PACKS.provider_of_variable("SLACK_BOT_TOKEN") == "slack"
        assert PACKS.provider_of_variable("DATABASE_URL") == "sql"
        assert PACKS.provider_of_variable("PATH") == ""

    def test_a_variable_of_two_providers_tells_nothing(self, tmp_path: Path) -> None:
        for name in ("one", "two"):
            head = f"provider: {name}\ntitle: {name}\ncredentials: [{{id: a, env: [T]}}]"
            text = f"{head}\nresources:\n  x: {{}}\n"
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        both = Packs.load(tmp_path)
        assert both.providers() == ("one", "two")
        assert both.provider_of_variable("T") == ""

    def test_switches(self) -> None:
        (by_arg,) = PACKS.switches("pypi:postgres-mcp")
        assert (by_arg.arg, by_arg.value) == ("--access-mode", "restricted")
        assert by_arg.permits == {"list", "read"}
        (by_url,) = PACKS.switches("url:https://api.githubcopilot.com/mcp/readonly")
        assert by_url.url == "/readonly"
        (always,) = PACKS.switches("npm:@modelcontextprotocol/server-postgres")
        assert always.always
        (unless,) = PACKS.switches("pypi:mcp-clickhouse")
        assert (unless.env, unless.unless) == ("CLICKHOUSE_ALLOW_WRITE_ACCESS", "true")
        assert PACKS.switches("npm:unheard-of") == ()

    def test_bounds(self) -> None:
        (root,) = PACKS.bounds("npm:@modelcontextprotocol/server-filesystem")
        assert (root.provider, root.kind, root.source) == ("local", "file", "positional")
        memory = PACKS.bounds("npm:@modelcontextprotocol/server-memory")
        assert [one.source for one in memory] == ["env:MEMORY_FILE_PATH", "default:?"]
        (path,) = PACKS.bounds("pypi:mcp-server-sqlite")
        assert (path.provider, path.kind, path.source) == ("local", "file", "arg:--db-path")

    def test_default_kinds(self) -> None:
        assert PACKS.default_kind("npm:@wonderwhy-er/desktop-commander") == ("local", "exec")
        assert PACKS.default_kind("npm:@playwright/mcp") == ("web", "browser")
        assert PACKS.default_kind("pypi:mcp-server-fetch") == ("web", "http")
        assert PACKS.default_kind("npm:@upstash/context7-mcp") == ("search", "query")
        assert PACKS.default_kind("npm:unheard-of") is None

    def test_reaches(self) -> None:
        found = {(reach.provider, reach.on, reach.confidence) for reach in PACKS.reaches("slack")}
        assert ("google", "calendar.event", "conditional") in found
        assert PACKS.reaches("nobody") == ()

    def test_credentials(self) -> None:
        by_id = PACKS.credential_kind("github", "fine_grained_pat", "GITHUB_TOKEN")
        assert by_id is not None
        assert (by_id.id, by_id.scopes, by_id.lifetime) == ("fine_grained_pat", "opaque", "expiring")
        by_name = PACKS.credential_kind("github", "bearer", "GITHUB_TOKEN")
        assert by_name is not None
        assert by_name.id == "classic_pat"
        assert PACKS.credential_kind("github", "bearer", "OTHER") is None
        assert PACKS.credential_kind("nobody", "x", "y") is None

    def test_prefixes(self) -> None:
        assert ("github_pat_", "github", "fine_grained_pat") in PACKS.prefixes()
        assert ("xoxb-", "slack", "bot") in PACKS.prefixes()


class TestFacts:
    """Oddities that a careless edit of a pack would lose."""

    @staticmethod
    def given(provider: str, scope: str) -> dict[str, frozenset[str]]:
        pack = PACKS.get(provider)
        assert pack is not None
        return {grant.on: grant.do for grant in pack.scopes[scope].grants}

    def test_github_repo_cannot_delete_a_repository(self) -> None:
        assert "delete" not in self.given("github", "repo")["repo.**"]
        assert self.given("github", "delete_repo") == {"repo": {"delete"}}

    def test_jira_write_deletes_issues(self) -> None:
        assert "delete" in self.given("atlassian", "write:jira-work")["jira.issue"]

    def test_graph_mail_readwrite_cannot_send(self) -> None:
        assert "send" not in self.given("microsoft-graph", "Mail.ReadWrite")["mail.message"]

    def test_graph_group_scopes_reach_calendars(self) -> None:
        assert "write" in self.given("microsoft-graph", "Group.ReadWrite.All")["calendar.event"]

    def test_notion_insert_gives_no_reading(self) -> None:
        assert self.given("notion", "insert_content")["page"] == {"create"}

    def test_slack_scopes_are_flat(self) -> None:
        pack = PACKS.get("slack")
        assert pack is not None
        assert not any(scope.implies for scope in pack.scopes.values())

    def test_drive_file_contains_no_metadata_scope(self) -> None:
        pack = PACKS.get("google")
        assert pack is not None
        assert pack.scopes["drive.file"].implies == ()
        assert "documents" in pack.scopes["drive"].implies
