"""Hostile sources come to an end, and the same source gives the same result."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.manifests.extraction import Extraction
from mcpaudit.manifests.javascript import sinks, tree
from mcpaudit.manifests.javascript.effort import Effort
from mcpaudit.manifests.javascript.source import extract
from tests.manifests.javascript_source import DECLARATIONS, MCP, names, read

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


def test_of_very_many_tools_the_rest_is_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sinks, "MAX_TOOLS", 2)
    calls = "\n".join(f"server.tool('{name}', 'A', {{}}, f);" for name in "xyz")
    found = read(tmp_path, index_js=MCP + calls)
    assert names(found) == ["x", "y"]
    assert "2 tools or more" in found.reason
    assert not found.complete


def test_a_file_that_takes_too_much_to_parse_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    effort = Effort(100)
    monkeypatch.setattr(tree, "Effort", lambda: effort)
    big = "server.tool('lost', 'A', {}, f); x = " + "+".join(["1"] * 20_000)
    found = read(tmp_path, index_js=DECLARATIONS["tool"] + "\nimport './big.js';", big_js=big)
    assert "a" in names(found)
    assert "not read, as there is too much code: big.js" in found.reason


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
