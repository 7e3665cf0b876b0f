"""The page of `mcpaudit live list`, for any server's words."""

import json

import pytest

from mcpaudit.model.live import OUTCOMES, Listing, Outcome
from mcpaudit.report.live_list import Listed, as_json, as_text, brief
from tests.hostile import HOSTILE


def row(outcome: Outcome = "listed", text: str = "x", number: int = 0) -> Listing:
    return Listing(
        server="npm:acme",
        names=(f"cursor/{text}{number}",),
        transport="stdio",
        started=text,
        outcome=outcome,
        reason="" if outcome == "listed" else text,
        said=(text,),
        tools=(text,),
        protocol=text,
        notes=(text,),
        seconds=1.25,
    )


@pytest.mark.parametrize("name", list(HOSTILE))
def test_nothing_that_a_server_says_gets_through(name: str) -> None:
    text = HOSTILE[name]
    rows = (row(text=text), row("exited", text, 1))
    page = as_text(Listed(rows, (text,), (text,), text, (text,)), width=80, colour=False)
    assert all(line.isprintable() for line in page.split("\n"))
    assert json.loads(as_json(Listed(rows, (), ())))["servers"][0]["seconds"] == 1.25
    assert "\n" not in as_json(Listed(rows, (), ())).decode()[:-1]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_its_line(outcome: Outcome) -> None:
    page = as_text(Listed((row(outcome, "why"),), (), ()), width=80, colour=False)
    if outcome == "listed":
        assert page.startswith("Listed 1 server: 1 tool.\n\n  cursor/why0 1 tool, MCP why, 1.2 s\n")
        assert brief(row()) == "1 tool"
    else:
        assert page.startswith("Listed 0 of 1 server: 0 tools.\n\n  cursor/why0 not listed: why\n")
        assert brief(row(outcome, "why")) == "not listed: why"


def test_advice_names_whom_it_is_for_and_only_what_helps() -> None:
    rows = tuple(row("login", "r", number) for number in range(5))
    page = " ".join(as_text(Listed(rows, ("cursor/w",), ()), width=100, colour=False).split())
    assert "cursor/r0, cursor/r1, cursor/r2 and 2 more: only its client holds the login" in page
    assert "not asked, as nobody has approved them in their client: cursor/w; name one to ask it" in page
    assert "--update-lock" not in page
