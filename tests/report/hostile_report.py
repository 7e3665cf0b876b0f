"""The sample with a hostile string in every field that another party can fill."""

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from mcpaudit.model.report import Report
from tests.report.sample import SAMPLE

# What mcpaudit itself writes, from closed lists or as digests.
_OURS = {
    *(
        "schema",
        "severity",
        "status",
        "certainty",
        "verdict",
        "decision",
        "interactive",
        "headless",
        "bypass",
    ),
    *(
        "mode",
        "modes",
        "actions",
        "fail_on",
        "sha256",
        "fingerprint",
        "kind",
        "as_of",
        "also",
        "safety",
        "tree",
    ),
}


def with_hostile(text: str) -> Report:
    """Every free string is followed by the hostile one; identities too, each in the same way everywhere."""
    return _poisoned(lambda value: text)


def with_each(texts: Sequence[str], turn: int = 0) -> Report:
    """Every free string is followed by one of the texts, equal ones by the same; each turn deals anew."""
    dealt: dict[str, int] = {}
    return _poisoned(lambda value: texts[dealt.setdefault(value, turn + len(dealt)) % len(texts)])


def _poisoned(text: Callable[[str], str]) -> Report:
    report: Report = _poison(SAMPLE, text, "")
    return replace(report, tool=SAMPLE.tool, run=SAMPLE.run)


def _poison(value: Any, text: Callable[[str], str], name: str) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _poison(getattr(value, field.name), text, field.name) for field in fields(value)
        }
        return replace(value, **changed)
    if isinstance(value, tuple):
        if name in _OURS or name.startswith("by_"):
            return value
        return tuple(_poison(item, text, name) for item in value)
    if isinstance(value, str) and name not in _OURS:
        # `builtin:` and `~/` decide what a string is, so the hostile part follows them.
        return value + text(value) if value else value
    return value


def strings(value: Any) -> list[str]:
    """All strings of a tree of JSON."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    return [text for item in value for text in strings(item)] if isinstance(value, list) else []
