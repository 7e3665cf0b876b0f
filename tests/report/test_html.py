"""The HTML report as text; `test_browser.py` opens it."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from mcpaudit.model.report import Report
from mcpaudit.report import html, svg
from mcpaudit.report.canonical import digest
from mcpaudit.report.template import shipped
from tests.hostile import HOSTILE
from tests.report.example import EXAMPLE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE


class Shape(HTMLParser):
    """The elements of a page with their attributes, and whether they are closed in order."""

    VOID = frozenset({"meta", "br", "input", "wbr", "rect", "path", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value for _, value in attrs if value]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("report", [SAMPLE, NOTHING, CLEAN], ids=["findings", "nothing", "clean"])
def test_every_element_is_closed(report: Report) -> None:
    assert Shape(html.render(report)).open == []


@pytest.mark.slow  # `test_hostile_formats.py` puts all of them into one report
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_adds_no_element_and_no_attribute(text: str) -> None:
    # A neutral addition of the same kind gives the shape: a path may be broken after each `/`.
    plain = [
        element
        for element in Shape(html.render(with_hostile("x"))).elements
        if element[0] not in ("wbr", "code")
    ]
    shape = Shape(html.render(with_hostile(text or "x")))
    assert [element for element in shape.elements if element[0] not in ("wbr", "code")] == plain
    assert not any(value.lower().startswith("javascript:") for value in shape.values)


def test_the_policy_names_exactly_the_style_and_the_scripts() -> None:
    page = html.render(SAMPLE)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    for name, tag, number in (("style-src", "style", 1), ("script-src", "script", 2)):
        texts = re.findall(rf'<{tag}(?: id="__________cytoscape_stylesheet")?>(.*?)</{tag}>', page, re.DOTALL)
        assert len(texts) == number
        hashes = " ".join(
            f"&#39;sha256-{b64encode(sha256(text.encode()).digest()).decode()}&#39;" for text in texts
        )
        assert f"{name} {hashes}" in policy[1]
    assert policy[1].startswith("default-src &#39;none&#39;")


def test_it_refers_to_nothing_outside_of_itself() -> None:
    page = re.sub("<script>.*?</script>", "", html.render(SAMPLE), flags=re.DOTALL)
    assert not re.search(r"(?:src|href|action)=\"(?!#)", page)
    assert not re.search(r"url\(|@import| style=\"| on[a-z]+=\"", page)


def test_the_data_of_the_scripts_cannot_end_its_element() -> None:
    page = html.render(with_hostile("</script><!--<script>alert(1)</script>&amp;\u2028"))
    (block,) = re.findall('<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert block.isascii()
    assert not set("<>&") & set(block)
    data = json.loads(block)
    assert data["installations"][0]["name"].endswith("</script><!--<script>alert(1)</script>&amp;\\u2028")


def test_what_others_wrote_is_as_they_published_it() -> None:
    sums = [line.split() for line in shipped("vendor/SHA256SUMS.sha256").splitlines()]
    assert [name for _, name in sums] == ["cytoscape.min.js", "cytoscape.LICENSE.txt"]
    for digest_of, name in sums:
        assert sha256(shipped(f"vendor/{name}").encode()).hexdigest() == digest_of
    page = html.render(SAMPLE)
    assert shipped("vendor/cytoscape.min.js") in page
    assert "Permission is hereby granted, free of charge" in page


def test_links_inside_go_somewhere() -> None:
    page = html.render(SAMPLE)
    ids = re.findall(r' id="([^"]*)"', page)
    assert len(set(ids)) == len(ids)
    assert {target for target in re.findall(r'href="#([^"]*)"', page) if target} <= set(ids)


def test_it_names_the_canonical_report_and_is_small() -> None:
    page = html.render(SAMPLE)
    assert digest(SAMPLE) in page
    assert len(page) < 700_000


def test_the_page_of_the_example_is_below_the_size_that_was_promised() -> None:
    assert len(html.render(EXAMPLE).encode()) < 1_500_000


def test_nothing_collected_does_not_look_clean() -> None:
    page = html.render(NOTHING)
    assert "nothing audited" in page
    assert "No policy objects" not in page


def large(servers: int) -> Report:
    """The sample with one installation over and over."""
    row = next(row for row in SAMPLE.installations if row.name == "slack" and row.agent == "claude-code")
    server = next(own for own in SAMPLE.servers if own.id == row.server)
    tool = next(own for own in SAMPLE.tools if own.server == row.server)
    access = next(own for own in SAMPLE.access if own.installation == row.id)
    finding = next(own for own in SAMPLE.findings if own.policy == "unpinned-package")
    numbers = range(servers)
    return replace(
        SAMPLE,
        servers=tuple(replace(server, id=f"npm:slack-{n:03}", name=f"slack-{n:03}") for n in numbers),
        installations=tuple(
            replace(row, id=f"claude-code/slack-{n:03}", name=f"slack-{n:03}", server=f"npm:slack-{n:03}")
            for n in numbers
        ),
        tools=tuple(
            replace(tool, server=f"npm:slack-{n:03}", name=f"tool-{m}") for n in numbers for m in range(10)
        ),
        access=tuple(
            replace(
                access,
                installation=f"claude-code/slack-{n:03}",
                server=f"npm:slack-{n:03}",
                resource=f"slack:{m}",
            )
            for n in numbers
            for m in range(8)
        ),
        findings=tuple(replace(finding, fingerprint=f"{n:016x}") for n in numbers),
    )


def test_a_large_installation_is_folded() -> None:
    page = html.render(large(200))
    assert "<svg" not in page
    assert page.count(" open>") == 0
    assert "197 more: A package is fetched without a fixed version" in page
    assert "175 more servers" in page
    assert len(page) < 3_000_000


def test_the_picture_is_the_same_in_any_order_of_the_rows() -> None:
    assert svg.draw(SAMPLE) == svg.draw(replace(SAMPLE, access=SAMPLE.access[::-1]))
    assert svg.draw(SAMPLE).count('class="line') > 10
    assert " clash" in svg.draw(SAMPLE)
    assert svg.draw(NOTHING) == ""


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, "contrast ratio"."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_of_wcag_aa(scheme: str) -> None:
    blocks = re.findall(r":root \{(.*?)\}", shipped("audit.css"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0]))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[1]))
    grounds = ("card", "paper", "faint", "clash", "fix")
    pairs = [(text, ground) for text in ("ink", "soft", "link") for ground in grounds]
    pairs += [
        (text, ground)
        for text in ("critical", "high", "medium", "low", "good")
        for ground in ("card", "paper")
    ]
    pairs += [
        ("on", "critical"),
        ("on", "high"),
        ("on-strong", "strong"),
        ("critical", "clash"),
        ("good", "fix"),
    ]
    low = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
