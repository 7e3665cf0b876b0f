"""Tools that FastMCP makes of OpenAPI documents which a Python package ships."""

import json
from pathlib import Path

import pytest

from mcpaudit.manifests.python.source import extract

ORDER = {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/orders": {
            "get": {"operationId": "getOrders__orders_get", "summary": "List orders"},
            "post": {
                "operationId": "newOrder",
                "description": "Places an order.",
                "requestBody": {"content": ORDER},
            },
        },
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "delete": {"summary": "Cancel an order."},
        },
        "/clock": {"get": {}},
    },
    "components": {
        "schemas": {
            "Order": {
                "required": ["item"],
                "properties": {
                    "item": {"type": "string"},
                    "side": {"type": "string", "enum": ["buy", "sell"]},
                },
            }
        }
    },
}
CODE = """
import json
from pathlib import Path
from fastmcp import FastMCP
NAMES = {"newOrder": "place_order"}
def load(name):
    return json.loads((Path(__file__).parent / f"{name}.json").read_text())
mcp = FastMCP.from_openapi(load("shop"), client=None, mcp_names=NAMES, route_map_fn=pick)
@mcp.tool
def own(): ...
"""


def written(folder: Path, code: str = CODE, document: str = json.dumps(DOCUMENT)) -> Path:
    (folder / "server.py").write_text(code)
    (folder / "shop.json").write_text(document)
    (folder / "other.json").write_text(json.dumps({"openapi": "3.1.0", "paths": {"/x": {"get": {}}}}))
    return folder


def test_operations_are_possible_tools_under_the_names_that_fastmcp_gives_them(tmp_path: Path) -> None:
    found = extract(written(tmp_path))
    assert found is not None
    assert not found.complete
    assert {one.tool.name for one in found.tools if not one.possible} == {"own"}
    made = {one.tool.name: one for one in found.tools if one.possible}
    assert sorted(made) == ["Cancel_an_order", "GET_clock", "getOrders", "place_order"]
    assert {one.switch for one in made.values()} == {"route_map_fn"}
    assert made["place_order"].tool.description == "Places an order."
    assert made["place_order"].tool.input_schema == {
        "type": "object",
        "properties": {"item": {"type": "string"}, "side": {"type": "string", "enum": ["buy", "sell"]}},
        "required": ["item"],
    }
    assert made["Cancel_an_order"].tool.input_schema["required"] == ["id"]


def test_a_document_that_the_code_does_not_name_is_not_taken(tmp_path: Path) -> None:
    found = extract(written(tmp_path, CODE.replace('load("shop")', "load(name)")))
    assert found is not None
    assert [one.tool.name for one in found.tools] == ["own"]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"paths": {"/a": {"get": {}}}}',
        '{"openapi": 3, "paths": []}',
        '{"openapi": "3.1.0", "paths": {"/a": 1, "/b": {"get": [], "post": null}}}',
        '{"openapi": "3.1.0", "paths": ' + '{"a":' * 5_000 + "1" + "}" * 5_001,
    ],
)
def test_any_other_document_gives_no_tools(tmp_path: Path, document: str) -> None:
    found = extract(written(tmp_path, document=document))
    assert found is not None
    assert [one.tool.name for one in found.tools] == ["own"]


def test_fields_of_the_wrong_type_are_passed_over(tmp_path: Path) -> None:
    operation = {
        "operationId": 7,
        "summary": ["x"],
        "parameters": [3, {"name": []}, {"name": "a", "schema": {"$ref": "#/components/none/x"}}],
        "requestBody": {"content": {"a": 1, "b": {"schema": {"properties": [], "required": 4}}}},
    }
    document = json.dumps({"openapi": "3.1.0", "paths": {"/a": {"get": operation, "parameters": 5}}})
    found = extract(written(tmp_path, document=document))
    assert found is not None
    (tool,) = [one.tool for one in found.tools if one.possible]
    assert (tool.name, tool.input_schema) == ("GET_a", {"type": "object", "properties": {"a": {}}})
