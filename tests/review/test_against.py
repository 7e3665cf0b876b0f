"""A sign-off goes stale with any change of what it rests on, and says which, and what that lets agents do."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.errors import UsageError
from mcpaudit.installed import installed
from mcpaudit.manifests.lock.write import dump
from mcpaudit.model.review import Check
from mcpaudit.request import Request
from mcpaudit.review.against import against_checks
from mcpaudit.review.verify import opened
from tests.review.packets import POLICY, SERVERS, both, packet, request, verified


@pytest.fixture
def asked(tmp_path: Path) -> Request:
    # With the shipped policies, as the command has it.
    return replace(request(tmp_path / "site"), shipped_policies=True)


@pytest.fixture
def whole(asked: Request, tmp_path: Path) -> Path:
    return both(packet(tmp_path / "packet", asked))


def held(whole: Path, asked: Request) -> tuple[Check, ...]:
    return against_checks(opened(whole), asked.site)


def change(asked: Request, name: str, content: Any) -> None:
    assert asked.site.project is not None
    path = asked.site.project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), "utf-8")


def own(**more: Any) -> str:
    given = {"apiVersion": "mcpaudit/v1", "policies": ["rules"], **more}
    return yaml.safe_dump(given)


def test_what_did_not_change_is_what_was_signed(whole: Path, asked: Request) -> None:
    (check,) = held(whole, asked)
    assert (check.outcome, check.sentence) == ("holds", "what is installed is what was signed")
    found = verified(whole, more=(check,))
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("mcpaudit.yaml", own(disable=["unpinned-package"]), "the policy unpinned-package was removed"),
        (".mcp.json", {"mcpServers": {"files": SERVERS["mcpServers"]["files"]}}, ".mcp.json was changed"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                ("mcpaudit.yaml", own(review={"threshold": {"security": 1}}), "mcpaudit.yaml was changed"),
                ("mcpaudit.yaml", own(severities={"no-slack": "low"}), "the policy no-slack was changed"),
                ("rules/no-slack.yaml", yaml.safe_dump(POLICY) + "# x\n", "rules/no-slack.yaml was changed"),
                (".mcpaudit/signers", "# nobody\n", ".mcpaudit/signers was changed"),
                (
                    ".mcpaudit/waivers.yaml",
                    "apiVersion: mcpaudit/v1\nwaivers: []\n",
                    ".mcpaudit/waivers.yaml was added",
                ),
                (".claude/settings.json", {"permissions": {"allow": []}}, ".claude/settings.json was added"),
            )
        ),
    ],
)
def test_each_change_makes_it_stale(whole: Path, asked: Request, name: str, content: Any, told: str) -> None:
    change(asked, name, content)
    check = held(whole, asked)[0]
    assert check.outcome == "fails"
    assert check.sentence.startswith("the sign-off is stale: ")
    assert told in check.details
    assert verified(whole, more=(check,)).exit_code == 1


def test_the_lock_counts_as_well(whole: Path, asked: Request) -> None:
    change(asked, "mcpaudit.lock", dump(installed(asked).lock).decode())
    assert "mcpaudit.lock was added" in held(whole, asked)[0].details


def test_it_says_what_a_change_lets_agents_do(whole: Path, asked: Request) -> None:
    fetch = {"command": "uvx", "args": ["mcp-server-fetch==2025.4.7"]}
    change(asked, ".mcp.json", {"mcpServers": {**SERVERS["mcpServers"], "fetch": fetch}})
    _, access = held(whole, asked)
    assert "gained" in access.sentence
    assert any(line.startswith("gained: Claude Code") and "fetch" in line for line in access.details)


def test_it_says_where_a_change_lets_agents_do_nothing_else(whole: Path, asked: Request) -> None:
    change(asked, ".mcp.json", {**SERVERS, "other": 1})
    stale, access = held(whole, asked)
    assert stale.details == (".mcp.json was changed",)
    assert access.sentence == "no access is known to be other"
    assert [line.partition(":")[0] for line in access.details] == ["not known"]


def test_another_part_of_the_machine_is_not_compared(whole: Path, asked: Request) -> None:
    with pytest.raises(UsageError, match="the packet is about project, user, system on linux"):
        against_checks(opened(whole), replace(asked.site, home=None))
