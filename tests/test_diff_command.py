"""`mcpaudit diff` on real git repositories: what a change lets agents do, judged by the base alone."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from mcpaudit.comparison.reports import compare_reports
from mcpaudit.report import diff_markdown
from tests.hostile import HOSTILE
from tests.installation import saved, servers

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git makes what these tests read")

WHO = {
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_DEFAULT_REF_FORMAT": "files",
}
FILES = "@modelcontextprotocol/server-filesystem@2026.8.31"
FETCH = {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}
SHELL = {"command": "npx", "args": ["-y", "@wonderwhy-er/desktop-commander@0.2.50"]}
STRICT = {"permissions": {"deny": ["Bash", "WebFetch", "WebSearch", "Edit", "Write", "Read"]}}

Files = dict[str, Any]


def files(*roots: str) -> dict[str, Any]:
    return {"command": "npx", "args": ["-y", FILES, *roots]}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **WHO}, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def put(folder: Path, content: Files) -> None:
    """Write files; one that is `None` goes away."""
    for name, text in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text if isinstance(text, str) else json.dumps(text, indent=2), encoding="utf-8")


def commit(folder: Path, content: Files) -> str:
    put(folder, content)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "m")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


Diff = Callable[..., Any]


@pytest.fixture
def diff(repository: Path, capfd: pytest.CaptureFixture[str]) -> Diff:
    """Commit a base and a change, compare the two revisions, and give the JSON."""

    def compare(base: Files, head: Files, *words: str, code: int | None = None) -> Any:
        first, second = commit(repository, base), commit(repository, head)
        return of(first, second, *words, code=code)

    def of(*words: str, code: int | None = None) -> Any:
        capfd.readouterr()
        done = run(["diff", "--path", str(repository), *words, "--as-of", "2026-11-22", "--format", "json"])
        out, error = capfd.readouterr()
        if code is not None:
            assert done == code, out or error
        return json.loads(out) if out else error

    compare.of = of  # type: ignore[attr-defined]
    return compare


def told(seen: Any, kind: str = "gained") -> set[tuple[str, str]]:
    return {(one["name"], one["resource"]) for one in seen["access"] if one["kind"] == kind}


def how(seen: Any, how: str = "new") -> set[str]:
    return {one["finding"]["policy"] for one in seen["findings"] if one["how"] == how}


BASE: Files = {
    ".mcp.json": servers(files=files("./data")),
    ".claude/settings.json": STRICT,
}


def test_nothing_changes(diff: Diff) -> None:
    seen = diff(BASE, {"README.md": "x"}, "--fail-on-new-access", "--strict", code=0)
    assert (seen["verdict"], seen["access"], seen["findings"], seen["doubts"]) == ("passes", [], [], [])


def test_a_server_added_is_access_gained_with_its_place(diff: Diff) -> None:
    seen = diff(BASE, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    (one,) = [one for one in seen["access"] if one["agent"] == "claude-code"]
    assert (one["kind"], one["name"], one["resource"]) == ("gained", "web", "web:internet/http")
    assert one["location"]["file"] == ".mcp.json"
    assert one["location"]["line"]
    assert one["sentence"].startswith("Claude Code ")
    assert one["witness"]


def test_a_server_removed_is_access_lost_and_resolves_its_findings(diff: Diff) -> None:
    seen = diff({".mcp.json": servers(shell=SHELL)}, {".mcp.json": servers(web=FETCH)}, code=0)
    assert "shell" in {name for name, _ in told(seen, "lost")}
    assert how(seen, "resolved")


def test_a_root_widened_and_narrowed(diff: Diff, repository: Path) -> None:
    wide = {".mcp.json": servers(files=files("/"))}
    seen = diff(BASE, wide, "--fail-on-new-access", code=1)
    assert ("files", "local:host/file") in told(seen)
    words = ("--fail-on-new-access", "--fail-on", "critical")
    back = diff.of("HEAD", "HEAD~1", *words, code=0)  # type: ignore[attr-defined]
    assert told(back) == set()
    assert ("files", "local:host/file") in told(back, "lost")


def test_a_server_renamed_with_the_same_identity_is_no_new_access(diff: Diff) -> None:
    seen = diff(BASE, {".mcp.json": servers(documents=files("./data"))}, "--fail-on-new-access", code=0)
    assert (told(seen), told(seen, "lost")) == (set(), set())


def test_a_rule_moved_from_deny_to_allow(diff: Diff) -> None:
    def rules(effect: str) -> Files:
        return {".claude/settings.json": {"permissions": {effect: ["mcp__files__write_file"]}}}

    seen = diff({**BASE, **rules("deny")}, rules("allow"), "--fail-on-new-access=write", code=1)
    (one,) = [one for one in seen["access"] if one["counted"] and one["agent"] == "claude-code"]
    assert (one["before"], one["after"], one["tools"]) == ("ask", "allow", ["write_file"])
    assert "without asking" in one["sentence"]
    assert one["location"]["file"] == ".claude/settings.json"


def test_a_selector_counts_only_what_it_describes(diff: Diff) -> None:
    change = {".mcp.json": servers(files=files("./data"), web=FETCH)}
    assert not [one for one in diff(BASE, change, "--fail-on-new-access=sql:**")["access"] if one["counted"]]
    of = diff.of  # type: ignore[attr-defined]
    seen = of("HEAD~1", "HEAD", "--fail-on-new-access=web:**", "--fail-on-new-access=delete", code=1)
    assert {one["name"] for one in seen["access"] if one["counted"]} == {"web"}


def test_a_label_of_the_base_selects_though_the_change_takes_it_away(diff: Diff) -> None:
    labelled = 'apiVersion: mcpaudit/v1\nresources:\n  - {match: "web:**", labels: [production]}\n'
    change = {".mcp.json": servers(web=FETCH), "mcpaudit.yaml": "apiVersion: mcpaudit/v1\n"}
    seen = diff({**BASE, "mcpaudit.yaml": labelled}, change, "--fail-on-new-access=production", code=1)
    assert [one["labels"] for one in seen["access"] if one["counted"]]


def test_an_unknown_selector_is_a_mistake(diff: Diff) -> None:
    assert "did you mean `delete`" in diff(BASE, {}, "--fail-on-new-access=delet", code=2)


def test_an_unknown_server_is_not_proved_to_give_nothing(diff: Diff) -> None:
    unknown = servers(files=files("./data"), own={"command": "npx", "args": ["-y", "some-thing@1.0.0"]})
    seen = diff(BASE, {".mcp.json": unknown}, "--fail-on-new-access", "--fail-on", "critical", code=4)
    assert told(seen) == set()
    assert seen["verdict"] == "undecided"
    assert any("some" in one["server"] for one in seen["doubts"])
    same = diff.of("HEAD", "HEAD", "--fail-on-new-access", code=0)  # type: ignore[attr-defined]
    assert same["doubts"] == []


def test_a_configuration_that_can_no_longer_be_read_is_not_passed(diff: Diff) -> None:
    seen = diff(BASE, {".mcp.json": '{"mcpServers": {'}, "--fail-on-new-access", code=4)
    assert any(".mcp.json" in one["sentence"] for one in seen["doubts"])


def own_server(*tools: str) -> str:
    lines = "\n".join(f'@mcp.tool()\ndef {name}(id: str) -> str:\n    """{name}"""\n' for name in tools)
    return f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('crm')\n{lines}\nmcp.run()\n"


CRM = {".mcp.json": servers(crm={"command": "python", "args": ["./crm.py"]})}


def test_a_new_tool_in_the_repository_s_own_server(diff: Diff) -> None:
    base = {**CRM, "crm.py": own_server("get_record")}
    seen = diff(
        base, {"crm.py": own_server("get_record", "delete_record")}, "--fail-on-new-access=delete", code=1
    )
    assert {one["tools"][0] for one in seen["access"] if one["counted"]} == {"delete_record"}


def test_saved_manifests_are_those_of_each_state_and_their_author_s_word(
    diff: Diff, repository: Path
) -> None:
    def lists(*names: str) -> Files:
        return {"lists/crm.json": saved(*names)}

    words = ("--manifests", str(repository / "lists"), "--fail-on-new-access")
    seen = diff({**CRM, **lists("get_record", "delete_record")}, lists("get_record"), *words, code=4)
    assert told(seen, "lost")
    assert any("lists/crm.json" in one["sentence"] for one in seen["doubts"])


# What a change does to the files that judge it, and cannot make it pass.

BAD: Files = {
    ".mcp.json": servers(shell=SHELL, token={**FETCH, "env": {"API_KEY": "ghp_" + "a1B2" * 9}}),
    ".claude/settings.json": {"permissions": {"allow": ["mcp__shell", "Bash"]}},
}


def test_a_bad_change_fails(diff: Diff) -> None:
    seen = diff(BASE, BAD, code=1)
    assert [one for one in seen["findings"] if one["counted"]]


def waived(seen: Any) -> str:
    """All new findings waived, as an author could write it."""
    entries = [
        {
            "finding": one["finding"]["fingerprint"],
            "policy": one["finding"]["policy"],
            "agents": one["finding"]["agents"],
            "owner": "a@example.com",
            "approver": "b@example.com",
            "reason": "because I say so",
            "expires": "2026-12-01",
            "digest": one["finding"]["digest"],
        }
        for one in seen["findings"]
        if one["how"] == "new"
    ]
    return json.dumps({"apiVersion": "mcpaudit/v1", "waivers": entries})


def accepted(seen: Any) -> str:
    entries = [
        {
            "finding": one["finding"]["fingerprint"],
            "policy": one["finding"]["policy"],
            "subject": one["finding"]["subject"],
            "agents": one["finding"]["agents"],
        }
        for one in seen["findings"]
        if one["how"] == "new"
    ]
    return json.dumps({"schema": "mcpaudit/baseline-v1", "findings": entries})


def disabled(seen: Any) -> str:
    names = sorted({one["finding"]["policy"] for one in seen["findings"]})
    return f"apiVersion: mcpaudit/v1\ndisable: {json.dumps(names)}\n"


def lowered(seen: Any) -> str:
    names = {one["finding"]["policy"]: "info" for one in seen["findings"]}
    return f"apiVersion: mcpaudit/v1\nseverities: {json.dumps(names)}\n"


def whatever(text: str) -> Callable[[Any], str]:
    return lambda seen: text


@pytest.mark.parametrize(
    ("file", "made"),
    [
        (".mcpaudit/waivers.yaml", waived),
        (".mcpaudit/baseline.json", accepted),
        ("mcpaudit.yaml", disabled),
        ("mcpaudit.yaml", lowered),
        ("mcpaudit.yaml", whatever("apiVersion: mcpaudit/v1\nfail_on: critical\n")),
        ("mcpaudit.yaml", whatever("apiVersion: mcpaudit/v1\nclients: [cody]\n")),
        ("mcpaudit.yaml", whatever("apiVersion: mcpaudit/v2\n: nonsense")),
    ],
)
def test_a_bad_change_fails_whatever_it_does_to_mcpaudit_s_own_files(
    diff: Diff, repository: Path, file: str, made: Callable[[Any], str]
) -> None:
    seen = diff(BASE, BAD)
    put(repository, {file: made(seen)})
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "--amend", "-m", "m")
    again = diff.of("HEAD~1", "HEAD", code=1)  # type: ignore[attr-defined]
    assert [one["finding"] for one in again["findings"]] == [one["finding"] for one in seen["findings"]]
    assert [one["file"] for one in again["own"]] == [file]
    in_tree = diff.of("HEAD~1", code=1)  # type: ignore[attr-defined]
    assert [one["file"] for one in in_tree["own"]] == [file]


def test_the_same_waiver_in_the_base_counts(diff: Diff, repository: Path) -> None:
    seen = diff(BASE, BAD, code=1)
    commit(repository, {**BASE, ".mcpaudit/waivers.yaml": waived(seen)})
    commit(repository, BAD)
    again = diff.of("HEAD~1", "HEAD", code=0)  # type: ignore[attr-defined]
    assert not [one for one in again["findings"] if one["counted"]]


POLICY = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: no-web, title: No web server here, severity: high}
spec:
  for: access
  where: access.resource.provider == "web" && access.server.startsWith("pypi:")
  message: "{access.tool} reaches the web"
  why: It must not.
  fix: Remove it.
"""


