"""Shell scripts as words: quotes, blocks, substitutions, and texts that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.parsing.document import Document, Malformed
from mcpaudit.parsing.reader import parse
from mcpaudit.parsing.shell_text import parse as words_of
from mcpaudit.parsing.shell_text import positions

SCRIPT = """\
#!/bin/sh
# mcp add not-this
mcp add gh --url "https://a.example/x y" \\
  --header 'A: $B'; permissions allow view
if test -n "$CI"; then
  mcp add ci --command $(which npx)
fi
true && permissions deny bash
setup() {
  mcp add inside
}
mcp add last
"""


def told(text: str) -> list[tuple[list[str], bool]]:
    data, _ = words_of(text)
    assert isinstance(data, dict)
    commands = data["commands"]
    assert isinstance(commands, list)
    return [(one["words"], one["sure"]) for one in commands if isinstance(one, dict)]  # type: ignore[misc]


def test_commands_are_taken_apart_and_not_run() -> None:
    assert told(SCRIPT) == [
        (["mcp", "add", "gh", "--url", "https://a.example/x y", "--header", "A: $B"], True),
        (["permissions", "allow", "view"], True),
        (["test", "-n", "$CI"], False),
        (["mcp", "add", "ci", "--command", "$(which npx)"], False),
        (["true"], True),
        (["permissions", "deny", "bash"], False),
        (["mcp", "add", "inside"], False),
        (["mcp", "add", "last"], True),
    ]


def test_words_have_their_places() -> None:
    found = parse(SCRIPT.encode(), "crushrc", "shell")
    assert isinstance(found, Document)
    assert found.locate(("commands", 0)) == (3, 1)
    assert found.locate(("commands", 0, "words", 5)) == (4, 3)
    assert found.locate(("commands", 3, "words", 4)) == (6, 24)


@pytest.mark.parametrize("text", ["mcp 'add", 'a "b', "a $(b", "a `b", "cat <<E\nx\nE\n"])
def test_what_is_not_closed_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        words_of(text)


@given(st.text(alphabet="ab \n\t;&|'\"\\#$(){}`<-=", max_size=60))
def test_any_text_ends_and_its_positions_fit(text: str) -> None:
    try:
        commands = told(text)
    except Malformed:
        return
    found = positions(text)
    assert len({route[1] for route in found if len(route) == 2}) == len(commands)
    assert all(0 <= spot.value <= len(text) for spot in found.values())
