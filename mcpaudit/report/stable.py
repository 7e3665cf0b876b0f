"""Identifiers that exports need: the same for the same thing in every run, and safe wherever they stand."""

import json
import re
from uuid import NAMESPACE_URL, uuid5

_NAMESPACE = uuid5(NAMESPACE_URL, "https://mcpaudit/exports")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def stable_uuid(*parts: str) -> str:
    """A UUIDv5 of these parts; ASCII JSON keeps them apart, and half a surrogate pair has a form in it."""
    return str(uuid5(_NAMESPACE, json.dumps(parts)))


def midnight(day: str) -> str:
    """A day as the moment that formats ask for; the epoch where a report written by hand has no day."""
    return f"{day if _DAY.fullmatch(day) else '1970-01-01'}T00:00:00Z"