@pytest.mark.parametrize("words", [(), ("--policy", "rules/no-web.yaml")])
def test_a_policy_of_the_base_counts_though_the_change_removes_it(
    diff: Diff, repository: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(repository)
    own = {} if words else {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\npolicies: [rules]\n"}
    change = {".mcp.json": servers(web=FETCH), "rules/no-web.yaml": POLICY.replace("high", "info")}
    seen = diff({**BASE, **own, "rules/no-web.yaml": POLICY}, change, *words, code=1)
    assert "no-web" in {one["finding"]["policy"] for one in seen["findings"] if one["counted"]}


# Repositories of every shape.


def test_a_deleted_lock_still_judges(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    assert run(["lock", str(repository), "--no-home"]) == 0
    lock = (repository / "mcpaudit.lock").read_text(encoding="utf-8")
    change = {".mcp.json": servers(files=files("./data"), web=FETCH), "mcpaudit.lock": None}
    seen = diff({"mcpaudit.lock": lock}, change)
    (own,) = seen["own"]
    assert (own["file"], own["how"]) == ("mcpaudit.lock", "removed")
    assert "pypi:mcp-server-fetch" in {
        one["server"] for one in seen["drift"] if one["kind"] == "server-added"
    }


def locked(repository: Path, *names: str) -> str:
    """The lock of `CRM` in version 2, with these tools."""
    put(repository, {"saved/crm.json": saved(*names)})
    words = ["lock", str(repository), "--no-home", "--manifests", str(repository / "saved")]
    assert run(words) == 0
    put(repository, {"saved/crm.json": None})
    return (repository / "mcpaudit.lock").read_text(encoding="utf-8")


def pinned(version: str) -> Files:
    return {".mcp.json": servers(crm={"command": "npx", "args": ["-y", f"@acme/crm@{version}"]})}


def test_a_version_bump_with_a_new_tool_that_the_change_locks(diff: Diff, repository: Path) -> None:
    put(repository, pinned("1.0.0"))
    old = locked(repository, "get_record")
    put(repository, pinned("2.0.0"))
    new = locked(repository, "get_record", "delete_record")
    base = {**pinned("1.0.0"), "mcpaudit.lock": old}
    words = ("--fail-on-new-access=delete", "--fail-on", "critical")
    seen = diff(base, {**pinned("2.0.0"), "mcpaudit.lock": new}, *words, code=1)
    assert {tool for one in seen["access"] if one["counted"] for tool in one["tools"]} == {"delete_record"}
    assert any("delete_record" in sentence for one in seen["own"] for sentence in one["sentences"])


def test_a_lock_of_the_change_proves_nothing(diff: Diff, repository: Path) -> None:
    put(repository, pinned("1.0.0"))
    old = locked(repository, "get_record", "delete_record")
    put(repository, pinned("2.0.0"))
    new = locked(repository, "get_record")
    change = {**pinned("2.0.0"), "mcpaudit.lock": new}
    seen = diff(
        {**pinned("1.0.0"), "mcpaudit.lock": old}, change, "--fail-on-new-access", "--fail-on", "critical"
    )
    assert seen["exit_code"] == 4, seen["reasons"]
    assert {one["server"] for one in seen["doubts"]} == {"npm:@acme/crm"}
    assert not [one for one in seen["access"] if one["kind"] == "lost"]


def test_a_lock_that_only_comes_to_know_more_is_no_change_of_access(diff: Diff, repository: Path) -> None:
    put(repository, pinned("1.0.0"))
    lock = locked(repository, "get_record", "delete_record")
    (repository / "mcpaudit.lock").unlink()
    seen = diff(
        pinned("1.0.0"), {"mcpaudit.lock": lock}, "--fail-on-new-access", "--fail-on", "critical", code=0
    )
    assert (seen["access"], seen["findings"]) == ([], [])
    assert seen["own"][0]["how"] == "added"


def test_merge_commits_tags_and_steps(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    git(repository, "tag", "-a", "-m", "t", "v1")
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {"other": "x"})
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "topic")
    of = diff.of  # type: ignore[attr-defined]
    assert {name for name, _ in told(of("HEAD^1", "HEAD"))} == {"web"}
    assert of("HEAD^2", "HEAD")["access"] == []
    assert {name for name, _ in told(of("v1", "topic"))} == {"web"}


def test_packed_repositories(diff: Diff, repository: Path) -> None:
    first = commit(repository, BASE)
    second = commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "gc", "-q")
    assert {name for name, _ in told(diff.of(first, second))} == {"web"}  # type: ignore[attr-defined]


def test_a_shallow_clone_says_what_to_fetch(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, BASE)
    commit(repository, {"other": "x"})
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "clone")
    assert run(["diff", "HEAD~1", "--path", str(clone)]) == 2
    said = capfd.readouterr().err
    assert "shallow" in said
    assert "fetch-depth: 0" in said


