"""What the handlers of tools in JavaScript reach."""

from pathlib import Path

from tests.manifests.javascript_source import MCP, read


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
