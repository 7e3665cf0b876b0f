import tomllib

import pytest

from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.reader import read_text_as

CODEX = '''\
model = "o4"  # "not" = a key
sandbox.writable_roots = [
  "/srv",  # first
  "/tmp",
]

[mcp_servers.github]
command = "npx"
args = ["-y", "@x/github"]

[mcp_servers.github.env]
"api.token" = "é😀"
'api key' = { from = "vault", "at" = [1.5, 2] }
note = """
[not.a.table]
key = "not a key"
"""

[[rules]]
tool = "a"
[[rules]]
tool = "b"
when.hour = 07:32:00
[[rules.extra]]
n = 1
[rules.last]
m = 2
'''


def document(text: str) -> Document:
    result = read_text_as(text, "x.toml", "toml")
    assert isinstance(result, Document), result
    return result


@pytest.mark.parametrize(
    ("route", "value", "key"),
    [
        (("model",), (1, 9), (1, 1)),
        (("sandbox",), (2, 1), (2, 1)),
        (("sandbox", "writable_roots"), (2, 26), (2, 9)),
        (("sandbox", "writable_roots", 1), (4, 3), (4, 3)),
        (("mcp_servers",), (7, 1), (7, 2)),
        (("mcp_servers", "github"), (7, 1), (7, 14)),
        (("mcp_servers", "github", "args", 1), (9, 15), (9, 15)),
        (("mcp_servers", "github", "env"), (11, 1), (11, 21)),
        (("mcp_servers", "github", "env", "api.token"), (12, 15), (12, 1)),
        (("mcp_servers", "github", "env", "api key", "from"), (13, 22), (13, 15)),
        (("mcp_servers", "github", "env", "api key", "at", 1), (13, 44), (13, 44)),
        (("mcp_servers", "github", "env", "note"), (14, 8), (14, 1)),
        (("rules",), (19, 1), (19, 3)),
        (("rules", 0, "tool"), (20, 8), (20, 1)),
        (("rules", 1), (21, 1), (21, 3)),
        (("rules", 1, "tool"), (22, 8), (22, 1)),
        (("rules", 1, "when", "hour"), (23, 13), (23, 6)),
        (("rules", 1, "extra", 0, "n"), (25, 5), (25, 1)),
        (("rules", 1, "last", "m"), (27, 5), (27, 1)),
        (("rules", 2, "absent"), (19, 1), (19, 3)),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_keys_and_values_are_located(
    route: Route, value: tuple[int, int], key: tuple[int, int], ending: str
) -> None:
    doc = document(CODEX.replace("\n", ending))
    assert doc.locate(route) == value
    assert doc.locate(route, on_key=True) == key


def test_values_are_those_of_tomllib() -> None:
    expected = tomllib.loads(CODEX)
    expected["rules"][1]["when"]["hour"] = "07:32:00"
    assert document(CODEX).data == expected


def test_what_json_cannot_hold_becomes_text() -> None:
    doc = document("a = inf\nb = -nan\nc = 1e999\nd = 1979-05-27T07:32:00Z\ne = 1979-05-27")
    assert doc.data == {
        "a": "inf",
        "b": "-nan",
        "c": "1e999",
        "d": "1979-05-27T07:32:00+00:00",
        "e": "1979-05-27",
    }


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("a = 1\nb 2", "expected '=' after a key in a key/value pair", 2, 3),
        ("[a]\n[a]", "a table is declared twice", 2, 3),
        ("a = {b = 1, b = 2}", "a key is given twice in an inline table", 1, 18),
        ("a = 1\na = 2", "cannot overwrite a value", 2, 6),
        ('a = "x', "unterminated string", 1, 7),
        ("a = ", "invalid value", 1, 5),
        ("a = 1\nb = " + "9" * 5000, "a number is too large", 2, 5),
        ("a = 0x" + "f" * 5000, "a number is too large", 1, 1),
        ("a = " + "[" * 100_000, "nested deeper than 64 levels", 1, 69),
        ("a = " + "{a=" * 100_000, "nested deeper than 64 levels", 1, 197),
        ("a." * 100_000 + "a = 1", "nested deeper than 64 levels", 1, 130),
        ("['a' . " + '"a".' * 100_000 + "a]", "nested deeper than 64 levels", 1, 263),
        ("x = [\n" + "1.5," * 200_001 + "]", "more than 200,000 tables", 2, 799998),
    ],
)
def test_broken_or_hostile_toml_says_why_and_where(text: str, reason: str, line: int, column: int) -> None:
    gap = read_text_as(text, "x.toml", "toml")
    assert isinstance(gap, Gap)
    assert (gap.reason.split(" (")[0], gap.line, gap.column) == (reason, line, column)
