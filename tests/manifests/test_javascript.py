"""What is read from the source of servers in JavaScript and TypeScript."""

import json
from pathlib import Path

import pytest

from mcpaudit.manifests.javascript.source import extract
from tests.manifests.javascript_source import DECLARATIONS, LIST, MCP, names, only, read


@pytest.mark.parametrize("form", DECLARATIONS)
def test_each_form_of_declaration_is_read(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, index_js=DECLARATIONS[form])
    assert names(found) == ["a"]
    assert only(found).tool.description == "Does a"
    assert not only(found).latent
    assert found.complete, found.reason
    assert (found.name, found.version, found.language) == ("x-mcp", "1.2.3", "javascript")


def test_modules_are_followed(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_js=MCP + 'import * as all from "./tools/index.js";\n'
        "for (const t of Object.values(all)) server.registerTool(t.name, t, t.run);",
        tools__index_js='export { one } from "./one.js"; export * from "./two.js";',
        tools__one_js='import { NAMES } from "./names.js"; export const one = {name: NAMES.one};',
        tools__two_js='const two = {name: "two", description: "2"}; export { two };',
        tools__names_js='export const NAMES = {one: "one"};',
    )
    assert names(found) == ["one", "two"]
    assert found.complete


def test_compiled_modules_are_followed(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_js='const sdk = require("@modelcontextprotocol/sdk"); const t_1 = require("./t.js");\n'
        "server.setRequestHandler(sdk.ListToolsRequestSchema, async () => ({ tools: (0, t_1.all)() }));",
        t_js='"use strict"; exports.all = all; function all() { return [{name: "a", description: "A"}]; }',
    )
    assert names(found) == ["a"]


def test_typescript_with_zod(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_ts='import { z } from "zod";\n'
        + MCP
        + """
        const Shape = z.object({ path: z.string().describe("Where"), mode: z.enum(["r", "w"]).optional(),
            n: z.number().int().default(3) });
        server.registerTool("a" as string, { title: "A", description: "Does a", inputSchema: Shape.shape,
            annotations: { readOnlyHint: true, destructiveHint: !1 } }, async (x: any) => ({ content: [] }));
        """,
    )
    tool = only(found).tool
    assert tool.input_schema == {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "Where"},
            "mode": {"type": "string", "enum": ["r", "w"]},
            "n": {"type": "integer", "default": 3},
        },
        "required": ["path"],
    }
    assert tool.annotations == {"readOnlyHint": True, "destructiveHint": False}
    assert tool.title == "A"


def test_json_schema_and_converted_schema(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_js=LIST + 'import { z } from "zod"; import { zodToJsonSchema } from "zod-to-json-schema";\n'
        "const S = z.object({q: z.array(z.string())});\n"
        "s.setRequestHandler(ListToolsRequestSchema, () => ({tools: [\n"
        '{name: "a", description: "A", inputSchema: zodToJsonSchema(S)},\n'
        '{name: "b", description: "B", inputSchema: {type: "object", properties: {k: {type: "string"}}, '
        'required: ["k"]}}]}));',
    )
    first, second = (one.tool.input_schema for one in found.tools)
    assert first["properties"] == {"q": {"type": "array", "items": {"type": "string"}}}
    assert second["required"] == ["k"]


NEAR_MISSES = [
    'tool({name: "x", description: "for a language model", parameters: {}, execute: f});',
    'tracer.startSpan({name: "x", description: "span", parameters: {}});',
    'server.prompt("x", "a prompt", {}, () => 1); server.resource("x", "y://z", {}, () => 1);',
    's.setRequestHandler(ListPromptsRequestSchema, () => ({prompts: [{name: "x", description: "p"}]}));',
    '// server.tool("x", "a comment", {}, f)\nconst text = `server.tool("x", "text", {}, f)`;',
    'if (list.length > 0) {} const list = []; if (list.length > 0) server.tool("x", "X", {}, () => 1);',
]


