"""The kit: every client of `kit.yaml` finds its files, settles names, and decides as it says there."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.outcome import outcome, rule_name
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.knowledge.client_facts import PLATFORMS
from mcpaudit.model.decision import MODES
from mcpaudit.model.manifest import Hints, Tool
from mcpaudit.model.site import Platform
from tests.clients.kit import PLAIN, Trial, trials
from tests.installation import agent, collect, installed

TRIALS = [pytest.param(trial, id=client) for client, trial in trials().items()]
ROWS = [
    pytest.param(trial, row, id=f"{client} {number}")
    for client, trial in trials().items()
    for number, row in enumerate(trial.decides)
]
# Tried in files of their own, at more length.
OWN = {
    *("claude-code", "codex", "gemini-cli", "copilot-cli", "qwen-code", "opencode", "kilo-code", "auggie"),
    "vscode",
}


def test_every_client_is_tried() -> None:
    assert {client.id for client in CLIENTS} == {*trials(), *OWN}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("trial", TRIALS)
def test_every_level_is_found(trial: Trial, platform: Platform, tmp_path: Path) -> None:
    reads = list(trial.reads(platform))
    if not reads or not trial.levels:
        pytest.skip("it does not exist there")
    files = {path: trial.write(path, {f"s{number}": trial.entry}) for number, (_, path) in enumerate(reads)}
    found = {
        one.name: one for one in installed(collect(tmp_path, files, platform=platform), trial.client).values()
    }
    for number, (read, path) in enumerate(reads):
        one = found[f"s{number}"]
        assert (one.place.file, one.server.id) == (path, "npm:server-x")
        assert one.level.startswith(read.level)
        assert one.reachable


@pytest.mark.parametrize("trial", TRIALS)
def test_of_one_name_the_strongest_counts(trial: Trial, tmp_path: Path) -> None:
    if len(trial.stronger) < 2:
        pytest.skip("it has one level only")
    files = {path: trial.write(path, {"s": trial.entry}) for path in trial.stronger}
    found = installed(collect(tmp_path, files), trial.client).values()
    reached = [one.place.file for one in found if one.reachable]
    assert reached == (trial.stronger if trial.all_load else trial.stronger[:1])
    assert {one.place.file for one in found} == set(trial.stronger)


@pytest.mark.parametrize("trial", TRIALS)
def test_what_is_switched_off_is_not_reached(trial: Trial, tmp_path: Path) -> None:
    if trial.disabled is None:
        pytest.skip("no key of an entry switches it off")
    path = trial.first()
    files = {path: trial.write(path, {"off": {**trial.entry, **trial.disabled}, "on": trial.entry})}
    found = installed(collect(tmp_path, files), trial.client)
    assert (found["off"].state, found["off"].reachable, found["on"].reachable) == ("disabled", False, True)
    assert found["off"].decided is not None


@pytest.mark.parametrize("trial", TRIALS)
@pytest.mark.parametrize("text", ["{", '{"a": ', "\x00"])
def test_a_broken_file_is_said(trial: Trial, text: str, tmp_path: Path) -> None:
    path = trial.first()
    collected = collect(tmp_path, {path: text})
    assert [(gap.place.file, gap.client) for gap in collected.gaps] == [(path, trial.client)]
    assert all(not agent.installations or agent.agent.id == trial.client for agent in collected.agents)


@pytest.mark.parametrize("trial", TRIALS)
def test_one_bad_entry_hides_no_neighbour(trial: Trial, tmp_path: Path) -> None:
    path = trial.first()
    bad = {"name": "bad"} if trial.shape == "list" else {}
    files = {path: trial.write(path, {"bad": {**bad}, "good": trial.entry})}
    found = installed(collect(tmp_path, files), trial.client)
    assert [name for name, one in found.items() if one.reachable] == ["good"]
    assert found["bad"].reason


@pytest.mark.parametrize("trial", TRIALS)
def test_variables_are_put_in_or_left(trial: Trial, tmp_path: Path) -> None:
    path, text = trial.first(), trial.expands or "${X}"
    entry = {**trial.entry, trial.args: [*PLAIN["args"], text, text.replace("X", "UNSET")]}
    collected = collect(tmp_path, {path: trial.write(path, {"s": entry})}, env={"X": "value"})
    words = installed(collected, trial.client)["s"].entry.args[-2:]
    assert words[0].text == ("value" if trial.expands else "${X}")
    assert words[0].known
    assert words[1].known == (not trial.expands)


@pytest.mark.parametrize("trial", TRIALS)
def test_no_key_of_an_entry_is_lost(trial: Trial, tmp_path: Path) -> None:
    path = trial.first()
    files = {path: trial.write(path, {"s": {**trial.entry, "neverHeardOf": 1}})}
    gaps = [gap for gap in collect(tmp_path, files).gaps if gap.place.route[-1:] == ("neverHeardOf",)]
    assert [(gap.kind, gap.client) for gap in gaps] in (
        [("not-understood", trial.client)],
        [("without-effect", trial.client)],
    )


@pytest.mark.parametrize("trial", TRIALS)
def test_rules_name_tools_as_it_says(trial: Trial, tmp_path: Path) -> None:
    path = trial.first()
    for named, expected in trial.names.items():
        server, _, tool = named.rpartition("/")
        files = {path: trial.write(path, {server: trial.entry})}
        assert (
            rule_name(installed(collect(tmp_path, files), trial.client)[server], Tool(tool, ())) == expected
        )


@pytest.mark.parametrize(("trial", "row"), ROWS)
def test_it_decides(trial: Trial, row: dict[str, Any], tmp_path: Path) -> None:
    path = trial.first()
    files = {path: trial.write(path, {"s": {**trial.entry, **row.get("entry", {})}}), **row.get("files", {})}
    collected = collect(tmp_path, files, env=row.get("env", {}))
    config = agent(collected, trial.client)
    own = row.get("own", False)
    one = next(one for one in config.installations if one.server.builtin == own and one.reachable)
    tool = Tool(row.get("tool", "x"), (), Hints(**row.get("hints", {})))
    found = [outcome(config, one, tool, mode) for mode in MODES]
    assert " ".join(decision.verdict.value for decision in found) == row["is"]
    assert all(decision.reason for decision in found)
    assert (found[0].rule.pattern if found[0].rule else None) == row.get("rule")
