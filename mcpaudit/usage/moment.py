"""Times in logs, brought to one form: `2026-11-22T09:00:00Z`."""

from datetime import UTC, datetime

_FIRST, _LAST = 2020, 2100
"""MCP is from 2024; a time outside of these years is no time."""


def moment(value: object) -> str:
    """A time as ISO 8601 text or in milliseconds since 1970; empty for anything else."""
    try:
        if isinstance(value, str) and len(value) < 40:
            at = datetime.fromisoformat(value)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            at = datetime.fromtimestamp(value / 1000, UTC)
        else:
            return ""
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{at.isoformat()[:19]}Z" if _FIRST <= at.year < _LAST else ""
