"""Probe evidence as a file: what is written is read back, and mistakes are told where they are."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.errors import ConfigurationError
from mcpaudit.model.probe import CHECKS, TESTS, VERDICTS, Probe, Probes
from mcpaudit.probes import as_json, in_order, joined, read_probes

ONE = Probe(
    "npm:a", ("cursor/a",), "health", "ping", "pass", "", "2026-11-22T09:00:00Z", 3, 0, "2025-11-25", ""
)
PROBE = st.builds(
    Probe,
    server=st.text(max_size=9),
    names=st.lists(st.text(max_size=9), min_size=1, max_size=2).map(tuple),
    test=st.sampled_from(TESTS),
    check=st.sampled_from(CHECKS),
    verdict=st.sampled_from(VERDICTS),
    says=st.text(max_size=9),
    at=st.just("2026-11-22T09:00:00Z"),
    milliseconds=st.none() | st.integers(0, 10**6),
    count=st.integers(0, 10**6),
    revision=st.text(max_size=9),
    tool=st.text(max_size=9),
)


@given(st.lists(PROBE, max_size=4, unique_by=lambda one: one.key))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[Probe]) -> None:
    file = tmp_path_factory.mktemp("probes") / "probes.json"
    written = in_order(tuple(rows))
    file.write_bytes(as_json(written))
    assert read_probes(file, "probes.json")[0] == written
    assert as_json(in_order(tuple(reversed(written.probes)))) == as_json(in_order(written.probes))


def test_a_test_that_is_made_again_replaces_what_it_said_and_nothing_else() -> None:
    gone = replace(ONE, check="stdout", verdict="fail")
    kept = (replace(ONE, test="auth", check="no-credential"), replace(ONE, names=("cursor/b",)))
    now = replace(ONE, verdict="fail")
    found = joined(Probes(probes=(ONE, gone, *kept)), Probes(probes=(now,)))
    assert set(found.probes) == {now, *kept}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "pas"}, "probes/0/verdict: expected one of pass, fail"),
        ({"at": "yesterday"}, "probes/0/at: expected a time in UTC"),
        ({"milliseconds": "3"}, "probes/0/milliseconds: expected a whole number"),
        ({"count": -1}, "probes/0/count: expected a whole number"),
        ({"count": True}, "probes/0/count: expected a whole number"),
        ({"names": "cursor/a"}, "probes/0/names: expected a list"),
        ({"extra": 1}, "probes/0/extra: no such key"),
        ({"tool": None}, "probes/0/tool: expected a text"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, change: dict[str, object], message: str) -> None:
    held = json.loads(as_json(Probes(probes=(ONE,))))
    held["probes"][0] |= change
    file = tmp_path / "probes.json"
    file.write_text(json.dumps(held, indent=1))
    with pytest.raises(ConfigurationError) as raised:
        read_probes(file, "probes.json")
    assert message in str(raised.value)
    assert str(raised.value).startswith("probes.json:")


@pytest.mark.parametrize("text", ["{}", "[]", '{"schema": "mcpaudit/usage-v1"}', "{", ""])
def test_what_is_no_evidence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "probes.json"
    file.write_text(text)
    with pytest.raises(ConfigurationError):
        read_probes(file, "probes.json")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        read_probes(tmp_path / "none.json", "none.json")
