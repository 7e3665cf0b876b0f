"""What the YAML texts of the package hold, as JSON: no audit has to parse them (`mcpaudit/shipped.py`)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mcpaudit.knowledge import builtin, pack_reader
from mcpaudit.policy.policy import data_of, shipped_files
from mcpaudit.shipped import HELD, PACKAGE, as_json, by_types, digest


def pages() -> dict[str, str]:
    """The one file, its lines in the order of the digests."""
    held = {digest(text): as_json(parser(text)) for text, parser in _texts()}
    lines = "".join(f"{name} {text}\n" for name, text in sorted(held.items()))
    return {HELD.relative_to(PACKAGE.parent).as_posix(): lines}


def _texts() -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Each text as it is asked for, with the parser that would have to read it."""
    packs = PACKAGE / "knowledge/packs"
    for file in sorted(PACKAGE.rglob("*.yaml")):
        text = _read(file)
        if file.parent == packs:
            head, rest, _ = pack_reader.parts(text)
            yield head, pack_reader.as_text
            yield rest, pack_reader.as_text
        elif file != PACKAGE / "knowledge/builtins.yaml":
            yield text, by_types
    for text in builtin.texts().values():
        yield text, by_types
    for file in shipped_files():
        yield _read(file), data_of


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")
