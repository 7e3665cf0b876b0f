"""The shipped packs hold together, and the questions asked of them are answered."""

import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.knowledge import pack_reader
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import ACTIONS

FOLDER = Path(pack_reader.__file__).parent / "packs"
FILES = sorted(FOLDER.glob("*.yaml"))
PACKS = Packs.shipped()

LABELS = {
    *("private_data", "untrusted", "untrusted_if_shared", "persistent_untrusted", "external_sink", "secret"),
    *("pii", "financial", "privileged", "sensitive", "executes", "universal"),
}
TOP = "pack provider title aliases hosts servers tenant credentials resources scopes reaches switches bounds"
KEYS = {
    "": frozenset(f"{TOP} tools covers sources verify".split()),
    "tenant": frozenset({"key", "env"}),
    "credentials": frozenset({"id", "env", "prefix", "scopes", "lifetime", "note"}),
    "resources": frozenset({"parent", "labels", "nouns"}),
    "scopes": frozenset({"grants", "implies", "egress", "note"}),
    "grants": frozenset({"on", "do", "where"}),
    "reaches": frozenset({"provider", "on", "do", "from", "when", "confidence"}),
    "switches": frozenset({"server", "arg", "env", "url", "value", "unless", "always", "permits", "note"}),
    "bounds": frozenset({"server", "on", "from"}),
    "tools": frozenset({"server", "kind"}),
}
RECOGNISING = ("pack", "provider", "title", "aliases", "hosts", "servers", "tenant", "credentials")
SERVER = ("npm:", "pypi:", "oci:", "url:https://", "command:")


def unknown_keys(data: dict[str, Any]) -> set[str]:
    """Keys that the format does not have, with where they stand."""
    found = set(data) - KEYS[""]
    found |= {f"tenant.{key}" for key in set(data.get("tenant", {})) - KEYS["tenant"]}
    for section in ("credentials", "reaches", "switches", "bounds", "tools"):
        found |= {f"{section}.{key}" for item in data.get(section, ()) for key in set(item) - KEYS[section]}
    for section in ("resources", "scopes"):
        items = data.get(section, {}).values()
        found |= {f"{section}.{key}" for item in items for key in set(item) - KEYS[section]}
    grants = (grant for item in data.get("scopes", {}).values() for grant in item.get("grants", ()))
    return found | {f"grants.{key}" for grant in grants for key in set(grant) - KEYS["grants"]}


def resolves(pattern: str, kinds: object) -> bool:
    """Whether a kind or a pattern over kinds means at least one kind."""
    assert isinstance(kinds, dict)
    if pattern.endswith(".**"):
        stem = pattern.removesuffix(".**")
        return any(kind == stem or kind.startswith(f"{stem}.") for kind in kinds)
    return any(fnmatchcase(kind, pattern) for kind in kinds)


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def file(request: pytest.FixtureRequest) -> Path:
    found = request.param
    assert isinstance(found, Path)
    return found


@pytest.fixture
def data(file: Path) -> dict[str, Any]:
    return pack_reader.parsed(file.read_text(encoding="utf-8"))


@pytest.fixture
def pack(file: Path) -> pack_reader.Pack:
    return pack_reader.complete(pack_reader.outline(file.read_text(encoding="utf-8")))


class TestForm:
    def test_it_has_no_unknown_keys(self, data: dict[str, Any]) -> None:
        assert unknown_keys(data) == set()

    def test_unknown_keys_are_found(self) -> None:
        wrong = {
            "packs": 1,
            "tenant": {"from": 1},
            "tools": [{"server": "x", "does": "y"}],
            "scopes": {"a": {"grants": [{"to": "b"}]}},
        }
        assert unknown_keys(wrong) == {"packs", "tenant.from", "tools.does", "grants.to"}

    def test_its_head_and_the_rest_make_the_whole(self, file: Path, data: dict[str, Any]) -> None:
        order = [key for key in data if key in RECOGNISING]
        assert list(data)[: len(order) + 1] == [*order, "resources"]
        head = pack_reader.outline(file.read_text(encoding="utf-8"))
        assert set(pack_reader.parsed(head.rest)) == set(data) - set(order)

    def test_it_is_named_after_its_provider(self, file: Path, data: dict[str, Any]) -> None:
        assert (data["pack"], data["provider"]) == ("1", file.stem)
        assert data["title"]

    def test_it_says_what_it_rests_on(self, data: dict[str, Any]) -> None:
        assert isinstance(data["sources"], list)
        assert data["verify"]


