"""Links of `mcpaudit.yaml`: asserted, denied, without effect; and the accounts that servers sign in to."""

from pathlib import Path
from typing import Any

import pytest

from mcpaudit.model.fact import Conflict
from mcpaudit.model.report import Report
from mcpaudit.policy.configuration import read_configuration
from tests.installation import facts_of, npx, report_of, servers

SLACK = npx("@modelcontextprotocol/server-slack@2025.4.25", SLACK_TEAM_ID="T1")
ASANA = npx("@roychri/mcp-server-asana@1.8.0")
CALENDAR = npx("@cocal/google-calendar-mcp@2.6.3")
ANN = "google:ann@example.com"
LINKED = f"""
links:
  - {{from: "slack:T1", to: "{ANN}/calendar.event/**", holds: true}}
  - {{from: asana, to: "{ANN}/calendar.event/**", holds: true}}
"""
ACCOUNT = f'servers: [{{identity: "npm:@cocal/*", accounts: ["{ANN}"]}}]\n'


def given(**entries: Any) -> dict[str, Any]:
    return {"~/.config/Claude/claude_desktop_config.json": servers(**entries)}


def facts(folder: Path, said: str, **entries: Any) -> Any:
    path = folder / "m.yaml"
    path.write_text(f"apiVersion: mcpaudit/v1\n{said}")
    return facts_of(folder, given(**entries), None, read_configuration(path, "mcpaudit.yaml")[0])


def on_calendar(folder: Path, said: str, **entries: Any) -> list[Conflict]:
    found = facts(folder, said, **entries).conflicts
    return [one for one in found if one.transitive and "calendar.event" in one.resource]


def report(folder: Path, said: str, **entries: Any) -> Report:
    return report_of(folder, given(**entries) | {"mcpaudit.yaml": f"apiVersion: mcpaudit/v1\n{said}"})


@pytest.mark.parametrize(
    ("said", "certainty", "resource"),
    [
        ("", "possible", "google:?/calendar.event"),
        # That they are linked does not say that it is one account.
        (LINKED.replace("ann@example.com", "**"), "possible", "google:?/calendar.event"),
        (LINKED, "certain", f"{ANN}/calendar.event"),
    ],
)
def test_a_calendar_through_slack_and_a_project_tool(
    tmp_path: Path, said: str, certainty: str, resource: str
) -> None:
    (one,) = on_calendar(tmp_path, said, slack=SLACK, asana=ASANA)
    assert (one.certainty.value, one.resource) == (certainty, resource)
    places = {str(edge.place) for edge in one.witness if edge.kind == "reaches" and edge.place}
    expected = {"mcpaudit.yaml / links / 0", "mcpaudit.yaml / links / 1"}
    assert places == (expected if said else set())


def test_the_calendars_own_server_joins_them_where_its_account_is_said(tmp_path: Path) -> None:
    (one,) = on_calendar(tmp_path, LINKED + ACCOUNT, slack=SLACK, asana=ASANA, calendar=CALENDAR)
    assert {role.name for role in one.roles} == {"slack", "asana", "calendar"}
    assert (one.certainty.value, one.resource) == ("certain", f"{ANN}/calendar.event")
    assert "mcpaudit.yaml / servers / 0 / accounts / 0" in {str(edge.place) for edge in one.witness}


def test_without_its_account_it_may_be_the_same_calendar(tmp_path: Path) -> None:
    found = on_calendar(tmp_path, LINKED, slack=SLACK, asana=ASANA, calendar=CALENDAR)
    assert {one.certainty.value for one in found} == {"certain", "possible"}


def test_links_to_two_accounts_are_two_calendars(tmp_path: Path) -> None:
    apart = LINKED.replace("ann@example.com", "bob@example.com", 1)
    assert on_calendar(tmp_path, apart, slack=SLACK, asana=ASANA) == []