@pytest.mark.parametrize("code", NEAR_MISSES)
def test_what_only_looks_like_a_tool_is_left_out(tmp_path: Path, code: str) -> None:
    found = read(tmp_path, index_js=MCP + 'server.tool("a", "A", {}, () => 1);\n' + code)
    assert names(found) == ["a"]


RUN_TIME = [
    MCP + 'const all = await (await fetch("https://x.example")).json();\n'
    "for (const t of all) server.registerTool(t.name, t, () => 1);",
    LIST + "s.setRequestHandler(ListToolsRequestSchema, async () => client.listTools());",
    MCP,
]


@pytest.mark.parametrize("code", RUN_TIME)
def test_a_list_that_is_not_known_is_never_passed_off_as_complete(tmp_path: Path, code: str) -> None:
    found = read(tmp_path, index_js=code)
    assert not found.complete
    assert found.reason


def test_tools_in_a_dependency_of_the_same_scope(tmp_path: Path) -> None:
    part = tmp_path / "node_modules/@acme/mcp-tools"
    part.mkdir(parents=True)
    (part / "package.json").write_text('{"name": "@acme/mcp-tools", "main": "i.js"}')
    (part / "i.js").write_text('export const all = [{name: "a", description: "A"}];')
    code = (
        MCP + 'import { all } from "@acme/mcp-tools"; for (const t of all) server.registerTool(t.name, t, f);'
    )
    (tmp_path / "index.js").write_text(code)
    (tmp_path / "package.json").write_text('{"name": "@acme/mcp", "bin": {"x": "./index.js"}}')
    found = extract(tmp_path)
    assert found is not None
    assert names(found) == ["a"]


def test_a_single_file_and_no_server(tmp_path: Path) -> None:
    (tmp_path / "s.mjs").write_text(DECLARATIONS["tool"])
    found = extract(tmp_path / "s.mjs")
    assert found is not None
    assert names(found) == ["a"]
    (tmp_path / "other").mkdir()
    assert extract(tmp_path / "other") is None
    (tmp_path / "other/x.js").write_text("console.log(1)")
    assert extract(tmp_path / "other") is None


def test_links_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.js").write_text('export const all = [{name: "a", description: "A"}];')
    root = tmp_path / "package"
    root.mkdir()
    (root / "all.js").symlink_to(tmp_path / "secret.js")
    found = read(
        root, index_js=MCP + 'import { all } from "./all.js"; for (const t of all) server.registerTool(t);'
    )
    assert names(found) == []
    assert not found.complete


def test_a_package_that_only_starts_a_native_binary_says_so(tmp_path: Path) -> None:
    (tmp_path / "index.js").write_text('require("child_process").spawn(require.resolve("x-mcp-linux-x64"));')
    (tmp_path / "package.json").write_text(
        '{"name": "x-mcp", "bin": "index.js", "optionalDependencies": {"x-mcp-linux-x64": "1.0.0"}}'
    )
    found = extract(tmp_path)
    assert found is not None
    assert (found.tools, found.complete) == ((), False)
    assert "its code is a native binary, in x-mcp-linux-x64" in found.reason


def test_a_server_that_builds_on_another_that_is_not_there_is_not_complete(tmp_path: Path) -> None:
    code = """
        import { OpenApiServer } from "@acme/mcp-core";
        export class Mine extends OpenApiServer {
            load() {
                const tool = { name: "upload", description: "x", inputSchema: { type: "object" } };
                this.tools.set("upload", tool);
            }
        }
    """
    package = {"name": "@acme/mcp", "version": "1.0.0", "main": "index.js"}
    (tmp_path / "index.js").write_text(code, encoding="utf-8")
    for needs, complete in (({}, True), ({"@acme/mcp-core": "1"}, False)):
        (tmp_path / "package.json").write_text(json.dumps({**package, "dependencies": needs}))
        found = extract(tmp_path)
        assert found is not None
        assert (names(found), found.complete) == (["upload"], complete)
    assert "@acme/mcp-core, which is not there" in found.reason
