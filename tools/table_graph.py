"""Makes mcpaudit/knowledge/tables/graph.txt: Microsoft Graph's permissions with their privilege levels.

    python -m tools.table_graph permissions.json COMMIT 2026-08-07

The file is permissions/new/permissions.json of microsoftgraph/microsoft-graph-devx-content (MIT), at the
commit and of the day that follow. Its one line `permissions` is a tree of the permissions' names, split at
the dots, whose values are their levels: `d3` is level 3 for a signed-in user's program, `p2` for a personal
account's, `a4` for a program of its own.
"""

import json
import sys
from pathlib import Path
from typing import Any

from mcpaudit.knowledge.tables.graph import SCHEMES
from mcpaudit.knowledge.tables.packed import pack
from tools.table_text import write

_CODES = {scheme: code for code, scheme in SCHEMES.items()}


def levels(schemes: dict[str, Any]) -> str:
    """A permission's levels as the table writes them; a level that is not stated is 0."""
    return " ".join(f"{_CODES[name]}{one.get('privilegeLevel', 0)}" for name, one in sorted(schemes.items()))


def main(source: Path, commit: str, day: str) -> None:
    """Read the permissions and write the table."""
    permissions = json.loads(source.read_text(encoding="utf-8"))["permissions"]
    repository = "microsoftgraph/microsoft-graph-devx-content"
    header = {
        "what": f"{len(permissions)} permissions, with their privilege levels",
        "source": f"{repository}, permissions/new/permissions.json @{commit[:7]}",
        "url": f"https://github.com/{repository}/tree/{commit}",
        "date": day,
        "licence": "MIT",
        "made-by": "tools/table_graph.py",
    }
    tree = pack({tuple(name.split(".")): levels(item["schemes"]) for name, item in permissions.items()})
    write("graph.txt", header, [f"permissions\t{tree}\n"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])
