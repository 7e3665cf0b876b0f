"""What descriptions say beyond their first verb."""

import pytest

from mcpaudit.knowledge.prose import from_description, phrases_in
from mcpaudit.model.certainty import Certainty

C, P = Certainty.CERTAIN, Certainty.POSSIBLE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Runs a search of the index", {"read"}),
        ("Execute a SQL query", {"read", "create", "write", "delete", "execute"}),
        ("Execute a read Cypher query", {"read"}),
        ("Provides instructions for installing it", {"read"}),
        ("Send a sharing invitation", {"share", "send"}),
        ("Create a new user account", {"create", "share", "admin"}),
        ("Create or update an access policy", {"create", "write", "share", "admin"}),
        ("Retrieves and formats the market's status", {"read"}),
        ("Converts a text and saves the audio", {"read", "create"}),
    ],
)
def test_a_verb_does_what_it_does_to_its_object(text: str, expected: set[str]) -> None:
    reading = from_description(text)
    assert reading is not None
    assert reading.actions == expected


def test_adding_a_user_to_something_makes_no_user() -> None:
    reading = from_description("Add a user to the watchers")
    assert reading is not None
    assert reading.actions == {"create"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Manage stashes: list stashes, save changes or drop them.", {"list", "create", "delete"}),
        ("Manage contexts - list, get, or set the current context", {"list", "read", "write"}),
        ("Manage snapshots including creating, updating and deleting them.", {"create", "write", "delete"}),
        ("Manage nodes with cordon and drain operations", {"write", "delete"}),
    ],
)
def test_what_is_managed_is_read_from_the_list_that_follows(text: str, expected: set[str]) -> None:
    reading = from_description(text)
    assert reading is not None
    assert reading.actions == expected
    assert reading.evidence[0].startswith("its description lists ")


def test_managing_alone_looks_and_may_be_any_change() -> None:
    reading = from_description("Manage the widgets")
    assert reading is not None
    assert (reading.actions, reading.certainty) == (frozenset({"read", "create", "write", "delete"}), P)


@pytest.mark.parametrize(
    ("text", "expected", "certainty"),
    [
        ("Make a GET request to /2010/Accounts.json", {"read"}, C),
        ("Wraps DELETE /api/items/{id}", {"delete"}, C),
        ("This makes a PATCH call", {"write"}, C),
        ("Make a POST request to /2010/Keys.json", {"create"}, P),
    ],
)
def test_the_method_of_a_request_tells(text: str, expected: set[str], certainty: Certainty) -> None:
    reading = from_description(text)
    assert reading is not None
    assert (reading.actions, reading.certainty) == (frozenset(expected), certainty)


@pytest.mark.parametrize(
    "text",
    ["ALWAYS call this before creating a site.", "Call when deleting things.", "If you want to remove it."],
)
def test_what_is_said_to_the_model_is_not_what_the_tool_does(text: str) -> None:
    assert from_description(text) is None


def test_a_heading_is_no_command() -> None:
    reading = from_description("File operations - lists what is there")
    assert reading is not None
    assert reading.actions == {"list"}


def test_verbs_of_a_relative_clause_belong_to_a_thing() -> None:
    reading = from_description("Get a summary of jobs, which create, update and delete rows")
    assert reading is not None
    assert reading.actions == {"read"}


def test_two_words_that_say_which_are_no_list_of_verbs() -> None:
    reading = from_description("Get view and edit restrictions for a page")
    assert reading is not None
    assert reading.actions == {"read"}


@pytest.mark.parametrize(
    ("text", "reads_only"),
    [
        ("Runs a read-only query", True),
        ("Queries run in read-only mode by default.", False),
        ("Read-only (default), or read-write when enabled", False),
        ("The engine only supports SELECT statements", True),
    ],
)
def test_read_only_by_default_is_no_promise(text: str, reads_only: bool) -> None:
    assert any(phrase.reads_only for phrase in phrases_in(text)) is reads_only
