"""Changes by route: what they change, and that they change nothing else."""

import json
import re
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.parsing import json_text, toml_text, yaml_text
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.edit import Edit, Uneditable, applied, edited
from tests.parsing.test_json_text import TEXT, routes

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
SMALL = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(-9, 9) | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(KEYS, SMALL, min_size=1, max_size=4)
PIECES = ("", "", " ", "\n", "\n\n", " // note\n", "/* note */", "\r\n", "\t")
# Other work on the machine makes drawing slow; that says nothing about the tests.
calm = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def jsonc(value: Json, choose: Random) -> str:
    """A value as a person may write it: with blanks, comments and trailing commas anywhere."""

    def gap() -> str:
        return choose.choice(PIECES)

    if isinstance(value, dict):
        parts = [f"{gap()}{json.dumps(key)}{gap()}:{gap()}{jsonc(one, choose)}" for key, one in value.items()]
    elif isinstance(value, list):
        parts = [f"{gap()}{jsonc(one, choose)}" for one in value]
    else:
        return json.dumps(value, ensure_ascii=choose.random() < 0.5)
    comma = choose.choice(["", ","]) if parts else ""
    body = f"{gap()},".join(parts) + comma + gap()
    return f"{{{body}}}" if isinstance(value, dict) else f"[{body}]"


@st.composite
def changes(draw: st.DrawFn, data: Json, values: Any = SMALL) -> Edit:
    """A change that fits the data."""
    places = [(route, value) for route, value in routes(data) if route]
    route, value = draw(st.sampled_from(places))
    kinds = ["remove", "set"] + (["append", "prepend"] if isinstance(value, list) else [])
    kind = draw(st.sampled_from(kinds))
    new = draw(st.lists(values, min_size=1, max_size=3) if kind == "prepend" else values)
    if kind == "set" and isinstance(value, dict) and draw(st.booleans()):
        route = (*route, draw(KEYS.filter(lambda key: key not in value)), "deeper")
    return Edit(kind, route, new)


@st.composite
def texts_and_changes(draw: st.DrawFn) -> tuple[str, Json, Edit]:
    data: Json = draw(OBJECTS)
    loose, indent = draw(st.booleans()), draw(st.integers(0, 4))
    choose = draw(st.randoms(use_true_random=False))
    text = jsonc(data, choose) if loose else json.dumps(data, indent=indent)
    return text, data, draw(changes(data))


@calm
@given(texts_and_changes())
def test_a_change_of_json_is_that_and_nothing_else(drawn: tuple[str, Json, Edit]) -> None:
    text, data, edit = drawn
    changed = edited(text, "json", [edit])
    assert json_text.parse(changed)[0] == applied(data, edit)
    if edit.kind == "set" and data != applied(data, edit):
        kept = re.findall(r"// note|/\* note \*/", text)
        assert len(re.findall(r"// note|/\* note \*/", changed)) <= len(kept)


@calm
@given(texts_and_changes())
def test_what_is_added_can_be_taken_out_again(drawn: tuple[str, Json, Edit]) -> None:
    """Where others stand beside it; what was empty before may be laid out otherwise."""
    text, data, edit = drawn
    if edit.kind == "append":
        held = at(data, edit.route)
        back = Edit("remove", (*edit.route, len(held)))
    elif edit.kind == "set" and edit.route[-1] == "deeper":
        held = at(data, edit.route[:-2])
        back = Edit("remove", edit.route[:-1])
    else:
        return
    if held:
        assert edited(text, "json", [edit, back]) == text


def at(data: Any, route: tuple[str | int, ...]) -> Any:
    for step in route:
        data = data[step]
    return data


