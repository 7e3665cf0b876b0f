"""How values of JavaScript sources are worked out: variables, command lines, modules as objects, schemas."""

from pathlib import Path

import pytest

from mcpaudit.manifests.extraction import Extraction
from mcpaudit.manifests.javascript.values import Regex
from tests.manifests.javascript_source import LIST, MCP, names, only, read

CLI = "const argv = process.argv.slice(2);\n"


def states(found: Extraction) -> dict[str, str]:
    return {
        one.tool.name: "latent" if one.latent else "possible" if one.possible else "on" for one in found.tools
    }


SETTLED = {
    "assigned": "for (const t of [['a', true], ['b', false]]) {\n"
    "  let on = false; if (mode === 'all') on = true; else if (mode === 'safe') { on = t[1]; }\n"
    "  if (!on) continue;\n  server.tool(t[0], 'T', {}, f);\n}\n",
    "declared": "for (const t of [['a', true], ['b', false]]) {\n"
    "  let on; if (mode === 'safe') on = t[1]; if (!on) continue;\n  server.tool(t[0], 'T', {}, f);\n}\n",
}


@pytest.mark.parametrize("form", SETTLED)
def test_a_variable_has_what_is_left_in_it_by_default(tmp_path: Path, form: str) -> None:
    code = MCP + "const o = {mode: 'safe'}; if (process.env.MODE) { o.mode = process.env.MODE; }\n"
    found = read(tmp_path, index_js=code + "const mode = o.mode;\n" + SETTLED[form])
    assert states(found) == {"a": "on", "b": "latent"}
    assert {one.switch for one in found.tools if one.latent} == {"MODE"}


@pytest.mark.parametrize(
    "loop",
    [
        "argv.forEach((one) => { if (one === '--more') more = true; });",
        "for (const one of argv) { if (one === '--more') more = true; }",
        "argv.map((one) => one.split('=')).forEach(([name]) => { if (name === 'more') more = true; });",
    ],
)
def test_what_each_argument_of_the_command_line_does_is_not_done_by_default(
    tmp_path: Path, loop: str
) -> None:
    code = MCP + CLI + f"let more = false;\n{loop}\n"
    found = read(
        tmp_path, index_js=code + "server.tool('a', 'A', {}, f); if (more) server.tool('b', 'B', {}, f);"
    )
    assert states(found) == {"a": "on", "b": "latent"}


def test_a_property_that_a_setting_replaces_has_its_default(tmp_path: Path) -> None:
    code = MCP + (
        "function options() { const o = {set: 'core'};\n"
        " if (process.env.TOOL_SET) { o.set = process.env.TOOL_SET; } return o; }\n"
        "const {set} = options();\n"
        "if (set === 'core') server.tool('a', 'A', {}, f); if (set === 'all') server.tool('b', 'B', {}, f);"
    )
    found = read(tmp_path, index_js=code)
    assert states(found) == {"a": "on", "b": "latent"}
    assert {one.switch for one in found.tools if one.latent} == {"TOOL_SET"}


def test_what_would_fail_without_a_setting_is_not_off_by_default(tmp_path: Path) -> None:
    code = MCP + "if (!process.env.REGION) throw new Error('no region'); server.tool('a', 'A', {}, f);"
    assert states(read(tmp_path, index_js=code)) == {"a": "on"}


@pytest.mark.parametrize(
    "options",
    [
        "const o = yargs(x).option('sets', {type: 'array'}).help().parse();",
        "const o = yargs(x).option('sets', {type: 'array'}).argv;",
        "let o; program.option('--sets <names>', 'sets').action((given) => { start(given); });",
    ],
)
def test_options_of_a_command_line_are_not_set_by_default(tmp_path: Path, options: str) -> None:
    rest = "const sets = new Set(o.sets && o.sets.length > 0 ? o.sets : ['core']);\n"
    rest += "if (sets.has('core')) server.tool('a', 'A', {}, f);\n"
    rest += "if (sets.has('more')) server.tool('b', 'B', {}, f);\n"
    body = f"function start(o) {{ {rest} }}" if "action" in options else rest
    found = read(tmp_path, index_js=MCP + options.replace("let o; ", "") + "\n" + body)
    assert states(found) == {"a": "on", "b": "latent"}


def test_a_tool_is_possible_where_a_filter_cannot_be_decided(tmp_path: Path) -> None:
    code = MCP + (
        "const all = [{name: 'a', description: 'A'}];\n"
        "for (const t of all.filter((t) => allowed(t.name))) server.registerTool(t.name, t, f);"
    )
    found = only(read(tmp_path, index_js=code))
    assert (found.possible, found.latent) == (True, False)
    assert "allowed(t.name)" in found.switch


TABLES = (
    "const base = {a: {name: 'a', description: 'A'}}, more = {b: {name: 'b', description: 'B'}};\n"
    "function add(every) { const chosen = every ? more : base;\n"
    " for (const t of Object.values(chosen)) server.registerTool(t.name, t, f); }\n"
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("add(false);", {"a": "on"}),
        ("add(true);", {"b": "on"}),
        ("add(process.argv.includes('--more'));", {"a": "on"}),
        ("add(allowed());", {"a": "possible", "b": "possible"}),
    ],
)
def test_which_table_it_is_that_a_caller_says_is_known_where_the_caller_is(
    tmp_path: Path, call: str, expected: dict[str, str]
) -> None:
    assert states(read(tmp_path, index_js=MCP + TABLES + call)) == expected


