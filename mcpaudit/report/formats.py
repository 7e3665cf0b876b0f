"""The formats that a report can be written in, by name; each is imported only when it is asked for."""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.model.evidence import NOTHING_BESIDE, Dossier
from mcpaudit.model.report import Report


@dataclass(frozen=True, slots=True)
class Paper:
    """What a report is written on: `text` looks at the terminal, and documents at templates."""

    width: int = 80
    colour: bool = False
    templates: Path | None = None
    """The user's folder of templates."""
    dossier: Dossier = NOTHING_BESIDE
    """What is laid beside the report for the documents that people sign."""


_PAPER = Paper()
Renderer = Callable[[Report, Paper], str | Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how a report becomes it, and how its files end."""

    renderer: Renderer
    extension: str
    beside: Callable[[Report], dict[str, str]] | None = None
    """Further files that belong to it, by what stands before their extension."""


def render(report: Report, name: str, paper: Paper = _PAPER) -> bytes:
    """The report in a format as a whole."""
    return b"".join(rendered(report, name, paper))


def rendered(report: Report, name: str, paper: Paper = _PAPER) -> Iterable[bytes]:
    """The same piece by piece: what is large is not held a second time to be written."""
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}; the formats are {', '.join(FORMATS)}")
    found = FORMATS[name].renderer(report, paper)
    # A lone half of a surrogate pair is the one thing that a string can hold and a file cannot.
    return (found.encode("utf-8", "replace"),) if isinstance(found, str) else found


def _text(report: Report, paper: Paper) -> str:
    from mcpaudit.report import text

    return text.render(report, width=paper.width, colour=paper.colour)


def _json(report: Report, _paper: Paper) -> Iterable[bytes]:
    from mcpaudit.report import canonical

    return canonical.file_pieces(report)


def _markdown(report: Report, _paper: Paper) -> str:
    from mcpaudit.report import markdown

    return markdown.render(report)


def _sarif_full(report: Report, _paper: Paper) -> str:
    from mcpaudit.report import sarif

    return sarif.render(report, full=True)


def _summary(report: Report, _paper: Paper) -> str:
    from mcpaudit.report import markdown

    return markdown.render(report, public=True)


def _patches_beside(report: Report) -> dict[str, str]:
    from mcpaudit.report import patch

    return patch.beside(report)


def _late(module: str, function: str = "render") -> Renderer:
    """A renderer that needs nothing but the report, imported when it is asked for."""

    def renderer(report: Report, _paper: Paper) -> str:
        rendered: str = getattr(import_module(f"mcpaudit.report.{module}"), function)(report)
        return rendered

    return renderer


def _templated(module: str, function: str = "render") -> Renderer:
    """A renderer of a document, which users' templates may change."""

    def renderer(report: Report, paper: Paper) -> str:
        from mcpaudit.report.template import Templates

        made = getattr(import_module(f"mcpaudit.report.{module}"), function)
        rendered: str = made(report, Templates(paper.templates))
        return rendered

    return renderer


def _document(function: str) -> Renderer:
    """A document that people sign, from the report and what is laid beside it."""

    def renderer(report: Report, paper: Paper) -> str:
        from mcpaudit.report import documents
        from mcpaudit.report.template import Templates

        made = getattr(documents, function)
        rendered: str = made(report, paper.dossier, Templates(paper.templates))
        return rendered

    return renderer


def _pdf(function: str) -> Renderer:
    """The same as a PDF."""

    def renderer(report: Report, paper: Paper) -> Iterable[bytes]:
        from mcpaudit.report import pdf

        html = _document(function)(report, paper)
        assert isinstance(html, str)
        return (pdf.render(html, report),)

    return renderer


FORMATS: dict[str, Format] = {
    "text": Format(_text, "txt"),
    "json": Format(_json, "json"),
    "sarif": Format(_late("sarif"), "sarif"),
    "sarif-full": Format(_sarif_full, "sarif"),
    "markdown": Format(_markdown, "md"),
    "html": Format(_templated("html"), "html"),
    "patch": Format(_late("patch"), "patch", _patches_beside),
    "junit": Format(_late("junit"), "xml"),
    "gitlab": Format(_late("gitlab"), "json"),
    "annotations": Format(_late("annotations"), "txt"),
    "summary": Format(_summary, "md"),
    "comment": Format(_late("comment"), "md"),
    "csv": Format(_late("csv_tables", "access"), "csv"),
    "csv-findings": Format(_late("csv_tables", "findings"), "csv"),
    "sign-off": Format(_document("sign_off"), "sign-off.html"),
    "access-review": Format(_document("access_review"), "access-review.html"),
    "evidence": Format(_document("evidence"), "evidence.html"),
    "pdf": Format(_pdf("sign_off"), "sign-off.pdf"),
    "access-review-pdf": Format(_pdf("access_review"), "access-review.pdf"),
    "evidence-pdf": Format(_pdf("evidence"), "evidence.pdf"),
    "access-review-csv": Format(_late("csv_tables", "access_review"), "access-review.csv"),
    "dot": Format(_late("dot"), "dot"),
    "graphml": Format(_late("graphml"), "graphml"),
    "cyclonedx": Format(_late("cyclonedx"), "cdx.json"),
    "oscal-ar": Format(_late("oscal_ar"), "oscal-ar.json"),
    "oscal-component": Format(_late("oscal_component"), "oscal-component.json"),
}
"""`sarif`, and all from `junit` to `comment`, are for code hosts: they name nothing that stands outside of
the repository. Code scanning would reopen what was waived, so `sarif` leaves that out; `sarif-full` has both.
"""

TEXTS = tuple(name for name, one in FORMATS.items() if not one.extension.endswith("pdf"))
"""All but PDF, which takes seconds and needs an extra."""
