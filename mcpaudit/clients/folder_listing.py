"""Folders whose files have no fixed names: drop-in settings, plugins, extensions."""

from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.reading import Reading
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place


def names_in(reading: Reading, template: str, client: str) -> Iterator[tuple[Path, str]]:
    """What a folder holds, by name, each with the name that reports show; none where there is no folder."""
    found = reading.site.locate(template)
    if found is None:
        return
    try:
        names = sorted(path.name for path in found[0].iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        unlisted(reading, found[1], error, client)
        return
    for name in names:
        yield found[0] / name, f"{found[1]}/{name}"


def unlisted(reading: Reading, shown: str, error: OSError, client: str) -> None:
    """Record that a folder is there and cannot be listed."""
    reason = f"this folder cannot be listed: {error.strerror or 'it cannot be opened'}"
    reading.gaps.append(Gap("unreadable", Place(shown), reason, client))