def test_a_tool_is_known_that_an_object_of_a_list_holds(tmp_path: Path) -> None:
    code = MCP + (
        "const all = {a: {name: 'a', description: 'A'}, b: {name: 'b', description: 'B'}};\n"
        "const top = new Set(['a']);\n"
        "function put({ tools }) { const made = []; for (const [key, tool] of Object.entries(tools)) {\n"
        "  made.push({ key, tool, ...{shown: top.has(key)} }); } return made; }\n"
        "for (const { tool } of put({ tools: all }).filter(({ shown }) => shown))\n"
        "  server.registerTool(tool.name, tool, f);"
    )
    found = read(tmp_path, index_js=code)
    assert states(found) == {"a": "on"}
    assert found.complete


OBJECTS = {
    "getters of a bundler": "var t_exports = {}; __export(t_exports, {tools: () => tools});\n"
    "var tools = [{name: 'a', description: 'A'}];\n"
    "for (const m of [t_exports]) m.tools.forEach((t) => server.registerTool(t.name, t, f));",
    "another name": "var K; !function (e) { e.A = 'a' }(K || (K = {})); server.tool(K.A, 'A', {}, f);",
    "receiver": "class S extends McpServer { add(...given) { const [n, d] = given;\n"
    " return McpServer.prototype.registerTool.call(this, n, {description: d}, f); } }\n"
    "new S().add('a', 'A');",
    "argument count": "class S extends McpServer { one(...given) { return this.all('x', ...given); }\n"
    " all(kind, ...given) { const {n, d} = this.split(given);\n"
    "  this.registerTool.call(this, n, {description: d}, f); }\n"
    " split(given) { const [n] = given; const d = given[1];\n"
    "  switch (given.length) { case 1: return {n}; case 2: return {n, d}; } } }\n"
    "new S().one('a', 'A');",
    "optional chain": "const name = (o) => o === null || o === void 0 ? void 0 : o.n;\n"
    "server.tool(name({n: 'a'}), 'A', {}, f);",
    "pattern": "server.tool('x.a'.replace(/^x\\./g, ''), 'A', {}, f);",
    "reduced": "const all = [['a', 'A']].reduce((made, [n, d]) => { made[n] = d; return made; }, {});\n"
    "for (const [n, d] of Object.entries(all)) server.tool(n, d, {}, f);",
}


@pytest.mark.parametrize("form", OBJECTS)
def test_a_tool_is_found_behind(tmp_path: Path, form: str) -> None:
    found = only(read(tmp_path, index_js=MCP + OBJECTS[form]))
    assert (found.tool.name, found.tool.description) == ("a", "A")


def test_a_file_may_use_what_it_exports(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        index_js=MCP + 'const t = __importStar(require("./t.js"));\n'
        "t.all.forEach((one) => server.registerTool(one.name, one, f));",
        t_js="exports.some = [{name: 'a', description: 'A'}]; exports.all = [...exports.some];",
    )
    assert names(found) == ["a"]
    assert found.complete


SCHEMAS = {
    "spread": "const s = zodToJsonSchema(z.object({x: z.string(), y: z.number().optional()}));\n"
    "const input = {...s, properties: {...s.properties}};",
    "shape": "const base = z.object({x: z.string()});\n"
    "const input = z.object({...base.shape, ...z.object({y: z.number().default(1)}).shape});",
    "kept": "const seen = new WeakMap(); const keep = (s) => { if (!seen.has(s)) seen.set(s, z.object(s));\n"
    " return seen.get(s); };\nconst input = keep({x: z.string(), y: z.number().nullish()});",
    "put in later": "const s = {x: z.string()}; if (!('y' in s)) { s.y = z.number().optional(); }\n"
    "const input = z.object(s);",
    "reduced": "const given = {x: z.string(), y: z.number()};\n"
    "const input = {type: 'object', required: ['x'], properties:\n"
    " Object.entries(given).reduce((made, [k, v]) => { made[k] = v; return made; }, {})};",
}


@pytest.mark.parametrize("form", SCHEMAS)
def test_parameters_and_those_that_are_required(tmp_path: Path, form: str) -> None:
    code = LIST + 'import { z } from "zod";\n' + SCHEMAS[form] + "\n"
    code += "s.setRequestHandler(ListToolsRequestSchema, async () => ({tools:\n"
    code += " [{name: 'a', description: 'A', inputSchema: input}]}));"
    schema = only(read(tmp_path, index_js=code)).tool.input_schema
    assert (sorted(schema["properties"]), schema.get("required")) == (["x", "y"], ["x"])


@pytest.mark.parametrize(
    ("pattern", "text", "result"),
    [(r"\.", "a.b", "a_b"), (r"[^a-z]+", "a--b", "a_b"), (r"(a+)+$", "aa", None), (r"a|b", "ab", None)],
)
def test_only_plain_patterns_replace(pattern: str, text: str, result: str | None) -> None:
    made = Regex(pattern, "g").replaced(text, "_")
    assert (made if isinstance(made, str) else None) == result
