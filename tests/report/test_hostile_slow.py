"""The hostile site in real readers: Chromium, a parser by the HTML standard, PDF; and every string alone."""

import json
from io import BytesIO
from pathlib import Path

import pytest

from mcpaudit.report.formats import FORMATS, render
from tests.hostile import HOSTILE
from tests.judges import markdown, page
from tests.report.browser import CHROMIUM, opened
from tests.report.hostile_report import strings, with_each, with_hostile
from tests.report.test_hostile_formats import JUDGES, SLOW, report

pytestmark = [pytest.mark.promise("hostile-text"), pytest.mark.slow]
PAGES = tuple(name for name, one in FORMATS.items() if one.extension.endswith("html"))
in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: no page was opened in a browser")
_LOADS = "img, iframe, object, embed, link, base, video, audio, math, marquee"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_each_text_in_all_fields_of_a_report(text: str) -> None:
    found = with_hostile(text)
    for name, judge in JUDGES.items():
        judge(render(found, name))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_the_same_to_the_parser_of_the_standard(name: str) -> None:
    shown = render(report(), name).decode()
    allowed = frozenset({"form"})
    exact = page.check(shown, allowed=allowed, exact=True)
    quick = page.check(shown, allowed=allowed)
    # The standard adds elements that may be left out; nothing else may be understood in another way.
    added = ("tbody", "head", "body", "html", "colgroup")
    seen = [[row for row in one.shape() if row[0] not in added] for one in (exact, quick)]
    assert [(name.lower(), len(has)) for name, has in seen[0]] == [(name, len(has)) for name, has in seen[1]]


@in_chromium
@pytest.mark.parametrize("name", PAGES)
def test_no_page_runs_loads_or_opens_anything(name: str, tmp_path: Path) -> None:
    # `opened` fails for a dialog, a request and anything on the console, which the page's policy writes to.
    with opened(render(report(), name).decode(), tmp_path) as found:
        found.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        assert found.page.locator(_LOADS).count() == 0
        assert found.page.locator("[onerror], [onload], [onmouseover], [srcdoc]").count() == 0
        assert found.page.locator("main style, main script").count() == 0
        assert found.page.locator("h1").count() == 1
        assert found.page.evaluate("[...document.links].every((one) => one.hash !== '')")
        found.page.wait_for_timeout(300)


@in_chromium
@pytest.mark.parametrize("name", ["markdown", "summary", "comment"])
def test_rendered_markdown_shows_text_alone(name: str, tmp_path: Path) -> None:
    shown = markdown.html(render(report(), name).decode())
    head = "<!doctype html><html lang=en><head><meta charset=utf-8><title>x</title></head>"
    with opened(f"{head}<body>{shown}</body></html>", tmp_path) as found:
        assert found.page.locator(f"{_LOADS}, a, body script, body style, form, input, svg").count() == 0
        assert found.page.locator("h1").count() <= 1


@pytest.mark.parametrize("name", sorted(SLOW))
def test_a_pdf_has_no_link_action_or_attachment_of_others(name: str) -> None:
    pytest.importorskip("weasyprint")
    from pypdf import PdfReader

    # Every text in every field is judged in the HTML that it is made of; all at once would be 200 pages.
    texts = [text for key, text in HOSTILE.items() if key not in ("very-long", "surrogate")]
    found = with_each(texts, len(name))
    held = " ".join(strings(json.loads(render(found, "json"))))
    assert [text for text in texts if text not in held] == []
    reader = PdfReader(BytesIO(render(found, name)))
    for leaf in reader.pages:
        for note in leaf.get("/Annots", []):
            action = note.get_object().get("/A", {})
            assert action.get("/S") in (None, "/GoTo"), action
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])
    assert len(list(reader.attachments)) == 1
