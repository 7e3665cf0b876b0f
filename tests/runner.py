"""A pull request as GitHub runs it: a real repository, the action's own steps, and stand-ins for GitHub."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.histories import Files, commit, git

ROOT = Path(__file__).parent.parent

_GH = """\
#!{python}
'''Comments on pull requests, as GitHub keeps them.'''
import json, os, re, sys
words = sys.argv[1:]
if os.environ.get("GH_TOKEN") != "may-write":
    sys.exit("HTTP 403: Resource not accessible by integration")
store = "{store}"
held = json.load(open(store)) if os.path.exists(store) else []
if "--paginate" in words:
    marker = re.search(r'startswith\\("(.*)"\\)', words[-1])[1]
    for one in held:
        if one["user"]["type"] == "Bot" and one["body"].startswith(marker):
            print(one["id"])
    sys.exit()
body = open(words[-1].removeprefix("body=@")).read()
if "POST" in words:
    held.append({{"id": len(held) + 1, "user": {{"type": "Bot"}}, "body": body}})
else:
    (one,) = [one for one in held if words[words.index("PATCH") + 1].endswith(f"/{{one['id']}}")]
    one["body"] = body
json.dump(held, open(store, "w"))
"""


@dataclass
class Run:
    """What one run of the job came to."""

    code: int = 0
    log: str = ""
    summary: str = ""
    uploaded: dict[str, Any] | None = None
    """The SARIF file that code scanning got; `None` where it got none."""

    @property
    def results(self) -> list[str]:
        """The rules of the alerts that code scanning has after this upload."""
        assert self.uploaded is not None
        return [one["ruleId"] for one in self.uploaded["runs"][0]["results"]]

    @property
    def errors(self) -> list[str]:
        """The annotations that are errors."""
        return [line for line in self.log.splitlines() if line.startswith("::error ")]


@dataclass
class GitHub:
    """One repository at GitHub and its runner."""

    folder: Path
    origin: Path = field(init=False)

    def __post_init__(self) -> None:
        self.origin = self.folder / "origin"
        self.origin.mkdir(parents=True)
        git(self.origin, "init", "-q", "-b", "main")
        git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        self.store = self.folder / "comments.json"
        self._script("gh", _GH.format(python=sys.executable, store=self.store))
        self._script("python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')

    def _script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def push(self, branch: str, content: Files, start: str = "main") -> str:
        """Commit to a branch."""
        known = git(self.origin, "branch", "--list", branch)
        if known:
            git(self.origin, "checkout", "-q", branch)
        elif git(self.origin, "branch", "--list", "main"):
            git(self.origin, "checkout", "-q", "-b", branch, start)
        return commit(self.origin, content)

    def comments(self) -> list[str]:
        """The comments on the pull request."""
        return [one["body"] for one in json.loads(self.store.read_text())] if self.store.exists() else []

    def pull_request(self, branch: str, *, depth: int = 0, token: str = "may-write", **inputs: str) -> Run:
        """Run the action for a pull request from a branch, on what GitHub checks out: it merged into main."""
        base, head = (git(self.origin, "rev-parse", name) for name in ("main", branch))
        git(self.origin, "checkout", "-q", "--detach", "main")
        git(self.origin, "merge", "-q", "--no-ff", "-m", f"Merge {head} into {base}", head)
        merged = git(self.origin, "rev-parse", "HEAD")
        git(self.origin, "update-ref", "refs/pull/7/merge", merged)
        event = {"pull_request": {"number": 7, "base": {"sha": base}, "head": {"sha": head}}}
        return self._run("refs/pull/7/merge", merged, event, depth, token, inputs)

    def pushed(self, branch: str, **inputs: str) -> Run:
        """Run the action for a push."""
        sha = git(self.origin, "rev-parse", branch)
        event = {"ref": f"refs/heads/{branch}", "before": "0" * 40, "after": sha}
        return self._run(f"refs/heads/{branch}", sha, event, 0, "may-write", inputs)

    def _run(
        self, ref: str, sha: str, event: dict[str, Any], depth: int, token: str, given: dict[str, str]
    ) -> Run:
        work, temp = self.folder / "work", self.folder / "temp"
        for folder in (work, temp):
            shutil.rmtree(folder, ignore_errors=True)
        work.mkdir()
        # As actions/checkout does it.
        git(work, "init", "-q")
        git(work, "remote", "add", "origin", f"file://{self.origin}")
        shallow = [f"--depth={depth}"] if depth else []
        wanted = [] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
        name = f"refs/remotes/{ref.removeprefix('refs/')}"
        git(work, "fetch", "-q", *shallow, "origin", *wanted, f"+{sha}:{name}")
        git(work, "checkout", "-q", "--detach", sha)
        venv = temp / "mcpaudit" / "venv" / "bin"
        venv.mkdir(parents=True)
        (venv / "python").symlink_to(self.bin / "python")
        for name in ("output", "summary"):
            (temp / name).touch()
        (temp / "event.json").write_text(json.dumps(event))
        env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(temp),
            "GITHUB_WORKSPACE": str(work),
            "GITHUB_REPOSITORY": "acme/agents",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_EVENT_PATH": str(temp / "event.json"),
            "GITHUB_STEP_SUMMARY": str(temp / "summary"),
            "GITHUB_REF": ref,
            "GITHUB_SHA": sha,
        }
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        context: dict[str, Any] = {
            "inputs": {name: one.get("default", "") for name, one in action["inputs"].items()} | given,
            "github": {"event": event, "token": token},
            "steps": {},
        }
        done = Run()
        for step in action["runs"]["steps"]:
            # What installs is stood in for by this checkout.
            if step.get("id") == "key" or "install" in step.get("run", ""):
                continue
            if done.code or not _true(step.get("if", "true"), context):
                continue
            if "uses" in step:
                if "upload-sarif" in step["uses"]:
                    file = Path(_filled(step["with"]["sarif_file"], context))
                    done.uploaded = json.loads(file.read_text())
                continue
            output = temp / f"output-{step.get('id', 'x')}"
            output.touch()
            own = {name: _filled(text, context) for name, text in step.get("env", {}).items()}
            run = subprocess.run(
                ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
                cwd=work,
                env=env | own | {"GITHUB_OUTPUT": str(output)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            done.code, done.log = run.returncode, done.log + run.stdout
            lines = output.read_text().splitlines()
            context["steps"][step.get("id", "x")] = {"outputs": dict(one.split("=", 1) for one in lines)}
        done.summary = (temp / "summary").read_text()
        return done


def _value(path: str, context: dict[str, Any]) -> str:
    found: Any = context
    for part in path.strip().split("."):
        found = found.get(part, "") if isinstance(found, dict) else ""
    return str(found)


def _filled(text: str, context: dict[str, Any]) -> str:
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: _value(match[1], context), text)


def _true(condition: str, context: dict[str, Any]) -> bool:
    for part in condition.split("&&"):
        left, equals, right = part.strip().partition("==")
        if left == "true":
            continue
        value = _value(left, context)
        if value != right.strip().strip("'") if equals else not value:
            return False
    return True
