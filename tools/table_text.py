"""The text of a derived table: a header that says what it was made from, then its lines."""

from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "mcpaudit" / "knowledge" / "tables"


def write(name: str, header: dict[str, str], lines: Iterable[str]) -> None:
    """Write a table; what is not said of its source is a mistake."""
    assert list(header) == ["what", "source", "url", "date", "licence", "made-by"]
    text = "".join(f"# {key}: {value}\n" for key, value in header.items()) + "".join(lines)
    (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"{name}: {header['what']}, {len(text.encode())} bytes")


def header(name: str) -> dict[str, str]:
    """What a shipped table says that it was made from."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    pairs = (line.removeprefix("# ").partition(": ") for line in lines if line.startswith("# "))
    return {key: value for key, _, value in pairs}
