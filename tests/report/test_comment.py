"""The comment on a pull request, and the drawings in it."""

import re
from dataclasses import replace

import pytest

from mcpaudit.model.report import Report
from mcpaudit.model.step import Step
from mcpaudit.report import comment, mermaid
from mcpaudit.report.canonical import digest
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.test_text import same_as_snapshot

TAGS = {"details", "/details", "summary", "/summary", "br", "sub", "/sub", "code", "/code"}
GRAPH = re.compile(r"```mermaid\n(.*?)```\n", re.DOTALL)
_LABEL = r'"[^"\[\]<>`{}|\\]+"'
LINES = rf"flowchart LR|  n\d+\[{_LABEL}\](:::\w+)?|  n\d+ -->\|{_LABEL}\| n\d+|  classDef [\w:#, -]+"


def test_the_comment_as_it_stands() -> None:
    same_as_snapshot("comment.md", comment.render(SAMPLE))


def large(servers: int = 200) -> Report:
    """A change that brings so many servers, each with three findings."""
    found = tuple(
        replace(
            SAMPLE.findings[0],
            fingerprint=f"{number:08x}{kind:08x}",
            message=f"server-{number} may do what it should not, in one of {servers} servers " * 3,
            policy=f"policy-{kind}",
        )
        for number in range(servers)
        for kind in range(3)
    )
    return replace(SAMPLE, findings=found)


def test_a_change_of_200_servers_stays_readable() -> None:
    text = comment.render(large())
    assert len(text.encode()) <= 30_000
    assert text.startswith("### ❌ 600 findings at or above high stand in the way.")
    assert len(re.findall("^\\| 🔴 critical \\| \\*\\*", text, re.MULTILINE)) == 15  # five of each policy
    assert "and 585 more in the way" in text
    assert len(GRAPH.findall(text)) == 1  # they are all drawn alike
    assert digest(large()) in text
    assert text.count("<details>") == text.count("</details>") == 2


def test_three_small_drawings_at_most() -> None:
    for report in (SAMPLE, large(3)):
        drawn = GRAPH.findall(comment.render(report))
        assert 1 <= len(drawn) <= 3
        for graph in drawn:
            assert all(re.fullmatch(LINES, line) for line in graph.splitlines()), graph
    steps = tuple(
        Step("loads", f"a{number}", f"b{number}", "because", "certain", None) for number in range(13)
    )
    assert mermaid.flowchart(steps) == ""
    assert mermaid.flowchart(steps[:12]).count("-->") == 12
    assert mermaid.flowchart(()) == ""


def test_the_same_edge_is_drawn_once_and_doubt_is_said() -> None:
    step = Step("acts-on", "tool", "resource", "because", "possible", None)
    assert mermaid.flowchart((step, step)).count('-->|"acts on #40;possible#41;"|') == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_makes_no_markup(text: str) -> None:
    rendered = comment.render(with_hostile(text))
    assert len(rendered) <= 30_000
    for graph in GRAPH.findall(rendered):
        assert all(re.fullmatch(LINES, line) for line in graph.splitlines()), graph
    outside = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", GRAPH.sub("", rendered))
    assert {tag.split()[0] for tag in re.findall(r"<([^>]*)>", outside)} <= TAGS
    assert not re.search(r"(?<!\\)!?\[", outside)
    assert not re.search(r"@(?!&#8203;)", outside)
    assert "://" not in outside
    rows = [line for line in rendered.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {4, 5}


def test_nothing_collected_and_nothing_found_are_told_apart() -> None:
    assert comment.render(CLEAN).startswith("### ✅")
    assert comment.render(NOTHING).startswith("### ⚠️ Nothing was audited")
