"""Pull requests and pushes, as GitHub runs the action on real repositories, and as GitLab runs the job."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import xmlschema
import yaml

from tests.histories import BAD, BASE, FETCH, POLICY, Files, files, git, roots
from tests.installation import servers
from tests.runner import ROOT, GitHub

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("git") is None, reason="the scripts are for bash, on real repositories"
)

QUIET: Files = {
    **BASE,
    "mcpaudit.yaml": "apiVersion: mcpaudit/v1\nclients: [claude-code]\n",
}
TIME = {"command": "uvx", "args": ["mcp-server-time==2026.10.24"]}
WEB: Files = {".mcp.json": servers(files=files("./data"), web=FETCH)}


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    found = GitHub(tmp_path / "github")
    found.push("main", QUIET)
    return found


def test_a_bad_change_fails_is_annotated_summed_up_and_told_in_one_comment(github: GitHub) -> None:
    github.push("topic", BAD)
    done = github.pull_request("topic")
    assert done.code == 1
    assert done.errors
    assert all("file=.mcp.json" in line or "file=.claude/settings.json" in line for line in done.errors)
    assert "does not pass" in done.summary
    (comment,) = github.comments()
    assert comment.startswith("<!-- mcpaudit:. -->\n")
    assert "does not pass" in comment
    assert "silent-shell" in done.results
    github.push(
        "topic", {".mcp.json": QUIET[".mcp.json"], ".claude/settings.json": QUIET[".claude/settings.json"]}
    )
    again = github.pull_request("topic")
    assert again.code == 0
    (comment,) = github.comments()
    assert "This change passes" in comment
    assert not again.errors


def test_no_finding_closes_the_alerts_and_a_run_that_saw_only_a_part_closes_none(github: GitHub) -> None:
    github.push("main", {".mcp.json": servers(time=TIME), ".claude/settings.json": "{}"})
    github.push("topic", {"README.md": "x"})
    done = github.pull_request("topic")
    assert (done.code, done.results) == (0, [])
    github.push("broken", {".mcp.json": '{"mcpServers": '})
    assert github.pull_request("broken").uploaded is None
    pushed = github.pushed("main")
    assert (pushed.code, pushed.results) == (0, [])


def test_a_fork_s_token_fails_nothing(github: GitHub) -> None:
    github.push("topic", WEB)
    done = github.pull_request("topic", token="may-read")
    assert done.code == 0
    assert "::notice title=mcpaudit::No comment" in done.log
    assert github.comments() == []
    assert "This change passes" in done.summary


def test_a_first_push_is_judged_as_a_whole(github: GitHub) -> None:
    github.push("topic", BAD)
    done = github.pushed("topic")
    assert done.code == 1
    assert "silent-shell" in done.results
    assert github.comments() == []


@pytest.mark.parametrize(
    "own",
    [
        {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\nclients: [claude-code]\nfail_on: critical\n"},
        {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\nclients: [claude-code]\ndisable: [silent-shell]\n"},
        {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\nclients: [cody]\n"},
    ],
)
def test_a_change_accepts_nothing_of_its_own_and_hides_no_alert(github: GitHub, own: Files) -> None:
    github.push("topic", {**BAD, **own})
    done = github.pull_request("topic")
    assert done.code == 1
    assert "silent-shell" in done.results
    assert any("silent-shell" in line for line in done.errors)


def test_a_branch_from_before_a_policy_is_judged_by_it(github: GitHub) -> None:
    github.push("topic", WEB)
    github.push("main", {"mcpaudit.yaml": QUIET["mcpaudit.yaml"] + "policies: [rules]\n"})
    github.push("main", {"rules/no-web.yaml": POLICY})
    done = github.pull_request("topic")
    assert done.code == 1
    assert any("no-web" in line for line in done.errors)


def test_what_went_on_in_the_target_is_not_the_author_s(github: GitHub) -> None:
    github.push("topic", {"README.md": "x"})
    github.push("main", BAD)
    done = github.pull_request("topic")
    assert (done.code, done.errors) == (0, [])


def test_a_clone_of_one_commit_is_enough_for_a_merge(github: GitHub) -> None:
    github.push("topic", BAD)
    assert github.pull_request("topic", depth=1).code == 1
    github.push("other", {"README.md": "x"})
    assert github.pull_request("other", depth=1).code == 0


def test_without_a_base_no_change_judges_itself(github: GitHub) -> None:
    github.push("topic", {"README.md": "x"})
    for base in ("nowhere", "--help"):
        done = github.pull_request("topic", base=base)
        assert done.code == 2
        assert "The base is not here" in done.errors[0]


def test_new_access_can_be_asked_for(github: GitHub) -> None:
    github.push("topic", WEB)
    words = "--fail-on-new-access=web:**  --fail-on critical"
    done = github.pull_request("topic", **{"diff-args": words})
    assert done.code == 1
    assert "title=New access" in done.errors[0]


def test_a_change_that_breaks_its_own_files_is_told_so(github: GitHub) -> None:
    github.push("topic", {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\nfail_on: hihg\n"})
    done = github.pull_request("topic")
    assert done.code == 2
    assert "breaks a file" in github.comments()[0]


def test_a_folder_below_the_root(github: GitHub) -> None:
    github.push("main", {f"services/crm/{name}": text for name, text in QUIET.items()})
    github.push("topic", {f"services/crm/{name}": text for name, text in BAD.items()})
    done = github.pull_request("topic", path="services/crm")
    assert done.code == 1
    named = {line.partition("file=")[2].partition(",")[0] for line in done.errors}
    assert {"services/crm/.mcp.json", "services/crm/.claude/settings.json"} <= named
    assert all((github.folder / "work" / one).is_file() for one in named)
    assert "services/crm/.mcp.json:" in github.comments()[0]
    assert done.uploaded is not None
    spots = [one["locations"][0]["physicalLocation"] for one in done.uploaded["runs"][0]["results"]]
    assert spots
    assert all((github.folder / "work" / one["artifactLocation"]["uri"]).is_file() for one in spots)


# GitLab.

SCHEMA = xmlschema.XMLSchema(ROOT / "tests" / "schemas" / "junit-10.xsd")


@pytest.mark.parametrize("merged", [False, True])
def test_a_merge_request_at_gitlab(tmp_path: Path, github: GitHub, merged: bool) -> None:
    """The job's own lines, in a clone as GitLab's runner makes it, with its variables."""
    origin = github.origin
    github.push("bad", BAD)
    github.push("good", roots(files=("./data/part",)))
    left = git(origin, "rev-parse", "main")
    github.push("main", {"mcpaudit.yaml": QUIET["mcpaudit.yaml"] + "policies: [rules]\n"})
    target = github.push("main", {"rules/no-web.yaml": POLICY})
    job = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text())["mcpaudit"]
    assert job["variables"]["GIT_DEPTH"] == "0"
    for branch, code in (("bad", 1), ("good", 0)):
        work = tmp_path / branch
        git(tmp_path, "clone", "-q", f"file://{origin}", branch)
        git(work, "checkout", "-q", "--detach", f"origin/{branch}")
        if merged:
            git(work, "merge", "-q", "--no-ff", "-m", "m", target)
        else:
            assert git(work, "merge-base", "HEAD", target) == left
        env = {
            "PATH": f"{github.bin}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": target if merged else "",
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": left,
            "MCPAUDIT_PACKAGE": "mcp-reach-audit",
        }
        github._script("pip", "#!/bin/sh\n")
        github._script("mcpaudit", f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec python -P -m mcpaudit "$@"\n')
        for line in job["script"]:
            done = subprocess.run(["bash", "-eo", "pipefail", "-c", line], cwd=work, env=env, check=False)
        assert done.returncode == code
        SCHEMA.validate(work / job["artifacts"]["reports"]["junit"])
        quality = json.loads((work / job["artifacts"]["reports"]["codequality"]).read_text())
        assert ("silent-shell" in {one["check_name"] for one in quality}) == (branch == "bad")
        assert json.loads((work / "mcpaudit.json").read_text())["judge"]["commit"] == target
