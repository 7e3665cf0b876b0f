"""The tools of one server, with those that do the same and are decided in the same way in one row."""

from collections.abc import Iterable

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report_access import ToolRow


@dataclass(frozen=True, slots=True)
class ToolGroup:
    """Tools that differ in nothing but their names."""

    names: tuple[str, ...]
    row: ToolRow
    """One of them, for all that they have in common."""
    decisions: tuple[tuple[str, tuple[str, ...], str], ...]
    """Outcome in the audited mode, the agents that have it, and the outcome if the server claimed nothing."""


def tool_groups(tools: Iterable[ToolRow], mode: str) -> tuple[ToolGroup, ...]:
    """In the order of the first tool of each group."""
    found: dict[tuple[object, ...], list[ToolRow]] = {}
    for tool in tools:
        key = (tool.actions, tool.certainty, tool.resources, tool.hint_mismatch, _decisions(tool, mode))
        found.setdefault(key, []).append(tool)
    return tuple(
        ToolGroup(tuple(row.name for row in rows), rows[0], _decisions(rows[0], mode))
        for rows in found.values()
    )


def _decisions(tool: ToolRow, mode: str) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    agents: dict[tuple[str, str], dict[str, None]] = {}
    for row in tool.decisions:
        now = getattr(row, mode, "unknown")
        claimed = getattr(row.hints_ignored, mode, now) if row.hints_ignored else now
        agents.setdefault((now, "" if claimed == now else claimed), {})[row.agent] = None
    return tuple((now, tuple(names), claimed) for (now, claimed), names in agents.items())
