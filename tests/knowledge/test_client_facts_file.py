"""The form of a client's data file: nothing that is misspelled or without a source gets in."""

import pytest

from mcpaudit.knowledge.client_facts import Fact, Source, client_facts, parse

GOOD = """
title: X
unseen: what it thinks is in no file
sources:
  docs: {title: X's documentation, date: 2026-11-22}
reads:
  - {level: user, path: "{home}/.x.json", holds: servers, source: docs}
  - {level: system, path: {linux: /etc/x.json, windows: "{programdata}/x.json"}, holds: servers, source: docs}
loads:
  - {fact: All do., source: docs}
expands: {fact: Nothing is expanded., source: docs}
decides: []
rules_without_effect: []
unknown: []
"""


def test_a_file_is_read_as_it_stands() -> None:
    facts = parse("x", GOOD)
    docs = Source("X's documentation", "2026-11-22")
    assert dict(facts.reads[0].paths) == dict.fromkeys(("linux", "macos", "windows"), "{home}/.x.json")
    assert set(facts.reads[1].paths) == {"linux", "windows"}
    assert (facts.id, facts.title, facts.loads) == ("x", "X", (Fact("All do.", docs),))
    assert [heading for heading, _ in facts.sections] == ["Which entries load", "Variables"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("unknown: []", "unknwon: []", "x: unknown keys ['unknwon']"),
        ("unknown: []", "", "x: missing keys ['unknown']"),
        ("unknown: []", "unknown: nothing", "x.unknown: not a list"),
        ("date: 2026-11-22", "date: last year", "x.sources.docs.date: not a month or a day: last year"),
        ("date: 2026-11-22", "day: 2026-11-22", "x.sources.docs: unknown keys ['day']"),
        ("fact: All do., source: docs", "fact: All do., source: dosc", "x.loads[0].source: no such source"),
        ("fact: All do., source: docs", "fact: All do.", "x.loads[0]: missing keys ['source']"),
        ("fact: All do., source: docs", "fact: 1, source: docs", "x.loads[0].fact: not a text"),
        ("linux: /etc/x.json", "linx: /etc/x.json", "x.reads[1].path: unknown keys ['linx']"),
        ("level: user, ", "", "x.reads[0]: missing keys ['level']"),
        ("expands: {", "expands: {sure: true, ", "x.expands: unknown keys ['sure']"),
        ("sources:\n  docs: {title: X's documentation, date: 2026-11-22}", "sources: 1", "x.sources: not an"),
    ],
)
def test_what_does_not_belong_there_is_refused(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(ValueError, match=r"^x") as raised:
        parse("x", GOOD.replace(old, new))
    assert said in str(raised.value)


def test_a_client_without_facts_has_none() -> None:
    assert client_facts("file") is None
    assert client_facts("../builtins") is None
