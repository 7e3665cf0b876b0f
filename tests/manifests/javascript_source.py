"""Packages of JavaScript for the tests; all sources are our own."""

import json
from pathlib import Path
from textwrap import dedent

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