HEAD = """{
  // the team's servers
  "mcpServers": {
    // files
    // of the team
    "fs": {"command": "npx", "args": ["-y", "pkg", "/srv"]}, // rooted

    "web": {
      "url": "https://x.example/mcp", // public
      "tools": [
        "a",
        "b", /* both */
      ]
    }
  }
}
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("edit", "gone", "come"),
    [
        (
            Edit("remove", ("mcpServers", "fs")),
            [
                "    // files",
                "    // of the team",
                '    "fs": {"command": "npx", "args": ["-y", "pkg", "/srv"]}, // rooted',
                "",
            ],
            [],
        ),
        (
            Edit("set", ("mcpServers", "fs", "args", 2), "/srv/docs"),
            ['    "fs": {"command": "npx", "args": ["-y", "pkg", "/srv"]}, // rooted'],
            ['    "fs": {"command": "npx", "args": ["-y", "pkg", "/srv/docs"]}, // rooted'],
        ),
        (Edit("append", ("mcpServers", "web", "tools"), "c"), [], ['        "c",']),
        (Edit("remove", ("mcpServers", "web", "tools", 1)), ['        "b", /* both */'], []),
        (
            Edit("set", ("mcpServers", "web", "disabled"), True),
            ["      ]"],
            ["      ],", '      "disabled": true'],
        ),
        (
            Edit("append", ("permissions", "deny"), "x"),
            [],
            ["  },", '  "permissions": {', '    "deny": [', '      "x"', "    ]"],
        ),
    ],
)
def test_lines_that_a_change_of_json_touches(edit: Edit, gone: list[str], come: list[str], end: str) -> None:
    text = HEAD.replace("\n", end)
    changed = edited(text, "json", [edit])
    assert changed.count("\r\n") == (changed.count("\n") if end == "\r\n" else 0)
    before, after = text.split(end), changed.split(end)
    assert lines_less(before, after) == sorted(gone)
    assert lines_less(after, before) == sorted(come)


def lines_less(some: list[str], others: list[str]) -> list[str]:
    left = list(some)
    for line in others:
        if line in left:
            left.remove(line)
    return sorted(left)


def test_the_last_entry_takes_the_comma_of_the_one_before_along() -> None:
    gone = edited(HEAD, "json", [Edit("remove", ("mcpServers", "web"))])
    assert '"/srv"]} // rooted\n  }\n}\n' in gone
    bare = edited(gone, "json", [Edit("remove", ("mcpServers", "fs"))])
    assert bare == '{\n  // the team\'s servers\n  "mcpServers": {}\n}\n'


TOML = """\
model = "x" # which
# files
[mcp_servers.fs]
command = 'npx'
args = ["-y", "pkg", "/srv"] # rooted

[mcp_servers.fs.env]
A = "1"

# web
[mcp_servers.web]
url = "https://x.example/mcp"
tools.approve = ["a"]
# headers = {}

[[rules]]
name = "one"
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("edit", "gone", "come"),
    [
        (
            Edit("remove", ("mcp_servers", "fs")),
            [
                *("# files", "[mcp_servers.fs]", "command = 'npx'"),
                *('args = ["-y", "pkg", "/srv"] # rooted', "[mcp_servers.fs.env]", 'A = "1"'),
            ],
            [],
        ),
        (
            Edit("remove", ("mcp_servers", "web")),
            [
                *("# headers = {}", "# web", "[mcp_servers.web]", 'tools.approve = ["a"]'),
                'url = "https://x.example/mcp"',
            ],
            [],
        ),
        (
            Edit("set", ("mcp_servers", "fs", "args", 2), "/srv/docs"),
            ['args = ["-y", "pkg", "/srv"] # rooted'],
            ['args = ["-y", "pkg", "/srv/docs"] # rooted'],
        ),
        (Edit("set", ("mcp_servers", "fs", "enabled"), False), [], ["enabled = false"]),
        (Edit("append", ("mcp_servers", "fs", "disabled_tools"), 'a"b'), [], ['disabled_tools = ["a\\"b"]']),
        (
            Edit("append", ("mcp_servers", "web", "tools", "approve"), "b"),
            ['tools.approve = ["a"]'],
            ['tools.approve = ["a", "b"]'],
        ),
        (Edit("set", ("mcp_servers", "web", "tools", "deny"), 1), [], ["tools.deny = 1"]),
        (Edit("set", ("rules", 0, "on"), True), [], ["on = true"]),
        (Edit("set", ("model",), "y"), ['model = "x" # which'], ['model = "y" # which']),
        (Edit("remove", ("model",)), ['model = "x" # which'], []),
        (Edit("set", ("a", "b c", "d"), 1), [], ['[a."b c"]', "d = 1"]),
        (Edit("set", ("top",), 1), [], ["top = 1"]),
    ],
)
def test_lines_that_a_change_of_toml_touches(edit: Edit, gone: list[str], come: list[str], end: str) -> None:
    changed = edited(TOML.replace("\n", end), "toml", [edit])
    before, after = TOML.split("\n"), changed.split(end)
    assert [line for line in lines_less(before, after) if line] == sorted(gone)
    assert [line for line in lines_less(after, before) if line] == sorted(come)


def test_the_last_server_of_a_toml_file_goes() -> None:
    text = '[mcp_servers.a]\ncommand = "x"\n'
    assert edited(text, "toml", [Edit("remove", ("mcp_servers", "a"))]) == ""
    assert edited(f"x = 1\n\n{text}", "toml", [Edit("remove", ("mcp_servers", "a"))]) == "x = 1\n"


TOML_KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
TOML_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TOML_KEYS, inner, max_size=3),
    max_leaves=6,
)


@calm
@given(st.dictionaries(TOML_KEYS, TOML_VALUES, max_size=4), TOML_KEYS, TOML_VALUES)
def test_any_value_can_be_put_into_toml_and_taken_out(own: dict[str, Json], key: str, value: Json) -> None:
    route = ("mcp_servers", "web", f"new{key}")
    put = Edit("set", route, value)
    more = [Edit("set", ("other", name), one) for name, one in own.items()]
    text = edited(TOML, "toml", more)
    changed = edited(text, "toml", [put])
    assert toml_text.parse(changed)[0] == applied(toml_text.parse(text)[0], put)
    if not isinstance(value, dict):
        assert edited(changed, "toml", [Edit("remove", route)]) == text


