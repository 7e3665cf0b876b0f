"""Discovery agrees with what the real clients list, tree by tree; `record.py` asked them."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Site
from tests.oracle.trees import RECORDINGS, lay_out, trees

CLIENTS = sorted(path.stem for path in RECORDINGS.glob("*.json"))
CASES = [(client, tree) for client in CLIENTS for tree in trees(client)]
NAMES = [f"{client}: {tree['name']}" for client, tree in CASES]
# How each client's list shows a state: a server that is not loaded is marked, or missing.
SHOWN = {
    "auggie": {"loaded": "on", "disabled": "off"},
    "claude-code": {"loaded": "on", "pending": "pending"},
    "codex": {"loaded": "on", "disabled": "off"},
    "copilot-cli": {"loaded": "on", "disabled": "off"},
    "factory-droid": {"loaded": "on", "disabled": "off"},
    "gemini-cli": {"loaded": "on"},
    "kilo-code": {"loaded": "on", "disabled": "off"},
    "opencode": {"loaded": "on", "disabled": "off"},
    "qwen-code": {"loaded": "on"},
}
# Where a list says more than we tell apart: Gemini CLI shows some switched-off servers and hides others.
NOT_COMPARED = {"gemini-cli": {"off"}}


def told(client: str, name: str) -> dict[str, Any]:
    recorded = json.loads((RECORDINGS / f"{client}.json").read_text("utf-8"))
    answer: dict[str, Any] = recorded["answers"][name]
    return answer


def target(one: Installation) -> str:
    if one.client == "factory-droid":
        return one.server.transport
    if one.entry.url is not None and one.server.transport != "stdio":
        return one.entry.url.text
    return " ".join([one.entry.command, *(word.text for word in one.entry.args)])


def listed(client: str, site: Site) -> dict[str, list[str]]:
    found = discover(site, Packs.shipped(), as_is=True)
    return {
        one.name: [target(one), SHOWN[client][one.state]]
        for config in found.agents
        if config.agent.client == client
        for one in config.installations
        if one.state in SHOWN[client] and one.shadowed_by is None and not one.server.builtin
    }


@pytest.mark.parametrize(("client", "tree"), CASES, ids=NAMES)
def test_we_list_what_the_client_lists(client: str, tree: dict[str, Any], tmp_path: Path) -> None:
    project, home, env = lay_out(tree, tmp_path.resolve())
    answer = told(client, tree["name"])
    ours = listed(client, Site(project, home, None, "linux", env))
    if answer["stopped"]:
        assert ours == {}, "the client stops with this configuration"
        return
    hidden = NOT_COMPARED.get(client, set())
    theirs = {name: row for name, row in answer["servers"].items() if row[1] not in hidden}
    if "differs" in tree:
        assert ours != theirs, f"no difference any more: {tree['differs']}"
    else:
        assert ours == theirs


def test_every_tree_was_recorded_and_every_recording_has_its_tree() -> None:
    for client in CLIENTS:
        recorded = json.loads((RECORDINGS / f"{client}.json").read_text("utf-8"))
        assert list(recorded["answers"]) == [tree["name"] for tree in trees(client)]
        assert recorded["version"]
