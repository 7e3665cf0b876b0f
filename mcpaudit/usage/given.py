"""Usage evidence that is given to an audit: files of it, and logs that are read for it."""

from collections.abc import Sequence
from pathlib import Path

from mcpaudit.model.site import Site
from mcpaudit.model.usage import Usage
from mcpaudit.parsing.document import Document
from mcpaudit.usage.collect import collect, named, start_of
from mcpaudit.usage.evidence import is_evidence, merge, read_evidence


def given(paths: Sequence[Path], site: Site) -> tuple[Usage, tuple[Document, ...]]:
    """All of it as one, and the files of evidence; raises McpauditError for what is neither."""
    evidence = [path for path in paths if isinstance(start := start_of(path), bytes) and is_evidence(start)]
    logs = [path for path in paths if path not in evidence]
    read = [read_evidence(path, site.shorten(str(path)).removeprefix("./")) for path in evidence]
    pieces = [usage for usage, _ in read]
    if logs:
        pieces.append(collect(named(logs))[0])
    return merge(pieces), tuple(document for _, document in read)
