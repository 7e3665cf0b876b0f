"""A comparison for programs: RFC 8785 bytes and a line feed (`docs/schemas/diff-v1.schema.json`)."""

import json
from dataclasses import asdict

from mcpaudit.model.diff import Diff


def render(seen: Diff) -> bytes:
    """Every key is ASCII and every number whole, for which this is the form of RFC 8785."""
    text = json.dumps(asdict(seen), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() + b"\n"
