"""File paths from configuration in one normal form, as the audited machine would resolve them.

Containment is by component, never by string: `/data` does not contain `/database`.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Literal
from urllib.parse import unquote

from mcpaudit.dataclass import dataclass
from mcpaudit.model.resource import UNKNOWN, Resource

HOST = "host"
MAX_LINKS = 40
"""How many symbolic links Linux follows before it gives up (path_resolution(7))."""
_MAX_PARTS = 512
Tree = Literal["posix", "drive", "wsl"]

_VARIABLE = r"(?:\$\{{(?:env:)?({0})\}}|\$(?:env:)?({0})(?![A-Za-z0-9_])|%({0})%)"
_HOME = re.compile(
    r"(?:~|\$\{userHome\}|%HOMEDRIVE%%HOMEPATH%|" + _VARIABLE.format("HOME|USERPROFILE") + r")(?=/|$)", re.I
)
_APPDATA = re.compile(_VARIABLE.format("LOCALAPPDATA|APPDATA") + r"(?=/|$)", re.I)
_PROJECT = re.compile(r"\$\{(?:workspaceFolder|workspaceRoot)\}(?=/|$)")
_DRIVE = re.compile(r"([A-Za-z]):(?=/|$)|/mnt/([a-z])(?=/|$)")
_MSYS = re.compile(r"/([A-Za-z])(?=/|$)")
_UNC = re.compile(r"//([^/]+)(?:/([^/]+))?(?=/|$)")
_VARIES = re.compile(r"[$%`]|^[<{]|^~\w")
_SHORT_NAME = re.compile(r"~\d+(?:\.|$)")
_HERE = {"localhost", "127.0.0.1", "::1", "."}


def no_links(path: str) -> str | None:
    """For files that are not on this machine: nothing is a symbolic link."""
    del path
    return None


@dataclass(frozen=True, slots=True)
class Start:
    """Where a path starts: its first components, what is left to walk, and whose rules hold below."""

    known: tuple[str, ...]
    rest: str
    tree: Tree = "posix"


@dataclass(frozen=True, slots=True)
class Anchors:
    """The starting points that paths are shown from, so that no report depends on where they lie."""

    home: str = ""
    project: str = ""
    platform: Literal["linux", "macos", "windows"] = "linux"
    link: Callable[[str], str | None] = no_links
    """What the symbolic link at an absolute path says; `None` where there is none."""

    def file(self, text: str, kind: str = "file", lineage: tuple[str, ...] = (), base: str = "") -> Resource:
        """The file resource for a path; relative paths start at `base`, else at the project."""
        spelled, tree = self._resolved(text, base)
        return Resource(
            "local", HOST, kind, self._folded(spelled, tree), lineage, self._aliases(spelled, tree)
        )

    def parts(self, text: str, base: str = "") -> tuple[str, ...]:
        """A path's components from the root; `?` from the first unknown one on."""
        return self._folded(*self._resolved(text, base))

    def _resolved(self, text: str, base: str) -> tuple[tuple[str, ...], Tree]:
        start = self._start(text, base)
        known, below = list(start.known), 0
        """`below`: how many components stand below the first unknown one."""
        waiting = start.rest.split("/")[::-1] if start.rest else []
        if len(waiting) > _MAX_PARTS:
            return (UNKNOWN,), start.tree  # no file system has paths so deep
        links, tree = 0, start.tree
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                below -= 1 if UNKNOWN in known else 0
                if below < 0 or UNKNOWN not in known:
                    known, below = _parent(known, tree), 0
                continue
            if UNKNOWN in known:
                below += 1
                continue
            known.append(self._part(part, tree))
            target = self.link("/" + "/".join(known)) if tree == "posix" and known[-1] != UNKNOWN else None
            if target is not None:
                links += 1
                if links > MAX_LINKS or len(waiting) > _MAX_PARTS:
                    return (UNKNOWN,), tree
                known = [] if target.startswith("/") else known[:-1]
                waiting += reversed(target.split("/"))
        return self._joined(tuple(known), tree), tree

    def _start(self, text: str, base: str) -> Start:
        path = unquote(text.partition(":")[2]) if text[:5].lower() == "file:" else text
        path = re.sub(r"^/{3}", "/", path) if path is not text else path
        path = re.sub(r"^/(?=[A-Za-z]:)", "", path) if path is not text else path
        windows = self.platform == "windows"
        backslashes = path.startswith("\\\\") or re.match(r"[A-Za-z]:[\\/]", path)
        if windows or backslashes:
            path = path.replace("\\", "/")
        if (windows or backslashes) and path.startswith(("//?/", "//./")):
            path = re.sub(r"^//[?.]/(UNC/)?", lambda match: "//" if match[1] else "", path, flags=re.I)
        if (windows or backslashes) and (share := _UNC.match(path)):
            return self._share(share[1].lower(), share[2] or "", path[share.end() :])
        if drive := _DRIVE.match(path) or (windows and _MSYS.match(path)) or None:
            letter = next(filter(None, drive.groups()))
            return Start((f"{letter.upper()}:",), path[drive.end() :], "drive")
        if windows and re.match(r"[A-Za-z]:", path):
            return Start((f"{path[0].upper()}:", UNKNOWN), "", "drive")  # below that drive's own folder
        if home := _HOME.match(path):
            return self._anchor(self.home, path[home.end() :])
        if windows and (data := _APPDATA.match(path)):
            name = next(filter(None, data.groups()))
            folder = "Local" if name.upper().startswith("LOCAL") else "Roaming"
            return self._anchor(self.home, f"AppData/{folder}{path[data.end() :]}")
        if project := _PROJECT.match(path):
            return self._anchor(self.project, path[project.end() :])
        if path.startswith("/"):
            # On Windows it is the current drive's, unless it is where an audited copy lies.
            own = any(f"{path}/".startswith(f"{one}/") for one in (self.home, self.project) if one)
            return Start((), path) if not windows or own else Start((UNKNOWN,), "")
        if _VARIES.match(path):
            return Start((UNKNOWN,), "")  # it may lead anywhere
        if base:
            spelled, tree = self._resolved(base, "")
            return Start(spelled, path, tree)
        return self._anchor(self.project, path)

    def _anchor(self, folder: str, rest: str) -> Start:
        """An anchor with what follows; where there is no anchor, what starts there is unknown."""
        if not folder:
            return Start((UNKNOWN,), "")
        plain = folder.replace("\\", "/") if self.platform == "windows" else folder
        drive = re.match(r"([A-Za-z]):|/([A-Za-z])(?=/)", plain) if self.platform == "windows" else None
        if drive:
            letter = next(filter(None, drive.groups()))
            return Start((f"{letter.upper()}:", *_split(plain[drive.end() :])), rest, "drive")
        return Start(self._linked(_split(plain)), rest)

    def _linked(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """An anchor as its links lead: a home may lie behind one, as `/home` does on Fedora Silverblue."""
        known: list[str] = []
        waiting, links = list(reversed(parts)), 0
        while waiting:
            part = waiting.pop()
            if part in ("", ".", ".."):
                known = known[:-1] if part == ".." else known
                continue
            known.append(part)
            target = self.link("/" + "/".join(known))
            if target is not None:
                links += 1
                if links > MAX_LINKS or len(waiting) > _MAX_PARTS:
                    return parts
                known = [] if target.startswith("/") else known[:-1]
                waiting += reversed(target.split("/"))
        return tuple(known)

    def _share(self, server: str, share: str, rest: str) -> Start:
        """A UNC name: another machine's share, a drive of this one, or a distribution of WSL."""
        if server in _HERE and re.fullmatch(r"[A-Za-z]\$", share):
            return Start((f"{share[0].upper()}:",), rest, "drive")
        if server in ("wsl$", "wsl.localhost"):
            if drive := re.match(r"/mnt/([a-z])(?=/|$)", rest):
                return Start((f"{drive[1].upper()}:",), rest[drive.end() :], "drive")
            if self.platform != "windows":
                return Start((UNKNOWN,), "")  # whether this machine is that distribution, no file says
            return Start(("//wsl$", share.casefold()), rest, "wsl")
        return Start((f"//{server}", share or UNKNOWN), rest, "drive")

    def _part(self, part: str, tree: Tree) -> str:
        if _VARIES.search(part):
            return UNKNOWN
        if tree == "drive" or (self.platform == "windows" and tree == "posix"):
            part = part.rstrip(" .") or part
            # A short name stands for whichever long one the folder gave it to.
            return UNKNOWN if _SHORT_NAME.search(part) else part
        return part

    def _joined(self, parts: tuple[str, ...], tree: Tree) -> tuple[str, ...]:
        """macOS: /tmp, /var and /etc lie in /private, and the data volume is joined to the root."""
        if self.platform != "macos" or tree != "posix":
            return parts
        if tuple(part.casefold() for part in parts[:3]) == ("system", "volumes", "data"):
            parts = parts[3:]
        private = len(parts) > 1 and parts[0].casefold() == "private"
        return parts[1:] if private and parts[1].casefold() in ("tmp", "var", "etc") else parts

    def _folded(self, parts: tuple[str, ...], tree: Tree) -> tuple[str, ...]:
        """Components as the file system compares them."""
        if tree == "wsl" or (tree == "posix" and self.platform == "linux"):
            return parts
        if self.platform == "macos":
            parts = tuple(unicodedata.normalize("NFC", part) for part in parts)
        return tuple(part.casefold() for part in parts)

    def _aliases(self, spelled: tuple[str, ...], tree: Tree) -> tuple[tuple[str, ...], ...]:
        """The path as it is written, and from the anchors that it lies below, the nearest last."""
        parts = self._folded(spelled, tree)
        found = [spelled] if spelled != parts else []
        for start, mark in sorted(((self.home, "~"), (self.project, ".")), key=lambda anchor: len(anchor[0])):
            anchor = self._anchor(start, "")
            base = self._folded(anchor.known, anchor.tree)
            if start and base and parts[: len(base)] == base:
                found.append((mark, *spelled[len(base) :]))
        return tuple(found)


def _split(folder: str) -> tuple[str, ...]:
    return tuple(part for part in folder.split("/") if part)


def _parent(known: list[str], tree: Tree) -> list[str]:
    """One folder up; roots of drives and shares are their own parents, and above the unknown all is."""
    first = known.index(UNKNOWN) if UNKNOWN in known else 0
    if UNKNOWN in known:
        return [*known[: max(first - 1, _root(known, tree))], UNKNOWN]
    return known[: max(len(known) - 1, _root(known, tree))]


def _root(known: list[str], tree: Tree) -> int:
    return 0 if tree == "posix" else 2 if known[0].startswith("//") else 1