def test_a_submodule_is_no_file_that_was_read(diff: Diff, repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    commit(other, {"a": "b"})
    commit(repository, BASE)
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "vendor")
    commit(repository, {})
    seen = diff.of("HEAD~1", "HEAD", "--fail-on-new-access", code=4)  # type: ignore[attr-defined]
    assert any("vendor" in one["sentence"] for one in seen["doubts"])
    assert diff.of("HEAD", "HEAD", "--fail-on-new-access", code=0)["doubts"] == []  # type: ignore[attr-defined]


def test_a_link_that_leads_out_is_not_followed(diff: Diff, repository: Path, tmp_path: Path) -> None:
    put(tmp_path, {"outside.json": servers(shell=SHELL)})
    commit(repository, BASE)
    (repository / ".mcp.json").unlink()
    (repository / ".mcp.json").symlink_to(tmp_path / "outside.json")
    commit(repository, {})
    seen = diff.of("HEAD~1", "HEAD", "--fail-on-new-access", code=4)  # type: ignore[attr-defined]
    assert told(seen) == set()
    assert any("leads out" in one["sentence"] for one in seen["doubts"])


def test_an_unknown_revision_and_no_repository(
    diff: Diff, repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, BASE)
    assert "no revision `nowhere`" in diff.of("nowhere", code=2)  # type: ignore[attr-defined]
    (tmp_path / "plain").mkdir()
    assert run(["diff", "main", "--path", str(tmp_path / "plain")]) == 2
    assert "no git repository" in capfd.readouterr().err


