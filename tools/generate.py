"""Writes every generated file, or with `--check` says which of them are out of date.

Generated: docs/policies, docs/policy-fields.md, docs/schemas, docs/cli.md, docs/clients.md, docs/packs.md,
docs/guarantees.md, mcpaudit/shipped.jsonl, sbom and reports/samples. Run `python3 tools/dev.py gen` after a
change of their sources.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from mcpaudit.audit import audit
from mcpaudit.cli.main import COMMANDS, cli
from mcpaudit.model.site import Site
from mcpaudit.report.formats import FORMATS, render
from mcpaudit.report.schema import (
    access_review_schema,
    diff_schema,
    json_schema,
    lock_schema,
    probes_schema,
    record_schema,
    usage_schema,
    verification_schema,
)
from mcpaudit.request import Request
from mcpaudit.signoff import statement
from tools import pack_check, reference
from tools.guarantees.page import pages as guarantees
from tools.shipped_texts import pages as shipped_texts
from tools.supply import sbom

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "logistics"
AS_OF = date(2026, 11, 22)


def schemas() -> dict[str, str]:
    """The JSON Schemas that editors and other tools use."""
    from mcpaudit.policy.validation import SCHEMAS, for_editors

    found = {f"docs/schemas/{name}.schema.json": for_editors(name) for name in SCHEMAS}
    found["docs/schemas/report-v1.schema.json"] = json_schema()
    found["docs/schemas/diff-v1.schema.json"] = diff_schema()
    found["docs/schemas/access-review-v1.schema.json"] = access_review_schema()
    found["docs/schemas/lock-v1.schema.json"] = lock_schema()
    found["docs/schemas/usage-v1.schema.json"] = usage_schema()
    found["docs/schemas/probes-v1.schema.json"] = probes_schema()
    found["docs/schemas/record-v1.schema.json"] = record_schema()
    found["docs/schemas/review-v1.schema.json"] = statement.schema()
    found["docs/schemas/review-verification-v1.schema.json"] = verification_schema()
    found["docs/schemas/provider-pack.schema.json"] = pack_check.schema()
    return {name: json.dumps(body, indent=2, ensure_ascii=False) + "\n" for name, body in found.items()}


def help_texts() -> dict[str, str]:
    """What every command prints for `--help`."""
    parts = ["# Command line\n\nGenerated from the program's own help.\n"]
    for name in ("", *_commands()):
        words = [sys.executable, "-m", "mcpaudit", *name.split(), "--help"]
        shown = subprocess.run(
            words, capture_output=True, text=True, cwd=ROOT, check=True, env={"COLUMNS": "100"}
        )
        parts.append(f"## mcpaudit {name}".rstrip() + f"\n\n```text\n{shown.stdout.rstrip()}\n```\n")
    return {"docs/cli.md": "\n".join(parts)}


def _commands() -> Iterator[str]:
    """Every command, and after a group its own."""
    for name in sorted(COMMANDS):
        yield name
        context = click.Context(cli)
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (f"{name} {own}" for own in sorted(command.list_commands(context)))


def samples() -> dict[str, str]:
    """The example's report in the formats that people look at."""
    report = audit(Request(Site(EXAMPLE, EXAMPLE / "home"), AS_OF))
    documents = ("sign-off", "access-review", "access-review-csv", "evidence")
    wanted = ("text", "markdown", "sarif", "html", "dot", *documents)
    return {
        f"reports/samples/logistics.{FORMATS[name].extension}": render(report, name).decode()
        for name in wanted
    }


def policy_pages() -> dict[str, str]:
    """One page for each shipped policy, their index, and the table of fields."""
    from mcpaudit.policy.pages import field_page, policy_pages

    pages = {f"docs/policies/{name}": text for name, text in policy_pages().items()}
    return {**pages, "docs/policy-fields.md": field_page()}


def everything() -> dict[str, str]:
    """All generated files by path."""
    return {
        **schemas(),
        **help_texts(),
        **reference.pages(),
        **policy_pages(),
        **guarantees(),
        **shipped_texts(),
        **sbom.pages(),
        **samples(),
    }


def main(arguments: list[str]) -> int:
    """Write or compare."""
    stale = []
    for name, text in sorted(everything().items()):
        path = ROOT / name
        if path.is_file() and path.read_text(encoding="utf-8") == text.replace("\r\n", "\n"):
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
    if "--check" in arguments:
        print("\n".join(f"out of date: {name}" for name in stale) or "All generated files are up to date.")
        return 1 if stale else 0
    print(f"{len(stale)} files written." if stale else "Nothing changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
