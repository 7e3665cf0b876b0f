"""Input schemas, annotations and titles of tools in Go: options, values, JSON text, structs with tags."""

from pathlib import Path

from tests.manifests.go_source import ADD, MARK, OFFICIAL, names, only, program, read


def test_options(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD
            + """s.AddTool(mcp.NewTool("a",
            mcp.WithDescription("Does a"), mcp.WithTitleAnnotation("A"),
            mcp.WithReadOnlyHintAnnotation(true), mcp.WithDestructiveHintAnnotation(false),
            mcp.WithString("mode", mcp.Required(), mcp.Enum("r", "w"), mcp.Description("How")),
            mcp.WithNumber("limit", mcp.DefaultNumber(10), mcp.Max(100)),
            mcp.WithArray("tags", mcp.WithStringItems()),
            ), nil)"""
        ),
    )
    tool = only(found).tool
    assert tool.input_schema == {
        "type": "object",
        "properties": {
            "mode": {"type": "string", "enum": ["r", "w"], "description": "How"},
            "limit": {"type": "number", "default": 10, "maximum": 100},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["mode"],
    }
    assert tool.annotations == {"readOnlyHint": True, "destructiveHint": False}
    assert tool.title == "A"


STRUCTS = """
type Base struct { Owner string `json:"owner" jsonschema:"who owns it"` }
type Mode string
type Filter struct { Since time.Time `json:"since,omitempty"`; Deep *Filter `json:"deep,omitempty"` }
type Args struct {
    Base
    Mode Mode `json:"mode"`
    Limit *int `json:"limit,omitempty" jsonschema:"at most, so many"`
    Tags []string `json:"tags,omitempty"`
    Filter Filter `json:"filter,omitempty"`
    Extra map[string]any `json:"extra,omitempty"`
    hidden string
    Secret string `json:"-"`
}
func run(ctx context.Context, req *mcp.CallToolRequest, args Args) (*mcp.CallToolResult, any, error) {
    return nil, nil, nil
}
"""


def test_a_typed_handler(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            's := mcp.NewServer(nil, nil)\nmcp.AddTool(s, &mcp.Tool{Name: "a", Annotations: '
            '&mcp.ToolAnnotations{DestructiveHint: ptr(false), Title: "A"}}, run)',
            OFFICIAL + '"context"\n"time"\n',
            STRUCTS + "func ptr[T any](v T) *T { return &v }",
        ),
    )
    schema = only(found).tool.input_schema
    assert schema["required"] == ["owner", "mode"]
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert list(properties) == ["owner", "mode", "limit", "tags", "filter", "extra"]
    assert properties["owner"] == {"type": "string", "description": "who owns it"}
    assert properties["mode"] == {"type": "string"}
    assert properties["limit"] == {"type": "integer", "description": "at most, so many"}
    assert properties["tags"] == {"type": "array", "items": {"type": "string"}}
    assert isinstance(properties["filter"], dict)
    assert list(properties["filter"]["properties"]) == ["since", "deep"]
    assert only(found).tool.title == "A"
    assert only(found).tool.annotations == {
        "readOnlyHint": False,
        "destructiveHint": False,
        "idempotentHint": False,
    }


def test_tags_with_keys(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            's := mcp_golang.NewServer(nil)\ns.RegisterTool("a", "A", func(args Args) error { return nil })',
            'mcp_golang "github.com/metoro-io/mcp-golang"\n',
            "type Args struct {\n"
            'Path string `json:"path" jsonschema:"required,description=Where\\\\, exactly"`\n'
            'Mode string `json:"mode" jsonschema:"enum=r,enum=w"`\n}',
        ),
    )
    assert only(found).tool.input_schema == {
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "Where, exactly"},
            "mode": {"type": "string", "enum": ["r", "w"]},
        },
        "required": ["path"],
    }


