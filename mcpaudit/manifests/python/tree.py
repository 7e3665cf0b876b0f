"""The Python files of a source tree, within limits: names, starting points, modules parsed when asked for."""

import configparser
import email.parser
import os
import re
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.python.module import Module
from mcpaudit.manifests.python.syntax import parse
from mcpaudit.parsing.document import Malformed
from mcpaudit.parsing.reader import regular_bytes
from mcpaudit.parsing.toml_text import parse as parse_toml

MAX_FILES, MAX_FILE, MAX_ALL, MAX_DEPTH = 6_000, 1_250_000, 48 * 1024 * 1024, 24
MAX_NODES, BYTES_A_NODE = 800_000, 2
"""How many nodes of parsed code are kept, about 400 bytes each, and how few bytes may make one."""
STEPS_PER_MB, MOST_STEPS, PARSED_A_STEP, UNREAD_A_STEP = 150_000, 450_000, 40, 8
"""Steps of work for one package: they grow with its size, so that a small file cannot cost much. The servers
of the corpus take up to 85,000 for a megabyte. Some 40 bytes are parsed in the time of one, and fewer
where mending is tried in vain."""
# Folders whose code is not the server's: its tests, its examples, other people's packages.
_PASSED = frozenset(
    [
        "test",
        "tests",
        "testing",
        "example",
        "examples",
        "docs",
        "doc",
        "node_modules",
        "venv",
        "env",
        "site-packages",
        "build",
        "dist",
        "benchmarks",
    ]
)
_PASSED_FILES = re.compile(r"(?:test_.*|.*_test|conftest|setup|noxfile)\.py")
_SERVES = re.compile(rb"\bmcp\b|fastmcp|tools/list", re.I)


class TooMuchWorkError(Exception):
    """The work for one package is used up."""


@dataclass(slots=True)
class Work:
    """How much may still be done: counted, never timed, so that a busy machine finds no less."""

    left: int

    def spend(self, amount: int) -> None:
        """Do so much of it; raises TooMuchWorkError where that is more than is left."""
        self.left -= amount
        if self.left < 0:
            raise TooMuchWorkError


