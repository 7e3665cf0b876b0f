"""Every format, from an audit of a wholly hostile installation, before the judge of that format.

One audit serves all: its strings stand in every field that a server, a client's file or a pull request fills.
"""

import json
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mcpaudit.audit import audit
from mcpaudit.model.report import Report
from mcpaudit.report.canonical import from_json
from mcpaudit.report.formats import FORMATS, render
from mcpaudit.request import Request
from tests.hostile import HOSTILE
from tests.hostile_site import TEXTS, built
from tests.installation import AS_OF
from tests.judges import data, markdown, page, runner, terminal
from tests.report.hostile_report import with_hostile

pytestmark = pytest.mark.promise("hostile-text")


def _text(content: bytes) -> None:
    shown = content.decode()
    terminal.check(shown)
    runner.check(shown)
    assert max(map(len, shown.splitlines())) <= 80


def _markdown(content: bytes) -> None:
    shown = content.decode()
    assert len(shown) < 1_000_000, "a step of GitHub may write 1 MiB"
    markdown.check(shown)


def _html(content: bytes, **more: Any) -> None:
    shown = content.decode()
    found = page.check(shown, **more)
    blocks = [has for name, has in found.elements if name == "script"]
    assert len(blocks) in (0, 3), "the data, the page's script and cytoscape"
    for text, inside in found.texts:
        if "script" in inside and text.lstrip().startswith("{"):
            data.json(text.encode())


JUDGES: dict[str, Callable[[bytes], object]] = {
    "text": _text,
    "json": data.json,
    "sarif": data.sarif,
    "sarif-full": data.sarif,
    "markdown": _markdown,
    "summary": _markdown,
    "comment": _markdown,
    "html": partial(_html, allowed=frozenset({"form"})),
    "sign-off": _html,
    "access-review": _html,
    "evidence": _html,
    "junit": data.xml,
    "graphml": data.xml,
    "gitlab": data.json,
    "cyclonedx": data.json,
    "oscal-ar": data.json,
    "oscal-component": data.json,
    "annotations": lambda content: runner.check(content.decode(), "error", "warning", "notice"),
    "csv": data.csv,
    "csv-findings": data.csv,
    "access-review-csv": data.csv,
    "dot": data.dot,
    # A patch keeps the tabs and line ends of its file, or it would not apply; they harm no terminal.
    "patch": lambda content: terminal.check(content.decode().replace("\r\n", "\n").replace("\t", " ")),
}
SLOW = frozenset({"pdf", "access-review-pdf", "evidence-pdf"})
"""Made from the HTML of `sign-off`, `access-review` and `evidence`, and judged in `test_hostile_slow.py`."""


@cache
def report() -> Report:
    """The audit of the hostile site."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        built(folder)
        site = site_in(folder)
        return audit(Request(site=site, as_of=AS_OF, manifests=folder / "lists"))


def site_in(folder: Path) -> Any:
    from mcpaudit.model.site import Site

    return Site(folder / "project", folder / "home", folder / "root", "linux", {})


def test_every_format_has_a_judge() -> None:
    assert set(JUDGES) | SLOW == set(FORMATS), "a new format needs a judge of its own in this file"


@pytest.mark.parametrize("name", JUDGES)
def test_no_text_of_others_acts_in_a_format(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    content = render(report(), name)
    JUDGES[name](content)
    assert len(content) < 20_000_000
    record_property("formats with a judge", len(JUDGES))
    record_property("hostile strings", len(TEXTS) + 1)


def test_the_hostile_strings_are_in_the_report() -> None:
    # Half of a surrogate pair is replaced when it is read.
    texts = {text for text in TEXTS if text != HOSTILE["surrogate"]}
    assert texts <= {row.name for row in report().installations}
    assert {text for text in texts if text.strip()} <= {row.name for row in report().tools}
    assert {row.policy for row in report().findings} >= {"own-0", "own-9"}


def test_a_diff_that_cannot_be_seen_is_left_out() -> None:
    changed = render(with_hostile(HOSTILE["ansi"]), "patch")
    JUDGES["patch"](changed)
    assert b"It is left out" in changed
    assert b'-      "Bash(psql:*)"' not in changed
    assert b"drop the rule" in changed


def test_a_saved_report_gives_the_same_again() -> None:
    content = render(report(), "json")
    assert render(from_json(content), "json") == content
    assert json.loads(content)["installations"]
