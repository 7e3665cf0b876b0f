"""PDF: the same bytes each time, the canonical report inside, and pages that can be read."""

import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.errors import UsageError
from mcpaudit.report import documents, pdf
from mcpaudit.report.canonical import digest, to_json
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.formats import TEXTS, Paper, render
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import SAMPLE
from tests.report.test_documents import DOCUMENTS, full

PDFS = dict(zip(("pdf", "access-review-pdf", "evidence-pdf"), DOCUMENTS, strict=True))


@pytest.fixture
def engine() -> None:
    """Skips, and says so, where PDFs cannot be made."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"WeasyPrint or its libraries are not there: {error}")


def opened(content: bytes) -> Any:
    pypdf = pytest.importorskip("pypdf")
    return pypdf.PdfReader(BytesIO(content))


def text_of(reader: Any) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def squeezed(text: str) -> str:
    """Lines may break anywhere in a long name."""
    return re.sub(r"\s+", "", text)


def test_without_the_extra_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(UsageError, match=r"not installed: pip install 'mcp-reach-audit\[pdf\]'"):
        pdf.render("<p>x</p>", SAMPLE)


def test_without_the_systems_libraries_the_sentence_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, path: object = None, target: object = None) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libgobject-2.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(UsageError, match=r"Pango, a library of the system .*libgobject"):
        pdf.render("<p>x</p>", SAMPLE)


def test_what_would_take_hours_is_refused() -> None:
    with pytest.raises(UsageError, match="too long for a PDF"):
        pdf.render("x" * 2_000_001, SAMPLE)


def test_nothing_is_fetched(engine: None, tmp_path: Any) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>secret</text></svg>')
    html = (
        f'<style>@import "{secret.as_uri()}"; p {{ background: url({secret.as_uri()}) }}</style>'
        f'<link rel="stylesheet" href="{secret.as_uri()}"><link rel="attachment" href="{secret.as_uri()}">'
        f'<p>shown<img src="{secret.as_uri()}" alt=""><object data="{secret.as_uri()}"></object></p>'
    )
    reader = opened(pdf.render(html, SAMPLE))
    assert list(reader.attachments) == [pdf.ATTACHED]
    assert "secret" not in text_of(reader)
    assert "shown" in text_of(reader)


def test_the_day_of_the_audit_is_the_only_time(engine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    content = pdf.render("<meta name=dcterms.created content=2026-11-22><p>x</p>", SAMPLE)
    # Fonts that are cut down to what is used hold the time when that was done.
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert pdf.render("<meta name=dcterms.created content=2026-11-22><p>x</p>", SAMPLE) == content
    assert set(re.findall(rb"D:(\d{8})", content)) == {b"20261122"}
    assert opened(content).attachments[pdf.ATTACHED][0] == to_json(SAMPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", PDFS)
def test_a_document_as_pdf(engine: None, name: str) -> None:
    dossier = full(SAMPLE)
    content = render(SAMPLE, name, Paper(dossier=dossier))
    assert content == render(SAMPLE, name, Paper(dossier=dossier)), "two runs differ"
    reader = opened(content)
    assert reader.attachments[pdf.ATTACHED] == [to_json(SAMPLE)]
    text, total = text_of(reader), len(reader.pages)
    assert total > 3
    assert digest(SAMPLE) in squeezed(text)
    for number, page in enumerate(reader.pages, 1):
        assert f"page {number} of {total}" in page.extract_text()
    contents = re.findall(r"(\d+)\. ([A-Z][^.]*?) *\.{3,} *(\d+)", reader.pages[0].extract_text())
    html = DOCUMENTS[PDFS[name]](SAMPLE, dossier)
    assert len(contents) == html.count("<h2 ")
    for number, title, at in contents:
        assert f"{number}. {title}" in " ".join(reader.pages[int(at) - 1].extract_text().split())
    assert [str(one.title) for one in reader.outline if not isinstance(one, list)]
    assert reader.trailer["/Root"].get("/MarkInfo", {}).get("/Marked")
    assert name not in TEXTS


@pytest.mark.slow
def test_another_process_writes_the_same_bytes(engine: None) -> None:
    program = (
        "import sys; from mcpaudit.report.formats import render; from tests.report.sample import SAMPLE;"
        "sys.stdout.buffer.write(render(SAMPLE, 'pdf'))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != b""
    assert runs[0].stderr == b"", "the engine tells nothing on the terminal"


@pytest.mark.slow
def test_heads_of_tables_are_repeated_on_every_page(engine: None) -> None:
    from tests.report.example import EXAMPLE

    reader = opened(render(EXAMPLE, "access-review-pdf"))
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    sheets = [text for text in texts if "keep" in text and "remove" in text and "How to review" not in text]
    assert len(sheets) > 4
    assert all("Credential, last use" in text for text in sheets)
    whole = squeezed(" ".join(texts))
    for one in entitlements(EXAMPLE):
        assert whole.count(one.id.removeprefix("E-")) == 1


@pytest.mark.slow
def test_hostile_names_stay_text(engine: None) -> None:
    report = with_hostile(HOSTILE["event"] + HOSTILE["css"])
    reader = opened(pdf.render(documents.sign_off(report), report))
    assert list(reader.attachments) == [pdf.ATTACHED]
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    assert all("/URI" not in link.get("/A", {}) for link in links)
    assert "onerror=alert(1)" in squeezed(text_of(reader))
