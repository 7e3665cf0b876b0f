"""Which tools are read from the source of servers in Go, and which of them are off by default."""

from pathlib import Path

import pytest

from mcpaudit.manifests.go import project
from mcpaudit.manifests.go.source import extract
from tests.manifests.go_source import ADD, MARK, OFFICIAL, names, only, program, read

TOOL = 'mcp.NewTool("a", mcp.WithDescription("Does a"))'
TOP_TOOL = (
    f"func newA() mcp.Tool {{ return {TOOL} }}\nfunc run(ctx context.Context, r mcp.CallToolRequest) {{}}\n"
)
CONTEXT = MARK + '"context"\n'
DECLARATIONS = {
    "add": program(ADD + f"s.AddTool({TOOL}, nil)"),
    "constant": program(
        ADD + "s.AddTool(mcp.NewTool(Name, mcp.WithDescription(text)), nil)",
        top='const (\nprefix = ""\nName = prefix + "a"\n)\nvar text = "Does " + "a"\n',
    ),
    "many": program(ADD + f"s.AddTools(server.ServerTool{{Tool: {TOOL}, Handler: run}})", CONTEXT, TOP_TOOL),
    "function": program(ADD + "s.AddTool(newA(), run)", CONTEXT, TOP_TOOL),
    "pair": program(
        ADD + "s.AddTool(pair())",
        CONTEXT,
        TOP_TOOL + "func pair() (mcp.Tool, server.ToolHandlerFunc) { return newA(), run }\n",
    ),
    "loop": program(
        ADD + "for _, t := range all() {\n s.AddTool(t, nil)\n}",
        top=f"func all() []mcp.Tool {{\n l := []mcp.Tool{{}}\n l = append(l, {TOOL})\n return l\n}}",
    ),
    "spread": program(
        ADD + "s.AddTools(tools...)",
        top=f"var tools = []server.ServerTool{{{{Tool: {TOOL}}}}}",
    ),
    "table": program(
        ADD
        + "for name, text := range table {\n s.AddTool(mcp.NewTool(name, mcp.WithDescription(text)), nil)\n}",
        top='var table = map[string]string{"a": "Does a"}',
    ),
    "slice": program(
        ADD
        + "for _, name := range all[1:2] {\n s.AddTool(mcp.NewTool(name, mcp.WithDescription(text)), nil)\n}",
        top='var all, text = []string{"x", "a", "y"}, "Does a"',
    ),
    "formatted": program(
        ADD
        + 's.AddTool(mcp.NewTool(fmt.Sprintf("%s", "a"), mcp.WithDescription(strings.Join(w, " "))), nil)',
        MARK + '"fmt"\n"strings"\n',
        'var w = []string{"Does", "a"}',
    ),
    "translated": program(
        ADD + 's.AddTool(mcp.NewTool("a", mcp.WithDescription(t("TOOL_A_DESCRIPTION", "Does a"))), nil)',
        MARK + '"example.com/y"\n',
        "var t = y.Helper()",
    ),
    "wrapper": program(
        ADD + 'add(s, "a", "Does a", nil)',
        top="func add(s *server.MCPServer, name, text string, h server.ToolHandlerFunc) {\n"
        "s.AddTool(mcp.NewTool(name, mcp.WithDescription(text)), h)\n}",
    ),
    "type": program(
        ADD + "for _, t := range []Tool{&one{}} {\n s.AddTool(t.Definition(), t.Handle)\n}",
        CONTEXT,
        TOP_TOOL + "type Tool interface { Definition() mcp.Tool }\ntype one struct{}\n"
        "func (o *one) Definition() mcp.Tool { return newA() }\n"
        "func (o *one) Handle(ctx context.Context, r mcp.CallToolRequest) {}\n",
    ),
    "command": program(
        "c := &cobra.Command{RunE: func(c *cobra.Command, a []string) error { return serve() }}\nc.Execute()",
        MARK + '"github.com/spf13/cobra"\n',
        f"func serve() error {{\n{ADD} s.AddTool({TOOL}, nil)\n return nil\n}}",
    ),
    "named results": program(
        ADD + "t, h := pair()\ns.AddTool(t, h)",
        CONTEXT,
        TOP_TOOL
        + "func pair() (tool mcp.Tool, handler server.ToolHandlerFunc) {\n"
        + "tool = newA()\nhandler = run\nreturn\n}\n",
    ),
    "literal": program(ADD + 's.AddTool(mcp.Tool{Name: "a", Description: "Does a"}, nil)'),
    "official": program(
        's := mcp.NewServer(nil, nil)\nmcp.AddTool(s, &mcp.Tool{Name: "a", Description: "Does a"}, nil)',
        OFFICIAL,
    ),
    "golang": program(
        's := mcp_golang.NewServer(nil)\ns.RegisterTool("a", "Does a", func(args Args) error { return nil })',
        'mcp_golang "github.com/metoro-io/mcp-golang"\n',
        'type Args struct { Path string `json:"path" jsonschema:"required"` }',
    ),
    "own": program(
        'handle("tools/list", tools)',
        '"example.com/x/rpc"\n',
        'var tools = []Tool{{Name: "a", Description: "Does a", InputSchema: map[string]any{}}}\n'
        "type Tool struct { Name, Description string; InputSchema map[string]any }\n"
        "func handle(method string, tools []Tool) {}\n",
    ),
}


