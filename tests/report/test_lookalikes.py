"""Two servers whose names look alike are told apart where people read of them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mcpaudit.report import access_table, decision_table
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import named, prose
from mcpaudit.report.formats import render
from tests.hostile import LOOKALIKES
from tests.installation import npx, report_of, saved, servers
from tests.judges import markdown, page

pytestmark = pytest.mark.promise("hostile-text")


# Half pairs of surrogates are one character once a file is read.
PAIRS = [pair for pair in LOOKALIKES if "\ud83d" not in pair[0]]
SOON = (PAIRS[1], PAIRS[6])


@pytest.mark.parametrize(("approved", "other"), SOON)
def test_a_name_cannot_pass_for_an_approved_one(
    approved: str, other: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    _told_apart(approved, other, tmp_path)
    record_property("pairs of names that look alike", 1)


@pytest.mark.slow
@pytest.mark.parametrize(("approved", "other"), [pair for pair in PAIRS if pair not in SOON])
def test_nor_can_any_other_name_that_looks_alike(
    approved: str, other: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    _told_apart(approved, other, tmp_path)
    record_property("pairs of names that look alike", 1)


def _told_apart(approved: str, other: str, tmp_path: Path) -> None:
    seen: dict[str, list[str]] = {}
    for number, name in enumerate((approved, other)):
        files = {
            ".mcp.json": servers(**{name: npx("@modelcontextprotocol/server-filesystem@2026.8.31", "/srv")})
        }
        report = report_of(tmp_path / str(number), files)
        agent = report.agents[0].id
        seen.setdefault("text", []).append(render(report, "text").decode())
        seen.setdefault("access", []).append(access_table.access_table(report))
        table = decision_table.decision_table(report, agent, width=80, colour=False)
        seen.setdefault("decisions", []).append(table)
        seen.setdefault("markdown", []).append(markdown.check(render(report, "markdown").decode()).said())
        for format in ("html", "sign-off", "access-review", "evidence"):
            shown = page.read(render(report, format).decode()).said()
            seen.setdefault(format, []).append(shown.replace(digest(report), ""))
    alike = [format for format, (one, two) in seen.items() if _read(one) == _read(two)]
    assert alike == []


def _read(shown: str) -> str:
    """As a person reads it: blanks joined, digests of files passed over."""
    return re.sub(r"\s+", " ", re.sub(r"\b[0-9a-f]{8,64}\b", "", shown)).strip()


def test_saved_tools_that_look_alike_are_told_apart(tmp_path: Path) -> None:
    files = {".mcp.json": servers(hub=npx("acme-hub@1.0.0"))}
    names = list(dict.fromkeys(name for pair in PAIRS for name in pair if name.strip()))
    report = report_of(tmp_path, files, {"hub": saved(*names)})
    for shown in (
        decision_table.decision_table(report, report.agents[0].id, width=100, colour=False),
        page.read(render(report, "html").decode()).said(),
    ):
        joined = re.sub(r"\s+", " ", shown)
        # A blank before a comma is seen by itself.
        lost = [name for name in names if prose(named(name)) not in joined and f"{name}, " not in joined]
        assert lost == []
    assert len({prose(named(name)) for name in names}) == len(names)
