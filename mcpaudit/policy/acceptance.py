"""Writes down what is accepted: entries of `.mcpaudit/waivers.yaml`, and `.mcpaudit/baseline.json`."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from textwrap import wrap

from mcpaudit.errors import UsageError
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.finding import Severity
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.parsing.document import Document, Json, Malformed
from mcpaudit.policy.policy import severity
from mcpaudit.policy.validation import read_valid
from mcpaudit.policy.waivers import MAX_DAYS

_HEADING = (
    "# Findings that are accepted for a time. Each entry covers its agents only, and ends with its digest.\n"
)
_WIDTH = 100
_EMPTY = _HEADING + "apiVersion: mcpaudit/v1\nwaivers:\n"


def longest(finding: FindingRow, configuration: Configuration) -> int:
    """For how many days a finding may be waived."""
    level: Severity = severity(finding.severity)
    return configuration.waiver_days.get(level, MAX_DAYS[level])


def waiver_entry(
    finding: FindingRow, *, owner: str, approver: str, reason: str, granted: date, days: int
) -> dict[str, str | list[str]]:
    """One waiver as the file states it; without an approver it is a proposal."""
    return {
        "finding": finding.fingerprint,
        "policy": finding.policy,
        "agents": sorted(finding.agents),
        "owner": owner,
        **({"approver": approver} if approver else {}),
        "reason": reason,
        "granted": granted.isoformat(),
        "expires": (granted + timedelta(days=days)).isoformat(),
        "digest": finding.digest,
    }


def with_waivers(
    path: Path, shown: str, entries: Sequence[dict[str, str | list[str]]], told: Sequence[str]
) -> str:
    """The text of a waiver file with more entries at its end, and all that stood there as it was.

    `told` is what each entry accepts, as a comment for the reviewer. Raises UsageError for a finding that has
    an entry already, ConfigurationError where the file is broken.
    """
    before, text = _waivers(path, shown)
    have = {entry["finding"]: index for index, entry in enumerate(before) if isinstance(entry, dict)}
    for entry in entries:
        if (index := have.get(str(entry["finding"]))) is not None:
            have_it = f"{shown} has an entry for {entry['finding']} already (number {index + 1})"
            raise UsageError(f"{have_it}: change or remove that one")
    indent = _indent(text)
    more = "".join(_written(entry, line, indent) for entry, line in zip(entries, told, strict=True))
    after = (text if text.endswith("\n") else f"{text}\n") + more
    if _listed(after) != [*before, *entries]:
        # The list is written in a way that lines at the end of the file do not continue.
        raise UsageError(f"{shown} does not end with its list of waivers; add this by hand:\n{more}")
    return after


def _listed(text: str) -> Json:
    # Imported here: an entry is often shown, and seldom put into a file.
    from mcpaudit.parsing.yaml_text import parse

    try:
        data = parse(text)[0]
    except Malformed:
        return None
    return data.get("waivers") if isinstance(data, dict) else None


def _waivers(path: Path, shown: str) -> tuple[list[Json], str]:
    if not path.is_file():
        return [], _EMPTY
    document: Document = read_valid(path, shown, "waivers")
    assert isinstance(document.data, dict)
    found = document.data["waivers"]
    assert isinstance(found, list)
    text = path.read_text("utf-8")
    if not found:
        line = document.locate(("waivers",))[0]
        lines = text.splitlines(keepends=True)
        text = "".join([*lines[: line - 1], "waivers:\n", *lines[line:]])
    return found, text


def _indent(text: str) -> str:
    """How deep the entries of the file stand."""
    after = text.partition("\nwaivers:")[2].splitlines()
    first = next((line for line in after if line.lstrip().startswith("- ")), "  - ")
    return first[: len(first) - len(first.lstrip())]


def _written(entry: dict[str, str | list[str]], told: str, indent: str) -> str:
    # What a server says may stand in a comment, but neither ends the line nor hides another one.
    plain = "".join(letter for letter in " ".join(told.split()) if letter.isprintable())
    notes = [f"# {line}" for line in wrap(plain, _WIDTH)]
    # A JSON text is a YAML text, and no other quoting is as hard to get wrong.
    keys = [f"{key}: {json.dumps(one, ensure_ascii=False)}" for key, one in entry.items()]
    marked = [f"- {keys[0]}", *(f"  {line}" for line in keys[1:])]
    return "".join(f"{indent}{line}\n" for line in (*notes, *marked))


def baseline_text(findings: Iterable[FindingRow]) -> str:
    """A baseline that accepts these findings, one a line, so that a review shows which came and went."""
    entries = [
        {
            "finding": one.fingerprint,
            "policy": one.policy,
            "subject": one.subject,
            "agents": sorted(one.agents),
        }
        for one in sorted(findings, key=lambda row: (row.policy, row.subject, row.fingerprint))
    ]
    lines = ",\n".join(f"  {json.dumps(entry, ensure_ascii=False)}" for entry in entries)
    return f'{{"schema": "mcpaudit/baseline-v1", "findings": [\n{lines}\n]}}\n'


def entry_text(entry: dict[str, str | list[str]], told: str) -> str:
    """One entry of a waiver file, to be copied into it; `told` is what it accepts."""
    return _written(entry, told, "  ")
