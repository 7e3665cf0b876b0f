"""Writes params and variables into a condition, so that what is evaluated speaks of the subject alone."""

import json
import re
from collections.abc import Mapping

from mcpaudit.model.configuration import Param
from mcpaudit.policy.runtime import PARTS

MAX_LENGTH = 50_000
"""Characters of a condition with everything written into it: variables that use each other grow fast."""

# Texts and comments, in which nothing counts (CEL language definition, "Syntax").
_TEXT = r"""
      [rR][bB]?(?:"[^"\n]*"|'[^'\n]*')
    | \"{3}(?:\\.|[^\\])*?\"{3} | '{3}(?:\\.|[^\\])*?'{3}
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | //[^\n]*
    """
_TOKEN = re.compile(
    rf"{_TEXT} | (?<![\w.])(?P<kind>params|variables)\s*\.\s*(?P<name>\w+)", re.VERBOSE | re.DOTALL
)
_FUNCTION = re.compile(
    rf"""{_TEXT} | (?:(?<![\w.])(?P<resource>[a-z_]\w*(?:\.\w+)*))?\.(?P<function>within|overlaps)
                  \((?P<argument>\s*"(?P<provider>[^"\\:\n]*):[^"\\\n]*"\s*\))?""",
    re.VERBOSE | re.DOTALL,
)


class TooLong(Exception):  # noqa: N818 - named for what is wrong
    """Indicates a condition that grows over the limit."""


def expand(text: str, params: Mapping[str, Param], variables: Mapping[str, str]) -> str:
    """The text with every param as its value and every variable as its condition; raises TooLong.

    A variable may use those before it. Names that are not known stay as they are.
    """
    known: dict[str, str] = {}
    for name, own in variables.items():
        # The line break ends a comment that may stand at the end.
        known[name] = f"({_expanded(own, params, known)}\n)"
    return _FUNCTION.sub(_quick, _expanded(text, params, known))


def _quick(match: re.Match[str]) -> str:
    """A resource as one text, which the runtime hands to Python much faster than a map of lists.

    And a cheap question before a dear one: what lies inside a pattern has the pattern's provider.
    """
    if not match["function"]:
        return match[0]
    resource, provider = match["resource"] or "", match["provider"]
    called = f"{resource}.{PARTS}.{match['function']}({match['argument'] or ''}"
    if not resource or not provider or "*" in provider:
        return called
    return f'({resource}.provider == "{provider}" && {called})'


def _expanded(text: str, params: Mapping[str, Param], variables: Mapping[str, str]) -> str:
    def put(match: re.Match[str]) -> str:
        name = match["name"]
        if match["kind"] == "params" and name in params:
            return _literal(params[name])
        return variables.get(name, match[0]) if match["kind"] == "variables" else match[0]

    uses = sum(len(put(match)) for match in _TOKEN.finditer(text))
    if uses > MAX_LENGTH:
        raise TooLong
    return _TOKEN.sub(put, text)


def _literal(value: Param) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, int) and value < 0:
        return f"({value})"
    return json.dumps(value, ensure_ascii=False)
