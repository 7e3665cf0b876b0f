"""The schemas of what people write tell an editor how to complete it, and a person what each key is for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mcpaudit.cli.main import run
from mcpaudit.knowledge.client_facts import known_clients
from mcpaudit.policy.validation import SCHEMAS, for_editors


def keys(node: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        for name, found in node.get("properties", {}).items():
            yield f"{path}.{name}", found
        for name, found in node.items():
            yield from keys(found, f"{path}.{name}")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_says_what_it_is_for(name: str) -> None:
    rules = for_editors(name)
    Draft202012Validator.check_schema(rules)
    for path, found in keys(rules):
        assert found.get("description"), path
        told = found.get("markdownEnumDescriptions")
        assert told is None or len(told) == len(found["enum"]), path


def test_editors_offer_the_clients_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "schema", "configuration"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["properties"]["clients"]["items"]["enum"] == sorted(known_clients())


def test_a_line_that_is_indented_otherwise_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "apiVersion: mcpaudit/v1\nkind: Policy\nspec:\n   for: access\n  where: 'true'\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert run(["policy", "test", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "a.yaml:5:3: did not find expected key\n      where: 'true'\n      ^\n" in said
    assert "begin in the same column" in said
