"""Whether servers are well: each bad one is found, and a good one gives no false alarm."""

import json
import sys
from typing import Any

import pytest

from tests.live.odd_web import web
from tests.live.probe.probing import Probing, bad
from tests.live.running import odd

WELL = dict.fromkeys(("reachable", "ping", "listing", "shutdown", "stdout", "stderr"), "pass")


@pytest.mark.parametrize(
    ("kind", "revision"), [("first", "2024-11-05"), ("good", "2025-06-18"), ("modern", "2026-07-28")]
)
def test_a_good_server_of_every_era_is_well(site: Probing, kind: str, revision: str) -> None:
    seen = site.install(one=odd(kind)).seen()["one"]
    assert {check: row["verdict"] for check, row in seen.items()} == WELL
    assert seen["reachable"]["revision"] == revision
    assert seen["listing"]["count"] == 2
    assert all(seen[check]["milliseconds"] >= 0 for check in ("reachable", "ping", "listing"))


@pytest.mark.parametrize(
    ("words", "check", "says"),
    [
        (["exits"], "reachable", "exited with code 3"),
        (["silent"], "reachable", "it gave no answer within 2 s"),
        (["junk"], "reachable", "what is no MCP message"),
    ],
)
def test_one_that_is_not_reached(site: Probing, words: list[str], check: str, says: str) -> None:
    seen = site.install(one=odd(*words)).seen(timeout=2)["one"]
    assert seen[check]["verdict"] == "fail"
    assert says in seen[check]["says"]
    assert "ping" not in seen


@pytest.mark.parametrize(
    ("words", "check", "says"),
    [
        ("no-ping", "ping", "it gave no answer within 3 s"),
        ("unstable-calls", "listing", "two calls on one connection differ: `b`"),
        ("unstable-connections FILE", "listing", "two connections differ: `tool_1` and 1 more"),
        ("second-time-gone FILE", "listing", "a second connection failed: it exited with code 1"),
        ("stays", "shutdown", "it did not end within 2 s of its input, only when told"),
        ("stays-for-ever", "shutdown", "it had to be killed"),
        ("leaves", "shutdown", "it ended and left processes behind"),
        ("fails-at-the-end", "shutdown", "it ended with its input, with exit code 7"),
        ("banner", "stdout", "one line on its standard output that no client understands"),
    ],
)
def test_each_failure_is_found(site: Probing, words: str, check: str, says: str) -> None:
    entry = bad(*words.replace("FILE", str(site.folder / "state")).split())
    seen = site.install(one=entry).seen(timeout=3)["one"]
    assert says in seen[check]["says"]
    assert [one for one, row in seen.items() if row["verdict"] == "fail"] == [check]


@pytest.mark.parametrize(
    ("kind", "check", "says", "count"),
    [
        ("reordered", "listing", "the same tools each time, in another order", 2),
        ("chatty", "stderr", "", 12000),
    ],
)
def test_oddities_are_told_and_no_failure(
    site: Probing, kind: str, check: str, says: str, count: int
) -> None:
    row = site.install(one=bad(kind)).seen()["one"][check]
    assert (row["verdict"], row["says"], row["count"]) == ("pass", says, count)


def test_remote_servers(site: Probing) -> None:
    with web() as state:
        kinds = ("good", "modern", "login", "broken")
        site.install(**{kind: {"url": f"{state.url}/{kind}"} for kind in kinds})
        seen = site.seen()
    verdicts = {name: {check: row["verdict"] for check, row in one.items()} for name, one in seen.items()}
    well = dict.fromkeys(("reachable", "ping", "listing"), "pass")
    assert verdicts["good"] == verdicts["modern"] == well
    assert verdicts["login"] == {"reachable": "cannot-test"}
    assert verdicts["broken"] == {"reachable": "fail"}


def test_the_lock(site: Probing) -> None:
    names = site.folder / "names.json"
    names.write_text('["get_note"]')
    site.install(one=odd("named-in", str(names)))
    site.list("--update-lock")
    assert site.seen()["one"]["lock"]["verdict"] == "pass"
    names.write_text('["delete_note", "get_note"]')
    row = site.seen()["one"]["lock"]
    assert (row["verdict"], row["count"]) == ("fail", 1)
    assert "delete_note" in row["says"]


def test_exit_codes_for_monitors(site: Probing) -> None:
    assert site.install(one=odd("good")).probe() == 0
    assert site.install(one=odd("good"), two=odd("exits")).probe() == 1
    assert site.probe("one") == 0
    assert site.probe("three") == 2
    assert site.install().probe() == 3


def test_nothing_is_started_without_a_yes(site: Probing) -> None:
    file = site.folder / "ran"
    site.install(one=odd("marks", str(file)))
    assert (
        site.command("live", "probe", "--path", str(site.project), "--home", str(site.folder / "home")) == 2
    )
    assert not file.exists()
    assert not site.evidence.exists()


