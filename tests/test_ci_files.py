"""The files for continuous integration: what they run is run here, and each holds its service's schema."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit import __version__
from mcpaudit.report import starter
from tests.histories import git

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "logistics"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
BLOCKS: list[tuple[str, str]] = BLOCK.findall((ROOT / "docs" / "ci.md").read_text("utf-8"))
WORKFLOWS = [text for kind, text in BLOCKS if kind == "yaml" and "# .github/workflows/" in text]
JOBS = [text for kind, text in BLOCKS if kind == "yaml" and "# .gitlab-ci.yml" in text]
HOOKS = [text for kind, text in BLOCKS if kind == "yaml" and "# .pre-commit-config.yaml" in text]
SHELL = [text for kind, text in BLOCKS if kind == "sh"]
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the scripts are for bash")


@pytest.fixture
def shell(tmp_path: Path) -> "Shell":
    return Shell(tmp_path)


class Shell:
    """A scratch repository with the example in it, and stubs for all that would reach outside."""

    def __init__(self, folder: Path) -> None:
        self.project = shutil.copytree(EXAMPLE, folder / "project")
        shutil.rmtree(self.project / "home")
        self.bin, self.calls = folder / "bin", folder / "calls"
        self.bin.mkdir()
        for name in ("pip", "pre-commit", "docker", "gh"):
            self.stub(name, f'echo "{name} $*" >>"{self.calls}"')
        self.stub("mcpaudit", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -P -m mcpaudit "$@"')
        self.stub("python", f'exec "{sys.executable}" "$@"')
        self.env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(folder),
            "RUNNER_TEMP": str(folder / "temp"),
            "GITHUB_WORKSPACE": str(self.project),
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
            "GITHUB_REPOSITORY": "acme/agents",
            "GITHUB_ACTION_PATH": str(ROOT),
        }
        subprocess.run(["git", "init", "-q"], cwd=self.project, check=True)
        venv = folder / "temp" / "mcpaudit" / "venv" / "bin"
        venv.mkdir(parents=True)
        (venv / "python").symlink_to(self.bin / "python")

    def stub(self, name: str, text: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def run(self, line: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", line],
            cwd=self.project,
            env=self.env | env,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def outputs(self) -> dict[str, str]:
        """What the step said to those after it."""
        lines = Path(self.env["GITHUB_OUTPUT"]).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


def schema_holds(text: str, name: str, folder: Path, *more: str) -> None:
    """By the schemas that come with check-jsonschema."""
    file = folder / "file.yml"
    file.write_text(text)
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{name}", *more, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def steps(workflow: str) -> list[dict[str, Any]]:
    data = yaml.safe_load(workflow)
    jobs = [data["runs"]] if "runs" in data else data["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("text", WORKFLOWS)
def test_the_workflows_hold_their_schema_and_are_pinned(text: str, tmp_path: Path) -> None:
    schema_holds(text, "github-workflows", tmp_path)
    used = [step["uses"] for step in steps(text) if "uses" in step]
    assert used
    assert all(PINNED.fullmatch(one) for one in used)
    assert "permissions" in yaml.safe_load(text)


def test_the_action_holds_its_schema_is_pinned_and_puts_no_text_of_others_into_its_scripts(
    tmp_path: Path,
) -> None:
    text = (ROOT / "action.yml").read_text()
    schema_holds(text, "github-actions", tmp_path)
    for step in steps(text):
        assert ("uses" in step) != ("run" in step)
        assert "uses" not in step or PINNED.fullmatch(step["uses"])
        assert "${{" not in step.get("run", "")
    assert "secrets." not in text


def test_the_action_asks_for_no_input_that_the_page_does_not_name() -> None:
    inputs = set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    named = set(re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "ci.md").read_text(), re.MULTILINE))
    assert inputs == named
    for text in WORKFLOWS:
        own = [step for step in steps(text) if "/mcpaudit@" in step.get("uses", "")]
        assert all(set(step["with"]) <= inputs for step in own)


@pytest.mark.parametrize("text", [*JOBS, (ROOT / "ci" / "gitlab.yml").read_text()])
def test_the_gitlab_jobs_hold_their_schema_and_run(text: str, tmp_path: Path, shell: Shell) -> None:
    schema_holds(text, "gitlab-ci", tmp_path, "--data-transform", "gitlab-ci")
    job = yaml.safe_load(text)["mcpaudit"]
    install, check = job["script"]
    assert job["variables"]["GIT_DEPTH"] == "0"
    assert shell.run(install, MCPAUDIT_PACKAGE="mcp-reach-audit").returncode == 0
    assert "mcp-reach-audit" in shell.calls.read_text()
    assert shell.run(check).returncode == 1
    for name in [*job["artifacts"]["reports"].values(), *job["artifacts"].get("paths", [])]:
        assert (shell.project / name).stat().st_size > 1_000


def test_the_workflow_without_the_action_runs_and_is_what_init_writes(shell: Shell) -> None:
    text = next(text for text in WORKFLOWS if "/mcpaudit@" not in text)
    install, compare, check = [step["run"] for step in steps(text) if "run" in step]
    assert shell.run(install).returncode == 0
    done = shell.run(check)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=")
    assert Path(shell.env["GITHUB_STEP_SUMMARY"]).read_text().startswith("## ❌")
    git(shell.project, "add", "-A")
    git(shell.project, "commit", "-q", "-m", "m")
    done = shell.run(compare, TARGET=git(shell.project, "rev-parse", "HEAD"))
    assert (done.returncode, done.stdout[:9]) == (0, "mcpaudit:")
    assert yaml.safe_load(text) == yaml.safe_load(starter.github_workflow(__version__))


def test_the_gitlab_job_is_what_init_writes() -> None:
    assert yaml.safe_load(JOBS[0]) == yaml.safe_load(starter.gitlab_job(__version__))


@pytest.mark.parametrize("text", SHELL)
def test_every_command_of_the_page_runs(text: str, shell: Shell) -> None:
    shell.run("mcpaudit check --no-home --format json=mcpaudit.json")
    codes = []
    for line in text.splitlines():
        done = shell.run(line)
        assert done.returncode in (0, 1), done.stderr
        codes.append(done.returncode)
    assert codes[-1] == 0


def test_the_first_steps_end_with_a_gate_that_is_open(shell: Shell) -> None:
    first = [line for line in SHELL[0].splitlines() if line.startswith("mcpaudit ")]
    assert [shell.run(line).returncode for line in first] == [1, 0, 0]


def test_the_hook_of_the_page_is_the_one_that_there_is(shell: Shell) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {"id", "name", "entry", "language"} <= set(hook)
    (repository,) = yaml.safe_load(HOOKS[0])["repos"]
    (used,) = repository["hooks"]
    assert used["id"] == hook["id"]
    assert isinstance(repository["rev"], str), "digits alone are a number to YAML"
    done = shell.run(" ".join([hook["entry"], *used["args"]]))
    assert done.returncode == 1
    assert "does not pass" in done.stdout or "stand in the way" in done.stdout


def test_the_container_has_all_that_the_program_reads(shell: Shell, tmp_path: Path) -> None:
    """What the Dockerfile copies is enough to audit, and what it copies is let through."""
    text = (ROOT / "Dockerfile").read_text()
    image = tmp_path / "image"
    for source, target in re.findall(r"^COPY ([^-\s]\S*) /opt/mcpaudit/(\S+)$", text, re.MULTILINE):
        assert f"!{source}" in (ROOT / ".dockerignore").read_text().splitlines()
        shutil.copytree(ROOT / source, image / target)
    done = shell.run("python -P -m mcpaudit check --no-home --format html=x.html", PYTHONPATH=str(image))
    assert done.returncode == 1, done.stderr
    assert "USER 10001" in text


def test_the_script_of_the_action_uses_the_variables_that_it_is_given() -> None:
    script = (ROOT / "ci" / "github.sh").read_text()
    given = {name for step in steps((ROOT / "action.yml").read_text()) for name in step.get("env", {})}
    used = set(re.findall(r"\$\{?([A-Z][A-Z_]+)", script))
    assert used - {name for name in used if name.startswith(("GITHUB_", "RUNNER_", "BASH_"))} <= given
    assert "eval" not in script


AUDIT = f'bash "{ROOT}/ci/github.sh" audit'
COMMENT = f'bash "{ROOT}/ci/github.sh" comment'


def test_the_action_audits_annotates_and_sums_up(shell: Shell) -> None:
    done = shell.run(AUDIT, TARGET=".", FAIL_ON="high", ARGUMENTS="--profile  dispatch")
    assert done.returncode == 0, done.stderr
    assert shell.outputs["exit-code"] == "1"
    assert shell.outputs["complete"] == "true"
    assert Path(shell.outputs["report"]).stat().st_size > 1_000
    stop, *_, _last = done.stdout.splitlines()
    token = stop.removeprefix("::stop-commands::")
    inside, _, after = done.stdout.partition(f"::{token}::")
    assert "::error" not in inside
    assert after.strip().startswith("::error file=")
    assert "## ❌" in Path(shell.env["GITHUB_STEP_SUMMARY"]).read_text()


def test_what_could_not_be_read_is_not_uploaded(shell: Shell) -> None:
    (shell.project / ".cursor" / "mcp.json").write_text('{"mcpServers": ')
    assert shell.run(AUDIT, TARGET=".").returncode == 0
    assert "complete" not in shell.outputs


def test_a_mistake_fails_the_step_itself(shell: Shell) -> None:
    assert shell.run(AUDIT, TARGET=".", FAIL_ON="worst").returncode == 2
    assert shell.run(AUDIT, TARGET="--help").returncode == 2


def test_no_input_is_run(shell: Shell) -> None:
    text = "$(touch owned) `touch owned` ; touch owned; x' \"; touch owned #"
    shell.run(AUDIT, TARGET=text, ARGUMENTS=text, FAIL_ON=text, BASE=text)
    assert shell.run(AUDIT, TARGET=".", BASE=text).returncode == 2
    shell.run(AUDIT, TARGET=".", BASE="HEAD", DIFF_ARGUMENTS=text)
    shell.run(COMMENT, TARGET=text, NUMBER="7")
    assert shell.run(f'bash "{ROOT}/ci/github.sh" install', VERSION=text).returncode == 2
    assert not list(shell.project.parent.rglob("owned"))


def test_nothing_is_imported_from_the_audited_folder(shell: Shell) -> None:
    for name in ("click.py", "json.py", "mcpaudit.py"):
        (shell.project / name).write_text("raise SystemExit('owned')\n")
    assert shell.run(AUDIT, TARGET=".").returncode == 0
    assert shell.outputs["exit-code"] == "1"


def test_the_comment_is_written_once_and_then_kept(shell: Shell) -> None:
    assert shell.run(AUDIT, TARGET=".").returncode == 0
    assert shell.run(COMMENT, TARGET=".", NUMBER="7").returncode == 0
    assert "--method POST repos/acme/agents/issues/7/comments -F body=@" in shell.calls.read_text()
    shell.stub("gh", f'echo "gh $*" >>"{shell.calls}"; case "$*" in *paginate*) echo 41; echo 42;; esac')
    assert shell.run(COMMENT, TARGET=".", NUMBER="7").returncode == 0
    assert "--method PATCH repos/acme/agents/issues/comments/41 -F" in shell.calls.read_text()
    body = (Path(shell.env["RUNNER_TEMP"]) / "mcpaudit" / "body.md").read_text()
    assert body.startswith("<!-- mcpaudit:. -->\n### ❌")


def test_a_token_that_may_not_comment_fails_nothing(shell: Shell) -> None:
    assert shell.run(AUDIT, TARGET=".").returncode == 0
    shell.stub("gh", "echo 'HTTP 403: Resource not accessible by integration' >&2; exit 1")
    done = shell.run(COMMENT, TARGET=".", NUMBER="7")
    assert done.returncode == 0
    assert "::notice title=mcpaudit::No comment" in done.stdout


def test_what_pip_installs_is_checked_by_hash_or_is_the_version_named(shell: Shell) -> None:
    install = f'bash "{ROOT}/ci/github.sh" install'
    shell.stub("python", f'echo "python $*" >>"{shell.calls}"')
    assert shell.run(install).returncode == 0
    assert f"--require-hashes -r {ROOT}/requirements.lock" in shell.calls.read_text()
    assert shell.run(install, VERSION="0.1.0").returncode == 0
    assert shell.calls.read_text().endswith("mcp-reach-audit==0.1.0\n")


@pytest.mark.slow
def test_the_container_s_own_steps_build_something_that_runs(shell: Shell, tmp_path: Path) -> None:
    """Every instruction of the Dockerfile, below a folder and without a container's walls."""
    text = (ROOT / "Dockerfile").read_text()
    image = tmp_path / "image"
    image.mkdir()
    known = {"ARG", "FROM", "COPY", "RUN", "ENV", "USER", "WORKDIR", "ENTRYPOINT", "CMD"}
    env: dict[str, str] = {}
    start: dict[str, list[str]] = {}

    def below(line: str) -> str:
        return re.sub(r"(?<![\w.$}])/(?=opt/|requirements)", f"{image}/", line)

    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if line and not line.startswith("#"):
            assert word in known
        if word == "COPY" and not rest.startswith("--from"):
            source, target = rest.split()
            place = Path(below(target)) if target != "/" else image / source
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
        elif word == "RUN":
            done = shell.run(below(rest), PATH=os.environ["PATH"])
            assert done.returncode == 0, done.stderr
        elif word == "ENV":
            env |= dict(one.split("=", 1) for one in below(rest).split())
        elif word in ("ENTRYPOINT", "CMD"):
            start[word] = json.loads(below(rest))
    command = [*start["ENTRYPOINT"], *start["CMD"], "--format", "text"]
    done = shell.run(shlex.join(command), PATH="/usr/bin:/bin", **env)
    assert done.returncode == 1, done.stderr
    assert "stand in the way" in done.stdout
    assert not list((image / "opt" / "mcpaudit").rglob("*.pyc")), "its user writes nothing"
