"""What a probe says to people and to monitors, whatever servers call themselves."""

from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mcpaudit.report.probe import Probed, as_prometheus, as_text, brief
from tests.hostile import HOSTILE
from tests.test_probes import ONE

BAD = replace(ONE, check="shutdown", verdict="fail", says="it had to be killed", milliseconds=None)
UNKNOWN = replace(ONE, test="auth", check="no-credential", verdict="cannot-test", milliseconds=None)


def test_what_could_not_be_tested_is_neither_well_nor_ill() -> None:
    assert Probed((ONE, UNKNOWN)).well
    assert not Probed((ONE, BAD)).well
    assert not Probed((ONE,), denied=("cursor/b",)).well
    assert (brief((UNKNOWN,)), brief((ONE, UNKNOWN))) == ("nothing could be tested", "1 check went well")
    assert brief((ONE, BAD, BAD)) == "shutdown: fail and 1 more"


def test_each_check_has_its_line() -> None:
    text = as_text(Probed((ONE, BAD, UNKNOWN), waiting=("cursor/c",)), width=80, colour=False)
    assert text.startswith("Probed 1 server: 0 well, 1 not.\n\ncursor/a\n")
    assert "  ping: pass in 3 ms\n" in text
    assert "  shutdown: fail: it had to be killed\n" in text
    assert "nobody has approved them in their client: cursor/c" in text


def test_gauges() -> None:
    lines = as_prometheus((ONE, BAD, UNKNOWN)).splitlines()
    labels = '{server="npm:a",names="cursor/a",test="health",check="ping"}'
    assert f"mcpaudit_probe_ok{labels} 1" in lines
    assert f"mcpaudit_probe_seconds{labels} 0.003" in lines
    assert f"mcpaudit_probe_timestamp_seconds{labels} 1795338000" in lines
    assert sum(line.startswith("mcpaudit_probe_ok{") for line in lines) == 2
    assert any('check="no-credential",verdict="cannot-test"} 1' in line for line in lines)


def test_prometheus_reads_its_own_format() -> None:
    row = replace(BAD, server='say "a\\b"\n', names=("cursor/a",))
    families = {one.name: one for one in text_string_to_metric_families(as_prometheus((ONE, row, UNKNOWN)))}
    assert all(one.type == "gauge" and one.documentation for one in families.values())
    found = {(s.labels["server"], s.labels["check"]): s.value for s in families["mcpaudit_probe_ok"].samples}
    assert list(found.values()) == [1, 0]
    assert ("npm:a", "ping") in found
    assert (row.server, "shutdown") in found


@pytest.mark.parametrize("name", HOSTILE.values())
def test_hostile_names(name: str) -> None:
    row = replace(BAD, server=name, names=(name,), says=name, tool=name)
    for line in as_prometheus((row,)).split("\n"):
        assert line == "" or line.startswith(("# HELP ", "# TYPE ", "mcpaudit_probe_"))
        assert line.isprintable()
    assert list(text_string_to_metric_families(as_prometheus((row,))))
    text = as_text(Probed((row,), (name,), (name,)), width=80, colour=False)
    assert all(line.isprintable() for line in text.split("\n"))
