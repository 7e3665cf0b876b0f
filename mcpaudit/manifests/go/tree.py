"""The Go files of a source tree, within limits: the module's name, and packages by their import path."""

import os
import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from mcpaudit.dataclass import dataclass

MAX_FILES, MAX_FILE, MAX_ALL, MAX_DEPTH = 6_000, 1_250_000, 48 * 1024 * 1024, 24
# Folders that are not part of the program: the go command passes some over, others hold tests and examples.
_PASSED = frozenset(
    ["vendor", "testdata", "node_modules", "third_party", "example", "examples", "e2e", "docs"]
)
_PASSED |= frozenset(["test", "tests", "mocks", "hack", "evals"])
_SOURCE = re.compile(r"(?!.*_test\.go$).*\.go", re.S)
_SERVES = re.compile(rb'"[^"\n]*mcp[^"\n]*"|tools/list', re.I)
_MODULE = re.compile(rb"^module\s+\"?([^\s\"]+)", re.M)
# A file that only builds when asked for: https://pkg.go.dev/cmd/go#hdr-Build_constraints
_LEFT_OUT = re.compile(
    rb"\A(?:\s*//[^\n]*\n|\s*\n)*\s*//go:build\s+(?:ignore|tools|integration|e2e|unit|test)\b"
)


@dataclass(slots=True)
class Tree:
    """A source tree: the text of each file, and in which package it lies."""

    module: str = ""
    version: str = ""
    packages: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    """By import path: the files, each as it is shown and as it is written."""
    unread: list[str] = field(default_factory=list)

    def serves(self) -> bool:
        """Whether any file so much as speaks of the protocol."""
        return any(_SERVES.search(raw) for files in self.packages.values() for _, raw in files)

    def find(self, path: str) -> str:
        """The package of an import; empty where it is another module's."""
        if path in self.packages:
            return path
        if self.module:
            return ""
        # Without a module file the folders' names must do.
        close = [one for one in self.packages if one and (path == one or path.endswith(f"/{one}"))]
        return max(close, key=len, default="")


def read_tree(root: Path) -> Tree | None:
    """The tree below a folder, or of a single file; `None` where there is no Go in it."""
    root = Path(os.path.realpath(root))
    single = root.is_file()
    found = [root] if single and root.suffix == ".go" else [] if single else list(_walk(root, 0))
    base = root.parent if single else root
    sources = [path for path in found if path.suffix == ".go"]
    if not sources:
        return None
    tree = Tree()
    modules: dict[str, str] = {}
    for path in found:
        if path.name == "go.mod" and (named := _MODULE.search(_read(path) or b"")):
            modules[_folder(path, base)] = named[1].decode("utf-8", "replace")
    tree.module = modules.get("", next(iter(modules.values()), ""))
    left = MAX_ALL
    for number, path in enumerate(sources):
        shown = path.relative_to(base).as_posix()
        if number >= MAX_FILES:
            tree.unread.append(f"more than {MAX_FILES} files")
            break
        raw = _read(path)
        if raw is None or len(raw) > left:
            tree.unread.append(shown)
            continue
        left -= len(raw)
        if single or not _LEFT_OUT.search(raw[:4_000]):
            tree.packages.setdefault(_path(_folder(path, base), modules), []).append((shown, raw))
    return tree if tree.packages or tree.unread else None


def _folder(path: Path, base: Path) -> str:
    shown = path.parent.relative_to(base).as_posix()
    return "" if shown == "." else shown


def _path(folder: str, modules: dict[str, str]) -> str:
    """The import path of a folder, by the nearest module file above it."""
    above = folder
    while above not in modules:
        if not above:
            return folder or "."
        above = above.rpartition("/")[0]
    inside = folder[len(above) :].strip("/")
    return "/".join(part for part in (modules[above], inside) if part)


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Go files in order; links are not followed, so that nothing outside is read."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            if depth < MAX_DEPTH and entry.name not in _PASSED:
                yield from _walk(Path(entry.path), depth + 1)
        elif entry.is_file() and (entry.name == "go.mod" or _SOURCE.fullmatch(entry.name)):
            yield Path(entry.path)


def _read(path: Path) -> bytes | None:
    try:
        return None if path.stat().st_size > MAX_FILE else path.read_bytes()
    except OSError:
        return None
