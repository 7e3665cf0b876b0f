"""Probe evidence as a file: read back strictly, joined with what was there, always written the same way."""

import json
from dataclasses import asdict
from pathlib import Path

from mcpaudit.model.place import Route
from mcpaudit.model.probe import SCHEMA, Probe, Probes
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.rows import read_file
from mcpaudit.usage.moment import moment


def read_probes(path: Path, shown: str) -> tuple[Probes, Document]:
    """The probe evidence of a file; raises ConfigurationError at the first mistake."""
    return read_file(path, shown, Probes, SCHEMA, _time)


def _time(value: Json, route: Route) -> str:
    if route[-1] == "at" and (not isinstance(value, str) or moment(value) != value):
        return "expected a time in UTC, such as 2026-11-22T09:00:00Z"
    return ""


def joined(before: Probes, now: Probes) -> Probes:
    """Both as one: what was tested again replaces what that test said of that entry before."""
    again = {(one.server, one.names, one.test) for one in now.probes}
    kept = (one for one in before.probes if (one.server, one.names, one.test) not in again)
    return in_order((*kept, *now.probes))


def in_order(probes: tuple[Probe, ...]) -> Probes:
    """The rows as a file has them."""
    return Probes(probes=tuple(sorted(probes, key=lambda one: one.key)))


def as_json(probes: Probes) -> bytes:
    """The evidence file: keys and rows sorted."""
    return json.dumps(asdict(probes), sort_keys=True, indent=1).encode() + b"\n"
