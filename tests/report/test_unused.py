"""What a report shows of servers and tools that nobody uses."""

from dataclasses import replace

from mcpaudit.model.report_fact import ExcessRow, IdlenessRow
from mcpaudit.report.canonical import from_json, to_json
from mcpaudit.report.formats import Paper, render
from tests.report.sample import SAMPLE

IDLE = IdlenessRow(0, "", "2026-10-20", "2026-11-20", 32, 9, 40, 32, 2)


def row(tool: str = "") -> ExcessRow:
    level = "tool" if tool else "server"
    reason = "not called once in logs from 2026-10-20 to 2026-11-20"
    return ExcessRow(
        f"unused {level}: npm:acme/{tool}", level, "unused", "npm:acme", "acme", ("cursor",), "", reason,
        "possible", (), tool, ("write",) if tool else (), idleness=IDLE,
    )  # fmt: skip


def test_tools_of_one_server_stand_in_one_line() -> None:
    report = replace(SAMPLE, excess=(row(), *(row(f"tool_{number}") for number in range(9))))
    shown = " ".join(render(report, "text", Paper(width=80)).decode().split())
    assert "acme (unused, cursor): not called once in logs from 2026-10-20 to 2026-11-20" in shown
    told = "9 tools of acme (unused, cursor): tool_0, tool_1, tool_2, tool_3, tool_4, tool_5 and 3 more"
    assert told in shown


def test_it_survives_the_report_file() -> None:
    report = replace(SAMPLE, excess=(row("tool"),))
    assert from_json(to_json(report)) == report