class TestConsistency:
    def test_kinds_have_known_parents_and_no_cycles(self, pack: pack_reader.Pack) -> None:
        for kind in pack.kinds.values():
            assert not kind.parent or kind.parent in pack.kinds
            assert kind.name not in PACKS.lineage(pack.provider, kind.name)

    def test_labels_are_in_the_vocabulary(self, pack: pack_reader.Pack) -> None:
        assert {label for kind in pack.kinds.values() for label in kind.labels} <= LABELS

    def test_nouns_are_singular_words_with_one_meaning(self, pack: pack_reader.Pack) -> None:
        nouns = [noun for kind in pack.kinds.values() for noun in kind.nouns]
        assert sorted(nouns) == sorted(set(nouns))
        assert all(words(noun) == tuple(noun.split("_")) for noun in nouns)

    def test_scopes_imply_known_scopes_without_cycles(self, pack: pack_reader.Pack) -> None:
        for name in pack.scopes:
            reached: set[str] = set()
            ahead = [*pack.scopes[name].implies]
            while ahead:
                implied = ahead.pop()
                assert implied in pack.scopes, f"{name} implies {implied}"
                if implied not in reached:
                    reached.add(implied)
                    ahead += pack.scopes[implied].implies
            assert name not in reached

    def test_grants_are_on_known_kinds(self, pack: pack_reader.Pack) -> None:
        for scope in pack.scopes.values():
            for grant in scope.grants:
                assert resolves(grant.on, pack.kinds), f"{scope.name}: {grant.on}"
                assert grant.do
                assert grant.do <= set(ACTIONS)

    def test_reaches_lead_from_known_kinds_to_known_kinds(self, pack: pack_reader.Pack) -> None:
        for reach in pack.reaches:
            target = PACKS.get(reach.provider)
            assert target is not None
            assert resolves(reach.on, target.kinds), reach.on
            assert reach.sources
            assert all(source in pack.kinds for source in reach.sources), reach.sources
            assert reach.do <= set(ACTIONS)
            assert reach.confidence in ("documented", "derived", "conditional")
            assert reach.when
            assert not reach.when.endswith(".")

    def test_switches_bounds_and_tools_are_of_listed_servers(self, pack: pack_reader.Pack) -> None:
        named = [item.server for item in pack.switches] + [item.server for item in pack.bounds]
        named += [server for server, _ in pack.tools if server != "*"]
        assert set(named) <= set(pack.servers)
        assert all(kind in pack.kinds for _, kind in pack.tools)

    def test_switches_have_one_condition_each(self, pack: pack_reader.Pack) -> None:
        for item in pack.switches:
            assert [bool(item.arg), bool(item.env), bool(item.url), item.always].count(True) == 1
            assert item.permits
            assert item.permits <= set(ACTIONS)
            assert not item.unless or item.env

    def test_bounds_name_a_kind_and_a_place(self, pack: pack_reader.Pack) -> None:
        for item in pack.bounds:
            target = PACKS.get(item.provider)
            assert target is not None
            assert item.kind in target.kinds
            assert item.source == "positional" or item.source.startswith(
                ("arg:-", "env:", "default:/", "default:?")
            )

    def test_covered_patterns_name_providers(self, pack: pack_reader.Pack) -> None:
        for kind, patterns in pack.covers.items():
            assert kind in pack.kinds
            assert all(pattern.partition(":")[0] in PACKS.providers() for pattern in patterns)

    def test_credentials_use_the_vocabulary(self, pack: pack_reader.Pack) -> None:
        ids = [item.id for item in pack.credentials]
        assert len(ids) == len(set(ids))
        for item in pack.credentials:
            assert item.scopes in ("declared", "introspect", "opaque", "policy", "all", "none")
            assert item.lifetime in ("static", "expiring", "refreshing", "unknown")

    def test_servers_are_ids_and_no_pattern_lets_a_stranger_in(self, pack: pack_reader.Pack) -> None:
        assert len(pack.servers) == len(set(pack.servers))
        for server in pack.servers:
            assert server.startswith(SERVER)
            assert server == server.lower()
            host = server.removeprefix("url:https://").partition("/")[0]
            assert not server.startswith("url:") or "*" not in host
        for host in pack.hosts:
            assert "*" not in host.removeprefix("*.")
            assert "." in host.removeprefix("*.")


class TestTogether:
    def test_prefixes_are_unique_and_longest_first(self) -> None:
        prefixes = [prefix for prefix, _, _ in PACKS.prefixes()]
        assert len(prefixes) == len(set(prefixes))
        assert [len(prefix) for prefix in prefixes] == sorted(map(len, prefixes), reverse=True)
        assert min(map(len, prefixes)) > 2

    def test_each_server_is_listed_once(self) -> None:
        heads = [pack_reader.outline(file.read_text(encoding="utf-8")) for file in FILES]
        listed = [server for head in heads for server in head.servers]
        assert sorted(listed) == sorted(set(listed))

    def test_no_alias_means_two_providers(self) -> None:
        heads = [pack_reader.outline(file.read_text(encoding="utf-8")) for file in FILES]
        names = [name for head in heads for name in (head.provider, *head.aliases)]
        assert sorted(names) == sorted(set(names))

    def test_they_load_fast(self) -> None:
        best = 1.0
        for _ in range(5):
            start = time.process_time()
            Packs.load(FOLDER)
            best = min(best, time.process_time() - start)
        assert best < 0.040

    def test_there_are_many_and_they_are_shared(self) -> None:
        assert len(PACKS.providers()) >= 35
        assert PACKS.providers() == tuple(sorted(PACKS.providers()))
        assert Packs.shipped() is PACKS