def test_schemas_that_are_written_out(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD + 's.AddTool(mcp.NewToolWithRawSchema("a", "A", json.RawMessage(`{"type": "object", '
            '"properties": {"x": {"type": "string"}}, "required": ["x"]}`)), nil)\n'
            's.AddTool(mcp.Tool{Name: "b", InputSchema: mcp.ToolInputSchema{Type: "object", '
            'Properties: map[string]any{"y": map[string]any{"type": "string"}}, '
            'Required: []string{"y"}}}, nil)\n'
            's.AddTool(mcp.NewTool("c", mcp.WithInputSchema[Args]()), nil)\n'
            's.AddTool(mcp.Tool{Name: "d", InputSchema: &jsonschema.Schema{Type: "object", '
            'Properties: map[string]*jsonschema.Schema{"w": {Type: "string", Enum: []any{"p", "q"}}}}}, '
            "nil)\n"
            's.AddTool(mcp.NewTool("e"), nil)\n',
            MARK + '"encoding/json"\n"github.com/google/jsonschema-go/jsonschema"\n',
            'type Args struct { Z bool `json:"z"` }',
        ),
    )
    schemas = {one.tool.name: one.tool.input_schema for one in found.tools}
    assert schemas["a"]["properties"] == {"x": {"type": "string"}}
    assert schemas["b"] == {"type": "object", "properties": {"y": {"type": "string"}}, "required": ["y"]}
    assert schemas["c"] == {"type": "object", "properties": {"z": {"type": "boolean"}}, "required": ["z"]}
    assert schemas["d"]["properties"] == {"w": {"type": "string", "enum": ["p", "q"]}}


def test_a_schema_that_a_wrapper_derives_from_its_handler(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD + 's.AddTool(convert("a", "A", list))',
            MARK + '"context"\n"reflect"\n',
            """
            type Args struct { Query string `json:"query"` }
            type Run[T any] = func(context.Context, T) (string, error)
            func list(ctx context.Context, args Args) (string, error) { return "", nil }
            func convert[T any](name, text string, run Run[T]) (mcp.Tool, server.ToolHandlerFunc) {
                tool := mcp.Tool{Name: name, Description: text}
                tool.InputSchema = derive(reflect.TypeOf(run).In(1))
                return tool, func(ctx context.Context, r mcp.CallToolRequest) { run(ctx, nil) }
            }
            func derive(t reflect.Type) mcp.ToolInputSchema { return reflector.Of(t) }
            """,
        ),
    )
    assert only(found).tool.input_schema["required"] == ["query"]


def test_a_type_that_a_function_declares_for_itself(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            'type args struct { Name string `json:"name"` }\n'
            's := mcp.NewServer(nil, nil)\nmcp.AddTool(s, &mcp.Tool{Name: "say (hi)"}, '
            "func(ctx context.Context, req *mcp.CallToolRequest, in args) {})\n"
            'mcp.AddTool(s, &mcp.Tool{Name: "any"}, '
            "func(ctx context.Context, req *mcp.CallToolRequest, in map[string]any) {})",
            OFFICIAL + '"context"\n',
        ),
    )
    assert names(found) == ["any", "say (hi)"]
    assert [one.tool.input_schema.get("required") for one in found.tools] == [None, ["name"]]
    assert found.tools[0].tool.input_schema == {"type": "object"}


def test_a_struct_that_holds_itself_ends(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        main_go=program(
            ADD + 's.AddTool(mcp.NewTool("a", mcp.WithInputSchema[Args]()), nil)',
            top='type Args struct { Next []Args `json:"next"`; Args2 }\ntype Args2 struct { Args }\n',
        ),
    )
    assert names(found) == ["a"]
    assert only(found).tool.input_schema["type"] == "object"


def test_a_struct_of_structs_of_structs_ends(tmp_path: Path) -> None:
    fields = "".join(f'F{i} [][]Args `json:"f{i}"`\n' for i in range(200))
    found = read(
        tmp_path,
        main_go=program(
            ADD
            + "".join(
                f's.AddTool(mcp.NewTool("{i}", mcp.WithInputSchema[Args]()), nil)\n' for i in range(99)
            ),
            top=f"type Args struct {{\n{fields}}}\n",
        ),
    )
    assert len(found.tools) == 99
    assert found.tools[0].tool.input_schema["type"] == "object"
