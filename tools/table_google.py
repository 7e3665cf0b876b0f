"""Makes mcpaudit/knowledge/tables/google.txt: Google's methods with the scopes that each accepts.

    python -m tools.table_google SITE-PACKAGES/googleapiclient/discovery_cache/documents 2.202.0

The documents come with the PyPI package google-api-python-client (Apache-2.0), whose version follows. All
versions of an interface are taken together; where they differ, the newest version that is no beta wins. One
line an interface: its name, a tab, its scopes, a tab, the sets of scopes that its methods accept (indexes
into the scopes), a tab, and a tree of its resources, whose values name their methods by HTTP verb and set:
`G1:get,list` (the set 0, the commonest, has no number).
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mcpaudit.knowledge.tables.google import PREFIX, VERBS
from mcpaudit.knowledge.tables.packed import pack
from tools.table_text import write

_VERSION = re.compile(r"v(\d+)(?:[._](\d+))?(alpha|beta|p\d)?")
_CODES = {verb: code for code, verb in VERBS.items()}

Methods = dict[str, tuple[str, tuple[str, ...]]]
"""HTTP method and accepted scopes by the method's path within its interface."""


def age(version: str) -> tuple[bool, int, int]:
    """Sorts versions so that the one to believe comes last."""
    found = _VERSION.search(version)
    return (not found[3], int(found[1]), int(found[2] or 0)) if found else (False, 0, 0)


def methods(level: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All methods of a document or of one of its resources."""
    yield from level.get("methods", {}).values()
    for resource in level.get("resources", {}).values():
        yield from methods(resource)


def line(found: Methods) -> str:
    """One interface's methods as three columns."""
    sets = Counter(scopes for _, scopes in found.values())
    order = sorted(sets, key=lambda scopes: (-sets[scopes], scopes))
    scopes = sorted({scope for one in order for scope in one})
    by_resource: dict[tuple[str, ...], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, (verb, accepted) in found.items():
        *resource, last = name.split(".")
        index = order.index(accepted)
        by_resource[tuple(resource) or (".",)][f"{_CODES[verb]}{index or ''}"].append(last)
    rows = {
        path: " ".join(f"{code}:{','.join(sorted(names))}" for code, names in sorted(groups.items()))
        for path, groups in by_resource.items()
    }
    indexes = " ".join(",".join(str(scopes.index(scope)) for scope in one) or "-" for one in order)
    return f"{' '.join(scopes)}\t{indexes}\t{pack(rows)}"


def main(folder: Path, version: str) -> None:
    """Read the discovery documents and write the table."""
    documents = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in folder.glob("*.json")
        if path.name != "index.json"
    ]
    interfaces: dict[str, Methods] = defaultdict(dict)
    for document in sorted(documents, key=lambda one: (one["name"], age(one["version"]), one["version"])):
        for method in methods(document):
            name, _, path = method["id"].partition(".")
            scopes = tuple(sorted(scope.removeprefix(PREFIX) for scope in method.get("scopes", ())))
            interfaces[name][path] = (method["httpMethod"], scopes)
    newest = max(str(document.get("revision", "")) for document in documents)
    count = sum(map(len, interfaces.values()))
    header = {
        "what": f"{count} methods of {len(interfaces)} interfaces, with their scopes",
        "source": f"discovery documents in google-api-python-client {version} (PyPI)",
        "url": f"https://pypi.org/project/google-api-python-client/{version}/",
        "date": f"{newest[:4]}-{newest[4:6]}-{newest[6:]}",
        "licence": "Apache-2.0",
        "made-by": "tools/table_google.py",
    }
    write("google.txt", header, (f"{name}\t{line(found)}\n" for name, found in sorted(interfaces.items())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
