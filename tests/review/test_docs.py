"""docs/review.md holds word for word: its commands are run in order, and what they print is compared."""

import doctest
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from mcpaudit.cli.main import run

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "review.md").read_text("utf-8")
BLOCKS: list[str] = re.findall(r"```console\n(.*?)```\n", PAGE, re.DOTALL)
# A command, and all that it prints up to the next one.
COUNTS = re.compile(r"\d+ (files|findings|fail|possible|documents)")
"""What grows with every policy that ships."""
STEP = re.compile(r"^\$ (?P<command>.*)\n(?P<expected>(?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("ssh-keygen") is None or os.name == "nt", reason="the page is for a shell with OpenSSH"
)
def test_the_page_holds_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "examples" / "logistics", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    checker = doctest.OutputChecker()
    steps = [step for block in BLOCKS for step in STEP.finditer(block)]
    assert len(steps) > 12
    for step in steps:
        capfd.readouterr()
        if step["command"].startswith("mcpaudit "):
            run(shlex.split(step["command"])[1:])
        else:
            subprocess.run(["bash", "-c", step["command"]], check=True)
        captured = capfd.readouterr()
        shown = captured.err + captured.out
        wanted, counted = (COUNTS.sub(r"N \1", text) for text in (step["expected"], shown))
        same = checker.check_output(wanted, counted, doctest.ELLIPSIS)
        assert same, f"$ {step['command']}\n{shown}"
