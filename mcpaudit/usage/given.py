"""Usage evidence that is given to an audit: files of it, and logs that are read for it."""

from collections.abc import Sequence
from pathlib import Path

from mcpaudit.model.gap import Gap
from mcpaudit.model.site import Site
from mcpaudit.model.usage import Usage
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.reader import open_stream
from mcpaudit.usage.collect import collect, named
from mcpaudit.usage.evidence import is_evidence, merge, read_evidence
from mcpaudit.usage.limits import MAX_FILE


def given(paths: Sequence[Path], site: Site) -> tuple[Usage, tuple[Document, ...]]:
    """All of it as one, and the files of evidence; raises McpauditError for what is neither."""
    evidence = [path for path in paths if path.is_file() and is_evidence(_start(path))]
    logs = [path for path in paths if path not in evidence]
    read = [read_evidence(path, site.shorten(str(path)).removeprefix("./")) for path in evidence]
    pieces = [usage for usage, _ in read]
    if logs:
        pieces.append(collect(named(logs))[0])
    return merge(pieces), tuple(document for _, document in read)


def _start(path: Path) -> bytes:
    stream = open_stream(path, str(path), MAX_FILE)
    if stream is None or isinstance(stream, Gap):
        return b""
    with stream:
        return stream.read(4096)
