"""What a lock of the base, or of the change, is worth."""

from pathlib import Path

from mcpaudit.cli.main import run
from tests.histories import BASE, FETCH, Diff, Files, commit, files, needs_git, put
from tests.installation import saved, servers

pytestmark = needs_git


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
