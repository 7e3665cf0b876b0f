"""The tools that clients bring along."""

import pytest

from mcpaudit.knowledge.builtin import builtin_manifest, builtin_tools, default_decision
from mcpaudit.knowledge.client_facts import known_clients
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import MODES, Verdict

CLIENTS = known_clients()
# They talk, and have no tools of their own.
TALK = ("claude-desktop", "lm-studio", "jetbrains-ai")


@pytest.mark.parametrize("client", CLIENTS)
def test_each_client_has_a_manifest_of_its_own_server(client: str) -> None:
    manifest = builtin_manifest(client)
    assert (manifest.server, manifest.source) == (f"builtin:{client}", "builtin")
    assert [tool.name for tool in manifest.tools] == [tool.name for tool in builtin_tools(client)]
    assert manifest.reason


@pytest.mark.parametrize("client", [client for client in CLIENTS if client not in TALK])
def test_each_agent_can_run_commands_and_read_files(client: str) -> None:
    reached = {(t.provider, t.kind): t.actions for tool in builtin_tools(client) for t in tool.touches}
    assert reached["local", "exec"] == {"execute"}
    assert ("local", "file") in reached


@pytest.mark.parametrize("client", CLIENTS)
def test_every_tool_is_decided_in_every_mode_and_names_its_source(client: str) -> None:
    names = [tool.name for tool in builtin_tools(client)]
    assert len(names) == len(set(names))
    for tool in builtin_tools(client):
        assert set(tool.defaults) == set(MODES)
        assert tool.source
        assert tool.defaults["headless"] is not Verdict.ASK
        assert tool.defaults["bypass"] is Verdict.ALLOW


def test_claude_code_asks_for_the_shell_and_reads_the_working_directory_unasked() -> None:
    assert default_decision("claude-code", "Bash", "interactive").verdict is Verdict.ASK
    assert default_decision("claude-code", "Bash", "headless").verdict is Verdict.DENY
    reading = default_decision("claude-code", "Read", "interactive")
    assert reading.verdict is Verdict.ALLOW
    assert "inside the working directory" in reading.reason
    assert reading.certainty is Certainty.CERTAIN


def test_what_is_not_verified_is_possible() -> None:
    assert default_decision("cursor", "Shell", "interactive").certainty is Certainty.POSSIBLE
    assert {touch.certainty for tool in builtin_manifest("cursor").tools for touch in tool.touches} == {
        Certainty.POSSIBLE
    }


def test_what_a_model_decides_is_unknown() -> None:
    found = default_decision("qwen-code", "run_shell_command", "interactive")
    assert (found.verdict, found.certainty) == (Verdict.UNKNOWN, Certainty.UNKNOWN)
    assert "lets a model decide call by call" in found.reason


@pytest.mark.parametrize("client", ["opencode", "kilo-code"])
def test_one_permission_speaks_of_every_change_to_a_file(client: str) -> None:
    names = {tool.name for tool in builtin_tools(client)}
    assert "edit" in names
    assert not names & {"write", "apply_patch", "patch", "multiedit"}


def test_an_unlisted_tool_or_client_is_unknown() -> None:
    assert default_decision("claude-code", "Nope", "bypass").verdict is Verdict.UNKNOWN
    assert default_decision("nobody", "Bash", "bypass").certainty is Certainty.UNKNOWN
    assert builtin_tools("nobody") == ()
    assert not builtin_manifest("nobody").complete
