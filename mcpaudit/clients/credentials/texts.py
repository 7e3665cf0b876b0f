"""Opens credential files: only where the audit looks at all, each once, regular files of bounded size."""

import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from mcpaudit.clients.reading import Reading
from mcpaudit.dataclass import dataclass
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.site import Site
from mcpaudit.parsing.reader import read_plain

LARGEST = 512 * 1024
"""Characters; a login is far smaller."""
_MOST_FILES = 50
_MOST_READ = 500
_AT_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\}|\$\{userHome\}|\{home\}|%USERPROFILE%|\$env:USERPROFILE)[/\\]")
_AT_PROJECT = re.compile(r"\$\{(?:workspaceFolder|workspaceRoot)\}[/\\]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file where it was looked for; its text is empty where it cannot be read."""

    shown: str
    text: str = field(repr=False)


@dataclass(slots=True)
class Texts:
    """Reads each file of one audit once."""

    reading: Reading
    read: list[str] = field(default_factory=list)
    """The files that were read, as people name them."""
    _kept: dict[str, Found] = field(default_factory=dict)

    def at(self, text: str, cwd: str, place: Place) -> Found | None:
        """The file at a path as an entry writes it; `None` where that part of the machine is not audited."""
        located = self._locate(text, cwd)
        return self._open(*located, place) if located else None

    def under(self, path: str, pattern: str, cwd: str) -> Iterator[Found]:
        """A store's file, or those of its folder that fit a pattern; of several versions the last."""
        located = self._locate(path, cwd)
        if located is None:
            return
        folder, shown = located
        if not pattern:
            yield self._open(folder, shown, Place(shown))
            return
        try:
            found = sorted(folder.glob(pattern), key=lambda file: _natural(file.as_posix()))
        except (OSError, ValueError):
            return
        latest = {file.name: file for file in found[:_MOST_FILES]}
        for file in latest.values():
            name = f"{shown}/{file.relative_to(folder).as_posix()}"
            yield self._open(file, name, Place(name))

    def refuse(self, found: Found, reason: str) -> None:
        """Say that a file was read to no avail."""
        gap = Gap("unreadable", Place(found.shown), f"the credential file {found.shown}: {reason}")
        if gap not in self.reading.gaps:
            self.reading.gaps.append(gap)

    def _locate(self, text: str, cwd: str) -> tuple[Path, str] | None:
        site, path = self.reading.site, text.strip()
        if home := _AT_HOME.match(path):
            return site.locate("{home}/" + path[home.end() :].replace("\\", "/"))
        if project := _AT_PROJECT.match(path):
            return site.locate("{project}/" + path[project.end() :].replace("\\", "/"))
        if path.startswith("/"):
            # A client's own variable for the project has become its real path by now.
            short = site.shorten(path)
            if short == path:
                return site.locate(path)
            return Path(site.copied(path)), short.removeprefix("./")
        if "$" in path or "%" in path or re.match(r"[A-Za-z]:", path) or path.startswith("~"):
            return None
        below = path.removeprefix("./").replace("\\", "/")
        return self._locate(f"{cwd.rstrip('/')}/{below}", "") if cwd else site.locate("{project}/" + below)

    def _open(self, path: Path, shown: str, place: Place) -> Found:
        if shown not in self._kept:
            self._kept[shown] = Found(shown, "")
            result = self._fetch(path, shown)
            if isinstance(result, str) and len(result) > LARGEST:
                result = Gap("unreadable", place, "over the limit of 512 KiB")
            if isinstance(result, Gap):
                reason = f"the credential file {shown}: {result.reason.rpartition(': ')[2]}"
                self.reading.gaps.append(Gap("unreadable", place, reason))
            elif result is not None:
                self._kept[shown] = Found(shown, result)
                self.read.append(shown)
        return self._kept[shown]

    def _fetch(self, path: Path, shown: str) -> str | Gap | None:
        if len(self.read) >= _MOST_READ:
            return _TOO_MANY
        return read_plain(path, shown) if _stays(path, shown, self.reading.site) else _LEAVES


_TOO_MANY = Gap("unreadable", Place(""), f"not read, after {_MOST_READ} others")
_LEAVES = Gap("unreadable", Place(""), "it leads out of the folder that it is named in")


def _stays(path: Path, shown: str, site: Site) -> bool:
    """Whether a path stays in the audited folder once its links are followed; what is not there does."""
    root = site.home if shown.startswith("~") else site.project
    if shown.startswith("/") or re.match(r"[A-Za-z]:", shown):
        root = site.system_root
    try:
        return root is not None and path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def _natural(text: str) -> list[tuple[bool, int, str]]:
    return [
        (part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d{1,9})", text)
    ]
