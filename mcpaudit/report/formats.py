"""The formats that a report can be written in, by name; each is imported only when it is asked for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from mcpaudit.errors import UsageError
from mcpaudit.model.report import Report

Renderer = Callable[[Report, int, bool], str | Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how a report becomes it, and how its files end."""

    renderer: Renderer
    extension: str
    beside: Callable[[Report], dict[str, str]] | None = None
    """Further files that belong to it, by what stands before their extension."""


def render(report: Report, name: str, *, width: int = 80, colour: bool = False) -> bytes:
    """The report in a format as a whole; width and colour are the terminal's, and matter to `text` alone."""
    return b"".join(rendered(report, name, width=width, colour=colour))


def rendered(report: Report, name: str, *, width: int = 80, colour: bool = False) -> Iterable[bytes]:
    """The same piece by piece: what is large is not held a second time to be written."""
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}; the formats are {', '.join(FORMATS)}")
    found = FORMATS[name].renderer(report, width, colour)
    # A lone half of a surrogate pair is the one thing that a string can hold and a file cannot.
    return (found.encode("utf-8", "replace"),) if isinstance(found, str) else found


def _text(report: Report, width: int, colour: bool) -> str:
    from mcpaudit.report import text

    return text.render(report, width=width, colour=colour)


def _json(report: Report, _width: int, _colour: bool) -> Iterable[bytes]:
    from mcpaudit.report import canonical

    return canonical.file_pieces(report)


def _markdown(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import markdown

    return markdown.render(report)


def _html(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import html

    return html.render(report)


def _sarif(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import sarif

    return sarif.render(report)


def _sarif_full(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import sarif

    return sarif.render(report, full=True)


def _junit(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import junit

    return junit.render(report)


def _gitlab(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import gitlab

    return gitlab.render(report)


def _annotations(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import annotations

    return annotations.render(report)


def _summary(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import markdown

    return markdown.render(report, public=True)


def _comment(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import comment

    return comment.render(report)


def _patch(report: Report, _width: int, _colour: bool) -> str:
    from mcpaudit.report import patch

    return patch.render(report)


def _patches_beside(report: Report) -> dict[str, str]:
    from mcpaudit.report import patch

    return patch.beside(report)


def _late(module: str, function: str = "render") -> Renderer:
    """A renderer that needs nothing of the terminal's, imported when it is asked for."""

    def renderer(report: Report, _width: int, _colour: bool) -> str:
        rendered: str = getattr(import_module(f"mcpaudit.report.{module}"), function)(report)
        return rendered

    return renderer


FORMATS: dict[str, Format] = {
    "text": Format(_text, "txt"),
    "json": Format(_json, "json"),
    "sarif": Format(_sarif, "sarif"),
    "sarif-full": Format(_sarif_full, "sarif"),
    "markdown": Format(_markdown, "md"),
    "html": Format(_html, "html"),
    "patch": Format(_patch, "patch", _patches_beside),
    "junit": Format(_junit, "xml"),
    "gitlab": Format(_gitlab, "json"),
    "annotations": Format(_annotations, "txt"),
    "summary": Format(_summary, "md"),
    "comment": Format(_comment, "md"),
    "csv": Format(_late("csv_tables", "access"), "csv"),
    "csv-findings": Format(_late("csv_tables", "findings"), "csv"),
    "dot": Format(_late("dot"), "dot"),
    "graphml": Format(_late("graphml"), "graphml"),
    "cyclonedx": Format(_late("cyclonedx"), "cdx.json"),
    "oscal-ar": Format(_late("oscal_ar"), "oscal-ar.json"),
    "oscal-component": Format(_late("oscal_component"), "oscal-component.json"),
}
"""`sarif`, and all from `junit` to `comment`, are for code hosts: they name nothing that stands outside of
the repository. Code scanning would reopen what was waived, so `sarif` leaves that out; `sarif-full` has
both."""
