"""The page on packs hides nothing: each part of a pack is said to be checked, or not to be."""

import re

import pytest

from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.pack_reader import as_text
from tools.pack_check import FOLDER, parts
from tools.pack_page import packs

SECTIONS = {part.partition('"')[0]: part for part in packs().split('<a id="')[1:]}


@pytest.mark.parametrize("provider", Packs.shipped().providers())
def test_each_part_is_checked_or_said_not_to_be(provider: str) -> None:
    data = as_text((FOLDER / f"{provider}.yaml").read_text(encoding="utf-8"))
    lines = SECTIONS[provider].splitlines()
    checked = {name for line in lines if line.startswith("- Checked") for name in _named(line)}
    unchecked = {name for line in lines if line.startswith("- Not checked") for name in _named(line)}
    assert not checked & unchecked
    for part in parts(data):
        section = part.partition(".")[0]
        assert {part, section} & (checked | unchecked) or any(
            one.startswith(f"{part}.") for one in checked | unchecked
        ), part


@pytest.mark.parametrize("provider", Packs.shipped().providers())
def test_every_source_has_its_address_and_date(provider: str) -> None:
    for line in SECTIONS[provider].splitlines():
        if line.startswith("- Checked"):
            assert re.search(r"\]\(https://[^ )]+\), 20\d\d-\d\d-\d\d$", line)


def test_one_entry_of_a_section_that_was_not_checked_is_named() -> None:
    line = next(one for one in SECTIONS["aws"].splitlines() if one.startswith("- Not checked"))
    assert "scopes.PowerUserAccess" in _named(line)
    assert "scopes.ReadOnlyAccess" not in _named(line)


def _named(line: str) -> set[str]:
    return set(re.findall(r"`([a-z_]+(?:\.[^`]+)?)`", line.partition(": [")[0]))
