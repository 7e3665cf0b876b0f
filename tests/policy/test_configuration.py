"""`mcpaudit.yaml` and profiles: what they say reaches the report, and what is wrong in them has its place."""

from pathlib import Path

import pytest

from mcpaudit.audit import audit
from mcpaudit.errors import ConfigurationError, UsageError
from mcpaudit.model.report import Report
from mcpaudit.policy.configuration import find_profile, read_configuration, read_profile
from mcpaudit.request import Request
from tests.installation import AS_OF, Files, site_of

THREE = {"mcpServers": {name: {"command": "node", "args": [f"/srv/{name}.js"]} for name in "abc"}}
STOCK = {
    "command": "uvx",
    "args": ["postgres-mcp==0.3.0", "--access-mode=unrestricted"],
    "env": {"DATABASE_URI": "postgresql://a@db.example:5432/stock"},
}
PROFILE = """\
apiVersion: mcpaudit/v1
kind: Profile
metadata: {id: chat, title: Tell people}
spec:
  needs:
    - {actions: [create], resource: "slack:**/channel.message/**"}
  limits: {servers: 3}
"""
OWN_POLICY = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: any-server, title: There is a server, severity: low}
spec: {for: server, where: "!server.builtin", message: "{server.name}", why: W., fix: F.}
"""


def check(folder: Path, configuration: str, files: Files | None = None, **more: object) -> Report:
    files = {
        ".mcp.json": THREE,
        **(files or {}),
        "mcpaudit.yaml": "apiVersion: mcpaudit/v1\n" + configuration,
    }
    return audit(Request(site_of(folder, files), AS_OF, **more))


def severities(report: Report, policy: str) -> list[str]:
    return [one.severity for one in report.findings if one.policy == policy]


def test_params(tmp_path: Path) -> None:
    assert severities(check(tmp_path, ""), "too-many-servers") == []
    assert severities(check(tmp_path, "params: {too-many-servers: {max: 2}}"), "too-many-servers") == ["low"]


def test_severities(tmp_path: Path) -> None:
    assert severities(check(tmp_path, ""), "unknown-tools") == ["low"] * 3
    report = check(tmp_path, "severities: {unknown-tools: critical}")
    assert severities(report, "unknown-tools") == ["critical"] * 3
    assert report.summary.exit_code == 1


def test_a_policy_that_is_switched_off_is_not_run(tmp_path: Path) -> None:
    report = check(tmp_path, "disable: [unknown-tools]")
    assert severities(report, "unknown-tools") == []
    assert "unknown-tools" not in [row.policy for row in report.coverage.policies]
    assert "unpinned-package" in [row.policy for row in report.coverage.policies]


def test_fail_on(tmp_path: Path) -> None:
    assert check(tmp_path, "").summary.exit_code == 0
    assert check(tmp_path, "fail_on: low").summary.exit_code == 1
    assert check(tmp_path, "fail_on: low", fail_on="high").summary.exit_code == 0


def test_policies_of_your_own(tmp_path: Path) -> None:
    files = {"ours/any-server.yaml": OWN_POLICY}
    report = check(tmp_path, "policies: [ours]", files)
    assert severities(report, "any-server") == ["low"] * 3
    with pytest.raises(UsageError, match="there is no policy file or folder"):
        check(tmp_path, "policies: [theirs]")


def test_labels_reach_the_resources(tmp_path: Path) -> None:
    files = {".mcp.json": {"mcpServers": {"stock": STOCK}}}
    labels = 'resources: [{match: "sql:db.example:5432/**", labels: [crown], owner: x}]'
    report = check(tmp_path, labels, files)
    marked = {row.resource for row in report.access if "crown" in row.labels}
    assert marked == {"sql:db.example:5432/stock"}


def test_what_is_said_of_a_server_by_identity(tmp_path: Path) -> None:
    said = (
        'servers: [{identity: "path:/srv/a*", owner: ann, purpose: p, trusted: false, operations: {log: x}}]'
    )
    rows = {row.id: row for row in check(tmp_path, said).servers}
    a, b = rows["path:/srv/a.js"], rows["path:/srv/b.js"]
    assert (a.owner, a.purpose, a.trusted, a.operations) == ("ann", "p", False, ("log",))
    assert (b.owner, b.trusted, b.operations) == ("", None, ())


def test_a_denied_link_gives_no_reach(tmp_path: Path) -> None:
    files = {
        ".mcp.json": {
            "mcpServers": {
                "slack": {"command": "npx", "args": ["@modelcontextprotocol/server-slack@2025.4.25"]}
            }
        }
    }

    def reached(configuration: str) -> bool:
        rows = check(tmp_path, configuration, files).access
        return any(row.resource.startswith("google:") for row in rows if row.transitive)

    assert reached("")
    assert not reached('links: [{from: slack, to: "google:**", holds: false}]')


def test_waiver_limits(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("apiVersion: mcpaudit/v1\nwaivers: {max_days: {high: 5}}\n")
    configuration, _ = read_configuration(tmp_path / "m.yaml", "m.yaml")
    assert configuration.waiver_days == {"high": 5}


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("disabel: [x]", "m.yaml:2:1", "`disabel` is no key of the file", "`disable`"),
        ("fail_on: hgih", "m.yaml:2:10", "fail_on cannot be `hgih`", "`high`"),
        ("severities: {x: bad}", "m.yaml:2:17", "severities.x cannot be `bad`", ""),
        ("resources: [{match: nonsense}]", "m.yaml:2:21", "starts with a provider", ""),
        ("resources: [{labels: [a]}]", "m.yaml:2:13", "needs the key `match`", ""),
        ("links: [{from: slack, to: bad, holds: true}]", "m.yaml:2:27", "starts with a provider", ""),
        ("servers: [{identity: x, accounts: [ann]}]", "m.yaml:2:36", "is a provider and a tenant", ""),
        ("servers: [{identity: x, accounts: ['google:*']}]", "m.yaml:2:36", "is a provider and a tenant", ""),
        (
            "servers: [{identity: x, trusted: maybe}]",
            "m.yaml:2:34",
            "servers.0.trusted should be a boolean",
            "",
        ),
        (
            "profiles: [{id: none}]",
            "m.yaml:2:12",
            "there is no profile file .mcpaudit/profiles/none.yaml",
            "",
        ),
        ("waivers: {max_days: {high: 0}}", "m.yaml:2:28", "less than the minimum", ""),
    ],
)
def test_each_mistake_has_its_place(tmp_path: Path, text: str, where: str, message: str, hint: str) -> None:
    (tmp_path / "m.yaml").write_text(f"apiVersion: mcpaudit/v1\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(tmp_path / "m.yaml", "m.yaml")
    (mistake,) = caught.value.mistakes
    assert f"{mistake.file}:{mistake.line}:{mistake.column}" == where
    assert message in mistake.message
    assert hint in mistake.hint


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        (
            "params: {too-many-servers: {max: six}}",
            "2:34",
            "`max` of `too-many-servers` is a whole number",
            "8",
        ),
        ("params: {too-many-servers: {max: 2.5}}", "2:34", "the param `max` should be a text", ""),
        ("params: {too-many-servers: {mx: 2}}", "2:29", "has no param `mx`", "`max`"),
        ("params: {too-many-server: {max: 2}}", "2:10", "there is no policy `too-many-server`", ""),
        (
            "params: {contradicting-limits-on-production: {labels: production}}",
            "2:55",
            "`labels` of `contradicting-limits-on-production` is a list of texts",
            "",
        ),
    ],
)
def test_a_param_keeps_the_type_that_the_policy_gives_it(
    tmp_path: Path, text: str, where: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(tmp_path, text)
    (mistake,) = caught.value.mistakes
    assert (f"{mistake.line}:{mistake.column}", mistake.file) == (where, "mcpaudit.yaml")
    assert message in mistake.message
    assert hint in mistake.hint


def test_a_param_that_makes_the_condition_wrong_is_a_mistake(tmp_path: Path) -> None:
    policy = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: ours, title: T, severity: low}
spec:
  for: access
  params: {inside: "sql:**"}
  where: access.resource.within(params.inside)
  message: m
  why: w
  fix: f
"""
    with pytest.raises(ConfigurationError, match="with this value of `inside`, the policy `ours` is wrong"):
        check(tmp_path, "policies: [ours.yaml]\nparams: {ours: {inside: everything}}", {"ours.yaml": policy})


