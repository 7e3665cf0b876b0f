"""Which lines of a file a diff must not show, in every syntax."""

import pytest

from mcpaudit.clients.secret_lines import SecretLines
from mcpaudit.knowledge.pack import Packs
from mcpaudit.parsing.document import Document, Syntax
from mcpaudit.parsing.reader import read_text_as

SECRET = "sk-live-" + "c4n4ry0123456789" * 2


@pytest.mark.parametrize(
    ("syntax", "text", "lines"),
    [
        ("json", f'{{\n"env": {{\n"API_KEY":\n"{SECRET}"}},\n"a": "b"\n}}\n', {4}),
        ("json", f'{{"args": [\n"--api-key",\n"{SECRET}",\n"x"]}}\n', {3}),
        ("json", '{"env": {\n"API_KEY": "${API_KEY}"}}\n', set()),
        ("json", f'{{\n// "API_KEY": "{SECRET}"\n"a": 1}}\n', {2}),
        ("toml", f'a = 1\nenv = {{ API_KEY = "{SECRET}" }}\nb = 2\n', {2}),
        ("toml", f"# API_KEY = '{SECRET}'\nb = 2\n", {1}),
        ("toml", f'[env]\nAPI_KEY = """\n{SECRET}\n"""\nb = 2\n\n\n\n', {2, 3, 4}),
        ("yaml", f"env:\n  API_KEY: {SECRET}\n  b: c\n", {2}),
        ("yaml", f"env:\n  API_KEY: |\n    {SECRET}\n  b: c\n\n\n\n", {2, 3}),
    ],
)
def test_lines_with_a_secret(syntax: Syntax, text: str, lines: set[int]) -> None:
    document = read_text_as(text, "x", syntax)
    assert isinstance(document, Document)
    hidden = SecretLines(document, Packs.shipped())
    found = {line for line in range(1, text.count("\n") + 2) if line in hidden}
    assert lines <= found
    assert len(found - lines) <= 2, "beside a text of several lines some more may be kept out"
    assert SECRET not in repr(hidden)
