"""HTML as a browser's parser understands it: which elements and attributes there are, and which texts."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import tinyhtml5

_NEVER = frozenset(
    (
        *("img", "iframe", "object", "embed", "link", "base", "form", "audio", "video", "source", "track"),
        *("applet", "frame", "frameset", "math", "plaintext", "xmp", "textarea", "marquee", "template"),
    )
)
_VOID = frozenset({"meta", "br", "input", "wbr", "rect", "path", "hr", "col", "img", "link", "base"})
_ADDRESSES = frozenset({"href", "src", "xlink:href", "{http://www.w3.org/1999/xlink}href"})
_FORBIDDEN = frozenset({"style", "srcdoc", "srcset", "action", "formaction", "ping", "is", "slot"})


@dataclass(slots=True)
class Page:
    """A page as it is understood."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    """Each text, and the names of the elements that it stands in."""

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Names of elements and of attributes in order, without those that follow what names hold."""
        return [(name, tuple(sorted(has))) for name, has in self.elements if name not in ("wbr", "code")]

    def said(self) -> str:
        """All that a reader may see, blanks joined as a browser joins them."""
        seen = "".join(text for text, inside in self.texts if not inside & {"script", "style"})
        return re.sub(r"[ \t\r\n\f]+", " ", seen)


class _Reader(HTMLParser):
    """The quick way, by the standard library."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open, f"</{tag}> closes nothing"
            assert self.open.pop() == tag, "elements are closed in order"

    def handle_data(self, data: str) -> None:
        self.page.texts.append((data, frozenset(self.open)))


def read(text: str, *, exact: bool = False) -> Page:
    """The page; `exact` takes the algorithm of the HTML standard, which takes long."""
    if not exact:
        reader = _Reader()
        reader.feed(text)
        reader.close()
        assert reader.open == []
        return reader.page
    page = Page()
    _walk(tinyhtml5.parse(text), frozenset(), page)
    return page


def _walk(node: Any, inside: frozenset[str], page: Page) -> None:
    own = inside
    if isinstance(node.tag, str):
        name = node.tag.rpartition("}")[2]
        own = inside | {name}
        page.elements.append((name, {str(key): value for key, value in node.attrib.items()}))
        page.texts.append((node.text or "", own))
        for child in node:
            _walk(child, own, page)
    page.texts.append((node.tail or "", inside))


def check(text: str, *, allowed: frozenset[str] = frozenset(), exact: bool = False) -> Page:
    """Fails for what could run, load, send or look like something else; gives the page."""
    page = read(text, exact=exact)
    for name, has in page.elements:
        assert name not in _NEVER - allowed, (name, has)
        for key, value in has.items():
            assert not key.lower().startswith("on"), (name, key)
            assert key not in _FORBIDDEN, (name, key)
            assert key not in _ADDRESSES or value.startswith("#"), (name, key, value)
        if name == "meta":
            assert has.get("http-equiv", "Content-Security-Policy") == "Content-Security-Policy"
    return page
