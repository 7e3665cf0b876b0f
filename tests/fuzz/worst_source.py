"""The worst known source code, in each language that is read."""

from collections.abc import Iterator

_PYTHON = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n"
_SCRIPT = (
    'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\n'
    'const server = new McpServer({name: "x", version: "1"});\n'
)
_GO = (
    'package main\nimport "github.com/modelcontextprotocol/go-sdk/mcp"\n'
    "func main() {\n s := mcp.NewServer(nil, nil)\n"
)


def source(size: int) -> Iterator[tuple[str, str]]:
    """All of them by name, each of about so many characters."""
    for language, head, texts in (
        ("python", _PYTHON, _python(size)),
        ("js", _SCRIPT, _script(size)),
        ("go", _GO, _go(size)),
    ):
        yield from ((f"{language}-{name}", head + text) for name, text in texts)
    yield "python-coding", "# coding: utf-7\n" + _PYTHON + "+AGE-" * (size // 6)


def _grown(size: int, first: str, line: str, last: str) -> str:
    """Lines that each make a name `to` of the one before, `of`; the first and the last name are used, too."""
    steps = size // (len(line) + 4)
    lines = (line.format(of=f"a{n}", to=f"a{n + 1}") for n in range(steps))
    return first + "".join(lines) + last.format(of=f"a{steps}")


def _python(size: int) -> Iterator[tuple[str, str]]:
    used = "@mcp.tool(name={of})\ndef x(): ...\n"
    levels = int((2 * size) ** 0.5)
    yield "tower", "x = " + "(" * (size // 2) + ")" * (size // 2)
    yield "tower-95", ("x = " + "(" * 95 + "1" + ")" * 95 + "\n") * (size // 200)
    yield "minus", "x = " + "-" * size + "1"
    yield "attributes", "x = a" + ".a" * (size // 2)
    yield "calls", "x = a" + "()" * (size // 2)
    yield "sum", "x = 1" + "+1" * (size // 2)
    yield "strings", "x = " + "'a' " * (size // 4)
    yield "power", "x = " + "9**" * (size // 3) + "9"
    yield "repeat", "x = 'a' * 10 ** 9\n@mcp.tool(name=x * 10)\ndef a(): ...\n"
    wide = "x = f'{1:>999999999}' + '%999999999d' % 1 + '{:>99999999}'.format(1)\n"
    yield "format", wide + "@mcp.tool(name=x)\ndef a(): ...\n"
    yield "indent", "\n".join(" " * n + "if 1:" for n in range(min(levels, 3000)))
    yield "nested", "\n".join(" " * n + f"def a{n}():" for n in range(min(levels, 95)))
    counted = used.replace("{of}", "str({of})")
    yield "count", _grown(size, "a0 = 9\n", "{to} = {of} * {of}\n", counted)
    yield "tools", "".join(f"@mcp.tool()\ndef a{n}(): ...\n" for n in range(size // 30))
    yield "chain", _grown(size, "", "{of} = {to}\n", used.replace("{of}", "a0"))
    yield "double", _grown(size, "a0 = 'x'\n", "{to} = {of} + {of}\n", used)
    looped = "for n in {of}:\n    mcp.tool(name=n)(print)\n"
    yield "lists", _grown(size, "a0 = ['x'] * 9\n", "{to} = [*{of}, *{of}]\n", looped)
    yield "escapes", "x = '\\d\\e\\f'\n" * (size // 14) + "assert (1, 2)\nx is 1\n"
    yield "lambda", "x = " + "lambda: " * (size // 8) + "1"
    yield "match", "match x:\n    case " + "[" * 90 + "_" + "]" * 90 + ": pass\n"
    yield "nul", "\0"


def _script(size: int) -> Iterator[tuple[str, str]]:
    used = "server.tool({of}, {{}}, () => 1);"
    yield "tower", "x = " + "(" * (size // 2) + ")" * (size // 2)
    yield "tower-object", "x = " + "{a:" * (size // 4) + "1" + "}" * (size // 4)
    yield "arrows", "x = " + "()=>" * (size // 4) + "1"
    yield "template", "x = " + "`${" * (size // 3)
    yield "ternary", "x = " + "a?" * (size // 4) + "1" + ":1" * (size // 4)
    yield "not", "x = " + "!" * size + "1"
    yield "attributes", "x = a" + ".a" * (size // 2)
    yield "calls", "x = a" + "()" * (size // 2)
    yield "sum", "x = 1" + "+1" * (size // 2)
    yield "functions", "function a(){" * (size // 13)
    yield "tools", "".join(f'server.tool("a{n}", {{}}, async () => 1);\n' for n in range(size // 36))
    double = "const {to} = {of} + {of};\n"
    yield "double", _grown(size, "const a0 = 'x';\n", double, used)
    yield "count", _grown(size, "const a0 = 9e9;\n", double, used.replace("{of}", "'a' + {of}"))
    yield "digits", "server.tool('a' + 0x" + "f" * size + ", {}, () => 1);"
    hard = ".replace(/^a+a+a+a+a+a+a+a+b$/g, 'x')"
    yield "replace", f"const a = 'a'.padEnd(9);\nserver.tool('{'a' * (size // 4)}'{hard}, {{}}, () => 1);"
    spread = "const {to} = [...{of}, ...{of}];\n"
    yield (
        "spread",
        _grown(
            size, "const a0 = ['x','y'];\n", spread, "for (const n of {of}) server.tool(n, {{}}, () => 1);"
        ),
    )
    yield "chain", _grown(size, "", "const {of} = {to};\n", used.replace("{of}", "a0"))
    yield "repeat", "server.tool('a'.repeat(1e9).padEnd(1e9), {}, () => 1);"
    yield "regex", "x = /" + "(a*)*" * (size // 5) + "/"
    yield "types", "type X = " + "A<" * (size // 2)
    schema = "z.array(" * (size // 8) + "z.string()" + ")" * (size // 8)
    yield "zod", f'server.tool("a", {{a: {schema}}}, () => 1);'


def _go(size: int) -> Iterator[tuple[str, str]]:
    used = "mcp.AddTool(s, &mcp.Tool{{Name: {of}}}, nil)\n}}"
    yield "tower", "x := " + "(" * (size // 2) + ")" * (size // 2)
    yield "blocks", "{" * size
    yield "sum", "x := 1" + "+1" * (size // 2) + "\n}"
    yield "double", _grown(size, 'a0 := "x"\n', "{to} := {of} + {of}\n", used)
    yield "chain", _grown(size, "", "{of} := {to}\n", used.replace("{of}", "a0"))
    yield "types", "var x " + "[]" * (size // 2) + "int\n}"
    yield "functions", "x := " + "func(){" * (size // 7)
    yield "repeat", 'mcp.AddTool(s, &mcp.Tool{Name: strings.Repeat("a", 1000000000)}, nil)\n}'
