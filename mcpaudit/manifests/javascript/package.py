"""What a package.json says: the name, the version, where the code starts."""

import json
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.reader import regular_bytes

_DEPENDENCY_TABLES = ("dependencies", "optionalDependencies")


@dataclass(slots=True)
class Package:
    """A folder with a package.json; the folder itself where there is none."""

    root: Path
    data: dict[str, Json] = field(default_factory=dict)

    @property
    def name(self) -> str:
        value = self.data.get("name")
        return value if isinstance(value, str) else ""

    @property
    def version(self) -> str:
        value = self.data.get("version")
        return value if isinstance(value, str) else ""

    @property
    def dependencies(self) -> dict[str, Json]:
        tables = [self.data.get(table) for table in _DEPENDENCY_TABLES]
        return {name: value for table in tables if isinstance(table, dict) for name, value in table.items()}

    def entries(self) -> Iterator[str]:
        """What package.json names as the code to start, as it is written, commands first."""
        yield from strings(self.data.get("bin"))
        yield from self.library()

    def library(self) -> Iterator[str]:
        """What package.json names as the code to import, as it is written."""
        for key in ("module", "main", "exports"):
            yield from strings(self.data.get(key))


def read_package(root: Path) -> Package:
    """The package in a folder; a broken package.json counts as none."""
    try:
        data = json.loads(regular_bytes(root / "package.json").decode("utf-8", "replace"))
    except (OSError, ValueError, RecursionError):
        return Package(root)
    return Package(root, data if isinstance(data, dict) else {})


def strings(value: Json | None) -> Iterator[str]:
    """The file names in a `bin` or `exports` field, at any of its few levels."""
    stack: list[tuple[Json | None, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop(0)
        if isinstance(item, str):
            if not item.endswith((".d.ts", ".d.mts", ".d.cts", ".json", ".css")) and "*" not in item:
                yield item
        elif isinstance(item, dict) and depth < 5:
            # Of two builds of one module one is enough, and the modern one is easier to read.
            keys: list[str] = [key for key in ("import", "node", "default", "require") if key in item]
            chosen = keys[:1] or [key for key in item if key != "types"]
            stack.extend((item[key], depth + 1) for key in chosen[:20])
