"""Makes a packet: one exact state, as documents for people and as data to judge it again.

No file of a client goes into it. Their names and digests stand in the report, and what they come to in
`facts.jsonl`; so a packet can be handed on without a secret in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mcpaudit.audit import judge, policies_of
from mcpaudit.clients.secret_lines import SecretLines
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ReviewError, UsageError
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.configuration import Configuration, ReviewTerms
from mcpaudit.model.report import Report
from mcpaudit.model.review import Sealed, State
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.parsing.reader import parse
from mcpaudit.policy.configuration import FOLDER
from mcpaudit.policy.subjects import Subjects
from mcpaudit.report.build import build_report
from mcpaudit.report.formats import render
from mcpaudit.request import Request, configuration_of
from mcpaudit.review import facts, policies
from mcpaudit.review.readme import readme
from mcpaudit.signoff import statement
from mcpaudit.signoff.layout import (
    DOCUMENTS,
    FACTS,
    INPUTS,
    MANIFEST,
    POLICIES,
    README,
    REPORT,
    STATEMENT,
    manifest,
)
from mcpaudit.signoff.own import SIGNERS, own_names
from mcpaudit.signoff.signers import read_signers


@dataclass(frozen=True, slots=True)
class Prepared:
    """A packet that nobody has signed yet."""

    files: Mapping[str, bytes]
    report: Report
    state: State


def prepare(request: Request, authors: Sequence[str], previous: Sealed | None = None) -> Prepared:
    """The packet of what is installed now; raises McpauditError where there can be none."""
    report, data = collect(request)
    if not report.agents:
        raise UsageError("no MCP configuration was found, so there is nothing to review")
    if (own := f"{INPUTS}{FOLDER}/{SIGNERS}") in data:
        read_signers(data[own], f"{FOLDER}/{SIGNERS}")
    content = {**data, **documents(report), README: readme(report).encode()}
    content[MANIFEST] = manifest(content)
    terms = configuration_of(request)[0].review or ReviewTerms()
    state = statement.state_of(content, content[MANIFEST], report, authors, terms, previous)
    content[STATEMENT] = statement.written(state)
    return Prepared(content, report, state)


def collect(request: Request) -> tuple[Report, dict[str, bytes]]:
    """The report of what is installed now, and all data of a packet."""
    # A review is not about reviews: it would change what it is about as soon as somebody signs.
    outcome = judge(replace(request, sign_off=False))
    report = build_report(outcome)
    applied = policies_of(request)
    content = {
        REPORT: render(report, "json"),
        FACTS: b"".join(facts.written(applied, Subjects(outcome.facts))),
        **{f"{POLICIES}{name}": raw for name, raw in policies.written(applied).items()},
    }
    if request.own is not None:
        content |= own_files(request.own, configuration_of(request)[0])
    return report, content


def documents(report: Report) -> dict[str, bytes]:
    """What people read, by its file's name."""
    return {name: render(report, one.format) for name, one in DOCUMENTS.items()}


def own_files(project: Path, configuration: Configuration) -> dict[str, bytes]:
    """mcpaudit's own files of a project, as they are; raises ReviewError for one that holds a secret."""
    found: dict[str, bytes] = {}
    for name in own_names(project, configuration):
        path = project / name
        if path.is_symlink() or not path.is_file():
            continue
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise ReviewError(f"{name} is too large for a packet")
        _without_secrets(name, raw)
        found[f"{INPUTS}{name}"] = raw
    return found


def _without_secrets(name: str, raw: bytes) -> None:
    """A packet is handed on, so nothing that looks like a secret may stand in it."""
    document = parse(raw, name, "yaml") if name.endswith(".yaml") else None
    if not isinstance(document, Document):
        return
    secret = SecretLines(document, Packs.shipped())
    for line in range(1, document.text.count("\n") + 2):
        if line in secret:
            raise ReviewError(
                f"{name}:{line}: this looks like a secret, and a packet is handed on: take it out of the file"
            )
