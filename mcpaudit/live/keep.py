"""Keeps what servers answered: as files for `--manifests`, and as manifests for the lock."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from mcpaudit.knowledge.capability import read_listing
from mcpaudit.live.answer import Asked
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.server import Installation

_LONGEST = 200
_WINDOWS = set('<>:"|?*')


def files(asked: Iterable[Asked], installed: Sequence[Installation]) -> dict[str, bytes]:
    """What to write for `--manifests`, by path: `NAME.json` where one server has the name, else one an agent.

    A server whose name cannot be a path is left out.
    """
    users = Counter(one.name for one in installed)
    found: dict[str, bytes] = {}
    for one in asked:
        if one.document is None:
            continue
        names = [full.partition("/")[2] for full in one.row.names]
        for name, full in zip(names, one.row.names, strict=True):
            path = f"{name if names.count(name) == users[name] else full}.json"
            if _is_path(path):
                found[path] = one.document.text.encode()
    return found


def _is_path(path: str) -> bool:
    """Whether it stays below the folder, on every platform."""
    parts = path.split("/")
    return (
        path.isprintable()
        and not set(path) & (_WINDOWS | {"\\"})
        and all(part.strip(". ") and len(part.encode("utf-8", "replace")) <= _LONGEST for part in parts)
        and not PurePosixPath(path).is_absolute()
    )


def offers(asked: Iterable[Asked]) -> dict[str, Offer]:
    """The lists as manifests, by `AGENT/NAME`."""
    return {name: offer for one in asked for name, offer in _offers(one)}


def _offers(asked: Asked) -> Iterator[tuple[str, Offer]]:
    document = asked.document
    listing = read_listing(document.data) if document else None
    if document is None or listing is None:
        return
    none = "" if listing.tools else ", which lists no tools"
    offer = Offer(
        document=document,
        source="live",
        tools=listing.tools,
        complete=bool(listing.tools) and not listing.skipped,
        reason=f"the server's own answer to tools/list (MCP {asked.row.protocol}){none}",
        version=asked.row.own_version,
        proved=True,
    )
    yield from ((name, offer) for name in asked.row.names)
