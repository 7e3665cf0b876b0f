"""Tools whose words name a call that their provider publishes."""

import pytest

from mcpaudit.knowledge.capability import RawTool, infer
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.action import EVERYTHING, OBSERVING
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Tool

PACKS = Packs.shipped()


def tool(name: str, server: str, provider: str, description: str = "", **properties: object) -> Tool:
    schema = {"properties": {key: {"type": "string"} for key in properties}}
    return infer(RawTool(name, "", description, schema), server, [provider], PACKS)  # type: ignore[arg-type]


def certain(found: Tool) -> frozenset[str]:
    """All that it is sure to do."""
    return frozenset().union(*(one.actions for one in found.touches if one.certainty is Certainty.CERTAIN))


@pytest.mark.parametrize(
    ("name", "server", "actions", "says"),
    [
        (
            "detach_user_policy",
            "pypi:awslabs.iam-mcp-server",
            {"write", "share", "admin"},
            "iam:DetachUserPolicy",
        ),
        ("list_users", "pypi:awslabs.iam-mcp-server", {"list"}, "iam:ListUsers"),
        ("dynamodb_put_item", "npm:some-aws-thing", {"write"}, "dynamodb:PutItem"),
        ("s3_delete_object", "npm:some-aws-thing", {"delete"}, "s3:DeleteObject"),
        ("RenameTable", "pypi:awslabs.s3-tables-mcp-server", {"write"}, "s3tables:RenameTable"),
        ("ec2_create_tags", "npm:some-aws-thing", {"write"}, "ec2:CreateTags"),
    ],
)
def test_aws_names(name: str, server: str, actions: set[str], says: str) -> None:
    found = tool(name, server, "aws")
    assert certain(found) == frozenset(actions)
    assert any(f"`{says}`" in text for touch in found.touches for text in touch.evidence)


def test_an_action_that_the_description_names_alone_is_the_call() -> None:
    text = "Policies that apply. You need the permission iam:DetachUserPolicy."
    assert "`iam:DetachUserPolicy`" in str(tool("update_policies", "npm:x", "aws", text).touches)
    assert "iam:" not in str(tool("update_policies", "npm:x", "aws", f"{text} And iam:GetUser.").touches)


def test_a_description_takes_nothing_away_from_the_name() -> None:
    """Descriptions are the server's own words, and may lie."""
    assert "delete" in certain(tool("delete_everything", "npm:x", "aws", "Needs s3:GetObject only."))


def test_of_another_provider_the_name_of_an_aws_call_says_nothing() -> None:
    assert "AWS" not in str(tool("s3_delete_object", "npm:x", "github").touches)
    assert "AWS" in str(tool("s3_delete_object", "npm:x", "aws").touches)


def test_a_command_line_of_the_provider_is_any_call_of_it() -> None:
    found = tool("call_aws", "pypi:awslabs.aws-api-mcp-server", "aws", cli_command="")
    assert ("aws", "", EVERYTHING) in {(one.provider, one.kind, one.actions) for one in found.touches}
    assert found.actions & OBSERVING  # so that a read-only switch leaves it its reading
    assert tool("call_it", "npm:x", "local", cli_command="").actions != EVERYTHING


@pytest.mark.parametrize(
    ("name", "server", "actions"),
    [
        ("calendar_events_insert", "npm:gws", {"create"}),
        ("gmail_users_messages_send", "npm:gws", {"send"}),
        ("events_watch", "npm:google-calendar-mcp", {"read"}),
        ("drive_files_emptyTrash", "npm:gws", {"delete"}),
    ],
)
def test_google_names(name: str, server: str, actions: set[str]) -> None:
    found = tool(name, server, "google")
    assert certain(found) == frozenset(actions)
    assert "Google's method" in str(found.touches)


def test_a_google_method_names_the_scopes_that_open_it() -> None:
    (touch,) = tool("drive_about_get", "npm:gws", "google").touches
    assert "`drive.about.get`, a GET that takes `drive` or" in touch.evidence[0]