def test_all_mistakes_come_together(tmp_path: Path) -> None:
    text = "apiVersion: mcpaudit/v1\nclients: [cursr]\nresources: [{match: x, labls: [a]}]\nfail_on: hgih\n"
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(tmp_path / "m.yaml", "m.yaml")
    assert [(one.line, one.column) for one in caught.value.mistakes] == [(2, 11), (3, 21), (3, 24), (4, 10)]


@pytest.mark.parametrize(
    "text", ["[]", "resources: 3", "servers: [3]", "profiles: {a: b}", "params: {a: 1}", "links: [a]"]
)
def test_what_has_another_shape_is_a_mistake_too(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError):
        read_configuration(tmp_path / "m.yaml", "m.yaml")
    with pytest.raises(ConfigurationError):
        read_profile(tmp_path / "m.yaml", "m.yaml")


def test_a_profile(tmp_path: Path) -> None:
    (tmp_path / "chat.yaml").write_text(PROFILE, encoding="utf-8")
    profile = read_profile(tmp_path / "chat.yaml", "chat.yaml")
    (need,) = profile.needs
    assert (profile.id, profile.title, profile.max_servers, profile.agents) == ("chat", "Tell people", 3, ())
    assert (need.actions, need.resource.text) == ({"create"}, "slack:**/channel.message/**")
    assert (need.all, need.together) == (False, False)


