"""The documents of a package that its code reads: JSON, and OpenAPI descriptions in YAML."""

import json
import os
import posixpath
import re
from pathlib import Path

from mcpaudit.parsing.document import Json, Malformed
from mcpaudit.parsing.reader import regular_bytes

ROOT = "/@package"
"""What stands for the package's folder in the paths that code puts together."""
MAX_DOCUMENT, MAX_DOCUMENTS, MAX_LISTED = 4_000_000, 3000, 500
_NAMED = re.compile(r"[\w.\-]{1,100}\.(json|ya?ml)")


class Documents:
    """Finds documents by the path that code gives, or by their name where the path is not known."""

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._by_name: dict[str, Path] | None = None

    def read(self, given: str) -> Json:
        """The content of a document; null where there is none, or none that can be read."""
        path = self._within(given) if given.startswith(ROOT) else self._named(given.rsplit("/", 1)[-1])
        try:
            if path is None or path.is_symlink():
                return None
            return _parsed(regular_bytes(path, MAX_DOCUMENT).decode("utf-8", "replace"), path.suffix)
        except (OSError, ValueError, RecursionError, Malformed):
            return None

    def listed(self, given: str) -> list[tuple[str, bool]] | None:
        """The names in a folder, and whether each is a folder; `None` for what is not the package's."""
        path = self._within(given)
        try:
            if path is None or path.is_symlink() or not path.is_dir():
                return None
            found = sorted(one.name for one in path.iterdir() if not one.is_symlink())
            return [(name, (path / name).is_dir()) for name in found[:MAX_LISTED]]
        except OSError:
            return None

    def _within(self, given: str) -> Path | None:
        """The path behind one that code put together; never outside the package."""
        relative = posixpath.relpath(given, ROOT)
        if self._root is None or relative.startswith(".."):
            return None
        path = self._root / relative
        inside = os.path.realpath(path).startswith(os.path.realpath(self._root) + os.sep)
        return path if inside else None

    def names(self) -> tuple[str, ...]:
        """The names of all documents, sorted."""
        return tuple(sorted(self._names()))

    def _named(self, name: str) -> Path | None:
        if not _NAMED.fullmatch(name) or name == "package.json":
            return None
        return self._names().get(name)

    def _names(self) -> dict[str, Path]:
        if self._by_name is None:
            self._by_name = {}
            for folder, folders, names in os.walk(self._root, followlinks=False) if self._root else ():
                hidden = {one for one in folders if one == "node_modules" or one.startswith(".")}
                folders[:] = sorted(set(folders) - hidden)
                for one in sorted(names):
                    if _NAMED.fullmatch(one) and len(self._by_name) < MAX_DOCUMENTS:
                        self._by_name.setdefault(one, Path(folder, one))
        return self._by_name


def _parsed(text: str, suffix: str) -> Json:
    if suffix == ".json":
        content: Json = json.loads(text)
        return content
    from mcpaudit.parsing.yaml_text import parse

    return parse(text)[0]
