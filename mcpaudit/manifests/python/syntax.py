"""Parses Python that may be newer than the interpreter, leaving out single lines not understood."""

import ast
import re
import warnings

from mcpaudit.manifests.python.fstrings import plainer

MAX_REPAIRS = 12
# `class Page[T]:`, `def first[T: list[int]](...)`, `type Id = str`: Python 3.12 and later.
_PARAMETERS = rb"\[(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*\]"
_GENERIC = re.compile(rb"^([ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+\w+)(" + _PARAMETERS + rb")", re.M)
_ALIAS = re.compile(rb"^([ \t]*)type[ \t]+(\w+)(?:\[[^\]\n]*\])?[ \t]*=", re.M)
# `except KeyError, OSError:`: Python 3.14 and later.
_EXCEPT = re.compile(rb"^([ \t]*except[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.M)
# A line with one of these may declare a tool; leaving it out would be a silent loss.
_MATTERS = re.compile(rb"tool|mount|import_server", re.I)


def parse(raw: bytes) -> tuple[ast.Module | None, list[int]]:
    """The tree, and the lines without which it was read; no tree where too much is not understood."""
    tree, line = _try(raw)
    if tree is not None:
        return tree, []
    raw = plainer(raw.decode("utf-8", "replace")).encode()
    # Lines that go are continued, so that those after them keep their numbers.
    raw = _GENERIC.sub(lambda found: found[1] + b"\\\n" * found[2].count(b"\n"), raw)
    raw = _EXCEPT.sub(rb"\1(\2):", _ALIAS.sub(rb"\1\2 =", raw))
    lines = raw.split(b"\n")
    left_out: list[int] = []
    for _ in range(MAX_REPAIRS):
        tree, line = _try(b"\n".join(lines))
        if tree is not None:
            return tree, left_out
        # Only a text with values in it: its line can give way without its neighbours losing their sense.
        if not 0 < line <= len(lines) or not re.search(rb"\bf[\"']", lines[line - 1]):
            break
        if _MATTERS.search(lines[line - 1]):
            left_out.append(line)
        lines[line - 1] = re.sub(rb"\bf([\"']).*\1", b'""', lines[line - 1])
    return None, [line or 1]


def _try(raw: bytes) -> tuple[ast.Module | None, int]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(raw), 0
    except SyntaxError as error:
        return None, error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return None, 0
