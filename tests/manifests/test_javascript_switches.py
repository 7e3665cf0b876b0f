"""Which tools are on by default, and what switches the others on."""

from pathlib import Path

import pytest

from tests.manifests.javascript_source import LIST, MCP, names, only, read

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


SWITCHED = {
    "caller": (
        "const TABLE = {a: {enabled: true}, b: {enabled: false}};\n"
        'function addA(s) { s.tool("a", "A", {}, f); }\nfunction addB(s) { s.tool("b", "B", {}, f); }\n'
        "const on = (id) => { if (process.env.TOOLS) return process.env.TOOLS.includes(id);\n"
        " return TABLE[id]?.enabled ?? false; };\n"
        'if (on("a")) addA(server); if (on("b")) addB(server);',
        "TOOLS",
    ),
    "names": (
        'const BASIC = ["a"], pro = process.env.PRO === "true";\n'
        "const add = (t) => { if (pro) { server.addTool(t); return; }\n"
        " if (BASIC.includes(t.name)) server.addTool(t); };\n"
        'add({name: "a", description: "A"}); add({name: "b", description: "B"});',
        "PRO",
    ),
    "groups": (
        'const G = {x: ["b"]}, wanted = process.env.GROUPS ? process.env.GROUPS.split(",") : [];\n'
        'function allowed() { const s = new Set(["a"]);\n'
        " for (const g of wanted) for (const t of G[g]) s.add(t); return s; }\n"
        'const all = [{name: "a", description: "A"}, {name: "b", description: "B"}], set = allowed();\n'
        "for (const t of all.filter((t) => set.has(t.name))) server.registerTool(t.name, t, f);",
        "GROUPS",
    ),
    "table": (
        'const T = {a: addA, b: addB}, core = ["a"];\n'
        'function addA(s) { s.tool("a", "A", {}, f); }\nfunction addB(s) { s.tool("b", "B", {}, f); }\n'
        'function go(s, mode = "core") { let list = []; switch (mode) {\n'
        ' case "all": list = Object.keys(T); break;\n case "core": case "lean": list = core; break; }\n'
        " try { list.forEach((n) => { const add = T[n] || null; if (add) add(s); }); }\n"
        " catch (e) { for (const n of Object.keys(T)) T[n](s); } }\n"
        'go(server, process.env.MODE ? process.env.MODE : "core");',
        "MODE",
    ),
    "need": (
        'server.tool("a", "A", {}, f); server.tool("c", "C", {}, f);\n'
        'class B { name = "b"; put() { if (!this.ok()) return; server.tool(this.name, "B", {}, f); }\n'
        " ok() { if (!this.server.config.apiKey) return false; return true; } }\nnew B().put();",
        "apiKey",
    ),
    "option": (
        'const o = yargs().option("a", {default: true}).options({"b-tools": {type: "boolean"}}).parseSync();'
        'if (o.a) server.tool("a", "A", {}, f); if (o.bTools) server.tool("b", "B", {}, f);',
        "--b-tools",
    ),
    "this": (
        'function more(s) { s.tool("b", "B", {}, f); }\n'
        "class S { constructor(o) { this.o = o; }\n"
        ' go() { server.tool("a", "A", {}, f); if (this.o.more) more(server); } }\n'
        "new S(program.opts()).go();",
        "--more",
    ),
    "disabled": (
        'const o = program.option("--more", "more tools", false).opts();\n'
        'const a = server.registerTool("a", {description: "A"}, f); if (o.more) a.disable();\n'
        'const b = server.registerTool("b", {description: "B"}, f); if (!o.more) b.disable();',
        "--more",
    ),
}


@pytest.mark.parametrize("form", SWITCHED)
def test_a_tool_that_nothing_adds_by_default_is_latent_beside_one_that_is_listed(
    tmp_path: Path, form: str
) -> None:
    code, switch = SWITCHED[form]
    found = {one.tool.name: one.switch for one in read(tmp_path, index_js=MCP + code).tools}
    found.pop("c", None)
    assert found == {"a": "", "b": switch}


