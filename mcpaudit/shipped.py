"""What comes with the package: where it lies, and what its YAML texts hold.

By plain paths: `importlib.resources` would import `zipfile` and `tempfile` at every start.

People write these texts as YAML, and to parse them took an eighth of a short audit. So `tools/generate.py`
puts what each of them holds into `shipped.jsonl`, as JSON under the digest of the text: a text that is not
there, or was changed since, is parsed.
"""

import hashlib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
HELD = PACKAGE / "shipped.jsonl"
"""A line a text: its digest, a space, what it holds."""


def table(name: str) -> Any:
    """A YAML file of the package by its path in it; the tests of this project have checked what it holds."""
    return parsed((PACKAGE / name).read_text(encoding="utf-8"))


def by_types(text: str) -> Any:
    """A YAML text with numbers, truth values and dates as such."""
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def parsed(text: str, parser: Callable[[str], Any] = by_types) -> Any:
    """What a text of the package holds, by its one parser; dates are text, as JSON has none."""
    held = _held().get(digest(text))
    return json.loads(as_json(parser(text)) if held is None else held)


def digest(text: str) -> str:
    """What a text is known by in `shipped.jsonl`."""
    return hashlib.sha256(text.encode()).hexdigest()


def as_json(value: Any) -> str:
    """What a parser found, as `shipped.jsonl` has it."""
    return json.dumps(value, default=str)


@cache
def _held() -> dict[str, str]:
    lines = HELD.read_text(encoding="utf-8").splitlines() if HELD.is_file() else []
    return {name: held for name, _, held in (line.partition(" ") for line in lines)}
