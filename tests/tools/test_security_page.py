"""SECURITY.md names every command with what it may do, and is right about those that start or contact."""

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.promises.commands import STARTS_OR_CONTACTS, commands
from tests.test_ci_files import schema_holds

pytestmark = pytest.mark.promise("supply-chain")

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z -]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_every_command_is_in_the_table_and_no_other() -> None:
    rows = ROW.findall(PAGE)
    assert [name for name, *_ in rows] == sorted(name for name, *_ in rows)
    assert {name for name, *_ in rows} == {name for name, _ in commands()}


def test_what_the_table_says_of_starting_and_contacting_is_what_the_promise_of_being_static_tests() -> None:
    starting = {name for name, starts, contacts, _ in ROW.findall(PAGE) if not starts.startswith("nothing")}
    contacting = {name for name, _, contacts, _ in ROW.findall(PAGE) if contacts != "nothing"}
    assert starting == STARTS_OR_CONTACTS
    assert contacting == STARTS_OR_CONTACTS | {"lock"}
    assert "`--fetch`" in next(contacts for name, _, contacts, _ in ROW.findall(PAGE) if name == "lock")


def test_every_file_that_the_page_points_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert "docs/guarantees.md" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert len(PAGE.splitlines()) <= 150


def test_a_release_is_published_without_a_stored_token_by_a_job_that_runs_nothing_of_ours(
    tmp_path: Path,
) -> None:
    file = ROOT / ".github/workflows/release.yml"
    schema_holds(file.read_text(encoding="utf-8"), "github-workflows", tmp_path)
    workflow = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert "secrets." not in file.read_text(encoding="utf-8")
    build, publish = workflow["jobs"]["build"], workflow["jobs"]["publish"]
    assert build["permissions"] == {"contents": "read"}
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    assert [step for step in publish["steps"] if "run" in step] == []
    assert "attestations" not in json.dumps(publish), "they are made unless switched off"
    assert all("${{" not in step.get("run", "") for step in build["steps"])
