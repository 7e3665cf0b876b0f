"""`mcpaudit diff` on real git repositories: what a change lets agents do, judged by the base alone."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
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
        done = run(["diff", *words, "--path", str(repository), "--as-of", "2026-11-22", "--format", "json"])
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
