"""The documents that people sign, in a real browser: quiet, offline, readable on a phone."""

from pathlib import Path

import pytest

from tests.hostile import HOSTILE
from tests.report.browser import needs_chromium, opened
from tests.report.hostile_report import with_hostile
from tests.report.sample import SAMPLE
from tests.report.test_documents import DOCUMENTS, full

pytestmark = needs_chromium


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("width", [1200, 390])
def test_a_document_is_quiet_and_fits_its_screen(name: str, width: int, tmp_path: Path) -> None:
    with opened(DOCUMENTS[name](SAMPLE, full(SAMPLE)), tmp_path, width=width) as found:
        assert found.page.evaluate("document.documentElement.scrollWidth") <= width
        assert found.page.evaluate("getComputedStyle(document.querySelector('th')).textAlign") == "left"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_hostile_runs(name: str, tmp_path: Path) -> None:
    report = with_hostile(HOSTILE["script-end"] + HOSTILE["event"] + HOSTILE["css"])
    with opened(DOCUMENTS[name](report, full(report)), tmp_path) as found:
        assert found.page.locator("script, img, svg, main style").count() == 0
        assert found.page.locator("h1").is_visible()