@dataclass(slots=True)
class Tree:
    """A source tree; a module is parsed the first time that it is asked for."""

    files: dict[str, tuple[Path, str]]
    """By dotted name: the file, and how it is shown."""
    raw: dict[str, bytes]
    name: str = ""
    version: str = ""
    starts: tuple[str, ...] = ()
    """Dotted names of the modules that the package's commands start in."""
    unread: list[str] = field(default_factory=list)
    work: Work = field(default_factory=lambda: Work(0))
    """What reading it may cost."""
    _nodes: int = 0
    _parsed: dict[str, Module | None] = field(default_factory=dict)
    _tails: dict[str, list[str]] = field(default_factory=dict)

    def module(self, dotted: str) -> Module | None:
        """The module of a dotted name, also where the name does not say in which folder the package lies."""
        name = self.find(dotted)
        return self._load(name) if name else None

    def find(self, dotted: str) -> str:
        """The whole name of a module; empty where the tree has none of that name."""
        if dotted in self.files:
            return dotted
        if not self._tails:
            for name in self.files:
                self._tails.setdefault(name.rpartition(".")[2], []).append(name)
        close = [
            name for name in self._tails.get(dotted.rpartition(".")[2], ()) if name.endswith(f".{dotted}")
        ]
        return min(close, key=lambda name: (name.count("."), name)) if close else ""

    def below(self, package: str) -> list[str]:
        """Every module in a package."""
        return [name for name in self.files if name.startswith(f"{package}.")]

    def is_package(self, name: str) -> bool:
        """Whether a whole name is that of a package."""
        return name in self.files and self.files[name][0].name == "__init__.py"

    def serves(self) -> bool:
        """Whether any file so much as speaks of the protocol; where none was read, that is not known."""
        return any(_SERVES.search(raw) for raw in self.raw.values()) or bool(self.unread and not self.files)

    def _load(self, name: str) -> Module | None:
        if name not in self._parsed:
            path, shown = self.files[name]
            self._parsed[name] = None
            self.work.spend(len(self.raw[name]) // PARSED_A_STEP)
            if self._nodes + len(self.raw[name]) // BYTES_A_NODE > MAX_NODES:
                self.unread.append(f"{shown}, as there is too much code")
                return None
            tree, left_out = parse(self.raw[name])
            if tree is None:
                self.work.spend(len(self.raw[name]) // UNREAD_A_STEP)
            if left_out:
                self.unread.append(f"{shown}:{left_out[0]}" if tree else shown)
            if tree:
                module = self._parsed[name] = Module(name, shown, tree, path.name == "__init__.py")
                self._nodes += len(module.parents)
        return self._parsed[name]


def read_tree(root: Path) -> Tree | None:
    """The tree below a folder, or of a single file; `None` where there is no Python in it."""
    root = Path(os.path.realpath(root))
    if root.is_file():
        found = [root] if root.suffix in (".py", ".pyw") else []
        base = root.parent
    else:
        found, base = list(_walk(root, 0)), root
    if not found:
        return None
    tree = Tree({}, {})
    # The folder of a package, given without what is around it: its own name is part of its modules' names.
    prefix = f"{root.name}." if root.is_dir() and (root / "__init__.py").is_file() else ""
    # The folder `src` is on the path, unless it is a package itself.
    before = "" if (base / "src" / "__init__.py").is_file() else "src."
    left = MAX_ALL
    for path in found:
        shown = path.relative_to(base).as_posix()
        if len(tree.files) >= MAX_FILES:
            tree.unread.append(f"more than {MAX_FILES} files")
            break
        try:
            raw = regular_bytes(path, min(MAX_FILE, left))
        except OSError:
            tree.unread.append(shown)
            continue
        left -= len(raw)
        dotted = prefix + shown.rpartition(".")[0].replace("/", ".")
        dotted = dotted.removeprefix(before).removesuffix(".__init__")
        tree.files.setdefault(dotted, (path, shown))
        tree.raw.setdefault(dotted, raw)
    if root.is_dir():
        _about(root, tree)
    size = max(1_000_000, sum(map(len, tree.raw.values())))
    tree.work = Work(min(MOST_STEPS, STEPS_PER_MB * size // 1_000_000))
    return tree


def _walk(folder: Path, depth: int) -> Iterator[Path]:
    """Python files in order; links are not followed, so that nothing outside is read."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith("."):
            continue
        if entry.is_dir():
            passed = entry.name in _PASSED or entry.name.endswith((".dist-info", ".egg-info"))
            if depth < MAX_DEPTH and not passed:
                yield from _walk(Path(entry.path), depth + 1)
        elif entry.is_file() and entry.name.endswith(".py") and not _PASSED_FILES.fullmatch(entry.name):
            yield Path(entry.path)


def _about(root: Path, tree: Tree) -> None:
    """Name, version and commands, from the metadata of a wheel or source distribution or the project file."""
    commands: dict[str, object] = {}
    for path in [*sorted(root.glob("*.dist-info/METADATA")), *sorted(root.glob("PKG-INFO"))][:1]:
        message = email.parser.HeaderParser().parsestr(_text(path))
        tree.name, tree.version = str(message["Name"] or ""), str(message["Version"] or "")
    for path in sorted(root.glob("*.dist-info/entry_points.txt"))[:1]:
        lines = configparser.RawConfigParser(strict=False, delimiters=("=",))
        try:
            lines.read_string(_text(path))
            for section in ("console_scripts", "gui_scripts", "mcp.servers"):
                commands |= dict(lines.items(section)) if lines.has_section(section) else {}
        except configparser.Error:
            pass
    try:
        # Not by `tomllib` alone: a key of half a million dots would fill the memory.
        data, _ = parse_toml(_text(root / "pyproject.toml"))
    except Malformed:
        data = None
    project = data.get("project") if isinstance(data, dict) else None
    if isinstance(project, dict):
        tree.name = tree.name or str(project.get("name") or "")
        tree.version = tree.version or str(project.get("version") or "")
        scripts = project.get("scripts")
        commands |= scripts if isinstance(scripts, dict) else {}
    starts = {tree.find(str(value).partition(":")[0].strip()) for value in commands.values()}
    tree.starts = tuple(sorted(starts - {""}))


def _text(path: Path) -> str:
    try:
        return "" if path.is_symlink() else regular_bytes(path, MAX_FILE).decode("utf-8", "replace")
    except OSError:
        return ""
