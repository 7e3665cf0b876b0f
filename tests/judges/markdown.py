"""Markdown as a code host renders it: CommonMark with GitHub's tables, then what GitHub links in the result.

Sources: GitHub Flavored Markdown Spec (autolinks); GitHub Docs, "Autolinked references and URLs" and "Basic
writing and formatting syntax" (mentions, issues, commits, emoji, mathematics). GitHub looks for these in the
text of the rendered page, outside of code.
"""

import re

from markdown_it import MarkdownIt

from tests.judges import page

ALLOWED = frozenset(
    (
        *(
            "html",
            "head",
            "body",
            "h1",
            "h2",
            "h3",
            "h4",
            "p",
            "ul",
            "ol",
            "li",
            "blockquote",
            "strong",
            "em",
        ),
        *("strong", "em", "code", "pre", "details", "summary", "b", "br", "sub", "hr"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    )
)
"""What mcpaudit's own Markdown is made of; no link and no picture is among it."""
_LINKED = {
    "a mention": re.compile(r"(?<![\w`/.])@[A-Za-z0-9](?:[A-Za-z0-9-]*)"),
    "an issue": re.compile(r"(?<![\w`])#\d+|\bGH-\d+|[\w.-]+/[\w.-]+#\d+", re.IGNORECASE),
    "an address": re.compile(r"(?:https?|ftp)://|\bwww\.\w|[\w.+-]+@[\w-]+\.\w", re.IGNORECASE),
    "an emoji": re.compile(":(?:rocket|white_check_mark):"),
    "a commit": re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{7,40}\b"),
}
# Without joining, a character that a backslash undoes is a token of its own.
_RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("text_join")
_ATTRIBUTES = {"code": {"class"}, "td": {"style"}, "th": {"style"}, "ol": {"start"}, "details": {"open"}}
_MERMAID = re.compile(
    r'flowchart LR|\s+n\d+\["[^"`]*"\](?::::(?:agent|resource))?|\s+n\d+ -->\|"[^"`]*"\| n\d+'
    r"|\s+classDef (?:agent|resource) [\w:#,-]+|"
)
_MERMAID_TEXT = re.compile(r'"((?:[^"#]|#\d+;)*)"')


def check(text: str) -> page.Page:
    """Fails for any link, picture, HTML, mention or number that a host would make of this; gives the page."""
    tokens = _RENDERER.parse(text)
    for token in tokens:
        for part in token.children or ():
            assert part.type != "text" or "$" not in part.content, part.content
        if token.type == "fence" and token.info.strip() == "mermaid":
            graph(token.content)
    found = page.read(_RENDERER.renderer.render(tokens, _RENDERER.options, {}))
    for name, has in found.elements:
        assert name in ALLOWED, (name, has)
        allowed = ("text-align:left", "text-align:right", "text-align:center")
        assert set(has) <= _ATTRIBUTES.get(name, set()), (name, has)
        assert has.get("style", allowed[0]) in allowed
    # A host looks at the text between two elements, entities undone.
    for shown, inside in found.texts:
        for what, pattern in () if inside & {"code", "pre"} else _LINKED.items():
            link = pattern.search(shown)
            assert link is None, f"{what}: {shown[max(link.start() - 40, 0) : link.end() + 40]!r}"
    return found


def graph(text: str) -> None:
    """Fails for a line that is none of ours, and for a label in which anything has a meaning."""
    for line in text.split("\n"):
        assert _MERMAID.fullmatch(line), line
        for label in re.findall(r'"[^"]*"', line):
            assert _MERMAID_TEXT.fullmatch(label), label
            assert not re.search(r"[<>\\`{}\[\]|;](?<!\d;)", label), label
    assert len(text) < 50_000