def test_a_profile_is_found_by_id_or_by_path(tmp_path: Path) -> None:
    folder = tmp_path / ".mcpaudit" / "profiles"
    folder.mkdir(parents=True)
    (folder / "chat.yaml").write_text(PROFILE, encoding="utf-8")
    assert find_profile("chat", tmp_path).id == "chat"
    assert find_profile(str(folder / "chat.yaml"), None).id == "chat"
    with pytest.raises(UsageError, match="there is no profile `chta`"):
        find_profile("chta", tmp_path)


def test_a_profile_speaks_of_the_agents_that_the_configuration_names(tmp_path: Path) -> None:
    files = {
        ".mcpaudit/profiles/chat.yaml": PROFILE,
        ".mcp.json": {"mcpServers": {"stock": STOCK}},
        ".cursor/mcp.json": {"mcpServers": {"stock": STOCK}},
    }
    (both,) = check(tmp_path, "profiles: [{id: chat}]", files).excess
    (one,) = check(tmp_path, "profiles: [{id: chat, agents: [cursor]}]", files).excess
    assert both.agents == ("claude-code", "cursor")
    assert one.agents == ("cursor",)


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("[create]", "[creat]", "p.yaml:6:18", "spec.needs.0.actions.0 cannot be `creat`"),
        ("slack:**/channel.message/**", "slack", "p.yaml:6:37", "starts with a provider"),
        (
            '    - {actions: [create], resource: "slack:**/channel.message/**"}\n',
            "",
            "p.yaml:5:9",
            "should be a list",
        ),
        ("servers: 3", "servers: -1", "p.yaml:7:21", "less than the minimum"),
    ],
)
def test_each_mistake_in_a_profile_has_its_place(
    tmp_path: Path, old: str, new: str, where: str, message: str
) -> None:
    (tmp_path / "p.yaml").write_text(PROFILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_profile(tmp_path / "p.yaml", "p.yaml")
    (mistake,) = caught.value.mistakes
    assert f"{mistake.file}:{mistake.line}:{mistake.column}" == where
    assert message in mistake.message


def test_only_the_clients_that_are_used_are_read(tmp_path: Path) -> None:
    files = {".cursor/mcp.json": "{"}
    assert [row.id for row in check(tmp_path / "all", "", files).agents] == ["claude-code", "cursor"]
    report = check(tmp_path / "one", "clients: [claude-code]\n", files)
    assert [row.id for row in report.agents] == ["claude-code"]
    assert (report.coverage.clients, report.coverage.gaps) == (("Claude Code",), ())


def test_a_client_that_nobody_knows_is_a_mistake_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("apiVersion: mcpaudit/v1\nclients: [cursor, claude-cod]\n")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(tmp_path / "m.yaml", "m.yaml")
    assert "m.yaml:2:19" in str(caught.value)
    assert "did you mean `claude-code`?" in str(caught.value)