def test_an_invalid_configuration_of_the_change_is_named_and_of_the_base_ends_the_run(
    diff: Diff, repository: Path
) -> None:
    broken = {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\nfail_on: hihg\n"}
    seen = diff(BASE, broken, code=2)
    (own,) = seen["own"]
    assert (seen["verdict"], own["how"]) == ("broken", "broken")
    assert "line 2" in own["sentences"][0]
    said = diff.of("HEAD", "HEAD~1", code=2)  # type: ignore[attr-defined]
    assert "mcpaudit.yaml:2" in said
    assert "by which the change is judged" in said


def test_owners_of_the_base_are_asked(diff: Diff) -> None:
    owners = {".github/CODEOWNERS": "* @all\n/.mcpaudit/ @acme/security\nmcpaudit.yaml @acme/platform\n"}
    change = {**BAD, "mcpaudit.yaml": "apiVersion: mcpaudit/v1\n", ".github/CODEOWNERS": "* @me\n"}
    seen = diff({**BASE, **owners}, change, code=1)
    assert seen["owners"] == ["@acme/security"]
    assert seen["own"][0]["owners"] == ["@acme/platform"]


def test_a_folder_of_the_repository_and_its_absolute_paths(diff: Diff, repository: Path) -> None:
    inside = repository / "sub"
    base = {"sub/.mcp.json": servers(files=files(str(inside / "data")))}
    change = {"sub/.mcp.json": servers(files=files("./data", str(inside / "more")))}
    first, second = commit(repository, base), commit(repository, change)
    seen = diff.of(first, second, "--path", str(inside))  # type: ignore[attr-defined]
    assert told(seen) == {("files", "local:host/file/./more")}
    assert told(seen, "lost") == set()
    assert diff.of("HEAD", "--path", str(inside))["access"] == []  # type: ignore[attr-defined]


def test_reports_are_compared_row_by_row(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reports = [str(tmp_path / f"{name}.json") for name in ("before", "after")]
    for report, state in zip(reports, (BASE, {".mcp.json": servers(web=FETCH)}), strict=True):
        put(repository, state)
        run(["check", str(repository), "--no-home", "--format", f"json={report}"])
    capfd.readouterr()
    assert run(["diff", *reports, "--format", "json", "--fail-on-new-access=web:**"]) == 1
    seen = json.loads(capfd.readouterr().out)
    assert {name for name, _ in told(seen)} == {"web"}
    assert {name for name, _ in told(seen, "lost")} == {"files"}
    older = json.loads(Path(reports[1]).read_text(encoding="utf-8"))
    older["tool"]["version"] = "0.0.1"
    older["access"] = []
    Path(reports[0]).write_text(json.dumps(older), encoding="utf-8")
    assert run(["diff", *reports, "--format", "json", "--fail-on-new-access"]) == 0
    seen = json.loads(capfd.readouterr().out)
    assert (seen["access"], seen["findings"]) == ([], [])
    assert seen["learned"]


# What is written.


def test_what_users_keep_is_counted_and_not_named_in_markdown(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "home", {".claude.json": servers(**{"very-private": SHELL})})
    commit(repository, {**BASE, ".claude/settings.json": {"permissions": {"deny": ["mcp__very-private"]}}})
    put(repository, {".claude/settings.json": {"permissions": {"allow": ["mcp__very-private"]}}})
    words = [
        "diff",
        "HEAD",
        "--path",
        str(repository),
        "--home",
        str(tmp_path / "home"),
        "--format",
        "markdown",
    ]
    assert run([*words, "--fail-on-new-access"]) == 1
    shown = capfd.readouterr().out
    assert "through files of a user" in shown
    assert str(tmp_path) not in shown
    assert "~/" not in shown


@pytest.mark.parametrize("shape", ["text", "json", "markdown"])
def test_every_format_is_the_same_twice_and_holds_no_path_of_this_machine(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], shape: str
) -> None:
    first, second = (
        commit(repository, {**BASE, "crm.py": own_server("a")}),
        commit(repository, {**BAD, **CRM}),
    )
    shown = []
    for _ in range(2):
        run(["diff", first, second, "--path", str(repository), "--as-of", "2026-11-22", "--format", shape])
        shown.append(capfd.readouterr().out)
    assert shown[0] == shown[1]
    assert str(tmp_path) not in shown[0]
    assert "mcpaudit-" not in shown[0].replace("mcpaudit-v1", "")
    assert len(shown[0]) < 65_536 or shape == "json"
    if shape == "text":
        assert max(map(len, shown[0].splitlines())) <= 110
        assert "waiver" in shown[0]


def test_hostile_names_of_tools_stay_text(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = [name for name in HOSTILE.values() if name.strip()]
    base = {**CRM, "lists/crm.json": saved(*names)}
    first, second = commit(repository, base), commit(repository, {".mcp.json": servers(web=FETCH)})
    words = ["--path", str(repository), "--manifests", str(repository / "lists")]
    for one in ((first, second), (second, first)):
        for shape in ("text", "markdown", "json"):
            done = run(["diff", *one, *words, "--format", shape])
            shown = capfd.readouterr().out
            assert done in (0, 1)
            assert not set(shown) & {"\x1b", "\x9b", "\u202e", "\u2066"} or shape == "json"
            if shape == "markdown":
                shown = re.sub(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)", "", shown)
                assert "<h1>" not in shown
                assert "](javascript" not in shown
                assert shown.count("```") % 2 == 0


def test_the_json_fits_its_schema(diff: Diff) -> None:
    from jsonschema import Draft202012Validator

    from mcpaudit.report.schema import diff_schema

    Draft202012Validator(diff_schema()).validate(diff(BASE, BAD))


def crossed(repository: Path) -> None:
    """Two branches, each merged into the other at once, so that they parted at two commits."""
    commit(repository, {**BASE, "a": "1"})
    git(repository, "checkout", "-q", "-b", "topic")
    left = commit(repository, {"b": "1"})
    git(repository, "checkout", "-q", "main")
    right = commit(repository, {"c": "1"})
    git(repository, "merge", "-q", "-m", "m", left)
    git(repository, "checkout", "-q", "topic")
    git(repository, "merge", "-q", "-m", "m", right)


def test_three_dots_tell_what_a_branch_does_and_not_what_went_on_meanwhile(
    diff: Diff, repository: Path
) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {".mcp.json": servers(files=files("./data/part"))})
    of = diff.of  # type: ignore[attr-defined]
    assert {name for name, _ in told(of("main", "topic"))} == {"files", "web"}
    seen = of("main...topic")
    assert {name for name, _ in told(seen)} == {"web"}
    assert seen["base"]["name"] == "where topic left main"
    assert seen["judge"]["commit"] == git(repository, "rev-parse", "main")
    assert "names both sides" in of("main...topic", "topic", code=2)
    git(repository, "checkout", "-q", "topic")
    assert {name for name, _ in told(of("main..."))} == {"web"}


def test_rules_that_came_after_a_branch_left_judge_it(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\npolicies: [rules]\n"})
    commit(repository, {"rules/no-web.yaml": POLICY})
    seen = diff.of("main...topic", code=1)  # type: ignore[attr-defined]
    assert "no-web" in {one["finding"]["policy"] for one in seen["findings"] if one["counted"]}
    assert seen["own"] == []


def test_histories_that_crossed_are_compared_with_the_base_itself(diff: Diff, repository: Path) -> None:
    crossed(repository)
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    seen = diff.of("main...topic")  # type: ignore[attr-defined]
    assert {name for name, _ in told(seen)} == {"web"}
    assert seen["base"]["commit"] == git(repository, "rev-parse", "main")
    assert "parted at more than one commit" in seen["notes"][0]


def test_histories_without_a_common_beginning_are_a_mistake(diff: Diff, repository: Path) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "--orphan", "topic")
    commit(repository, {"other": "x"})
    assert "no history in common" in diff.of("main...topic", code=2)  # type: ignore[attr-defined]


def test_a_shallow_clone_knows_where_a_merge_parted_and_else_says_what_to_fetch(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commit(repository, BASE)
    git(repository, "checkout", "-q", "-b", "topic")
    commit(repository, {".mcp.json": servers(files=files("./data"), web=FETCH)})
    git(repository, "checkout", "-q", "main")
    commit(repository, {"other": "x"})
    commit(repository, {"other": "y"})
    git(repository, "checkout", "-q", "-b", "merged")
    git(repository, "merge", "-q", "--no-ff", "-m", "m", "topic")
    clone = tmp_path / "clone"
    url = f"file://{repository}"
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "merged", url, "clone")
    git(clone, "fetch", "-q", "--depth", "1", "origin", "main:main", "topic:topic")
    assert run(["diff", "main...merged", "--path", str(clone), "--format", "json"]) == 1
    assert {name for name, _ in told(json.loads(capfd.readouterr().out))} == {"web"}
    assert run(["diff", "main...topic", "--path", str(clone)]) == 2
    said = capfd.readouterr().err
    assert "does not go back" in said
    assert "fetch-depth: 0" in said


def test_what_several_agents_gain_from_one_file_is_said_once(
    diff: Diff, repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    unknown = {"command": "npx", "args": ["-y", "some-thing@1.0.0"]}
    change = {".mcp.json": servers(files=files("./data", "/srv"), web=FETCH, own=unknown)}
    seen = diff({".mcp.json": servers(files=files("./data"))}, change, "--fail-on-new-access")
    assert len({one["agent"] for one in seen["access"]}) > 2
    for shape in ("text", "markdown"):
        capfd.readouterr()
        run(["diff", "HEAD~1", "HEAD", "--path", str(repository), "--format", shape])
        shown = " ".join(capfd.readouterr().out.split())
        if shape == "text":
            assert "Claude Code and Copilot CLI can now read and send web:internet/http after" in shown
            assert "Claude Code, Copilot CLI and VS Code might now be able to do whatever `own`" in shown
        else:
            assert "| Claude Code and Copilot CLI | read and send" in shown
        assert shown.count("whatever `own` offers after asking") == 1


def test_what_is_not_known_of_several_servers_for_one_reason_is_said_once(
    diff: Diff, repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def of(version: str, *more: str) -> Files:
        names = [*"abcde", *more]
        entries = {one: {"command": "npx", "args": ["-y", f"some-{one}@{version}"]} for one in names}
        return {".mcp.json": servers(web=FETCH, mine=files("/srv"), **entries)}

    diff(of("1.0.0"), of("2.0.0", "f"))
    run(["diff", "HEAD~1", "HEAD", "--path", str(repository), "--format", "text"])
    shown = " ".join(capfd.readouterr().out.split())
    assert "through each of `a`, `b`, `c` and 3 more, for its tools are not known" in shown
    assert "and 5 more places)" in shown
    assert "6 things not wholly known" in shown
    assert re.search("trifecta, [^:]*Copilot CLI[^:]*: `f` takes part now: what strangers write comes", shown)
    assert re.search("private data through [^,]+, [^,]+, [^,]+ and [0-9]+ more,", shown)
    run(["diff", "HEAD~1", "HEAD", "--path", str(repository), "--format", "markdown"])
    shown = capfd.readouterr().out
    assert shown.count("tools are not known") == 1


# A new statement is not always new access.

OPEN: Files = {".claude/settings.json": {"permissions": {"allow": ["Bash", "Read", "Edit", "Write"]}}}
ASKS: Files = {".claude/settings.json": {"permissions": {"ask": ["Bash", "Read", "Edit", "Write"]}}}


def roots(**named: tuple[str, ...]) -> Files:
    return {".mcp.json": servers(**{name: files(*paths) for name, paths in named.items()})}


def counted(seen: Any) -> set[str]:
    return {one["finding"]["policy"] for one in seen["findings"] if one["counted"]}


def test_a_narrowed_root_is_a_new_statement_and_no_new_access(diff: Diff) -> None:
    seen = diff({**roots(files=("/",)), **OPEN}, roots(files=("./data",)), "--fail-on-new-access", code=0)
    new = {one["finding"]["policy"]: one["why"] for one in seen["findings"] if one["how"] == "new"}
    assert "no new access" in new["silent-root-bypass"]
    assert not [one for one in seen["access"] if one["kind"] in ("gained", "looser")]


@pytest.mark.parametrize(
    ("base", "head"),
    [
        # One root of a server is narrowed and its other one widened.
        ({**roots(files=("./data", "./docs")), **OPEN}, roots(files=("./data/part", "/"))),
        # The same in two entries.
        (
            {**roots(files=("./data",), more=("./docs",)), **OPEN},
            roots(files=("./data/part",), more=("/",)),
        ),
        # A root is narrowed, and what goes round it is no longer asked about.
        ({**roots(files=("/",)), **ASKS}, {**roots(files=("./data",)), **OPEN}),
        # A root is narrowed, and a second entry goes round it.
        ({**roots(files=("/",)), **OPEN}, roots(files=("./data",), more=("/",))),
    ],
)
def test_a_root_that_is_narrowed_hides_nothing_that_is_widened(diff: Diff, base: Files, head: Files) -> None:
    assert "silent-root-bypass" in counted(diff(base, head, code=1))


def test_a_rule_that_lost_its_server_fails_nothing_unless_something_runs_instead(diff: Diff) -> None:
    rule = {".claude/settings.json": {"permissions": {"deny": ["mcp__web__fetch"]}}}
    base = {".mcp.json": servers(files=files("./data"), web=FETCH), **rule}
    seen = diff(base, {".mcp.json": servers(files=files("./data"))}, "--fail-on", "info", "--strict", code=0)
    assert "rule-for-missing-server" in how(seen)
    renamed = {".mcp.json": servers(files=files("./data"), other=FETCH)}
    seen = diff(base, renamed, "--fail-on", "info", "--strict", code=1)
    assert "rule-for-missing-server" in counted(seen)


def test_a_change_of_200_servers_fits_a_comment_and_shows_the_gravest(
    repository: Path, tmp_path: Path
) -> None:
    reports = [tmp_path / f"{name}.json" for name in ("before", "after")]
    for report, state in zip(reports, (BASE, BAD), strict=True):
        put(repository, state)
        run(["check", str(repository), "--no-home", "--format", f"json={report}"])
    one = compare_reports(
        reports[0], reports[1], fail_on=None, new_access=("any",), strict=False, as_of=date(2026, 11, 22)
    ).diff
    new = [change for change in one.findings if change.how == "new"]
    many = replace(
        one,
        access=tuple(replace(row, name=f"server-{n}") for n in range(200) for row in one.access),
        doubts=tuple(replace(row, name=f"server-{n}") for n in range(200) for row in one.doubts),
        findings=tuple(
            replace(change, finding=replace(change.finding, fingerprint=f"{n:016}"))
            for n in range(200)
            for change in new
        ),
    )
    shown = diff_markdown.render(many)
    assert len(shown) <= 60_000
    for heading in ("What to do", "Access", "New findings", "Not wholly known", "How it comes about"):
        assert f"### {heading}" in shown
    assert "Left out" not in shown
    assert shown.count("more change of access") + shown.count("more changes of access") == 1
    assert "more findings" in shown
    first = next(line for line in shown.splitlines() if line.startswith("| **❗**"))
    assert "execute without asking" in first


def test_edits_are_worked_out_for_what_is_new(diff: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    # Room for one change: the older finding, which comes first, would take it.
    monkeypatch.setattr("mcpaudit.policy.fixes._MOST", 1)
    old = {"one": SHELL, "same": SHELL, "web": FETCH}
    name = ".vscode/mcp.json"
    seen = diff({name: {"servers": old}}, {name: {"servers": {**old, "web2": FETCH}}})
    (new,) = [one["finding"] for one in seen["findings"] if one["finding"]["policy"] == "duplicate-server"]
    assert new["patch"]["changes"] == [{"file": name, "says": "VS Code: remove `web2`"}]