@pytest.mark.parametrize("form", DECLARATIONS)
def test_each_form_of_declaration_is_read(tmp_path: Path, form: str) -> None:
    found = read(tmp_path, main_go=DECLARATIONS[form])
    assert names(found) == ["a"]
    assert only(found).tool.description == "Does a"
    assert not only(found).latent
    assert found.complete, found.reason
    assert (found.name, found.language) == ("example.com/x", "go")
    assert found.reason == "its Go source"


def test_packages_are_followed_by_their_import_paths(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        cmd__server__main_go=program("tools.Register(nil)", '"example.com/x/internal/tools"\n'),
        internal__tools__register_go="package tools\nimport (\n" + MARK + ")\n"
        "func Register(s *server.MCPServer) { s.AddTool(one, nil) }\n",
        internal__tools__one_go='package tools\nimport "github.com/mark3labs/mcp-go/mcp"\n'
        f"var one = {TOOL}\n",
        unused__two_go='package unused\nimport "github.com/mark3labs/mcp-go/mcp"\n'
        'var Two = mcp.NewTool("two")\n',
    )
    assert names(found) == ["a"]
    assert str(only(found).spot) == "internal/tools/one.go:3"


def test_tools_of_one_maker_lie_where_it_is_called(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD + 's.AddTool(make_("a"), nil)\ns.AddTool(make_("b"), nil)',
            top="func make_(name string) mcp.Tool {\n return mcp.NewTool(name)\n}",
        ),
    )
    first, second = (one.spot.line for one in found.tools)
    assert second == first + 1


LATENT = {
    "flag": (
        f'write := flag.Bool("write", false, "x")\nif *write {{\n s.AddTool({TOOL}, nil)\n}}',
        "--write",
    ),
    "kept flag": (
        'var write bool\nflag.BoolVar(&write, "write", false, "x")\n'
        f"if write {{\n s.AddTool({TOOL}, nil)\n}}",
        "--write",
    ),
    "read only": (
        f'ro := flag.Bool("read-only", true, "x")\nif *ro {{\n return\n}}\ns.AddTool({TOOL}, nil)',
        "--read-only",
    ),
    "variable": (f'if os.Getenv("ENABLE_WRITE") == "true" {{\n s.AddTool({TOOL}, nil)\n}}', "ENABLE_WRITE"),
    "appended": (
        'list := []mcp.Tool{}\nif os.Getenv("BETA") != "" {\n'
        f" list = append(list, {TOOL})\n}}\nfor _, t := range list {{\n s.AddTool(t, nil)\n}}",
        "BETA",
    ),
    "parameter": (
        'c := config{write: os.Getenv("WRITE") == "1"}\nregister(s, c)',
        "WRITE",
    ),
    "listed": (
        'on := flag.String("enabled", "x,y", "x")\nlist := strings.Split(*on, ",")\n'
        f'if slices.Contains(list, "z") {{\n s.AddTool({TOOL}, nil)\n}}',
        "--enabled",
    ),
}


@pytest.mark.parametrize("form", LATENT)
def test_what_is_off_by_default_is_latent(tmp_path: Path, form: str) -> None:
    body, switch = LATENT[form]
    top = "type config struct { write bool }\nfunc register(s *server.MCPServer, c config) {\n"
    top += f"if !c.write {{\n return\n}}\ns.AddTool({TOOL}, nil)\n}}\n"
    imports = MARK + '"flag"\n"os"\n"slices"\n"strings"\n'
    found = read(tmp_path, main_go=program(ADD + body, imports, top if "register" in body else ""))
    assert (only(found).latent, only(found).switch) == (True, switch)


