"""Nothing that stands in somebody's own files reaches a surface that others see."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.model.place import Location
from mcpaudit.model.report_fact import RemedyRow
from mcpaudit.report.formats import FORMATS, render
from mcpaudit.report.repository import inside, left_out, repository_only
from mcpaudit.report.rooted import from_root
from tests.installation import npx, request_of, servers
from tests.report.sample import CLEAN, NOTHING, SAMPLE

PUBLIC = ("sarif", "junit", "gitlab", "annotations", "summary", "comment")
FILES = "@modelcontextprotocol/server-filesystem"


@pytest.mark.parametrize("name", PUBLIC)
def test_no_path_and_no_name_of_a_user_gets_through(tmp_path: Path, name: str) -> None:
    """Everything of the user's bears the word; what the repository says beside it is still shown."""
    folder = tmp_path / "canary-user"
    files = {
        ".mcp.json": servers(shared=npx(FILES, "./src"), twin=npx("left-pad-mcp")),
        ".claude/settings.json": {"permissions": {"allow": ["Bash", "mcp__shared"]}},
        "~/.claude.json": servers(
            **{"canary-own": npx("canary-package", "/home/canary-user/notes", CANARY_TOKEN="sk-canary-1")}
        ),
        "~/.claude/settings.json": {"permissions": {"allow": ["mcp__canary-own", "mcp__shared__canary_x"]}},
        "~/.cursor/mcp.json": servers(shared=npx(FILES, "/home/canary-user/private")),
        "~/.gemini/settings.json": '{"mcpServers": {"canary-broken": ',
    }
    request = replace(request_of(folder, files), shipped_policies=True)
    report = audit(request)
    assert "canary" in render(report, "json").decode()
    assert left_out(report)
    rendered = render(report, name).decode()
    assert "silent-shell" in rendered or "Commands run without asking" in rendered
    assert "canary" not in rendered.lower()
    assert "~/" not in rendered


def test_what_stands_partly_outside_is_outside() -> None:
    one = SAMPLE.findings[0]
    mixed = replace(one, locations=(*one.locations, Location("~/.cursor/mcp.json", 3, 1)))
    nowhere = replace(one, locations=(), witness=())
    for finding in (mixed, nowhere):
        report = replace(CLEAN, findings=(finding,))
        assert repository_only(report).findings == ()
        assert left_out(report).startswith("1 finding stands outside of this repository")
    kept = replace(CLEAN, findings=(one,))
    assert repository_only(kept).findings == (one,)
    assert left_out(kept) == left_out(NOTHING) == ""


def test_a_clients_own_tools_stand_in_no_file() -> None:
    assert not inside(Location("Claude Code itself"))
    one = SAMPLE.findings[0]
    own = replace(one, locations=(*one.locations, Location("Claude Code itself")))
    assert repository_only(replace(CLEAN, findings=(own,))).findings == (own,)


def test_the_verdict_stays_that_of_the_whole() -> None:
    finding = replace(SAMPLE.findings[0], locations=(Location("~/.claude.json", 3, 5),), witness=())
    report = replace(SAMPLE, findings=(finding,))
    for name in ("summary", "comment", "annotations"):
        assert "One finding at or above high stands in the way" in render(report, name).decode()
    assert set(PUBLIC) <= set(FORMATS)


def test_a_remedy_that_would_change_somebodys_own_file_is_not_told() -> None:
    here = RemedyRow("drop", "dropping a rule of the project", 1, None, (Location(".mcp.json", 3, 1),))
    there = RemedyRow("drop", "dropping a rule of somebody", 1, None, (Location("~/.claude.json", 3, 1),))
    fact = next(row for row in repository_only(SAMPLE).conflicts)
    report = replace(SAMPLE, conflicts=(replace(fact, remedies=(there, here)),))
    assert repository_only(report).conflicts[0].remedies == (here,)


@pytest.mark.parametrize("name", [*PUBLIC, "sarif-full"])
def test_files_of_a_folder_that_was_audited_are_named_from_the_root(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    folder = tmp_path / "services" / "crm"
    (tmp_path / ".git").mkdir()
    for path, text in (
        (folder / ".mcp.json", servers(files=npx(FILES, "/"))),
        (tmp_path / ".mcp.json", servers(shell=npx("@wonderwhy-er/desktop-commander"))),
        (folder / ".cursor" / "mcp.json", '{"mcpServers": {'),
        (folder / "mcpaudit.yaml", "apiVersion: mcpaudit/v1\n"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    run(["check", str(folder), "--no-home", "--format", name])
    shown = capfd.readouterr().out
    found = set(re.findall(r"[\w./~-]*mcp\.json", shown))
    assert "services/crm/.mcp.json" in found
    # Sentences name a file as the audited folder does.
    assert found <= {
        "services/crm/.mcp.json",
        "services/crm/.cursor/mcp.json",
        ".mcp.json",
        ".cursor/mcp.json",
    }
    if name.startswith("sarif"):
        assert json.loads(shown)["runs"][0]["automationDetails"]["id"] == "mcpaudit/check/services/crm/"


def test_what_lies_elsewhere_keeps_its_name() -> None:
    for file in ("~/.cursor/mcp.json", "/etc/x", "C:/x", "Claude Code itself", "", "../../x"):
        assert from_root(file, "a") == file
    assert from_root("./b/c", "a") == "a/b/c"
    assert from_root("../c", "a") == "c"
