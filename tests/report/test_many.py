"""Reports on hundreds of servers stay readable, and lose nothing: what is not shown is counted."""

from dataclasses import replace

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import ExcessRow
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.step import Step
from mcpaudit.report.formats import render
from tests.report.sample import SAMPLE

SERVERS = 200


def of(name: str) -> str:
    return render(many(), name).decode()


def many() -> Report:
    """One cause that hundreds of servers are part of, and as many that nobody needs."""
    base = SAMPLE
    steps = tuple(
        Step("loads", "agent", f"s{number}", f"step {number}", "certain", None) for number in range(SERVERS)
    )
    places = tuple(Location(".mcp.json", 1 + number % 100, 5) for number in range(SERVERS))
    finding: FindingRow = replace(base.findings[0], witness=steps, locations=places)
    rows = tuple(
        ExcessRow(
            f"x{number}",
            "server",
            "unneeded",
            f"npm:s{number}",
            f"s{number}",
            ("a",),
            "p",
            "r",
            "certain",
            (),
        )
        for number in range(SERVERS)
    )
    tools = tuple(
        replace(rows[0], id=f"t{number}", level="tool", name="kept", tool=f"tool_{number}")
        for number in range(SERVERS)
    )
    role = base.conflicts[0].roles[0]
    roles = tuple(replace(role, name=f"party-{number}") for number in range(SERVERS))
    conflict = replace(base.conflicts[0], roles=roles)
    return replace(base, findings=(finding,), excess=(*tools, *rows), conflicts=(conflict,))


def test_the_text_counts_what_it_does_not_show() -> None:
    text = " ".join(of("text").split())
    assert "16. step 15" in text
    assert "17. step 16" not in text
    assert "and 184 more steps" in text
    assert ".mcp.json:8:5 and 92 more" in text
    assert (
        "200 tools of kept (unneeded, a): tool_0, tool_1, tool_2, tool_3, tool_4, tool_5 and 194 more" in text
    )
    assert "and 188 more: --format json" in text
    assert len(of("text").splitlines()) < 250


def test_markdown_counts_them_too() -> None:
    assert "and 184 more steps" in of("markdown")
    assert "step 16" not in of("markdown")


def test_a_page_folds_what_is_much_and_json_tells_all() -> None:
    page = of("html")
    assert "184 more steps" in page
    assert '<ol class="path" start="17">' in page
    assert "192 more parties" in page
    assert all(f"party-{number}" in page for number in range(SERVERS))
    assert all(f'"step {number}"' in of("json") for number in range(0, SERVERS, 40))
