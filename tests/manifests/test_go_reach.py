"""What tools in Go reach, what their servers ask for and keep; and source that means harm."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.manifests.extraction import FoundTool
from mcpaudit.manifests.go.source import extract
from tests.manifests.go_source import ADD, MARK, names, only, program, read
from tests.manifests.test_go import DECLARATIONS

HANDLER = "(ctx context.Context, r mcp.CallToolRequest) (*mcp.CallToolResult, error)"
IMPORTS = MARK + '"context"\n'


def says(tool: FoundTool) -> list[tuple[str, str]]:
    return [(one.ability, one.says) for one in tool.evidence]


def test_evidence_is_followed_through_functions_and_packages(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD
            + 's.AddTool(mcp.NewTool("a"), first)\n'
            + f's.AddTool(mcp.NewTool("b"), func{HANDLER} {{\n http.Get("x")\n return nil, nil\n}})\n'
            + f's.AddTool(mcp.NewTool("c"), func{HANDLER} {{\n return mcp.NewToolResultText("x"), nil\n}})',
            IMPORTS + '"net/http"\n"example.com/x/deep"\n',
            f"func first{HANDLER} {{\n deep.Run()\n return nil, nil\n}}",
        ),
        deep__run_go='package deep\nimport (\n"os"\n"os/exec"\n)\nfunc Run() {\n'
        'write("x")\n exec.Command("ls").Run()\n}\n'
        "func write(name string) {\n os.WriteFile(name, nil, 0o600)\n}\n",
    )
    a, b, c = found.tools
    assert says(a) == [("executes", "it calls `exec.Command.Run`"), ("files", "it calls `os.WriteFile`")]
    assert (a.evidence[0].spot.file, a.evidence[0].spot.line) == ("deep/run.go", 8)
    assert says(b) == [("network", "it calls `http.Get`")]
    assert c.evidence == ()


CLIENTS = {
    "field": (
        "type T struct { api *github.Client }",
        "t.api.Issues.Create(ctx)",
        "sdk",
        "github.Client.Issues.Create",
    ),
    "result": (
        "type T struct{}\nfunc (t *T) api() (*github.Client, error) { return nil, nil }",
        "c, err := t.api()\n_ = err\nc.Issues.Create(ctx)",
        "sdk",
        "github.Client.Issues.Create",
    ),
    "interface": (
        "type Cluster interface { kubernetes.Interface }\ntype T struct { c Cluster }",
        't.c.CoreV1().Pods("x").Delete(ctx)',
        "sdk",
        "kubernetes.Interface.CoreV1.Pods.Delete",
    ),
    "asked": (
        "type Source interface { Database() *sql.DB }\ntype T struct { s Source }",
        't.s.Database().ExecContext(ctx, "x")',
        "database",
        "sql.DB.ExecContext",
    ),
    "loop": (
        "type T struct { all []*sql.DB }",
        "for _, db := range t.all {\n db.Ping()\n}",
        "database",
        "sql.DB.Ping",
    ),
    "once": (
        "type T struct{}\nvar client = sync.OnceValue(func() *github.Client { return nil })",
        "client().Issues.Create(ctx)",
        "sdk",
        "github.Client.Issues.Create",
    ),
    "unknown": (
        "type T struct{}",
        "y.Thing().X.CombinedOutput()\nz.CombinedOutput()",
        "executes",
        "….CombinedOutput",
    ),
}


@pytest.mark.parametrize("form", CLIENTS)
def test_methods_are_known_by_the_types_of_what_they_are_called_on(tmp_path: Path, form: str) -> None:
    top, body, ability, name = CLIENTS[form]
    found = read(
        tmp_path,
        main_go=program(
            ADD + 't := &T{}\ns.AddTool(mcp.NewTool("a"), t.Handle)',
            IMPORTS
            + '"database/sql"\n"sync"\n"k8s.io/client-go/kubernetes"\n'
            + '"github.com/google/go-github/v79/github"\n',
            f"{top}\nfunc (t *T) Handle{HANDLER} {{\n{body}\nreturn nil, nil\n}}",
        ),
    )
    assert (ability, f"it calls `{name}`") in says(only(found))


DISPATCH = {
    "cases": 'switch r.Params.Name {\ncase "a":\n exec.Command("ls").Run()\ncase "b":\n return nil, nil\n}',
    "tests": 'if r.Params.Name == "a" {\n exec.Command("ls").Run()\n}\n'
    'if r.Params.Name == "b" {\n return nil, nil\n}',
    "table": "return table[r.Params.Name](), nil",
}


@pytest.mark.parametrize("form", DISPATCH)
def test_code_that_is_found_by_the_tools_name(tmp_path: Path, form: str) -> None:
    found = read(
        tmp_path,
        main_go=program(
            'serve("tools/list", tools, call)',
            IMPORTS + '"os/exec"\n',
            'var tools = []Tool{{Name: "a", Description: "A", Schema: nil}, '
            '{Name: "b", Description: "B", Schema: nil}}\n'
            "type Tool struct { Name, Description string; Schema any }\n"
            'var table = map[string]func() error{"a": list, "b": nothing}\n'
            'func list() error { return exec.Command("ls").Run() }\nfunc nothing() error { return nil }\n'
            "func serve(method string, tools []Tool, call any) {}\n"
            f"func call{HANDLER} {{\n{DISPATCH[form]}\nreturn nil, nil\n}}",
        ),
    )
    assert [says(one) for one in found.tools] == [[("executes", "it calls `exec.Command.Run`")], []]


def test_answers_of_a_client_are_no_evidence(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD + 's.AddTool(mcp.NewTool("a"), handle)',
            IMPORTS + '"github.com/google/go-github/v79/github"\n"net/http"\n"k8s.io/client-go/dynamic"\n',
            "func name(c dynamic.Interface) string {\n"
            ' one, _ := c.Namespace("x").Get(nil)\n return one.GetName()\n}\n'
            f"func title(i *github.Issue) string {{ return i.GetTitle() + http.StatusText(200) }}\n"
            f"func handle{HANDLER} {{\n title(nil)\n name(nil)\n return nil, nil\n}}",
        ),
    )
    assert says(only(found)) == [("sdk", "it calls `dynamic.Interface.Namespace.Get`")]


def test_what_handlers_keep(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD + 's.AddTool(mcp.NewTool("a"), handle)',
            IMPORTS + '"sync"\n',
            "var last, fixed string\nvar count int\nvar seen = map[string]bool{}\nvar cache sync.Map\n"
            "var gone = map[string]bool{}\nvar loaded = compute()\n"
            "const limit = 3\n"
            'func compute() string { fixed = "x"; return fixed }\n'
            f"func handle{HANDLER} {{\n"
            "last = r.Params.Name\ncount++\nseen[last] = true\ncache.Store(last, 1)\ndelete(gone, last)\n"
            "own := map[string]int{}\nown[last] = 1\nloaded := own\n_ = loaded\nreturn nil, nil\n}",
        ),
    )
    assert [one.name for one in found.state] == ["cache", "count", "gone", "last", "seen"]
    says = {one.name: one.says for one in found.state}
    assert says["last"] == "`handle` sets the package's variable `last`"
    assert says["seen"] == "`handle` writes to the package's variable `seen`"
    assert all(one.spot.file == "main.go" for one in found.state)


def test_what_it_asks_for(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            'key := os.Getenv(keyName)\nos.LookupEnv("ACME_URL")\n'
            'envOr("ACME_TOKEN", "")\nos.Getenv("HOME")\n'
            'cfg := oauth2.Config{Scopes: []string{"https://www.googleapis.com/auth/drive", "openid"}}\n'
            + DECLARATIONS["add"].split("{\n", 1)[1].rsplit("}", 1)[0],
            MARK + '"os"\n"golang.org/x/oauth2"\n',
            'const keyName = "ACME_API_KEY"\n'
            'type Settings struct { Pass string `env:"ACME_PASSWORD"` }\n'
            "func envOr(name, other string) string { return other }",
        ),
    )
    assert found.needs_env == ("ACME_API_KEY", "ACME_PASSWORD", "ACME_TOKEN", "ACME_URL")
    assert found.scopes == ("https://www.googleapis.com/auth/drive", "openid")


GROWS = 'x := "' + "a" * 1_000 + '"\n'
HOSTILE = {
    "nested": "_ = " + "(" * 20_000 + "1" + ")" * 20_000,
    "brackets": "[" * 30_000,
    "added": "_ = " + "+".join(['"a"'] * 20_000),
    "doubled": GROWS + "for {\n x = x + x\n}\n" + "x = x + x\n" * 200,
    "itself": "again()\nagain()",
    "loops": "l := []int{" + "1," * 500 + "}\n" + "for range l {\n" * 12 + "l = append(l, l...)" + "}\n" * 12,
    "branches": "".join(f"v{i} := {i}\nif y{i} {{\n v{i} = 1\n}}\n" for i in range(3_000)),
    "returns": "".join(f'if os.Getenv("A{i}") == "" {{\n return\n}}\n' for i in range(3_000)),
    "closures": "func() {\n exec.Command(x)\n" * 2_000 + "}()\n" * 2_000,
    "blocks": "{" * 5_000 + "}" * 5_000,
    "elses": "".join(f"if a == {i} {{\n}} else " for i in range(3_000)) + "{\n}\n",
    "chained": "z" + ".f()" * 5_000,
    "strings": 's.AddTool(mcp.NewTool(strings.Repeat("a", 1<<40)), nil)\n_ = fmt.Sprintf("%999999999d", 1)',
    "broken": 's.AddTool(mcp.NewTool("b, nil)',
    "wide": "l := []mcp.Tool{" + 'mcp.Tool{Name: "b"},' * 5_000 + "}\ns.AddTools(l...)",
}


@pytest.mark.parametrize("form", HOSTILE)
def test_hostile_sources_end(tmp_path: Path, form: str) -> None:
    body = ADD + 's.AddTool(mcp.NewTool("a"), nil)\n' + HOSTILE[form]
    top = "func again() { again(); others() }\nfunc others() { again() }\n"
    found = read(tmp_path, main_go=program(body, MARK + '"fmt"\n"os"\n"strings"\n', top))
    assert "a" in names(found) or "not read: main.go" in found.reason


CIRCLES = [
    "const a = b\nconst b = a",
    "type A B\ntype B A\nvar x A",
    "type A struct { A }\nvar x = A{}",
    "type A interface { A }\nfunc f(a A) { a.Run() }",
    "var a = b()\nfunc b() int { return a }",
    "type A = A\nfunc (a A) f() {}",
    "type A []A\nvar x = A{{{{}}}}",
]


@pytest.mark.parametrize("top", CIRCLES)
def test_circles_end(tmp_path: Path, top: str) -> None:
    handler = f"\nfunc handle{HANDLER} {{\n var y A\n y.f()\n x.g()\n _ = a\n return nil, nil\n}}"
    found = read(
        tmp_path, main_go=program(ADD + 's.AddTool(mcp.NewTool("a"), handle)', IMPORTS, top + handler)
    )
    assert names(found) == ["a"]


@pytest.mark.parametrize("form", ["loop", "official", "type"])
def test_the_same_source_gives_the_same_result(tmp_path: Path, form: str) -> None:
    read(tmp_path, main_go=DECLARATIONS[form])
    assert extract(tmp_path) == extract(tmp_path)


PIECES = st.lists(
    st.sampled_from(
        [
            *DECLARATIONS.values(),
            *HOSTILE["broken"],
            *(
                "{",
                "}",
                "(",
                ")",
                "[",
                "`",
                '"',
                "func",
                "type A struct {",
                "type A A",
                "var a = a",
                "switch x {",
            ),
            *(
                "for i := range",
                "case",
                "go func() {",
                "a[b](c)",
                "x.(type)",
                "*",
                "&",
                "...",
                ":=",
                "\\x",
                "\\u00",
            ),
        ]
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(text=st.one_of(st.text(max_size=300), PIECES.map("\n".join)), inside=st.booleans())
def test_no_text_breaks_it(text: str, inside: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "s.go")
        source = program(ADD + text) if inside else program(ADD) + text
        path.write_text(source, encoding="utf-8", errors="replace")
        found = extract(path)
        assert found is None or found.reason
