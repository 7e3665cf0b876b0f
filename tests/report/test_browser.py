"""The HTML report in a real browser: it opens offline, the console stays empty, and nobody's code runs."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from mcpaudit.report import html
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import SAMPLE
from tests.report.test_html import Shape

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--enable-logging=stderr", "--virtual-time-budget=2000", "--dump-dom"),
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium here: the HTML report was not opened in a browser"
    ),
]


def opened(page: str, folder: Path) -> tuple[Shape, list[str], list[str]]:
    """The page once its script ran, what the console said, and what the page asked the network for."""
    file, log = folder / "report.html", folder / "net.json"
    file.write_text(page, "utf-8")
    command = [
        CHROMIUM or "",
        *FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={log}",
        file.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    said = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    requests = [event.get("params", {}) for event in json.loads(log.read_text("utf-8", "replace"))["events"]]
    # What the browser does for itself has no initiator.
    asked = [row["url"] for row in requests if row.get("initiator", "not an origin") != "not an origin"]
    return Shape(done.stdout), said, [url for url in asked if not url.startswith(("file:", "data:"))]


def elements(page: Shape, *names: str) -> int:
    """How many elements of these names there are."""
    return sum(name in names for name, _ in page.elements)


def test_the_page_works_offline_and_quietly(tmp_path: Path) -> None:
    page, said, asked = opened(html.render(SAMPLE), tmp_path)
    assert said == []
    assert asked == []
    assert ("form", ("class", "id")) in page.elements, "the script did not run: the filter is still hidden"
    assert elements(page, "details") > 10


def test_a_page_that_does_what_it_must_not_is_noticed(tmp_path: Path) -> None:
    more = '<script>document.body.append(document.createElement("canvas"))</script><img src="http://evil.example/">'
    forbidden = html.render(SAMPLE).replace("</main>", f"{more}</main>")
    page, said, _ = opened(forbidden, tmp_path)
    assert any("Content Security Policy" in line for line in said)
    assert elements(page, "canvas") == 0
    (tmp_path / "open").mkdir()
    page, _, asked = opened(f"<!doctype html><body>{more}", tmp_path / "open")
    assert elements(page, "canvas") == 1
    assert asked == ["http://evil.example/"]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    everything = " ".join(text for name, text in HOSTILE.items() if name not in ("very-long", "surrogate"))
    page, said, asked = opened(html.render(with_hostile(everything)), tmp_path)
    assert said == []
    assert asked == []
    assert elements(page, "script", "style") == 4
    assert elements(page, "img", "iframe", "object", "embed", "link", "base", "h1") == 1
    assert not [name for _, names in page.elements for name in names if name.startswith("on")]
