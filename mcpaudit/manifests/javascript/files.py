"""The files of a JavaScript or TypeScript package: where it starts, and what an import in it leads to."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from mcpaudit.manifests.documents import Documents
from mcpaudit.manifests.javascript.package import Package, read_package, strings

SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx")
MAX_FILES, MAX_BYTES, MAX_FILE = 3000, 40_000_000, 12_000_000
_SKIPPED_FOLDERS = frozenset(
    [
        "node_modules",
        ".git",
        "test",
        "tests",
        "__tests__",
        "__mocks__",
        "spec",
        "examples",
        "example",
        "docs",
        "coverage",
        "benchmark",
        "benchmarks",
        "e2e",
        "fixtures",
        "stories",
        "scripts",
        "test-helpers",
        "evals",
    ]
)
_VENDORED = re.compile(r"(^|/)(third_party|vendor|vendored|node_modules)/")
_SKIPPED_NAMES = re.compile(r"(\.d\.[mc]?ts|\.min\.js|[.-](test|spec|stories|bench)\.\w+|\.config\.\w+)$")
_IMPORTS = (b"from", b"import", b"require", b"resolve")
_IMPORTED = re.compile(rb"""\s*\(?\s*["'`]([^"'`\s]{1,200})["'`]""")
_FOREIGN = ("@modelcontextprotocol/", "fastmcp", "mcp-framework", "@types/")
"""Packages about MCP that are frameworks, and not a part of the server that uses them."""


class Files:
    """The source files of one server, its own and those of the packages that belong to it."""

    def __init__(self, root: Path) -> None:
        self.single = root if root.is_file() else None
        self.root = root.parent if root.is_file() else root
        self.real = Path(os.path.realpath(self.root))
        self.package = read_package(self.root) if not self.single else Package(self.root)
        self._found: dict[tuple[str, str], Path | None] = {}
        self.documents = Documents(None if self.single else self.root)
        self.truncated = False

    def own(self) -> list[Path]:
        """All source files of the package: what it starts with first, then the others by name."""
        if self.single:
            return [self.single]
        starts = [path for entry in self.package.entries() if (path := self._existing(self.root / entry))]
        walked = list(self._walk(self.root))
        sources = {_stem(path.relative_to(self.root)) for path in starts}
        kept = [path for path in walked if path not in starts and not _twin(path, self.root, sources)]
        return list(dict.fromkeys([*starts, *kept]))

    def starts(self) -> list[Path]:
        """The files that are started: the commands, or else the library's entry."""
        if self.single:
            return [self.single]
        commands = [*strings(self.package.data.get("bin"))]
        found = [path for entry in commands if (path := self._existing(self.root / entry))]
        return found or [
            path for entry in self.package.entries() if (path := self._existing(self.root / entry))
        ]

    def reached(self, starts: list[Path]) -> list[Path]:
        """The files that the given ones import, directly or not, in the order of the imports."""
        found, queue = dict.fromkeys(starts), list(starts)
        size = 0
        while queue and len(found) < MAX_FILES and size < MAX_BYTES:
            path = queue.pop(0)
            try:
                data = path.read_bytes() if path.stat().st_size <= MAX_FILE else b""
            except OSError:
                continue
            size += len(data)
            for name in _imported(data):
                target = self.resolve(name, path)
                if target is not None and target not in found:
                    found[target] = None
                    queue.append(target)
        return list(found)

    def shown(self, path: Path) -> str:
        """The path relative to the root, with `/`."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.name

    def missing_parts(self) -> list[str]:
        """Dependencies that belong to the server and are not there to be read."""
        return sorted(
            name
            for name in self.package.dependencies
            if self._belongs(name) and self._installed(name) is None
        )

    def resolve(self, source: str, near: Path) -> Path | None:
        """The file that an import in `near` means; `None` where it is another package's."""
        key = (source, str(near.parent) if source.startswith(".") else "")
        if key not in self._found:
            self._found[key] = self._resolve(source, near)
        return self._found[key]

    def _resolve(self, source: str, near: Path) -> Path | None:
        if source.startswith("."):
            # What was copied in from others declares none of this server's tools, and is often huge.
            return None if _VENDORED.search(source) else self._existing(near.parent / source)
        if source.startswith(("@/", "~/", "src/")):
            return self._existing(self.root / "src" / source.partition("/")[2])
        parts = source.split("/")
        count = 2 if source.startswith("@") else 1
        name, rest = "/".join(parts[:count]), "/".join(parts[count:])
        if name == self.package.name and not self.single:
            folder: Path | None = self.root
        else:
            folder = self._installed(name) if self._belongs(name) else None
        if folder is None:
            return None
        package = read_package(folder)
        if rest:
            exports = package.data.get("exports")
            table = exports.get(f"./{rest}") if isinstance(exports, dict) else None
            for entry in (*strings(table), rest, f"dist/{rest}", f"src/{rest}"):
                if path := self._existing(folder / entry):
                    return path
            return None
        for entry in (*package.library(), "index.js", "src/index.ts"):
            if path := self._existing(folder / entry):
                return path
        return None

    def _belongs(self, name: str) -> bool:
        if name.startswith(_FOREIGN):
            return False
        own = self.package.name
        scope = own.split("/")[0] + "/" if own.startswith("@") else ""
        return bool(scope and name.startswith(scope)) or "mcp" in name.lower()

    def _installed(self, name: str) -> Path | None:
        if self.single or ".." in name.split("/"):
            return None
        places = [self.root / "node_modules" / name]
        if "node_modules" in self.root.parts:  # its dependencies lie beside it
            index = len(self.root.parts) - 1 - self.root.parts[::-1].index("node_modules")
            places.append(Path(*self.root.parts[: index + 1]) / name)
        return next((place for place in places if place.is_dir()), None)

    def _existing(self, path: Path) -> Path | None:
        """The source file that a path means, by the rules of Node and of bundlers; never outside the root."""
        text = os.path.normpath(path)
        stem = re.sub(r"\.[mc]?js$", "", text)
        tries = [text] if text.endswith(SUFFIXES) else []
        tries += [text + suffix for suffix in SUFFIXES]
        tries += [stem + suffix for suffix in (".ts", ".tsx", ".mts")] if stem != text else []
        tries += [os.path.join(text, "index" + suffix) for suffix in SUFFIXES]  # noqa: PTH118
        for candidate in tries:
            found = Path(candidate)
            if found.is_file() and self._inside(found):
                return found
        return None

    def _inside(self, path: Path) -> bool:
        real = os.path.realpath(path)
        if real.startswith(str(self.real) + os.sep):
            return True
        return (
            "node_modules" in self.root.parts and not path.is_symlink() and "node_modules" in Path(real).parts
        )

    def _walk(self, top: Path) -> Iterator[Path]:
        count = size = 0
        for folder, folders, names in os.walk(top, followlinks=False):
            folders[:] = sorted(
                name for name in folders if name.lower() not in _SKIPPED_FOLDERS and not name.startswith(".")
            )
            for name in sorted(names):
                if not name.endswith(SUFFIXES) or _SKIPPED_NAMES.search(name):
                    continue
                path = Path(folder, name)
                if path.is_symlink():
                    continue
                try:
                    size += path.stat().st_size
                except OSError:
                    continue
                count += 1
                if count > MAX_FILES or size > MAX_BYTES:
                    self.truncated = True
                    return
                yield path


def _imported(data: bytes) -> Iterator[str]:
    """What a file imports, in its order; words are looked for one by one, which is faster than a pattern."""
    found: dict[int, str] = {}
    for word in _IMPORTS:
        start = data.find(word)
        while start >= 0:
            if match := _IMPORTED.match(data, start + len(word)):
                found[start] = match[1].decode("utf-8", "replace")
            start = data.find(word, start + 1)
    return (found[start] for start in sorted(found))


def _twin(path: Path, root: Path, starts: set[str]) -> bool:
    """Whether a file is the same module built otherwise: `dist/cjs` beside `dist/esm`, `src` by `dist`."""
    relative = path.relative_to(root)
    if _stem(relative) in starts:
        return True
    parts = list(relative.parts)
    for one, other in (
        ("cjs", "esm"),
        ("commonjs", "esm"),
        ("src", "dist"),
        ("src", "build"),
        ("src", "lib"),
    ):
        if one in parts[:-1]:
            swapped = [other if part == one else part for part in parts[:-1]]
            stem = parts[-1].rsplit(".", 1)[0]
            if any((root.joinpath(*swapped) / (stem + suffix)).is_file() for suffix in (".js", ".mjs")):
                return True
    return path.suffix == ".cjs" and (path.with_suffix(".js").is_file() or path.with_suffix(".mjs").is_file())


def _stem(path: Path) -> str:
    return path.as_posix().rsplit(".", 1)[0]
