"""Names, descriptions and schemas taken apart."""

import pytest

from mcpaudit.knowledge.words import bases, inputs, opening, words
from mcpaudit.parsing.document import Json


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("get_user_by_id", ("get", "user", "by", "id")),
        ("list-drive-items", ("list", "drive", "items")),
        ("getUserByID", ("get", "user", "by", "id")),
        ("PascalCase", ("pascal", "case")),
        ("APIKey", ("api", "key")),
        ("listURLs", ("list", "urls")),
        ("TwilioApiV2010--FetchAccount", ("twilio", "api", "v2010", "fetch", "account")),
        ("API-patch-block-children", ("api", "patch", "block", "children")),
        ("get_s3_object", ("get", "s3", "object")),
        ("n8n_list", ("n8n", "list")),
        ("n8n.list/all", ("n8n", "list", "all")),
        ("ｄｅｌｅｔｅ_repo", ("delete", "repo")),
        ("查询", ("查询",)),
        ("", ()),
        ("--__--", ()),
    ],
)
def test_names_fall_apart_into_lower_case_words(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


def test_an_endless_name_is_cut() -> None:
    assert len(words("a_" * 100_000)) < 200


def test_a_description_opens_after_its_markup() -> None:
    assert opening("[DEPRECATED] **Deletes** a file.")[:3] == ("deletes", "a", "file")
    assert opening("# Title\nLists files")[:2] == ("lists", "files")


@pytest.mark.parametrize(
    ("word", "base"),
    [
        ("copies", "copy"),
        ("deletes", "delete"),
        ("running", "run"),
        ("created", "create"),
        ("searches", "search"),
    ],
)
def test_inflected_verbs_lead_to_their_base(word: str, base: str) -> None:
    assert base in tuple(bases(word))


def test_inputs_carry_types_values_and_need() -> None:
    schema: dict[str, Json] = {
        "properties": {
            "filePath": {"type": "string", "description": "where"},
            "mode": {"enum": ["r", "w"]},
            "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "kind": {"$ref": "#/$defs/Kind"},
        },
        "required": ["filePath"],
        "$defs": {"Kind": {"type": "string", "enum": ["a", "b"]}},
    }
    path, mode, limit, kind = inputs(schema)
    assert (path.key, path.type, path.required, path.free) == ("file_path", "string", True, True)
    assert (mode.values, mode.required, mode.free) == (("r", "w"), False, False)
    assert (limit.type, limit.free) == ("integer", False)
    assert kind.values == ("a", "b")


def test_alternatives_offer_all_their_constants() -> None:
    schema: dict[str, Json] = {
        "oneOf": [
            {"properties": {"action": {"const": "get"}}},
            {"properties": {"action": {"const": "delete"}}},
        ]
    }
    (action,) = inputs(schema)
    assert action.values == ("get", "delete")


def test_one_free_alternative_frees_the_parameter() -> None:
    schema: dict[str, Json] = {
        "oneOf": [{"properties": {"url": {"const": "x"}}}, {"properties": {"url": {"type": "string"}}}]
    }
    (url,) = inputs(schema)
    assert url.free


def test_nested_objects_are_deeper() -> None:
    schema: dict[str, Json] = {
        "properties": {"select": {"type": "object", "properties": {"operation": {"const": "get-deploy"}}}}
    }
    assert [(item.name, item.depth) for item in inputs(schema)] == [("select", 0), ("operation", 1)]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": []},
        {"properties": {"a": None, "b": 3, "c": []}},
        {"required": {"a": 1}, "properties": {"a": {"type": ["string", 4], "enum": {}}}},
        {"$ref": "#/nowhere"},
        {"anyOf": "x", "properties": {"a": {"$ref": 3}}},
    ],
)
def test_misshapen_schemas_are_survived(schema: dict[str, Json]) -> None:
    assert all(item.name == "a" for item in inputs(schema))


def test_a_schema_that_holds_itself_many_times_ends() -> None:
    itself: Json = {"$ref": "#/$defs/A"}
    node: dict[str, Json] = {"properties": {"x": itself, "y": itself}, "anyOf": [itself] * 1000}
    schema: dict[str, Json] = {**node, "$defs": {"A": node}}
    assert {item.name for item in inputs(schema)} == {"x", "y"}
