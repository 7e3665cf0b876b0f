"""The worst known inputs of any size: towers, bombs, long words, and what makes readers go over a text again."""

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator

_ENTRY = '{"mcpServers":{"a":%s},"servers":{"a":%s},"mcp":{"a":%s},"context_servers":{"a":%s}}'


def worst(size: int) -> dict[str, bytes]:
    """All of them by name, each of about so many bytes."""
    texts = {
        **dict(_towers(size)),
        **dict(_repeated(size)),
        **dict(_yaml(size)),
        **dict(_toml(size)),
        **dict(_source(size)),
        **dict(_entries(size)),
        **dict(_own(size)),
        **dict(_lines(size)),
    }
    return {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()} | dict(_binary(size))


def _towers(size: int) -> Iterator[tuple[str, str]]:
    half = size // 2
    yield "tower-list", "[" * half + "]" * half
    yield "tower-list-open", "[" * size
    yield "tower-object", '{"a":' * (size // 6) + "1" + "}" * (size // 6)
    yield "tower-brace", "{" * size
    yield "tower-bracket", "(" * half + ")" * half
    yield "tower-bracket-open", "(" * size
    yield "tower-quote", "'" * size
    yield "tower-double-quote", '"' * size
    yield "tower-mixed", '[{"a":' * (size // 7)
    yield "tower-under-the-limit", "[" * 60 + ",".join(["[[]]"] * (size // 5)) + "]" * 60


def _repeated(size: int) -> Iterator[tuple[str, str]]:
    for name, unit in (
        *(("backslash", "\\"), ("space", " "), ("newline", "\n"), ("return", "\r"), ("tab", "\t")),
        *(("dollar-brace", "${"), ("dollar-default", "${A:-"), ("dollar-paren", "$("), ("backtick", "`a")),
        *(("curly-env", "{env:"), ("percent", "%a"), ("mustache", "{{"), ("at", "@"), ("slash", "/")),
        *(("dots", "."), ("dashes", "-"), ("stars", "*a"), ("glob", "a*"), ("question", "?"), ("comma", ",")),
        *(("colon", "a:"), ("equals", "a="), ("hash", "#"), ("comment", "/*"), ("comment-line", "//\n")),
        *(("nine", "9"), ("exponent", "1e"), ("minus", "-1"), ("hex", "0x"), ("angle", "<a "), ("pipe", "|")),
        *(("markdown", "---\n"), ("heredoc", "<<E\n"), ("percent-escape", "%25"), ("umlaut", "ä")),
        *(("surrogate", "\\ud800"), ("zero-width", "\u200b"), ("combining", "a\u0301"), ("emoji", "😀")),
        *(
            ("words", "word "),
            ("key-lines", "password=hunter\n"),
            ("url", "https://a@b:c/"),
            ("base64", "QUJD"),
        ),
        *(("section", "[a]\n"), ("machine", "machine a login b password c\n"), ("csv", 'a,"b",c\n')),
        *(
            ("at-sign-import", "@a/b "),
            ("ampersand", "&a "),
            ("alias", "*a "),
            ("bang", "!a "),
            ("tag", "!!str "),
        ),
    ):
        yield f"repeat-{name}", unit * (size // len(unit.encode()))
        inside = json.dumps(unit * (size // 4 // len(unit.encode())), ensure_ascii=False)
        yield (
            f"entry-{name}",
            _ENTRY % ((f'{{"command":{inside},"args":[{inside},{inside}]}}',) * 1 + ("1",) * 3),
        )


def _yaml(size: int) -> Iterator[tuple[str, str]]:
    levels = 9 if size > 1000 else 3
    bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    bomb += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    yield "yaml-laughs", "\n".join(bomb)
    yield (
        "yaml-merge",
        "\n".join(
            ["a0: &a0 {x: 1}", *(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, size // 40))]
        ),
    )
    yield "yaml-anchors", "\n".join(f"a{n}: &b{n} 1" for n in range(size // 16))
    yield "yaml-self", "a: &a [*a]"
    yield "yaml-tower", "\n".join(" " * n + "a:" for n in range(int((2 * size) ** 0.5)))
    yield "yaml-dashes", "- " * (size // 2)
    yield "yaml-question", "? " * (size // 2)
    yield "yaml-flow", "{a: " * (size // 4)
    yield "yaml-tags", "\n".join(f"%TAG !a{n}! tag:a,{n}:" for n in range(size // 24))
    yield "yaml-documents", "--- 1\n" * (size // 6)
    yield "yaml-folded", "a: >\n" + " x\n\n" * (size // 4)
    yield "yaml-plain", "a: " + "b\n " * (size // 3)
    yield "yaml-binary", "a: !!binary " + "QUJD" * (size // 4)
    yield "yaml-sexagesimal", "a: " + "1:" * (size // 2) + "1"
    yield "yaml-octal", "a: 0" + "7" * size
    yield "yaml-float", "a: ." + "1" * size
    yield "yaml-timestamp", "a: 2026-11-22T09:00:00." + "9" * size
    yield "yaml-quoted", 'a: "' + "\\x41" * (size // 4) + '"'


def _toml(size: int) -> Iterator[tuple[str, str]]:
    yield "toml-dots", ".".join(["a"] * (size // 2)) + " = 1"
    yield "toml-table", "[" + ".".join(["a"] * (size // 2)) + "]"
    yield "toml-tables", "\n".join(f"[a{n}.b.c.d]" for n in range(size // 14))
    yield "toml-arrays", "[[a]]\n" * (size // 6)
    yield "toml-inline", "a = " + "{a = " * (size // 5)
    yield "toml-key", f'"{"k" * size}" = 1'
    yield "toml-number", "a = " + "9" * size
    yield "toml-underscores", "a = " + "1_" * (size // 2) + "1"
    yield "toml-text", 'a = """' + "\\\n" * (size // 2) + '"""'
    yield "toml-date", "a = 2026-11-22T09:00:00." + "9" * size


def _source(size: int) -> Iterator[tuple[str, str]]:
    head = "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n"
    yield "python-tower", head + "x = " + "(" * (size // 2) + ")" * (size // 2)
    yield "python-tower-95", head + ("x = " + "(" * 95 + "1" + ")" * 95 + "\n") * (size // 200)
    yield "python-minus", head + "x = " + "-" * size + "1"
    yield "python-attributes", head + "x = a" + ".a" * (size // 2)
    yield "python-calls", head + "x = a" + "()" * (size // 2)
    yield "python-sum", head + "x = 1" + "+1" * (size // 2)
    yield "python-strings", head + "x = " + "'a' " * (size // 4)
    yield "python-power", head + "x = " + "9**" * (size // 3) + "9"
    yield "python-repeat", head + "x = 'a' * 10 ** 9\n@mcp.tool(name=x * 10)\ndef a(): ...\n"
    yield (
        "python-format",
        head
        + "x = f'{1:>999999999}' + '%999999999d' % 1 + '{:>99999999}'.format(1)\n@mcp.tool(name=x)\ndef a(): ...\n",
    )
    yield (
        "python-indent",
        head + "\n".join(" " * n + "if 1:" for n in range(min(int((2 * size) ** 0.5), 3000))),
    )
    yield (
        "python-nested",
        head + "\n".join(" " * n + f"def a{n}():" for n in range(min(int((2 * size) ** 0.5), 95))),
    )
    yield (
        "python-count",
        head
        + "a0 = 9\n"
        + "".join(f"a{n + 1} = a{n} * a{n}\n" for n in range(size // 20))
        + f"@mcp.tool(name=str(a{size // 20}))\ndef x(): ...",
    )
    yield "python-tools", head + "".join(f"@mcp.tool()\ndef a{n}(): ...\n" for n in range(size // 30))
    yield (
        "python-chain",
        head + "".join(f"a{n} = a{n + 1}\n" for n in range(size // 14)) + "@mcp.tool(name=a0)\ndef x(): ...",
    )
    yield (
        "python-double",
        head
        + "a0 = 'x'\n"
        + "".join(f"a{n + 1} = a{n} + a{n}\n" for n in range(size // 20))
        + f"@mcp.tool(name=a{size // 20})\ndef x(): ...",
    )
    yield (
        "python-lists",
        head
        + "a0 = ['x'] * 9\n"
        + "".join(f"a{n + 1} = [*a{n}, *a{n}]\n" for n in range(size // 22))
        + f"for n in a{size // 22}:\n    mcp.tool(name=n)(print)\n",
    )
    yield "python-escapes", head + "x = '\\d\\e\\f'\n" * (size // 14) + "assert (1, 2)\nx is 1\n"
    yield "python-lambda", head + "x = " + "lambda: " * (size // 8) + "1"
    yield "python-match", head + "match x:\n    case " + "[" * 90 + "_" + "]" * 90 + ": pass\n"
    yield "python-nul", head + "\0"
    yield "python-coding", "# coding: utf-7\n" + head + "+AGE-" * (size // 6)
    script = 'import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";\nconst server = new McpServer({name: "x", version: "1"});\n'
    yield "js-tower", script + "x = " + "(" * (size // 2) + ")" * (size // 2)
    yield "js-tower-object", script + "x = " + "{a:" * (size // 4) + "1" + "}" * (size // 4)
    yield "js-arrows", script + "x = " + "()=>" * (size // 4) + "1"
    yield "js-template", script + "x = " + "`${" * (size // 3)
    yield "js-ternary", script + "x = " + "a?" * (size // 4) + "1" + ":1" * (size // 4)
    yield "js-not", script + "x = " + "!" * size + "1"
    yield "js-attributes", script + "x = a" + ".a" * (size // 2)
    yield "js-calls", script + "x = a" + "()" * (size // 2)
    yield "js-sum", script + "x = 1" + "+1" * (size // 2)
    yield "js-functions", script + "function a(){" * (size // 13)
    yield (
        "js-tools",
        script + "".join(f'server.tool("a{n}", {{}}, async () => 1);\n' for n in range(size // 36)),
    )
    yield (
        "js-double",
        script
        + "const a0 = 'x';\n"
        + "".join(f"const a{n + 1} = a{n} + a{n};\n" for n in range(size // 26))
        + f"server.tool(a{size // 26}, {{}}, () => 1);",
    )
    yield (
        "js-count",
        script
        + "const a0 = 9e9;\n"
        + "".join(f"const a{n + 1} = a{n} + a{n};\n" for n in range(size // 26))
        + f"server.tool('a' + a{size // 26}, {{}}, () => 1);",
    )
    yield "js-digits", script + "server.tool('a' + 0x" + "f" * size + ", {}, () => 1);"
    yield (
        "js-replace",
        script
        + "const a = 'a'.padEnd(9);\nserver.tool('"
        + "a" * (size // 4)
        + "'.replace(/^a+a+a+a+a+a+a+a+b$/g, 'x'), {}, () => 1);",
    )
    yield (
        "js-spread",
        script
        + "const a0 = ['x','y'];\n"
        + "".join(f"const a{n + 1} = [...a{n}, ...a{n}];\n" for n in range(size // 34))
        + f"for (const n of a{size // 34}) server.tool(n, {{}}, () => 1);",
    )
    yield (
        "js-chain",
        script
        + "".join(f"const a{n} = a{n + 1};\n" for n in range(size // 20))
        + "server.tool(a0, {}, () => 1);",
    )
    yield "js-repeat", script + "server.tool('a'.repeat(1e9).padEnd(1e9), {}, () => 1);"
    yield "js-regex", script + "x = /" + "(a*)*" * (size // 5) + "/"
    yield "js-types", script + "type X = " + "A<" * (size // 2)
    yield (
        "js-zod",
        script
        + 'server.tool("a", {a: '
        + "z.array(" * (size // 8)
        + "z.string()"
        + ")" * (size // 8)
        + "}, () => 1);",
    )
    go = 'package main\nimport "github.com/modelcontextprotocol/go-sdk/mcp"\nfunc main() {\n s := mcp.NewServer(nil, nil)\n'
    yield "go-tower", go + "x := " + "(" * (size // 2) + ")" * (size // 2)
    yield "go-blocks", go + "{" * size
    yield "go-sum", go + "x := 1" + "+1" * (size // 2) + "\n}"
    yield (
        "go-double",
        go
        + 'a0 := "x"\n'
        + "".join(f"a{n + 1} := a{n} + a{n}\n" for n in range(size // 22))
        + f"mcp.AddTool(s, &mcp.Tool{{Name: a{size // 22}}}, nil)\n}}",
    )
    yield (
        "go-chain",
        go
        + "".join(f"a{n} := a{n + 1}\n" for n in range(size // 16))
        + "mcp.AddTool(s, &mcp.Tool{Name: a0}, nil)\n}",
    )
    yield "go-types", go + "var x " + "[]" * (size // 2) + "int\n}"
    yield "go-functions", go + "x := " + "func(){" * (size // 7)
    yield "go-repeat", go + 'mcp.AddTool(s, &mcp.Tool{Name: strings.Repeat("a", 1000000000)}, nil)\n}'


def _entries(size: int) -> Iterator[tuple[str, str]]:
    many = ",".join(f'"a{n}":{{"command":"npx","args":["-y","p{n}"]}}' for n in range(size // 48))
    yield "entries-many", f'{{"mcpServers":{{{many}}}}}'
    yield "entries-same", '{"mcpServers":{' + ",".join(['"a":{"command":"npx"}'] * (size // 22)) + "}}"
    for name, word in (("npx", "npx"), ("sudo", "sudo"), ("env", "env"), ("docker-v", "-v"), ("sh", "sh")):
        args = json.dumps([word] * (size // 10))
        yield (
            f"entries-args-{name}",
            f'{{"mcpServers":{{"a":{{"command":"{word if word != "-v" else "docker"}","args":{args}}}}}}}',
        )
    env = ",".join(f'"A{n}":"${{A{n + 1}}}"' for n in range(size // 20))
    yield "entries-env", f'{{"mcpServers":{{"a":{{"command":"x","env":{{{env}}}}}}}}}'
    keys = ",".join(f'"k{n}":1' for n in range(size // 10))
    yield "object-keys", f"{{{keys}}}"
    yield "object-same-key", "{" + ",".join(['"a":1'] * (size // 6)) + "}"
    globs = json.dumps(["mcp__" + "*a" * 20 + "b", "*a" * 20 + "b", "**/a*" * 20 + "b"] * max(size // 500, 1))
    rules = '{"permissions":{"allow":%s,"deny":%s,"ask":%s},"allow":%s,"mcpServers":{"%s":{"command":"x"}}}'
    yield "rules-globs", rules % (globs, "[]", "[]", globs, "a" * 60)
    names = json.dumps([f"mcp__a{n}__*" for n in range(size // 48)])
    yield "rules-many", rules % (names, names, "[]", names, "a1")
    tools = ",".join(f'{{"name":"a{n}","description":"deletes files"}}' for n in range(size // 46))
    yield "tools-many", f'{{"tools":[{tools}]}}'
    deep = '{"type":"object","properties":{"a":' * 12 + "{}" + "}}" * 12
    yield (
        "tools-schema",
        f'{{"tools":[{",".join([json.dumps({"name": "a"})[:-1] + f",{chr(34)}inputSchema{chr(34)}:{deep}}}"] * max(size // 500, 1))}]}}',
    )
    yield "tools-prose", json.dumps({"tools": [{"name": "a", "description": "delete the " * (size // 11)}]})
    yield "tools-name", json.dumps({"tools": [{"name": "aB_" * (size // 3)}]})
    yield "surrogates", '{"mcpServers":{"\\ud800":{"command":"\\udfff","args":["\\ud83d"]}}}'
    yield (
        "numbers",
        '{"mcpServers":{"a":{"command":"x","timeout":1e999,"b":-0,"c":NaN,"d":Infinity,"e":1e-999}}}',
    )
    yield "float-long", '{"a":0.' + "1" * size + "}"
    yield "number-4300", '{"a":' + ",".join(["9" * 4299]) + "}"
    yield "numbers-4300", "[" + ",".join(["9" * 4299] * (size // 4300)) + "]"


def _own(size: int) -> Iterator[tuple[str, str]]:
    policy = "apiVersion: mcpaudit/v1\nkind: Policy\nmetadata: {id: own, title: A policy, severity: high}\nspec:\n  for: installation\n  where: %s\n  message: a\n  why: b\n  fix: c\n"
    ors = " || ".join(["installation.name == 'a'"] * max(size // 28, 1))
    yield "policy-or", policy % json.dumps(ors)
    yield "policy-tower", policy % json.dumps("(" * (size // 2) + "true" + ")" * (size // 2))
    yield "policy-not", policy % json.dumps("!" * size + "true")
    yield "policy-list", policy % json.dumps("[" * (size // 2) + "]" * (size // 2) + " == []")
    yield "policy-regex", policy % json.dumps("installation.name.matches('" + "(a*)*" * 20 + "b')")
    yield "policy-all", policy % json.dumps("[1,2,3,4,5,6,7,8,9].all(a, " * 12 + "true" + ")" * 12)
    yield (
        "policy-message",
        (policy % "'true'").replace("message: a", "message: " + json.dumps("{a}" * (size // 3))),
    )
    yield "condition-or", ors
    yield "condition-not", "!" * size + "true"
    yield "condition-string", "'" + "a" * size + "' == ''"
    yield "condition-dots", "installation" + ".a" * (size // 2)
    yield "condition-ternary", "true ? " * (size // 7) + "true" + " : true" * (size // 7)
    waiver = "  - {finding: x, owner: a, approver: b, reason: c, expires: 2026-99-99}\n"
    yield "waivers-many", "apiVersion: mcpaudit/v1\nwaivers:\n" + waiver * (size // len(waiver))
    yield "configuration-many", "apiVersion: mcpaudit/v1\nclients: [" + "x," * (size // 2) + "]"
    yield "configuration-keys", "apiVersion: mcpaudit/v1\n" + "\n".join(f"k{n}: 1" for n in range(size // 9))
    yield "signers-many", 'a namespaces="review-security@mcpaudit" ssh-ed25519 AAAA\n' * (size // 56)
    yield "codeowners-stars", "\n".join(["**/" * 30 + "*a" * 60 + " @a"] * max(size // 215, 1))
    yield "codeowners-deep", "\n".join(["**/a*/" * 30 + "b @a", "*a" * 20 + "b @a"] * max(size // 225, 1))
    yield "codeowners-sections", "[a]\n" * (size // 4)


def _lines(size: int) -> Iterator[tuple[str, str]]:
    use = json.dumps({"type": "tool_use", "id": "x", "name": "mcp__a__b"})
    line = (
        '{"type":"assistant","sessionId":"s","timestamp":"2026-11-20T08:00:00Z","message":{"content":[%s]}}'
    )
    yield "log-calls", f"{line % use}\n" * max(size // 140, 1)
    yield "log-wide", line % ",".join([use] * max(size // 60, 1))
    yield (
        "log-message",
        json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "tools/call",
                "params": {"name": "x", "arguments": {f"k{n}": n for n in range(size // 14)}},
            }
        ),
    )
    yield "log-batch", "[" + ",".join(['{"id":1,"method":"a"}'] * (size // 22)) + "]"
    yield "http-fields", "GET / HTTP/1.1\r\n" + "a: b\r\n" * (size // 6) + "\r\n"
    yield "http-chunks", "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" + "1\r\na\r\n" * (size // 6)
    yield (
        "http-trailers",
        "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n" + "a: b\r\n" * (size // 6),
    )
    yield "events", "data: a\n" * (size // 8)
    yield "entry-points", "[console_scripts]\n" + "a = b:c\n" * (size // 8)
    yield "entry-points-continued", "[console_scripts]\na = b\n" + "  c\n" * (size // 4)
    yield "metadata", "Name: a\n" + " b\n" * (size // 3)
    yield "go-mod", "module " + "a/" * (size // 2)
    yield "refs", f"{'ab' * 20} refs/heads/main\n" * (size // 57)


def _binary(size: int) -> Iterator[tuple[str, bytes]]:
    yield "nul", b"\0" * size
    yield "ff", b"\xff" * size
    yield "bom", b"\xef\xbb\xbf" * (size // 3)
    yield "utf-16", ("[" * (size // 2)).encode("utf-16")
    yield "cut-utf-8", b'{"a": "' + b"\xc3" * size
    yield "latin-1", b'{"a": "' + b"\xe4" * size + b'"}'
    yield "all-bytes", bytes(range(256)) * (size // 256 + 1)
    zeros = bytes(size * (500 if size > 100_000 else 20))
    yield "gzip-bomb", gzip.compress(zeros, 9, mtime=0)
    yield "gzip-twice", gzip.compress(gzip.compress(zeros, 9, mtime=0), 9, mtime=0)
    yield "zlib-bomb", zlib.compress(zeros, 9)
    yield "delta-bomb", b"\x50\xff\xff\xff\x7f" + b"\x90\x50" * (size // 2)
    yield "tree-many", b"".join(b"100644 a%d\0" % n + b"\xab" * 20 for n in range(size // 32))
    yield "commit-parents", b"tree " + b"ab" * 20 + b"\n" + (b"parent " + b"ab" * 20 + b"\n") * (size // 48)
    yield from _archives(size, zeros)


def _archives(size: int, zeros: bytes) -> Iterator[tuple[str, bytes]]:
    for name, files in (
        ("bomb", {"package/a.js": zeros}),
        ("many", {f"package/{n}.py": b"" for n in range(size // 110)}),
        ("manifest", {"manifest.json": b"[" * size}),
        ("out", {"../../a.py": b"", "/etc/a.py": b""}),
        ("long", {"/".join(["a" * 200] * 30) + ".py": b"", "b" * 300: b""}),
        ("case", {"package/A.py": b"a", "package/a.py": b"b", "package/a.py/x": b""}),
        ("nested", {"package/a.zip": gzip.compress(zeros, 9, mtime=0), "package/package.json": b"{" * 99}),
    ):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, raw in files.items():
                archive.writestr(zipfile.ZipInfo(path), raw, zipfile.ZIP_DEFLATED, 9)
        yield f"zip-{name}", packed.getvalue()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for path, raw in files.items():
                info = tarfile.TarInfo(path)
                info.size = len(raw)
                tar.addfile(info, io.BytesIO(raw))
        yield f"tgz-{name}", packed.getvalue()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"package/{kind!r}.py")
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    yield "tar-links", packed.getvalue()