TOOLSETS = """
type Toolset struct { ID string; Default bool }
type ServerTool struct { Tool mcp.Tool; Toolset Toolset }
var on, off = Toolset{ID: "on", Default: true}, Toolset{ID: "off"}
var all = []ServerTool{{Tool: mcp.NewTool("a"), Toolset: on}, {Tool: mcp.NewTool("b"), Toolset: off}}
"""
GIVEN = "for _, t := range all {\n s.AddTool(t.Tool, nil)\n}"


@pytest.mark.parametrize(
    ("settings", "switch"),
    [
        ("", "toolset off"),
        ('fs.StringSlice("toolsets", nil, "x")\n', "--toolsets, toolset off"),
        (
            'viper.SetEnvPrefix("acme")\nfs.StringSlice("tool-toolsets", nil, "x")\n',
            "--tool-toolsets, ACME_TOOL_TOOLSETS, toolset off",
        ),
    ],
)
def test_a_toolset_that_is_off_by_default(tmp_path: Path, settings: str, switch: str) -> None:
    imports = MARK + '"github.com/spf13/viper"\n'
    body = "fs := pflag.NewFlagSet()\n" + settings + ADD + GIVEN
    found = read(tmp_path, main_go=program(body, imports + '"github.com/spf13/pflag"\n', TOOLSETS))
    assert [(one.tool.name, one.switch) for one in found.tools] == [("a", ""), ("b", switch)]


ON = [
    f'if os.Getenv("API_TOKEN") != "" {{\n s.AddTool({TOOL}, nil)\n}}',
    f'if os.Getenv("DISABLE_A") == "" {{\n s.AddTool({TOOL}, nil)\n}}',
    f'ro := flag.Bool("read-only", false, "x")\nif !*ro {{\n s.AddTool({TOOL}, nil)\n}}',
    f"if allowed() {{\n s.AddTool({TOOL}, nil)\n}}",
    f'if os.Getenv("API_KEY") == "" {{\n log.Fatal("no key")\n}}\ns.AddTool({TOOL}, nil)',
]


@pytest.mark.parametrize("body", ON)
def test_what_is_on_by_default_is_not_latent(tmp_path: Path, body: str) -> None:
    imports = MARK + '"flag"\n"log"\n"os"\n"example.com/y"\n'
    found = read(tmp_path, main_go=program(ADD + body, imports, "func allowed() bool { return y.Asked() }"))
    assert not only(found).latent


SETTINGS = """
var root = &cobra.Command{RunE: func(c *cobra.Command, a []string) error { return serve() }}
func init() {
    root.PersistentFlags().Bool("more-tools", false, "x")
    root.PersistentFlags().StringSlice("sets", []string{"basic"}, "x")
    viper.BindPFlag("more_tools", root.PersistentFlags().Lookup("more-tools"))
    viper.BindPFlag("sets", root.PersistentFlags().Lookup("sets"))
}
func serve() error {
    var sets []string
    if err := viper.UnmarshalKey("sets", &sets); err != nil {
        return err
    }
    s := server.NewMCPServer("x", "1")
    for _, set := range sets {
        s.AddTool(mcp.NewTool(set), nil)
    }
    if viper.GetBool("more_tools") {
        s.AddTool(mcp.NewTool("more"), nil)
    }
    return nil
}
"""


def test_settings_that_are_asked_for_by_key_have_the_defaults_of_their_flags(tmp_path: Path) -> None:
    imports = MARK + '"github.com/spf13/cobra"\n"github.com/spf13/viper"\n'
    found = read(tmp_path, main_go=program("root.Execute()", imports, SETTINGS))
    assert [(one.tool.name, one.latent) for one in found.tools] == [("basic", False), ("more", True)]
    assert "--more-tools" in found.tools[1].switch
    assert found.complete, found.reason


def test_a_tool_is_possible_where_it_is_not_known_which_are_handed_over(tmp_path: Path) -> None:
    body = f'sets["one"] = []mcp.Tool{{{TOOL}}}\nfor _, t := range sets[y.Asked()] {{\n s.AddTool(t, nil)\n}}'
    top = "var sets = make(map[string][]mcp.Tool)"
    found = read(tmp_path, main_go=program(ADD + body, MARK + '"example.com/y"\n', top))
    assert only(found).possible
    assert "main.go:" in only(found).switch
    assert not found.complete


