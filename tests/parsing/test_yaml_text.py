import re

import pytest

from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Route
from mcpaudit.parsing import yaml_text
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.reader import read_text_as

GOOSE = """\
# extensions of this machine
extensions:
  "git.hub":
    cmd: npx
    args: ["-y", gh-mcp]
    envs: {TOKEN: é😀, MODE: ro}
    enabled: yes
  files:
    args:
      - --root
      - /srv
    timeout: 300
"""


@pytest.fixture(params=["C", "Python"], autouse=True)
def _each_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python":
        monkeypatch.setattr(yaml_text, "_Loader", yaml_text.yaml.SafeLoader)


def document(text: str) -> Document:
    result = read_text_as(text, "x.yaml", "yaml")
    assert isinstance(result, Document), result
    return result


def gap(text: str) -> Gap:
    result = read_text_as(text, "x.yaml", "yaml")
    assert isinstance(result, Gap), result
    return result


@pytest.mark.parametrize(
    ("route", "value", "key"),
    [
        (("extensions",), (3, 3), (2, 1)),
        (("extensions", "git.hub"), (4, 5), (3, 3)),
        (("extensions", "git.hub", "cmd"), (4, 10), (4, 5)),
        (("extensions", "git.hub", "args", 1), (5, 18), (5, 18)),
        (("extensions", "git.hub", "envs", "TOKEN"), (6, 19), (6, 12)),
        (("extensions", "git.hub", "envs", "MODE"), (6, 29), (6, 23)),
        (("extensions", "files", "args", 1), (11, 9), (11, 9)),
        (("extensions", "files", "absent", 3), (9, 5), (8, 3)),
    ],
)
def test_keys_and_values_are_located(route: Route, value: tuple[int, int], key: tuple[int, int]) -> None:
    doc = document(GOOSE)
    assert doc.locate(route) == value
    assert doc.locate(route, on_key=True) == key


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("yes", "yes"),
        ("[~, null, True, false, on]", [None, None, True, False, "on"]),
        ("[1, -2, 0o17, 0x1F, 1_000, 12:30:45]", [1, -2, 15, 31, "1_000", "12:30:45"]),
        ("[1.5, 1e3, .5, .inf, .nan]", [1.5, 1000.0, 0.5, ".inf", ".nan"]),
        ("2026-11-22", "2026-11-22"),
        ("['1', \"true\", !!str 2, ! 3, !!int 4]", ["1", "true", "2", "3", 4]),
        ("{1: a, true: b, ~: c}", {"1": "a", "true": "b", "~": "c"}),
        ("a:\nb: |\n  x\n", {"a": None, "b": "x\n"}),
        ("a: &x {k: 1}\nb: *x\n<<: *x", {"a": {"k": 1}, "b": {"k": 1}, "<<": {"k": 1}}),
        ("# nothing", None),
    ],
)
def test_scalars_are_those_of_the_core_schema(text: str, data: Json) -> None:
    assert document(text).data == data


def test_what_an_alias_repeats_is_located_at_the_alias() -> None:
    assert document("a: &x {k: 1}\nb: *x").locate(("b", "k")) == (2, 4)


def test_the_last_of_duplicate_keys_wins_and_is_recorded() -> None:
    doc = document("s:\n  a: 1\n  a: 2\n")
    assert doc.data == {"s": {"a": 2}}
    (repeat,) = doc.irregularities
    assert (repeat.kind, repeat.route, repeat.line, repeat.column) == ("duplicate-key", ("s", "a"), 3, 3)


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("a: 1\n---\nb: 2", "more than one document", 2, 1),
        ("a: !!python/object:os.system x", "a tag outside the core schema", 1, 4),
        ("a: !mine {}", "a tag outside the core schema", 1, 4),
        ("a: *later", "an alias has no anchor before it", 1, 4),
        ("&a [*a]", "an alias has no anchor before it", 1, 5),
        ("? [a]\n: 1", "a key must be a plain scalar", 1, 3),
        ("é: 1\na: \x07", "a control character is not allowed", 2, 4),
        ("a: b: c", "mapping values are not allowed", 1, 5),
        ("a: " + "9" * 5000, "a number is too large", 1, 4),
        ("[" * 100_000, "nested deeper than 64 levels", 1, 65),
        ("- " * 100_000, "nested deeper than 64 levels", 1, 129),
        ("%TAG !a! x\n" * 100_000, "more than 64 tag directives", 0, 0),
    ],
)
def test_broken_or_hostile_yaml_says_why_and_where(text: str, reason: str, line: int, column: int) -> None:
    found = gap(text)
    assert found.reason.startswith(reason)
    assert (found.line, found.column) == (line, column)


def test_expanding_aliases_is_bounded() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9)
    )
    assert gap(laughs).reason == "more than 1,000 aliases when expanded"
    tower = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 40))
    assert document(tower)
    assert "deeper" in gap(re.sub(r"\[(.*)\]", r"[[\1]]", tower)).reason
