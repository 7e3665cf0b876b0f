"""Times and names in logs."""

import pytest

from mcpaudit.usage.moment import moment
from mcpaudit.usage.names import apart


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20T08:00:00.123Z", "2026-11-20T08:00:00Z"),
        ("2026-11-20T08:00:00", "2026-11-20T08:00:00Z"),
        ("2026-11-20T23:30:00-02:00", "2026-11-21T01:30:00Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        (1795161600000, "2026-11-20T08:00:00Z"),
        (1795161600123.5, "2026-11-20T08:00:00Z"),
        *(
            (value, "")
            for value in ("", "yesterday", "2026-02-30T00:00:00Z", None, True, [], {}, 0, -1, 10**30)
        ),
        *(
            (value, "")
            for value in ("1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", float("nan"), float("inf"))
        ),
        ("0001-01-01T00:00:00+14:00", ""),
        ("9999-12-31T23:59:59-14:00", ""),
    ],
)
def test_a_time_has_one_form(value: object, expected: str) -> None:
    assert moment(value) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mcp__a__b", ("a", "b")),
        ("mcp__a__b__c", ("a", "b__c")),
        ("mcp__plugin_p_s__t", ("plugin_p_s", "t")),
        *((name, None) for name in ("Bash", "mcp__", "mcp__a", "mcp__a__", "mcp____b", "")),
    ],
)
def test_a_name_comes_apart(name: str, expected: tuple[str, str] | None) -> None:
    assert apart(name) == expected