NEAR_MISSES = [
    's.AddPrompt(mcp.NewPrompt("x", mcp.WithPromptDescription("a prompt")), nil)',
    's.AddResource(mcp.NewResource("y://z", "x"), nil)',
    '// s.AddTool(mcp.NewTool("x"), nil)\n_ = `s.AddTool(mcp.NewTool("x"), nil)`',
    '_ = llm.Tool{Name: "x", Description: "for a language model", Parameters: nil}',
    '_ = mcp.PromptArgument{Name: "x", Description: "an argument"}',
    "hooks := &server.Hooks{}\nhooks.AddAfterCallTool(nil)",
    '_ = mcp.NewTool("x")',
]


@pytest.mark.parametrize("body", NEAR_MISSES)
def test_what_only_looks_like_a_tool_is_left_out(tmp_path: Path, body: str) -> None:
    source = program(ADD + f"s.AddTool({TOOL}, nil)\n{body}", MARK + '"example.com/llm"\n')
    found = read(tmp_path, main_go=source)
    assert names(found) == ["a"]
    assert found.complete, found.reason


RUN_TIME = {
    "fetched": "for _, t := range y.Fetch() {\n s.AddTool(mcp.NewTool(t.Name), nil)\n}",
    "partly": f"l := append([]mcp.Tool{{{TOOL}}}, y.More()...)\n"
    "for _, t := range l {\n s.AddTool(t, nil)\n}",
    "named": "s.AddTool(mcp.NewTool(y.Name()), nil)",
    "decoded": "var all []string\njson.Unmarshal(y.Bytes(), &all)\n"
    "for _, n := range all {\n s.AddTool(mcp.NewTool(n), nil)\n}",
    "nothing": "",
}


@pytest.mark.parametrize("form", RUN_TIME)
def test_a_list_that_is_not_known_is_never_passed_off_as_complete(tmp_path: Path, form: str) -> None:
    source = program(ADD + RUN_TIME[form], MARK + '"encoding/json"\n"example.com/y"\n')
    found = read(tmp_path, main_go=source)
    assert not found.complete
    assert found.reason
    if form not in ("partly", "nothing"):
        assert "main.go:" in found.reason


def test_a_file_that_is_no_go_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, main_go=DECLARATIONS["add"], other_go="package main\nfunc (((\n")
    assert names(found) == ["a"]
    assert (found.complete, found.reason) == (False, "not read: other.go:2")


def test_code_that_nothing_is_seen_to_call_is_a_last_resort(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        lib_go="package lib\nimport (\n" + MARK + ")\nfunc Register(s *server.MCPServer) {\n"
        f"s.AddTool({TOOL}, nil)\n}}\n",
    )
    assert names(found) == ["a"]


def test_tests_and_vendored_packages_are_not_the_server(tmp_path: Path) -> None:
    other = 'package main\nimport "github.com/mark3labs/mcp-go/mcp"\nvar b = mcp.NewTool("b")\n'
    found = read(
        tmp_path, main_go=DECLARATIONS["add"], main_test_go=other, vendor__y__y_go=other, testdata__z_go=other
    )
    assert names(found) == ["a"]


def test_a_single_file_and_no_server(tmp_path: Path) -> None:
    (tmp_path / "s.go").write_text(DECLARATIONS["add"])
    found = extract(tmp_path / "s.go")
    assert found is not None
    assert names(found) == ["a"]
    (tmp_path / "other").mkdir()
    assert extract(tmp_path / "other") is None
    (tmp_path / "other/x.go").write_text("package main\nfunc main() {}\n")
    assert extract(tmp_path / "other") is None


def test_links_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.go").write_text(f"package main\nfunc more() mcp.Tool {{ return {TOOL} }}\n")
    root = tmp_path / "server"
    root.mkdir()
    (root / "more.go").symlink_to(tmp_path / "secret.go")
    found = read(root, main_go=program(ADD + "s.AddTool(more(), nil)"))
    assert names(found) == []
    assert not found.complete


def test_a_broken_file_of_open_braces_comes_to_an_end(tmp_path: Path) -> None:
    broken = f"package main\nfunc b() {'{' * 100_000}"
    found = read(tmp_path, main_go=program(ADD + f"s.AddTool({TOOL}, nil)"), more_go=broken)
    assert names(found) == ["a"]
    assert "not read" in found.reason


def test_files_beyond_what_is_kept_in_memory_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "MAX_NODES", 2_000)
    code = program(ADD + f"s.AddTool({TOOL}, nil)")
    found = read(tmp_path, main_go=code, more_go="package main\n" + "var x = 1\n" * 200)
    assert names(found) == ["a"]
    assert "as there is too much code" in found.reason
