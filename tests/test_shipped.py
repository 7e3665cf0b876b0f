"""What the package's YAML texts hold is known without parsing them, and a changed text is parsed."""

from pathlib import Path

import pytest
import yaml

from mcpaudit import shipped
from mcpaudit.knowledge import builtin, client_facts
from mcpaudit.knowledge.pack import Packs
from mcpaudit.policy import policy
from tools.shipped_texts import pages


def _refuse(*_: object, **__: object) -> object:
    raise AssertionError("YAML of the package is parsed")


def test_no_text_of_the_package_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "load", _refuse)
    monkeypatch.setattr(policy, "data_of", _refuse)
    for cached in (policy.shipped, builtin._tools, client_facts.client_facts):
        cached.cache_clear()
    packs = Packs.load(shipped.PACKAGE / "knowledge/packs")
    assert all(packs.get(provider) for provider in packs.providers())
    assert all(client_facts.client_facts(client) for client in client_facts.known_clients())
    assert builtin.builtin_tools("claude-code")
    assert len(policy.shipped()) == len(policy.shipped_files())


def test_a_text_that_was_changed_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path)
    file = tmp_path / "table.yaml"
    file.write_text("since: 2026-11-22\nwords: [on, 7]\n", encoding="utf-8")
    assert shipped.table("table.yaml") == {"since": "2026-11-22", "words": [True, 7]}


def test_without_the_file_everything_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (shipped.PACKAGE / "knowledge/clients/cursor.yaml").read_text(encoding="utf-8")
    held = client_facts.parse("cursor", text)
    monkeypatch.setattr(shipped, "_held", dict)
    assert client_facts.parse("cursor", text) == held


def test_the_file_holds_what_the_parsers_find() -> None:
    (name,) = pages()
    assert pages()[name] == shipped.HELD.read_text(encoding="utf-8")