NAMES = [
    ("create_pull_request", "github", "repo.pull_request", "pull_request"),
    ("get_pull_request_files", "github", "repo.pull_request", "pull_request"),
    ("create_or_update_file", "github", "repo.code", "file"),
    ("get_file_contents", "github", "repo.code", "file_contents"),
    ("search_repositories", "github", "repo", "repository"),
    ("add_issue_comment", "github", "repo.issue", "issue_comment"),
    ("get_secret_scanning_alert", "github", "repo.security_alert", "secret_scanning_alert"),
    ("get_release_by_tag", "github", "repo.release", "release_by_tag"),
    ("create_gist", "github", "gist", "gist"),
    ("create_merge_request_note", "gitlab", "project.merge_request", "merge_request_note"),
    ("list_branches", "gitlab", "project.code", "branch"),
    ("mr_discussions", "gitlab", "project.merge_request", "mr_discussion"),
    ("slack_post_message", "slack", "channel.message", "post_message"),
    ("slack_get_channel_history", "slack", "channel.message", "channel_history"),
    ("slack_list_channels", "slack", "channel", "channel"),
    ("slack_get_user_profile", "slack", "user.profile", "user_profile"),
    ("slack_add_reaction", "slack", "channel.reaction", "reaction"),
    ("conversations_add_message", "slack", "channel.message", "message"),
    ("list-events", "google", "calendar.event", "event"),
    ("create_event", "google", "calendar.event", "event"),
    ("search_gmail_messages", "google", "gmail.message", "gmail_message"),
    ("send_gmail_message", "google", "gmail.message", "gmail_message"),
    ("draft_email", "google", "gmail.message", "email"),
    ("modify_gmail_message_labels", "google", "gmail.label", "gmail_message_label"),
    ("create_filter", "google", "gmail.settings", "filter"),
    ("get_drive_file_content", "google", "drive.file", "drive_file"),
    ("modify_sheet_values", "google", "sheets.spreadsheet", "sheet_value"),
    ("query_freebusy", "google", "calendar.freebusy", "freebusy"),
    ("jira_create_issue", "atlassian", "jira.issue", "issue"),
    ("jira_get_all_projects", "atlassian", "jira.project", "project"),
    ("confluence_create_page", "atlassian", "confluence.page", "page"),
    ("jira_add_comment", "atlassian", "jira.issue", "jira_add_comment"),
    ("confluence_add_comment", "atlassian", "confluence.page", "comment"),
    ("asana_create_task", "asana", "task", "task"),
    ("asana_get_task_stories", "asana", "story", "task_story"),
    ("linear_create_issue", "linear", "issue", "issue"),
    ("API-post-page", "notion", "page", "page"),
    ("API-query-data-source", "notion", "database", "data_source"),
    ("execute_sql", "sql", "database", "sql"),
    ("list_tables", "sql", "database", "table"),
    ("describe_table", "sql", "database", "table"),
    ("insert-many", "nosql", "collection", "many"),
    ("write_neo4j_cypher", "nosql", "graph", "cypher"),
    ("read_text_file", "local", "file", "text_file"),
    ("list_allowed_directories", "local", "file", "directory"),
    ("git_commit", "local", "worktree", "commit"),
    ("execute_command", "local", "exec", "command"),
    ("create_entities", "local", "memory", "entity"),
    ("list-containers", "local", "docker", "container"),
    ("browser_navigate", "web", "browser", "navigate"),
    ("fetch", "web", "http", "fetch"),
    ("list-mail-messages", "microsoft-graph", "mail.message", "mail_message"),
    ("create-calendar-event", "microsoft-graph", "calendar.event", "calendar_event"),
    ("upload-file-content", "microsoft-graph", "file", "file"),
    ("pods_exec", "kubernetes", "pod.exec", "pods_exec"),
    ("listEvents", "google", "calendar.event", "event"),
]


class TestKindsFor:
    @pytest.mark.parametrize(("name", "provider", "kind", "noun"), NAMES, ids=[row[0] for row in NAMES])
    def test_real_tool_names(self, name: str, provider: str, kind: str, noun: str) -> None:
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
