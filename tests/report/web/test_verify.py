"""The page's own advice on verifying it, followed to the letter."""

import re
import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from mcpaudit.cli.main import run

FOLDER = Path(__file__).parents[3] / "examples/logistics"


def test_the_commands_in_the_page_do_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page, report = tmp_path / "page.html", tmp_path / "report.json"
    audit = f"check {FOLDER} --home {FOLDER}/home --as-of 2026-11-22 --format json=report.json"
    assert run([*audit.split(), "--format", "html=page.html"]) == 1
    first = report.read_bytes()
    section = page.read_text("utf-8").partition('<section id="verify"')[2]
    commands = [unescape(text) for text in re.findall('<pre class="command"><code>(.*?)</code>', section)]
    digest, rendered, audited = (shlex.split(command) for command in commands)
    done = subprocess.run([sys.executable, *digest[1:]], capture_output=True, text=True, check=True)
    assert f"sha256:{done.stdout.strip()}<" in section
    assert rendered[-4:] == ["&&", "cmp", "again.html", "THIS-PAGE.html"]
    assert run(rendered[1:-4]) == 0
    assert Path("again.html").read_bytes() == page.read_bytes()
    report.unlink()
    places = {"PATH": str(FOLDER), "HOME": f"{FOLDER}/home"}
    assert run([places.get(part, part) for part in audited[1:]]) == 1
    assert report.read_bytes() == first
