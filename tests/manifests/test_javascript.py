"""What is read from the source of servers in JavaScript and TypeScript; all sources are our own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.javascript.source import extract

MCP = 'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\n'
MCP += "const server = new McpServer({});\n"
LIST = 'import { ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";\n'


def read(root: Path, **files: str) -> Extraction:
    names = {
        name.replace("__", "/").replace("_js", ".js").replace("_ts", ".ts"): text
        for name, text in files.items()
    }
    for name, text in names.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    start = next(iter(names))
    (root / "package.json").write_text(json.dumps({"name": "x-mcp", "version": "1.2.3", "bin": start}))
    found = extract(root)
    assert found is not None
    return found


def names(found: Extraction) -> list[str]:
    return [one.tool.name for one in found.tools]


def only(found: Extraction) -> FoundTool:
    assert len(found.tools) == 1
    return found.tools[0]


DECLARATIONS = {
    "tool": MCP + 'server.tool("a", "Does a", {}, async () => ({}));',
    "register": MCP + 'server.registerTool("a", {description: "Does a", inputSchema: {}}, async () => ({}));',
    "constant": MCP + 'const N = Object.freeze({A: "a"}); server.tool(N.A, "Does a", {}, async () => ({}));',
    "template": MCP + 'const P = ""; server.tool(`${P}a`, "Does a", {}, async () => ({}));',
    "default": MCP + 'server.tool(process.env.TOOL_PREFIX || "a", "Does a", {}, async () => ({}));',
    "wrapper": MCP
    + "const add = (name, text, cb) => server.registerTool(name, {description: text}, cb);\n"
    + 'add("a", "Does a", () => 1);',
    "loop": MCP
    + 'const all = [{name: "a", description: "Does a"}];\n'
    + "for (const t of all) server.registerTool(t.name, t, () => 1);",
    "each": MCP
    + 'const all = {x: {name: "a", description: "Does a"}};\n'
    + "Object.values(all).forEach((t) => server.tool(t.name, t.description, {}, () => 1));",
    "pushed": MCP
    + 'const all = []; all.push({name: "a", description: "Does a"});\n'
    + "all.map(({name, description}) => server.tool(name, description, {}, () => 1));",
    "list": LIST
    + "s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: ["
    + '{name: "a", description: "Does a", inputSchema: {type: "object"}}]}));',
    "list-variable": LIST
    + 'const A = {name: "a", description: "Does a"}; const T = [A];\n'
    + "s.setRequestHandler(ListToolsRequestSchema, async () => { const tools = [...T]; return {tools}; });",
    "list-mapped": LIST
    + 'const T = new Map([["a", {description: "Does a"}]]);\n'
    + "s.setRequestHandler(ListToolsRequestSchema, () => ({tools: "
    + "[...T.entries()].map(([name, t]) => ({name, description: t.description}))}));",
    "minified": 'import{Server as e,X as t}from"@modelcontextprotocol/sdk";var n=void 0,r="a",o=!0;'
    + 'new e({}).setRequestHandler(t,(async()=>(n,{tools:[{name:r,description:"Does a",inputSchema:{},'
    + "annotations:{readOnlyHint:!0}}]})));",
    "fastmcp": 'import {FastMCP} from "fastmcp"; const f = new FastMCP({});\n'
    + 'f.addTool({name: "a", description: "Does a", execute: async () => "x"});',
    "class": MCP
    + "class Base { register() { server.registerTool(this.name, {description: this.description}, f); } }\n"
    + 'class A extends Base { name = "a"; description = "Does a"; }\n new A().register();',
    "static": MCP
    + "class Base { register() { const C = this.constructor; server.tool(C.toolName, C.text, {}, f); } }\n"
    + 'class A extends Base {} A.toolName = "a"; A.text = "Does a"; new A().register();',
    "super": MCP
    + "class Base { constructor(n, d) { this.name = n; this.d = d; }\n"
    + " add() { server.tool(this.name, this.d, {}, () => 1); } }\n"
    + 'class A extends Base { constructor() { super("a", "Does a"); } } new A().add();',
    "plain": 'function on(m) { switch (m.method) { case "tools/list": return {tools: '
    + '[{name: "a", description: "Does a"}]}; } }',
    "enum": MCP
    + 'var N; (function (N) { N["A"] = "a"; })(N || (N = {}));\n'
    + 'server.tool(N.A, "Does a", {}, () => 1);',
    "helper": MCP
    + "const define = (d) => ({...d, seen: false});\n"
    + 'const t = define({name: "a", description: "Does a"}); server.registerTool(t.name, t, () => 1);',
    "filtered": MCP
    + 'const all = [{name: "a", description: "Does a"}], off = new Set(["b"]);\n'
    + "const on = all.filter((t) => !off.has(t.name)); const names = new Set(on.map((t) => t.name));\n"
    + "let left = [...on, ...all.filter((t) => !names.has(t.name))];\n"
    + "left = left.map((t) => { const m = {...t}; m.name = short(m.name); return m; });\n"
    + "function short(n) { return n.length <= 64 ? n : n.slice(0, 64); }\n"
    + "for (const t of left) server.registerTool(t.name, t, () => 1);",
    "nested": LIST
    + 'const key = "API"; const t = {[key]: {methods: []}}; t[key].methods.push({name: "a", d: "Does a"});\n'
    + "s.setRequestHandler(ListToolsRequestSchema, async () => { const tools = [];\n"
    + "Object.entries(t).forEach(([k, v]) => { v.methods.forEach((m) => {\n"
    + "tools.push({name: m.name, description: m.d}); }); }); return {tools}; });",
    "renamed": MCP
    + "class A { constructor(o) { this.all = []; this.all = o.all; this.go(); }\n"
    + " go() { this.all.forEach((t=>this.put(t))); } put(t) { server.tool(t.name, t.d, {}, () => 1); } }\n"
    + 'export { A as Kit }; const made = new A({all: [{name: "a", d: "Does a"}]});',
    "awaited": 'const x = require("@modelcontextprotocol/sdk"); async function go() '
    + "{ const all = await (0, load)(); return all; }\n"
    + 'async function load() { return [{name: "a", description: "Does a"}]; }\n'
    + "x.setRequestHandler(ListToolsRequestSchema, async () => ({tools: await (0, go)()}));",
    "maker": MCP
    + "function maker(s) { return (t) => { s.tool(t.name, t.description, {}, () => 1); }; }\n"
    + 'const put = maker(server); put({name: "a", description: "Does a"});',
}


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


OPENAPI = """
import fs from "fs"; import path from "path";
const dir = path.join(__dirname, "specs");
function read(only) {
  return fs.readdirSync(dir, {withFileTypes: true}).map((entry) => {
    if (entry.isDirectory() || !entry.name.endsWith(ENDING)) return null;
    const service = path.basename(entry.name, path.extname(entry.name));
    if (only.length > 0 && !only.includes(service)) return null;
    const name = service.split("_").map((w) => w.charAt(0).toUpperCase() + w.slice(1)).join("");
    return {name, document: PARSED};
  }).filter(Boolean);
}
class Base {
  constructor(config) { this.tools = new Map(); this.config = config; }
  async load() { const { tools } = collect(read(this.config.only ?? [])); this.tools = tools; }
  listen() { s.setRequestHandler(ListToolsRequestSchema, async () => ({tools: [...this.tools.values()]})); }
}
function collect(specs) {
  const tools = new Map();
  specs.forEach((spec) => Object.entries(spec.document.paths).forEach(([at, items]) => {
    for (const [method, operation] of Object.entries(items)) {
      const name = `${spec.name}--${operation.operationId}`;
      tools.set(name, {name, description: operation.summary});
    }
  }));
  return { tools };
}
class Mine extends Base { constructor(config) { super({only: config.only}); } }
new Mine({only: ["my_api"]}).listen();
"""
DOCUMENT = {"paths": {"/a": {"get": {"operationId": "GetA", "summary": "A"}, "put": {"operationId": "PutA"}}}}


@pytest.mark.parametrize(
    ("ending", "parsed"),
    [
        (".json", 'JSON.parse(fs.readFileSync(path.join(dir, entry.name), "utf8"))'),
        (".yaml", "await SwaggerParser.bundle(path.join(dir, entry.name))"),
    ],
)
def test_tools_of_an_openapi_document_are_named_by_the_servers_own_code(
    tmp_path: Path, ending: str, parsed: str
) -> None:
    (tmp_path / "specs").mkdir()
    for name in ("my_api", "other_api"):
        (tmp_path / f"specs/{name}{ending}").write_text(json.dumps(DOCUMENT))  # JSON is YAML too
    code = OPENAPI.replace("ENDING", f'"{ending}"').replace("PARSED", parsed)
    found = read(tmp_path, index_js=LIST + code)
    assert names(found) == ["MyApi--GetA", "MyApi--PutA"]
    assert found.tools[0].tool.description == "A"


def test_documents_outside_the_package_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"tools": [{"name": "a"}]}')
    root = tmp_path / "package"
    root.mkdir()
    (root / "x.json").symlink_to(tmp_path / "secret.json")
    for where in ('path.join(__dirname, "../secret.json")', 'path.join(__dirname, "x.json")'):
        code = f"const t = JSON.parse(fs.readFileSync({where})).tools;"
        code += "s.setRequestHandler(ListToolsRequestSchema, () => ({tools: t}));"
        found = read(root, index_js=LIST + 'import fs from "fs"; import path from "path";' + code)
        assert names(found) == []
        assert not found.complete


LATENT = {
    "variable": (
        'if (process.env.ENABLE_WRITE === "true") server.tool("a", "A", {}, () => 1);',
        "ENABLE_WRITE",
    ),
    "early": (
        'function go() { if (!process.env.BETA) return; server.tool("a", "A", {}, () => 1); } go();',
        "BETA",
    ),
    "flag": (
        'const w = process.argv.includes("--write"); if (w) server.tool("a", "A", {}, () => 1);',
        "--write",
    ),
    "spread": (
        'const T = [...(process.env.EXTRA ? [{name: "a", description: "A"}] : [])];\n'
        "for (const t of T) server.registerTool(t.name, t, () => 1);",
        "EXTRA",
    ),
    "definition": (
        'const t = {name: "a", description: "A", featureFlag: "beta"}; server.registerTool(t.name, t, f);',
        "beta",
    ),
    "parameter": (
        'function all(s, write) { if (write) s.tool("a", "A", {}, () => 1); }\n'
        "const options = program.opts(); all(server, options.write);",
        "--write",
    ),
}


@pytest.mark.parametrize("form", LATENT)
def test_what_is_off_by_default_is_latent(tmp_path: Path, form: str) -> None:
    code, switch = LATENT[form]
    one = only(read(tmp_path, index_js=MCP + code))
    assert (one.latent, one.switch) == (True, switch)


def test_what_is_added_on_request_is_not_listed(tmp_path: Path) -> None:
    code = 'const all = [{name: "a", description: "A"}];\n'
    code += "s.setRequestHandler(ListToolsRequestSchema, () => ({tools: all}));\n"
    code += 's.setRequestHandler(CallToolRequestSchema, () => { all.push({name: "b", description: "B"}); });'
    assert names(read(tmp_path, index_js=LIST + code)) == ["a"]


ON = [
    'if (process.env.API_TOKEN) server.tool("a", "A", {}, () => 1);',
    'if (process.env.MODE !== "slim") server.tool("a", "A", {}, () => 1);',
    'if (await allowed()) server.tool("a", "A", {}, () => 1);',
    'if (!process.env.DISABLE_A) server.tool("a", "A", {}, () => 1);',
]


@pytest.mark.parametrize("code", ON)
def test_what_is_on_by_default_is_not_latent(tmp_path: Path, code: str) -> None:
    assert not only(read(tmp_path, index_js=MCP + code)).latent


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


def test_evidence_is_followed_through_the_projects_functions(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_js=MCP + 'import { run } from "./run.js"; import axios from "axios";\n'
        'server.tool("a", "A", {}, async ({x}) => run(x));\n'
        'server.tool("b", "B", {}, async ({x}) => { await axios.get(x); eval(x); });\n'
        'server.tool("c", "C", {}, async ({x}) => x + 1);',
        run_js='import { exec } from "node:child_process"; import fs from "fs";\n'
        "export function run(x) { return deeper(x); }\n"
        "function deeper(x) { fs.writeFileSync('y', x); return exec(x); }",
    )
    a, b, c = found.tools
    assert [(one.ability, one.says) for one in a.evidence] == [
        ("executes", "it calls `child_process.exec`"),
        ("files", "it calls `fs.writeFileSync`"),
    ]
    assert a.evidence[0].spot.file == "run.js"
    assert a.evidence[0].spot.line == 3
    assert {one.ability for one in b.evidence} == {"evaluates", "network"}
    assert c.evidence == ()


def test_surroundings(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_js=MCP
        + 'const key = process.env.ACME_API_KEY, url = process.env["ACME_URL"], p = process.env.PATH;\n'
        'const scopes = ["https://www.googleapis.com/auth/drive", "channels:read"];\n'
        "let last = null; const seen = new Map(); const fixed = 1;\n"
        'server.tool("a", "A", {}, async ({x}) => { const o = []; o.push(x); last = x; seen.set(x, 1); });',
    )
    assert found.needs_env == ("ACME_API_KEY", "ACME_URL")
    assert found.scopes == ("channels:read", "https://www.googleapis.com/auth/drive")
    assert [one.name for one in found.state] == ["last", "seen"]


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


HOSTILE = {
    "nested": "x = " + "(" * 20_000 + "1" + ")" * 20_000 + ";",
    "brackets": "[" * 30_000,
    "added": "const s = " + "+".join(['"a"'] * 20_000) + "; server.tool(s, 'A', {}, f);",
    "itself": "const a = b; const b = a; server.tool(a, 'A', {}, f);",
    "recursive": "function f(x) { return f(f(x)); } server.tool(f(1), 'A', {}, f);",
    "called": "function put(n) { put(n); server.tool(n, 'A', {}, f); } put(put);",
    "spread": "const o = {...o, ...[...o]}; for (const t of o) server.registerTool(t.name, t, f);",
    "heirs": "class A extends B {} class B extends A { r() { server.tool(this.name, 'A', {}, f); } }",
    "long": "var " + ",".join(f"v{i}={{name:'n{i}'}}" for i in range(20_000)) + ";",
    "broken": 'server.tool("b", "unfinished',
    "chained": "z" + ".string()" * 5_000,
}


@pytest.mark.parametrize("form", HOSTILE)
def test_hostile_sources_come_to_an_end(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, index_js=DECLARATIONS["tool"] + "\n" + HOSTILE[form])
    assert "a" in names(found)


def test_the_same_source_gives_the_same_result(tmp_path: Path) -> None:
    read(tmp_path, index_js=DECLARATIONS["class"])
    assert extract(tmp_path) == extract(tmp_path)


def test_the_result_does_not_depend_on_who_asks(tmp_path: Path) -> None:
    read(tmp_path, index_js=DECLARATIONS["tool"] + "\n" + HOSTILE["recursive"])

    def deep(levels: int) -> Extraction | None:
        return deep(levels - 1) if levels else extract(tmp_path)

    code = "import sys; from pathlib import Path; "
    code += "from mcpaudit.manifests.javascript.source import extract; print(extract(Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    seeded = {
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "2")
    }
    assert seeded == {f"{extract(tmp_path)}\n"}
    assert deep(300) == extract(tmp_path)


PIECES = st.lists(
    st.sampled_from(
        [
            *DECLARATIONS.values(),
            *HOSTILE["broken"],
            "{",
            "}",
            "(",
            ")",
            "[",
            "`",
            "${",
            "=>",
            "class A extends A",
            '"',
        ]
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(
    text=st.one_of(st.text(max_size=300), PIECES.map("\n".join)),
    suffix=st.sampled_from([".js", ".ts", ".tsx"]),
)
def test_no_text_breaks_it(text: str, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"s{suffix}")
        path.write_text(MCP + text, encoding="utf-8", errors="replace")
        found = extract(path)
        assert found is None or found.reason
