"""The page's own advice on verifying it, followed to the letter."""

import re
import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path
from shutil import copytree

from mcpaudit.cli.main import run
from mcpaudit.report import html
from mcpaudit.report.canonical import digest, from_json, to_json
from tests.report.example import EXAMPLE


def test_the_commands_in_the_page_do_what_it_says(tmp_path: Path, monkeypatch: object) -> None:
    page = html.render(EXAMPLE)
    section = page[page.index('<section id="verify"') :]
    commands = [unescape(text) for text in re.findall('<pre class="command"><code>(.*?)</code>', section)]
    (tmp_path / "report.json").write_bytes(to_json(EXAMPLE))
    words = shlex.split(commands[0])
    done = subprocess.run(
        [sys.executable, *words[1:]], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == digest(EXAMPLE)
    # Outside of any repository, as the example was audited.
    folder = copytree(Path(__file__).parents[3] / "examples/logistics", tmp_path / "logistics")
    again = tmp_path / "again.json"
    asked = commands[2].replace("PATH", str(folder)).replace("HOME", str(folder / "home"))
    assert run([*shlex.split(asked.replace("report.json", str(again)))[1:]]) == 1
    assert digest(from_json(again.read_bytes())) == digest(EXAMPLE)
    assert commands[1].startswith("mcpaudit render report.json --format html=again.html")