UNDECIDED = [
    'let on = false; if (await allowed()) on = true; if (on) server.tool("a", "A", {}, f);',
    'let why; if (given.off) why = 1; if (!why) server.tool("a", "A", {}, f);',
    "class A { ok = false; constructor() { this.ok = false; } start() { this.ok = true; this.put(); }\n"
    ' put() { if (this.ok) server.tool("a", "A", {}, f); } } new A().start();',
    'function add(s) { s.tool("a", "A", {}, f); } if (process.env.X) add(server); export const all = [add];',
    'function add(s) { s.tool("a", "A", {}, f); } if (process.env.X) add(server); else add(server);',
]


@pytest.mark.parametrize("code", UNDECIDED)
def test_what_cannot_be_decided_hides_no_tool(tmp_path: Path, code: str) -> None:
    assert not only(read(tmp_path, index_js=MCP + code)).latent


def test_a_tool_is_possible_where_it_is_not_known_whether_it_stays_on(tmp_path: Path) -> None:
    code = 'const t = server.registerTool("a", {description: "A"}, f); if (await denied()) t.disable();'
    found = read(tmp_path, index_js=MCP + code)
    (tool,) = found.tools
    assert (tool.tool.name, tool.possible, tool.latent, tool.switch) == ("a", True, False, "t.enable()")


def test_a_credential_that_all_tools_need_switches_none_of_them_on(tmp_path: Path) -> None:
    """The few that are on without a further setting are counted, not those that a setting adds."""
    source = MCP + (
        "if (!process.env.API_TOKEN) throw new Error('no token');\n"
        "const basic = ['a'];\n"
        "const add = (t) => {\n"
        "  if (process.env.PRO_MODE === 'true') { server.registerTool(t.name, t, () => 1); return; }\n"
        "  if (basic.includes(t.name)) server.registerTool(t.name, t, () => 1);\n"
        "};\n" + "".join(f"add({{name: '{name}', description: 'Does {name}'}});\n" for name in "abcd")
    )
    found = read(tmp_path, index_js=source)
    assert [tool.tool.name for tool in found.tools if not tool.latent] == ["a"]
    assert {tool.switch for tool in found.tools if tool.latent} != {"API_TOKEN"}


CALLS = {
    "condition": (
        'function some(s) { s.tool("b", "B", {}, () => 1); }\nif (await reachable()) some(server);',
        "reachable()",
    ),
    "two functions": (
        'function some(s) { s.tool("b", "B", {}, () => 1); }\n'
        "function more(s) { if (s.ready()) some(s); }\nmore(server);",
        "s.ready()",
    ),
    "never": ('export function some(s) { s.tool("b", "B", {}, () => 1); }', "nothing calls some"),
    "own list": (
        'const kept = []; function add(tool) { kept.push(tool); }\nif (await reachable()) add({name: "b", '
        'description: "B"});\nfor (const one of kept) server.registerTool(one.name, one, () => 1);',
        "reachable()",
    ),
}


@pytest.mark.parametrize("form", CALLS)
def test_a_tool_is_possible_where_it_is_not_known_whether_its_function_is_called(
    tmp_path: Path, form: str
) -> None:
    code, switch = CALLS[form]
    found = read(tmp_path, index_js=MCP + 'server.tool("a", "A", {}, () => 1);\n' + code)
    assert [(one.tool.name, one.possible, one.switch) for one in found.tools] == [
        ("a", False, ""),
        ("b", True, switch),
    ]


def test_what_all_tools_have_in_common_leaves_none_of_them_in_doubt(tmp_path: Path) -> None:
    code = 'export function all(s) { s.tool("a", "A", {}, () => 1); s.tool("b", "B", {}, () => 1); }'
    assert [one.possible for one in read(tmp_path, index_js=MCP + code).tools] == [False, False]


def test_a_function_is_called_by_the_name_that_another_file_gives_it(tmp_path: Path) -> None:
    more = 'export default function more(s) { s.tool("b", "B", {}, () => 1); }\n'
    code = 'import rest from "./more.js";\nserver.tool("a", "A", {}, () => 1);\nrest(server);'
    found = read(tmp_path, index_js=MCP + code, more_js=more)
    assert [(one.tool.name, one.possible) for one in found.tools] == [("a", False), ("b", False)]