YAML = """\
# top
mcpServers:
  # files
  fs:
    command: npx
    args:
      - a
      - b # why b
  # web
  web: {url: x, tools: [a, 'b']}
list:
- one: 1
  two: |
    text

- three: 3
# end
"""


@pytest.mark.parametrize(
    ("edit", "gone", "come"),
    [
        (
            Edit("remove", ("mcpServers", "fs")),
            ["    args:", "    command: npx", "      - a", "      - b # why b", "  # files", "  fs:"],
            [],
        ),
        (
            Edit("remove", ("mcpServers", "web")),
            ["  # web", "  web: {url: x, tools: [a, 'b']}"],
            [],
        ),
        (
            Edit("remove", ("mcpServers", "web", "tools", 0)),
            ["  web: {url: x, tools: [a, 'b']}"],
            ["  web: {url: x, tools: ['b']}"],
        ),
        (Edit("append", ("mcpServers", "fs", "args"), "on"), [], ['      - "on"']),
        (Edit("set", ("mcpServers", "fs", "enabled"), False), [], ["    enabled: false"]),
        (Edit("set", ("mcpServers", "fs", "command"), "uvx"), ["    command: npx"], ["    command: uvx"]),
        (Edit("remove", ("list", 0, "one")), ["- one: 1", "  two: |"], ["- two: |"]),
        (Edit("remove", ("list", 1)), ["- three: 3"], []),
        (Edit("append", ("list",), {"four": [1]}), [], ["- four:", "    - 1"]),
        (Edit("set", ("a", "b"), ["x: y"]), [], ["a:", "  b:", '    - "x: y"']),
        (
            Edit("set", ("mcpServers", "fs", "env"), {"A": "1"}),
            [],
            ["    env:", '      A: "1"'],
        ),
    ],
)
def test_lines_that_a_change_of_yaml_touches(edit: Edit, gone: list[str], come: list[str]) -> None:
    changed = edited(YAML, "yaml", [edit])
    assert lines_less(YAML.split("\n"), changed.split("\n")) == sorted(gone)
    assert lines_less(changed.split("\n"), YAML.split("\n")) == sorted(come)


@calm
@given(st.data(), st.booleans())
def test_a_change_of_yaml_is_that_and_nothing_else(drawn: st.DataObject, flow: bool) -> None:
    keys = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
    words = st.booleans() | st.integers(-9, 9) | st.from_regex(r"[a-z:# '\"-]{0,8}", fullmatch=True)
    data = drawn.draw(
        st.dictionaries(
            keys,
            st.recursive(
                words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
            ),
            min_size=1,
        )
    )
    text = yaml.safe_dump(data, default_flow_style=flow or None, sort_keys=False)
    read = yaml_text.parse(text)[0]
    edit = drawn.draw(changes(read, words | st.lists(words, max_size=2)))
    try:
        changed = edited(text, "yaml", [edit])
    except Uneditable:
        return
    assert yaml_text.parse(changed)[0] == applied(read, edit)


@pytest.mark.parametrize(
    ("text", "syntax", "edit", "said"),
    [
        ('{"a": 1}', "json", Edit("remove", ("b",)), "there is no b"),
        ('{"a": 1}', "json", Edit("append", ("a",), 1), "a is no list"),
        ('{"a": 1}', "json", Edit("set", ("a", "b"), 1), "a has no place for a / b"),
        ('{"a": 1}', "json", Edit("set", (), 1), "the file as a whole"),
        ('{"a": 1, "a": 2}', "json", Edit("remove", ("a",)), "a is written in a way"),
        ('{"a": ', "json", Edit("remove", ("a",)), "the file is not one that can be changed"),
        ("a: &x {b: 1}\nc: *x\n", "yaml", Edit("set", ("c", "b"), 2), "an alias stands in the way"),
        ("a: 1\n? b\n", "yaml", Edit("remove", ("b",)), "b is written with a question mark"),
        ("a = 1\n", "toml", Edit("set", ("b",), None), "TOML has no null"),
    ],
)
def test_what_is_not_changed_is_said(text: str, syntax: Any, edit: Edit, said: str) -> None:
    with pytest.raises(Uneditable, match=re.escape(said)):
        edited(text, syntax, [edit])


def test_of_equal_keys_the_last_is_changed_as_it_is_the_one_that_counts() -> None:
    assert edited("a: 1\na: 2\n", "yaml", [Edit("set", ("a",), 3)]) == "a: 1\na: 3\n"
    assert edited("a:\na: [1]\n", "yaml", [Edit("append", ("a",), 2)]) == "a:\na: [1, 2]\n"
