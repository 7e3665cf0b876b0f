"""A document as PDF, by WeasyPrint (extra `[pdf]`), with the canonical report attached.

The same document gives the same bytes: its identifier derives from it, and its only time is the day of the
audit. The engine fetches nothing, neither from the network nor from the disk.
"""

import ctypes.util
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from mcpaudit.errors import UsageError
from mcpaudit.model.report import Report
from mcpaudit.report.canonical import to_json
from mcpaudit.report.stable import midnight

ATTACHED = "report.json"
_MOST = 2_000_000
"""Characters: some five hundred pages, which take minutes."""
_INSTALL = "pip install 'mcp-reach-audit[pdf]'"
_LIBRARIES = "https://doc.courtbouillon.org/weasyprint/stable/first_steps.html"


def render(html: str, report: Report) -> bytes:
    """The pages of a document; raises UsageError where it is too long, or WeasyPrint is not there."""
    if len(html) > _MOST:
        raise UsageError(
            f"this is too long for a PDF ({len(html)} characters, at most {_MOST}): render it as HTML"
        )
    try:
        with _no_search():
            import weasyprint
    except ImportError:
        raise UsageError(f"a PDF needs WeasyPrint, which is not installed: {_INSTALL}") from None
    except OSError as error:
        raise UsageError(
            f"a PDF needs Pango, a library of the system that WeasyPrint cannot load ({error}): {_LIBRARIES}"
        ) from None

    class Nothing(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # its types are not known
        """Fetches nothing."""

        def fetch(self, url: str, headers: object = None) -> object:
            raise ValueError("nothing is fetched")

    # It would tell of every style that is for screens only.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    day = datetime.fromisoformat(midnight(report.as_of))
    attached = weasyprint.Attachment(
        string=to_json(report),
        name=ATTACHED,
        description="The canonical report that this document was rendered from",
        created=day,
        modified=day,
        relationship="Source",
        url_fetcher=Nothing(),
    )
    document = weasyprint.HTML(string=html, url_fetcher=Nothing())
    with _fonts_made_on(day):
        found: bytes = document.write_pdf(
            attachments=[attached],
            pdf_identifier=sha256(html.encode("utf-8", "replace")).digest()[:16],
            pdf_tags=True,
        )
    return found


@contextmanager
def _fonts_made_on(day: datetime) -> Iterator[None]:
    """Give the embedded fonts this time: fontTools writes the present one into each, unless told so."""
    usual = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(int(day.timestamp()))
    try:
        yield
    finally:
        if usual is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = usual


@contextmanager
def _no_search() -> Iterator[None]:
    """Load libraries by file name only: on Linux, ctypes starts ldconfig or gcc to look for others."""
    usual = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = lambda name: None
    try:
        yield
    finally:
        ctypes.util.find_library = usual
