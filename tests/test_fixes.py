"""Fixes as patches: what `check --format patch` writes, git applies, and a second check no longer finds."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.questions import audit_with_proofs
from mcpaudit.report.canonical import to_json
from mcpaudit.request import Request
from tests.installation import AS_OF, npx, saved, servers, site_of, uvx, write
from tests.parsing.test_diff import GIT, git_apply

EXAMPLE = Path(__file__).parent.parent / "examples" / "logistics"
FILES = npx("@modelcontextprotocol/server-filesystem@2026.8.31", "/srv")
WEB = uvx("mcp-server-fetch==2026.10.24")
SETTINGS = ".claude/settings.json"
TASK = """\
apiVersion: mcpaudit/v1
kind: Profile
metadata: {id: task, title: A task}
spec: {needs: [{actions: [read], resource: "local:host/file/srv/**"}]}
"""


def allowing(*rules: str, **more: Any) -> dict[str, Any]:
    return {SETTINGS: {"permissions": {"allow": list(rules), **more}}}


def request_for(folder: Path, files: dict[str, Any], manifests: dict[str, Any] | None = None) -> Request:
    site = site_of(folder, {".git/HEAD": "x", **files})
    for name, content in (manifests or {}).items():
        write(folder / "manifests" / f"{name}.json", content)
    profile = "task" if ".mcpaudit/profiles/task.yaml" in files else ""
    return Request(site, AS_OF, manifests=folder / "manifests" if manifests else None, profile=profile)


def found(report: Report, policy: str) -> list[FindingRow]:
    return [one for one in report.findings if one.policy == policy]


def check(folder: Path, *more: str) -> int:
    words = ["check", str(folder / "project"), "--home", str(folder / "home"), "--as-of", "2026-11-22", *more]
    if (folder / "manifests").is_dir():
        words += ["--manifests", str(folder / "manifests")]
    return run(words)


DESTROY = {"acme": saved("delete_row", "read_row")}
ACME = servers(acme=npx("acme-db@1.0.0"))

# Policy, files, manifests, class, and the file that changes.
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any] | None, str, str]] = {
    "a server that the profile does not need": (
        "unneeded-server",
        {".mcp.json": servers(files=FILES, web=WEB), ".mcpaudit/profiles/task.yaml": TASK},
        None,
        "safe",
        ".mcp.json",
    ),
    "a server that is there twice": (
        "duplicate-server",
        {".mcp.json": servers(web=WEB, again=WEB)},
        None,
        "safe",
        ".mcp.json",
    ),
    "an allow rule for a server that others may have": (
        "rule-for-missing-server",
        {".mcp.json": servers(web=WEB), **allowing("mcp__gone__read", "mcp__web__fetch")},
        None,
        "needs-review",
        SETTINGS,
    ),
    "a deny rule for a server that is gone": (
        "rule-for-missing-server",
        {".mcp.json": servers(web=WEB), **allowing(deny=["mcp__gone__read"])},
        None,
        "needs-review",
        SETTINGS,
    ),
    "an allow rule for a tool that is not there": (
        "rule-for-missing-tool",
        {".mcp.json": ACME, **allowing("mcp__acme__gone")},
        DESTROY,
        "safe",
        SETTINGS,
    ),
    "a rule without effect": (
        "rule-without-effect",
        {".mcp.json": servers(web=WEB), **allowing("mcp__web__fetch(https://x)", "Read")},
        None,
        "safe",
        SETTINGS,
    ),
    "a standing approval of what destroys": (
        "standing-approval-of-destruction",
        {".mcp.json": ACME, **allowing("Read", "mcp__acme__delete_row")},
        DESTROY,
        "safe",
        SETTINGS,
    ),
    "a shell that nobody is asked about": ("silent-shell", allowing("Read", "Bash"), None, "safe", SETTINGS),
    "one switch for all servers": (
        "approve-all-switch",
        {
            ".mcp.json": servers(web=WEB),
            ".claude/settings.local.json": {"enableAllProjectMcpServers": True, "model": "x"},
        },
        None,
        "safe",
        ".claude/settings.local.json",
    ),
    "a mode that asks nobody": (
        "bypass-mode-by-default",
        {"~/.claude/settings.json": {"permissions": {"defaultMode": "bypassPermissions"}}},
        None,
        "safe",
        "~/.claude/settings.json",
    ),
    "a key of another client": (
        "setting-without-effect",
        {".mcp.json": servers(web={**WEB, "autoApprove": ["fetch"]})},
        None,
        "needs-review",
        ".mcp.json",
    ),
    "a port for every network": (
        "open-port",
        {".mcp.json": servers(web=uvx("mcp-server-fetch==2026.10.24", "--host", "0.0.0.0"))},
        None,
        "needs-review",
        ".mcp.json",
    ),
    "a port of a container": (
        "open-port",
        {".mcp.json": servers(web={"command": "docker", "args": ["run", "-p", "8080:80", "acme/web"]})},
        None,
        "needs-review",
        ".mcp.json",
    ),
}


@pytest.mark.skipif(not GIT, reason="needs git")
@pytest.mark.parametrize("name", CASES)
def test_a_patch_ends_what_it_answers(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy, files, manifests, safety, file = CASES[name]
    request = request_for(tmp_path, files, manifests)
    report, proofs = audit_with_proofs(request)
    answers = [one.patch for one in found(report, policy)]
    assert answers
    assert all(proof.holds for proof in proofs), proofs
    for answer in answers:
        assert answer is not None
        assert (answer.safety, answer.reason) == (safety, "")
        assert {edit.file for edit in answer.changes} == {file}
    more = ["--profile", "task"] if request.profile else []
    check(tmp_path, "--format", f"patch={tmp_path / 'f.patch'}", *more)
    said = capsys.readouterr().err
    assert "in no other way than was intended: 0 gained" in said
    for suffix in ("", ".review"):
        for tree, infix in (("project", ""), ("home", ".home")):
            patch = tmp_path / f"f{infix}{suffix}.patch"
            if patch.exists() and "\n--- " in (text := patch.read_text()):
                shutil.rmtree(tmp_path / "project" / ".git", ignore_errors=True)
                applied = git_apply(tmp_path / tree, text)
                assert applied.returncode == 0, applied.stderr
    assert found(audit(request), policy) == []


def test_a_version_from_the_lock(tmp_path: Path) -> None:
    """Only the lock says which version was reviewed: without it there is no patch."""
    request = request_for(tmp_path, {".mcp.json": servers(web=uvx("mcp-server-fetch"))})
    row = found(audit(request), "unpinned-package")[0]
    assert row.patch is not None
    assert row.patch.reason == "mcpaudit.lock does not say which version was reviewed"
    assert run(["lock", str(tmp_path / "project"), "--no-home"]) == 0
    report, proofs = audit_with_proofs(request)
    row = found(report, "unpinned-package")[0]
    assert row.patch is not None
    assert row.patch.safety == "needs-review"
    assert [one.says.partition("`mcp-server-fetch==")[1] for one in row.patch.changes]
    assert all(proof.holds for proof in proofs)


def test_what_cannot_be_patched_says_why(tmp_path: Path) -> None:
    files = {
        "/etc/claude-code/managed-settings.json": {"permissions": {"defaultMode": "bypassPermissions"}},
        **allowing("Bash(curl -H 'Authorization: Bearer ghp_0123456789abcdefghijABCDEFGHIJ012345' x)"),
    }
    report = audit(request_for(tmp_path, files))
    mode = found(report, "bypass-mode-by-default")[0].patch
    secret = found(report, "credential-in-approved-command")[0].patch
    assert mode is not None
    assert secret is not None
    assert "lies outside of the project" in mode.reason
    assert "repeat the secret in line" in secret.reason
    assert report.patches == ()


def test_what_is_beyond_the_bound_says_so(tmp_path: Path) -> None:
    rules = [f"mcp__gone__{number}" for number in range(103)]
    report = audit(request_for(tmp_path, {".mcp.json": servers(web=WEB), **allowing(*rules)}))
    reasons = [one.patch.reason for one in found(report, "rule-for-missing-server") if one.patch]
    assert len(reasons) - reasons.count("") == 3
    assert {one for one in reasons if one} == {
        "the patches hold as many changes as they can; apply them and audit again"
    }


def test_no_line_with_a_secret_is_in_a_report(tmp_path: Path) -> None:
    """Neither changed nor as context: the lines beside a removed entry hold a literal token."""
    token = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
    entries = {
        "web": {**WEB, "env": {"GITHUB_TOKEN": token}},
        "again": WEB,
        "once": WEB,
        "x": {**WEB, "env": {"A_TOKEN": token}},
    }
    report = audit(request_for(tmp_path, {".mcp.json": servers(**entries)}))
    assert [one.safety for one in report.patches] == ["safe"]
    assert token[:12] not in to_json(report).decode()


def test_user_files_have_a_patch_of_their_own(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    entry = {"permissions": {"allow": ["Bash"]}}
    request_for(tmp_path, {SETTINGS: entry, "~/.claude/settings.json": entry})
    check(tmp_path, "--format", f"json={tmp_path / 'r.json'}")
    capsysbinary.readouterr()
    assert run(["render", str(tmp_path / "r.json"), "--format", "patch"]) == 0
    shown = capsysbinary.readouterr().out.decode()
    assert shown.count("\n--- ") == 1
    assert "# Not in this file: 1 change for your home (safe)" in shown
    assert "answers silent-shell" in shown
    assert run(["render", str(tmp_path / "r.json"), "--format", f"patch={tmp_path / 'x.patch'}"]) == 0
    assert (tmp_path / "x.patch").read_text() == shown
    assert "your home" in (tmp_path / "x.home.patch").read_text()


@pytest.mark.skipif(not GIT, reason="needs git")
def test_several_edits_of_one_file_are_one_patch_and_review_comes_on_top(tmp_path: Path) -> None:
    files = {
        ".mcp.json": servers(web=WEB),
        SETTINGS: {
            "permissions": {
                "allow": ["mcp__a__x", "Bash", "mcp__b__x", "mcp__web__fetch"],
                "deny": ["mcp__c__x", "mcp__d__x"],
            }
        },
    }
    request = request_for(tmp_path, files)
    report, proofs = audit_with_proofs(request)
    assert [(one.tree, one.safety) for one in report.patches] == [
        ("project", "safe"),
        ("project", "needs-review"),
    ]
    assert all(proof.holds for proof in proofs)
    shutil.rmtree(tmp_path / "project" / ".git")
    for one in report.patches:
        assert git_apply(tmp_path / "project", one.diff).returncode == 0
    left = json.loads((tmp_path / "project" / SETTINGS).read_text())
    assert left["permissions"] == {"allow": ["mcp__web__fetch"], "deny": []}


def test_waived_findings_have_no_patch(tmp_path: Path) -> None:
    request = request_for(tmp_path, allowing("Bash"))
    assert found(audit(request), "silent-shell")[0].patch is not None
    words = ["accept", "--path", str(tmp_path / "project"), "--home", str(tmp_path / "home")]
    assert run([*words, "--baseline", "--as-of", "2026-11-22"]) == 0
    report = audit(request)
    assert found(report, "silent-shell")[0].status == "baselined"
    assert found(report, "silent-shell")[0].patch is None
    assert report.patches == ()


def test_the_example(tmp_path: Path) -> None:
    """Applied to a copy, the safe patch ends what it says, and mcpaudit itself wrote nothing."""
    copy = tmp_path / "logistics"
    shutil.copytree(EXAMPLE, copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    words = ["check", str(copy), "--home", str(copy / "home"), "--as-of", "2026-11-22"]
    assert run([*words, "--format", f"patch={tmp_path / 'f.patch'}"]) == 1
    assert before == {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    text = (tmp_path / "f.patch").read_text()
    assert "drop the rule `Bash` (.claude/settings.json)" in text
    if GIT:
        assert git_apply(copy, text).returncode == 0
        assert "// Dispatchers asked" in (copy / ".cursor" / "permissions.json").read_text()
        run([*words, "--format", f"json={tmp_path / 'r.json'}"])
        left = {one["policy"] for one in json.loads((tmp_path / "r.json").read_bytes())["findings"]}
        assert not {"silent-shell", "unneeded-server"} & left


def test_a_proof_that_fails_is_said_loudly() -> None:
    from mcpaudit.model.fact import Difference
    from mcpaudit.model.fixes import Proof
    from mcpaudit.report.patch import proof_lines

    bad = Proof("safe", 1, (), 0, (), Difference((), ()), ("x: read y by `z` is there all the same",))
    assert not bad.holds
    assert proof_lines(bad)[-1] == "do not apply these patches without a look at the above"
    assert any(line.startswith("NOT INTENDED: x: read y") for line in proof_lines(bad))


def test_the_remedies_are_those_of_the_schema_and_of_the_page() -> None:
    from mcpaudit.policy.remedy import REMEDIES
    from mcpaudit.policy.validation import schema

    page = (Path(__file__).parent.parent / "docs" / "fixes.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `") and "=" not in line]
    told = {row[0].strip("| `"): tuple(row[1].split(", ")) for row in rows if row[0].strip("| `") in REMEDIES}
    assert told == {name: kind.subjects for name, kind in REMEDIES.items()}
    assert all(f'"{name}"' in json.dumps(schema("policy")) for name in REMEDIES)
