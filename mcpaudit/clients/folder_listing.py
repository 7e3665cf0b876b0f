"""Folders whose files have no fixed names: drop-in settings, plugins, extensions."""

from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.reading import Reading
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place


def names_in(reading: Reading, template: str, client: str) -> Iterator[tuple[Path, str]]:
    """What a folder holds, by name, each with the name that reports show; none where there is no folder."""
    if (found := reading.site.locate(template)) is not None:
        yield from files_in(reading, *found, client)


def files_in(reading: Reading, folder: Path, shown: str, client: str) -> Iterator[tuple[Path, str]]:
    """The same for a folder that is known already."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        unlisted(reading, shown, error, client)
        return
    for name in names:
        yield folder / name, f"{shown}/{name}"


def unlisted(reading: Reading, shown: str, error: OSError, client: str) -> None:
    """Record that a folder is there and cannot be listed."""
    reason = f"this folder cannot be listed: {error.strerror or 'it cannot be opened'}"
    reading.gaps.append(Gap("unreadable", Place(shown), reason, client))
