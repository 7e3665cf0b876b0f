"""The worst known inputs of any size: towers, bombs, long words, and what makes readers go over a text again."""

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator

from tests.fuzz.worst_source import source

_ENTRY = '{"mcpServers":{"a":%s},"servers":{"a":%s},"mcp":{"a":%s},"context_servers":{"a":%s}}'


def worst(size: int) -> dict[str, bytes]:
    """All of them by name, each of about so many bytes."""
    return _texts(size) | dict(_binary(size))


def _texts(size: int, starts: tuple[str, ...] = ("",)) -> dict[str, bytes]:
    """Those whose names start so; of a kind with none of them, none is made."""
    found: dict[str, bytes] = {}
    for firsts, kind in _KINDS.items():
        if any(start.startswith(firsts) or not start for start in starts):
            found |= {name: text.encode("utf-8", "surrogatepass") for name, text in kind(size)}
    return found


_FITTING = {
    "client": ("entries-", "rules-", "object-", "entry-", "tower-object", "yaml-laughs"),
    "json": ("entries-", "object-", "tools-", "tower-", "float-", "number", "surrogates"),
    "yaml": ("yaml-", "policy-", "waivers-", "configuration-", "repeat-key-lines", "object-keys"),
    "toml": ("toml-", "repeat-section", "repeat-equals"),
    "csv": ("repeat-csv", "repeat-newline", "repeat-comma", "tower-double-quote"),
    "python": ("python-",),
    "javascript": ("js-",),
    "go": ("go-",),
    "zip": ("zip-",),
    "tar": ("tar-", "tgz-"),
    "gzip": ("tgz-", "gzip-", "zlib-"),
    "git": ("tree-", "commit-", "delta-", "zlib-"),
    "cel": ("condition-",),
    "jsonl": ("log-", "repeat-newline", "tower-list-open"),
    "http": ("http-", "events", "log-batch"),
    "lines": ("entry-points", "metadata", "go-mod", "refs", "signers-", "codeowners-", "repeat-newline"),
    "text": ("repeat-base64", "repeat-newline", "signers-"),
}


def fitting(shape: str, size: int) -> dict[str, bytes]:
    """Those of the shape that a target's inputs have: the others it refuses at once."""
    # Bombs take their time to be made.
    starts = _FITTING[shape]
    inputs = worst(size) if shape in ("zip", "tar", "gzip", "git") else _texts(size, starts)
    return {name: raw for name, raw in inputs.items() if name.startswith(starts)}


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
    zeros = bytes(size * (100 if size > 100_000 else 20))
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


_KINDS: dict[tuple[str, ...], Callable[[int], Iterator[tuple[str, str]]]] = {
    ("tower-",): _towers,
    ("repeat-", "entry-"): _repeated,
    ("yaml-",): _yaml,
    ("toml-",): _toml,
    ("python-", "js-", "go-"): source,
    ("entries-", "object-", "rules-", "tools-", "surrogates", "number", "float-"): _entries,
    ("policy-", "condition-", "waivers-", "configuration-", "signers-", "codeowners-"): _own,
    ("log-", "http-", "events", "entry-points", "metadata", "go-mod", "refs"): _lines,
}
