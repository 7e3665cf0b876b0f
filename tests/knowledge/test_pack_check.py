"""The shipped packs hold together, and what breaks one is told with its place."""

from pathlib import Path

import pytest

from tools.pack_check import FOLDER, check

GOOD = """\
pack: 1
provider: one
title: One
aliases: [uno]
hosts: [one.example, "*.one.example"]
servers: ["npm:one-mcp"]
credentials:
  - {id: key, env: [ONE_KEY], prefix: [one_], scopes: all, lifetime: static}
resources:
  box: {nouns: [box]}
  box.thing: {parent: box, labels: [private_data], nouns: [thing, old_thing]}
scopes:
  read: {grants: [{on: "box.**", do: [read]}]}
  write: {grants: [{on: box.thing, do: [write], where: {owner: self}}], implies: [read]}
reaches:
  - {provider: two, on: item, do: [read], from: [box], when: "boxes are copied", confidence: derived}
switches:
  - {server: "npm:one-mcp", arg: "--read-only", permits: [list, read]}
bounds:
  - {server: "npm:one-mcp", on: "two:item", from: "env:ONE_ITEM"}
tools:
  - {server: "*", kind: box}
covers: {box: ["two:**"]}
sources:
  docs: {title: "One: scopes", url: "https://one.example/scopes", date: "2026-11-22"}
checked:
  scopes: docs
open:
  - "nobody has looked at the rest"
examples:
  - {tool: get_old_things, kind: box.thing}
"""
TWO = """\
pack: 1
provider: two
title: Two
resources:
  item: {}
sources: {}
checked: {}
open: []
examples: []
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "two.yaml").write_text(TWO, encoding="utf-8")
    return tmp_path


def said(folder: Path, text: str) -> list[str]:
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    return [f"{one.file}:{one.line}:{one.column}: {one.message} {one.hint}".rstrip() for one in check(folder)]


def test_the_shipped_packs_are_well_formed() -> None:
    assert [str(one) for one in check(FOLDER)] == []


def test_a_good_pack_has_no_mistakes(folder: Path) -> None:
    assert said(folder, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        # Its form.
        ("title: One\n", "titel: One\n", "one.yaml:3:1: `titel` is no key of the file did you mean `title`?"),
        ("scopes: all,", "scopes: every,", "one.yaml:8:55: credentials.0.scopes cannot be `every`"),
        (
            "labels: [private_data]",
            "labels: [privat]",
            "one.yaml:11:37: resources.box.thing.labels.0 cannot be",
        ),
        ('date: "2026-11-22"', "date: someday", "one.yaml:25:73: sources.docs.date does not have the form"),
        (', url: "https://one.example/scopes"', "", "one.yaml:25:9: sources.docs needs the key `url`"),
        ('arg: "--read-only", ', "", "one.yaml:18:5: switches.0"),
        ("do: [write]", "do: [change]", "one.yaml:14:41: scopes.write.grants.0.do.0 cannot be `change`"),
        ("pack: 1", "pack: [", "one.yaml:"),
        # What stands where.
        (
            "provider: one",
            "provider: eins",
            "one.yaml:2:11: a pack is named after its provider: this file is one",
        ),
        ("pack: 1\n", "", "one.yaml:1:1: the file needs the key `pack`"),
        # Its parts among each other.
        ("{parent: box, l", "{parent: bocks, l", "one.yaml:11:23: `bocks` is no kind"),
        ("box: {nouns: [box]}", "box: {parent: box.thing}", "one.yaml:10:17: `box` would contain itself"),
        ("[thing, old_thing]", "[thing, box]", "one.yaml:11:67: `box` means `box` already"),
        ("implies: [read]", "implies: [reed]", "one.yaml:14:83: `reed` is no scope did you mean `read`?"),
        (
            '[{on: "box.**", do: [read]}]}',
            "[], implies: [write]}",
            "one.yaml:13:31: `read` would imply itself",
        ),
        ('on: "box.**"', 'on: "bax.**"', "one.yaml:13:24: `bax.**` is no kind"),
        ("provider: two,", "provider: tow,", "one.yaml:16:16: there is no such pack did you mean `two`?"),
        ("on: item, do", "on: items, do", "one.yaml:16:25: `items` is no kind of two did you mean `item`?"),
        ("from: [box]", "from: [bux]", "one.yaml:16:50: `bux` is no kind did you mean `box`?"),
        (
            '{server: "npm:one-mcp", arg',
            '{server: "npm:one-mpc", arg',
            "one.yaml:18:14: this server is not listed in `servers` did you mean `npm:one-mcp`?",
        ),
        ("two:item", "two:itme", "one.yaml:20:33: `two:itme` is no kind of a pack"),
        ("kind: box}", "kind: bax}", "one.yaml:22:25: `bax` is no kind did you mean `box`?"),
        ("covers: {box:", "covers: {bax:", "one.yaml:23:10: `bax` is no kind did you mean `box`?"),
        ('["two:**"]', '["tow:**"]', "one.yaml:23:16: there is no such pack"),
        # What it rests on.
        (
            "scopes: docs",
            "scopes: dosc",
            "one.yaml:27:11: `dosc` is no source of this pack did you mean `docs`?",
        ),
        ("scopes: docs", "scope: docs", "one.yaml:27:3: this pack has no scope did you mean `scopes`?"),
        ("  scopes: docs", "  {}", "one.yaml:25:3: nothing is checked against this source"),
        # Examples.
        (
            "kind: box.thing}\n",
            "kind: box}\n",
            "one.yaml:31:5: `get_old_things` means `box.thing` here, not `box`",
        ),
        ("get_old_things", "get_nothing", "one.yaml:31:5: `get_nothing` means nothing here, not `box.thing`"),
    ],
)
def test_what_breaks_a_pack(folder: Path, old: str, new: str, mistake: str) -> None:
    assert GOOD.count(old) == 1
    found = said(folder, GOOD.replace(old, new))
    assert any(line.startswith(mistake) for line in found), found


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        (
            'servers: ["npm:one-mcp"]',
            "two.yaml:4:11: the server `npm:one-mcp` is claimed at one.yaml:6 already",
        ),
        ("hosts: [one.example]", "two.yaml:4:9: the host `one.example` is claimed at one.yaml:5 already"),
        (
            'hosts: ["*.a.one.example"]',
            "two.yaml:4:9: hosts of `*.a.one.example` are claimed by one.yaml, too",
        ),
        ("aliases: [uno]", "two.yaml:4:11: the name `uno` is claimed at one.yaml:4 already"),
        (
            "credentials: [{id: a, env: [ONE_KEY], scopes: all, lifetime: static}]",
            "two.yaml:4:29: the variable `ONE_KEY` is claimed at one.yaml:8 already",
        ),
        (
            "credentials: [{id: a, prefix: [one_], scopes: all, lifetime: static}]",
            "two.yaml:4:32: the beginning `one_` is claimed at one.yaml:8 already",
        ),
    ],
)
def test_no_two_packs_claim_the_same(folder: Path, line: str, mistake: str) -> None:
    (folder / "two.yaml").write_text(TWO.replace("title: Two\n", f"title: Two\n{line}\n"), encoding="utf-8")
    assert said(folder, GOOD) == [mistake]


def test_an_exact_host_within_another_packs_pattern_is_that_packs(folder: Path) -> None:
    (folder / "two.yaml").write_text(TWO.replace("title: Two\n", "title: Two\nhosts: [two.one.example]\n"))
    assert said(folder, GOOD) == []


def test_what_is_read_first_stands_above_the_rest(folder: Path) -> None:
    moved = GOOD.replace('hosts: [one.example, "*.one.example"]\n', "") + "hosts: [one.example]\n"
    assert said(folder, moved) == [
        "one.yaml:31:1: `hosts` must stand above `resources`, where it is read first",
        "one.yaml:31:1: `hosts` must stand above `sources`, below which nothing is read",
    ]


def test_a_pack_with_nouns_needs_an_example(folder: Path) -> None:
    without = GOOD.replace("examples:\n  - {tool: get_old_things, kind: box.thing}", "examples: []")
    assert said(folder, without) == [
        "one.yaml:30:11: a pack with nouns needs an example of a real tool's name"
    ]
