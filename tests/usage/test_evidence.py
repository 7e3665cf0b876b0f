"""Usage evidence as a file: read back as it was written, with the place of every mistake, and joined."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as generated
from hypothesis import strategies as st

from mcpaudit.errors import ConfigurationError, McpauditError
from mcpaudit.model.site import Site
from mcpaudit.model.usage import SCHEMA, Usage
from mcpaudit.report.usage import as_json, as_text
from mcpaudit.usage.evidence import merge, read_evidence
from mcpaudit.usage.given import given
from tests.hostile import HOSTILE
from tests.usage import logs
from tests.usage.logs import lines, usage_of


@pytest.fixture
def usage(tmp_path: Path) -> Usage:
    log = tmp_path / "s1.jsonl"
    first = logs.claude(logs.tool_use("mcp__a__b", "t1"), at="2026-11-01T08:00:00Z")
    second = logs.claude(logs.tool_use("mcp__a__b", "t2"), session="s2")
    log.write_text(lines(first, second) + "{\n")
    return usage_of(log)


def together(*paths: Path) -> Usage:
    return given(paths, Site(None, None))[0]


def test_it_is_read_back_as_it_was_written(tmp_path: Path, usage: Usage) -> None:
    (tmp_path / "u.json").write_text(as_json(usage))
    assert read_evidence(tmp_path / "u.json", "u.json")[0] == usage
    assert together(tmp_path / "u.json") == usage


def test_evidence_and_logs_can_be_given_together(tmp_path: Path, usage: Usage) -> None:
    (tmp_path / "u.json").write_text(as_json(usage))
    both = together(tmp_path / "u.json", tmp_path / "s1.jsonl")
    assert [one.calls for one in both.tools] == [4]
    assert [one.days for one in both.windows] == [one.days for one in usage.windows]


def test_joining_keeps_the_first_and_the_last_time(usage: Usage) -> None:
    both = merge([usage, usage])
    assert (both.tools[0].calls, both.tools[0].first, both.tools[0].last) == (
        4,
        "2026-11-01T08:00:00Z",
        "2026-11-20T08:00:00Z",
    )
    assert (both.sources[0].files, both.unread[0].count, both.windows[0].sessions) == (2, 2, 4)
    assert merge([]) == Usage(SCHEMA, "", (), (), (), ())


MISTAKES: list[tuple[str, Any, str]] = [
    ("tools/0/calls", "3", "expected a whole number"),
    ("tools/0/calls", -1, "expected a whole number"),
    ("tools/0/calls", True, "expected a whole number"),
    ("tools/0/server", 3, "expected a text"),
    ("tools/0/last", "yesterday", "expected a day or time"),
    ("windows/0/days", ["2026-02-30"], "expected a day or time"),
    ("windows/0/days", {}, "expected a list"),
    ("windows/0", [], "expected an object"),
    ("tools/0/tol", "x", "did you mean `tool`?"),
    ("schema", "mcpaudit/usage-v9", "expected `mcpaudit/usage-v1`"),
]


@pytest.mark.parametrize(("route", "value", "told"), MISTAKES)
def test_a_mistake_has_its_place(tmp_path: Path, usage: Usage, route: str, value: Any, told: str) -> None:
    tree: Any = json.loads(as_json(usage))
    node, *steps = tree, *route.split("/")
    for step in steps[:-1]:
        node = node[int(step) if step.isdigit() else step]
    node[int(steps[-1]) if steps[-1].isdigit() else steps[-1]] = value
    (tmp_path / "u.json").write_text(json.dumps(tree, indent=1, sort_keys=True))
    with pytest.raises(ConfigurationError) as error:
        together(tmp_path / "u.json")
    assert told in str(error.value)
    assert error.value.mistakes[0].line > 0


def test_a_key_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "u.json").write_text(f'{{"schema": "{SCHEMA}", "since": ""}}')
    with pytest.raises(ConfigurationError, match="the key `tools` is missing"):
        together(tmp_path / "u.json")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@generated(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: f'{{"schema":"{SCHEMA}",{text}'.encode())
)
def test_any_bytes_are_evidence_or_a_mistake(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "u.json").write_bytes(content)
    with pytest.raises(McpauditError):
        together(tmp_path / "u.json")


@pytest.mark.parametrize("name", list(HOSTILE))
def test_no_name_gets_through_to_the_terminal(tmp_path: Path, name: str) -> None:
    word = HOSTILE[name][:200] or "x"
    (tmp_path / "s.jsonl").write_text(lines(logs.claude(logs.tool_use(f"mcp__{word}__{word}", "t1"))))
    usage = usage_of(tmp_path / "s.jsonl")
    page = as_text(usage, width=80, colour=False)
    assert all(line.isprintable() for line in page.split("\n"))
    assert all(len(line) <= 80 for line in page.split("\n"))
    (tmp_path / "u.json").write_text(as_json(usage))
    assert [one.calls for one in together(tmp_path / "u.json").tools] == [one.calls for one in usage.tools]
