"""A page opened in a real Chromium, for tests that click: nothing it says on the console may go unseen."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

needs_chromium = [
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium here: the HTML report was not opened in a browser"
    ),
]


@dataclass
class Opened:
    """A page, what its console said, and what it asked for besides itself."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@contextmanager
def opened(
    text: str, folder: Path, *, width: int = 1200, scripts: bool = True, dark: bool = False, at: str = ""
) -> Iterator[Opened]:
    """The page of this text; at the end its console must be empty and its network untouched."""
    file = folder / "report.html"
    file.write_text(text, "utf-8", "replace")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
        )
        found = Opened(context.new_page())
        found.page.set_default_timeout(20_000)
        found.page.on("console", lambda message: found.said.append(message.text))
        found.page.on("pageerror", lambda error: found.said.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.said.append(dialog.message), dialog.dismiss()))
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.goto(f"{file.as_uri()}{at}")
        yield found
        browser.close()
    assert found.said == []
    assert [url.partition("#")[0] for url in found.asked] == [file.as_uri()]