def test_evidence_of_other_servers_stays(site: Probing) -> None:
    site.install(one=odd("good"), two=odd("exits")).probe()
    before = json.loads(site.evidence.read_text())["probes"]
    assert {row["names"][0] for row in before} == {"cursor/one", "cursor/two"}
    site.probe("one")
    after = json.loads(site.evidence.read_text())["probes"]
    assert [row["check"] for row in after] == [row["check"] for row in before]
    assert [row for row in after if row["names"] == ["cursor/two"]] == [
        row for row in before if row["names"] == ["cursor/two"]
    ]


def test_evidence_that_is_none_is_not_replaced(site: Probing) -> None:
    file = site.folder / "ran"
    site.install(one=odd("marks", str(file)))
    site.evidence.parent.mkdir(parents=True)
    site.evidence.write_text('{"schema": "mcpaudit/probes-v1", "probes": [{"server": 1}]}')
    assert site.probe() == 2
    assert "probes.json:1:" in site.err
    assert not file.exists()


def test_no_secret_of_an_entry_is_in_the_evidence(site: Probing) -> None:
    site.install(one=bad("leaks-token", env={"API_TOKEN": "s3cr3t-v4lue-9"}))
    assert site.probe() == 1
    assert "bad ***" in site.evidence.read_text()
    assert "s3cr3t" not in site.evidence.read_text() + site.out + site.err


def test_prometheus(site: Probing) -> None:
    site.install(one=odd("good"), two=odd("exits"))
    file = site.folder / "metrics.prom"
    assert site.probe("--format", f"prometheus={file}", "--format", "text") == 1
    lines = file.read_text().splitlines()
    ok = {line.rpartition(" ")[0]: line[-1] for line in lines if line.startswith("mcpaudit_probe_ok")}
    assert next(value for name, value in ok.items() if "cursor/two" in name and "reachable" in name) == "0"
    assert all(value == "1" for name, value in ok.items() if "cursor/one" in name)
    assert all(line.startswith(("# HELP ", "# TYPE ", "mcpaudit_probe_")) for line in lines)
    assert "Probed 2 servers: 1 well, 1 not." in site.out


def test_open_telemetry(site: Probing) -> None:
    site.install(one=odd("good"), two=odd("exits"))
    file = site.folder / "metrics.json"
    assert site.probe("--format", f"otel={file}") == 1
    (resource,) = json.loads(file.read_text())["resource_metrics"]
    metrics = {one["name"]: one for one in resource["scope_metrics"][0]["metrics"]}
    points = metrics["mcpaudit.probe.ok"]["data"]["data_points"]
    values = {(one["attributes"]["names"], one["attributes"]["check"]): one["value"] for one in points}
    assert values["cursor/one", "ping"] == 1
    assert values["cursor/two", "reachable"] == 0
    assert metrics["mcpaudit.probe.duration"]["unit"] == "s"


@pytest.mark.parametrize(
    ("module", "words", "says"),
    [
        ("opentelemetry.sdk.metrics.export", ["--format", "otel"], "pip install 'mcp-reach-audit[otel]'"),
        (
            "opentelemetry.exporter.otlp.proto.http.metric_exporter",
            ["--otlp", "http://127.0.0.1:9/v1/metrics"],
            "opentelemetry-exporter-otlp-proto-http",
        ),
    ],
)
def test_a_missing_package_is_named_before_anything_is_started(
    site: Probing, monkeypatch: pytest.MonkeyPatch, module: str, words: list[str], says: str
) -> None:
    file = site.folder / "ran"
    monkeypatch.setitem(sys.modules, module, None)
    assert site.install(one=odd("marks", str(file))).probe(*words) == 2
    assert says in site.err
    assert not file.exists()


def test_watching_does_it_again(site: Probing) -> None:
    site.install(one=odd("good"))
    assert site.probe("--watch", "0", "--runs", "2") == 0
    assert site.out.count("Probed 1 server") == 2
    assert site.err.count("cursor/one: starts") == 1, "it asks once"


def test_check_judges_it(site: Probing) -> None:
    site.install(one=bad("banner"), two=odd("exits")).probe()

    def found(*words: str) -> dict[str, Any]:
        site.command(
            "check", str(site.project), "--home", str(site.folder / "home"), "--format", "json", *words
        )
        return {
            (one["policy"], one["subject"].partition(" as ")[2]): one
            for one in json.loads(site.out)["findings"]
        }

    judged = found()
    assert ("failed-health-check", "two: reachable") in judged
    assert ("junk-on-standard-output", "one: stdout") in judged
    assert not [policy for policy, _ in judged if policy == "outdated-probe"]
    assert [policy for policy, _ in found("--as-of", "2099-01-01")].count("outdated-probe") == 2
    moved = site.folder / "elsewhere.json"
    site.evidence.rename(moved)
    assert ("failed-health-check", "two: reachable") not in found()
    assert ("failed-health-check", "two: reachable") in found("--probes", str(moved))
