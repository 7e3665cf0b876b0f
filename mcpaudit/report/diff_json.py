"""A comparison for programs: RFC 8785 bytes and a line feed (`docs/schemas/diff-v1.schema.json`)."""

from mcpaudit.model.diff import Diff
from mcpaudit.report.json_rows import Writer


def render(seen: Diff) -> bytes:
    """Half of a surrogate pair cannot be written as UTF-8; a configuration may well contain one."""
    text = Writer().text(seen)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() + b"\n"
