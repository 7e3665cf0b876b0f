"""Usage evidence that is given to an audit: files of it, and logs that are read for it."""

from collections.abc import Sequence
from pathlib import Path

from mcpaudit.model.gap import Gap
from mcpaudit.model.usage import Usage
from mcpaudit.parsing.reader import open_stream
from mcpaudit.usage.collect import collect, named
from mcpaudit.usage.evidence import is_evidence, merge, read_evidence
from mcpaudit.usage.limits import MAX_FILE


def given(paths: Sequence[Path]) -> Usage:
    """All of it as one; raises McpauditError for what is neither evidence nor a log."""
    evidence = [path for path in paths if path.is_file() and is_evidence(_start(path))]
    logs = [path for path in paths if path not in evidence]
    pieces = [read_evidence(path) for path in evidence]
    if logs:
        pieces.append(collect(named(logs))[0])
    return merge(pieces)


def _start(path: Path) -> bytes:
    stream = open_stream(path, str(path), MAX_FILE)
    if stream is None or isinstance(stream, Gap):
        return b""
    with stream:
        return stream.read(4096)