def far(folder: Path, said: str, provider: str = "google") -> set[tuple[str, str, str | None]]:
    rows = facts(folder, said, slack=SLACK).rows
    return {
        (str(row.resource), edge.certainty.value, edge.place and str(edge.place))
        for row in rows
        if row.transitive and row.resource.provider == provider
        for edge in row.witness
        if edge.kind == "reaches"
    }


DENIED = 'links: [{from: slack, to: "google:**", holds: false}]'


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (DENIED, set()),
        # One account, calendar or workspace is not all of them.
        ('links: [{from: slack, to: "google:ann@example.com/**", holds: false}]', "possible"),
        ('links: [{from: slack, to: "google:**/calendar.event/primary/**", holds: false}]', "possible"),
        ('links: [{from: "slack:T2", to: "google:**", holds: false}]', "possible"),
        # An assertion counts before a denial: this one says "that account and no other".
        (
            f'{DENIED[:-1]}, {{from: slack, to: "{ANN}/**", holds: true}}]',
            ANN,
        ),
    ],
)
def test_what_a_denial_takes_away(tmp_path: Path, said: str, expected: Any) -> None:
    found = far(tmp_path, said)
    if not expected:
        assert found == set()
    elif expected == "possible":
        assert {(name, sure) for name, sure, _ in found} == {
            ("google:?/calendar.event", "possible"),
            ("google:?/drive.file", "possible"),
        }
    else:
        assert {(name, sure) for name, sure, _ in found} == {
            (f"{ANN}/calendar.event", "certain"),
            (f"{ANN}/drive.file", "certain"),
        }


def test_the_report_says_what_a_denial_left_out(tmp_path: Path) -> None:
    limits = report(tmp_path, DENIED, slack=SLACK).coverage.limits
    assert (
        "mcpaudit.yaml:2 denies that slack reaches google:**; on its word, what slack:T1 may reach so is"
        " left out."
    ) in limits
    assert not any("denies" in one for one in report(tmp_path, "", slack=SLACK).coverage.limits)


def test_a_link_that_no_pack_knows(tmp_path: Path) -> None:
    said = 'links: [{from: slack, to: "notion:acme/page/**", holds: true, actions: [read]}]'
    assert far(tmp_path, said, "notion") == {("notion:acme/page", "certain", "mcpaudit.yaml / links / 0")}
    rows = [row for row in facts(tmp_path, said, slack=SLACK).rows if row.resource.provider == "notion"]
    assert {action for row in rows for action in row.actions} == {"read"}
    wide = facts(tmp_path, said.replace(", actions: [read]", ""), slack=SLACK).rows
    assert {"read", "delete"} <= {a for row in wide if row.resource.provider == "notion" for a in row.actions}


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ('{from: slak, to: "google:**", holds: true}', "did you mean `slack`?"),
        ('{from: slack, to: "twilio:**", holds: false}', "denies that slack reaches twilio:**"),
        ('{from: "slack:T2", to: "google:**", holds: true}', "asserts that slack:T2"),
        (
            '{from: slack, to: "google:ann@example.com/**", holds: false}',
            "denies that slack reaches google:ann",
        ),
    ],
)
def test_a_link_that_matches_nothing_is_told_with_its_line(tmp_path: Path, link: str, says: str) -> None:
    (gap,) = report(tmp_path, f"links:\n  - {link}\n", slack=SLACK).coverage.gaps
    assert (gap.kind, gap.location.file, gap.location.line) == ("without-effect", "mcpaudit.yaml", 3)
    assert says in gap.reason


def test_a_variable_counts_before_what_the_organisation_says(tmp_path: Path) -> None:
    google = {"command": "uvx", "args": ["workspace-mcp"], "env": {"USER_GOOGLE_EMAIL": "Bob@Example.com"}}
    said = f'servers: [{{identity: "pypi:workspace-mcp", accounts: ["{ANN}"]}}]'
    rows = facts(tmp_path, said, google=google).rows
    assert {row.resource.tenant for row in rows if row.resource.provider == "google"} == {"bob@example.com"}
