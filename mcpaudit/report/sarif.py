"""The report as SARIF 2.1.0, as GitHub code scanning reads it.

GitHub shows suppressed results as open alerts, and everybody who can see the repository sees them. What was
waived and what stands outside of the repository is therefore left out, and counted, unless `full` asks for
it. A run that did not see everything says so in `executionSuccessful`: uploaded, it would close alerts.
A result that is possible or undecided stays of the kind `fail`, one level lower: for the kind `review` SARIF
wants the level `none`, which code hosts do not show.
"""

import json
from typing import Any
from urllib.parse import quote

from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.step import Step
from mcpaudit.report.canonical import digest
from mcpaudit.report.escape import clip, visible
from mcpaudit.report.escape import sarif as escape
from mcpaudit.report.listing import STATUS_WORDS, answered_findings, open_findings, place
from mcpaudit.report.repository import inside, left_out, repository_only
from mcpaudit.report.rooted import rooted
from mcpaudit.report.sarif_place import anchor, is_outside, physical, uri
from mcpaudit.report.sarif_rule import LEVELS, rules
from mcpaudit.report.verdict import count

Node = dict[str, Any]

_LOWER = {"error": "warning", "warning": "note", "note": "note"}
_RESULTS = 25_000
_STEPS = 100
_LONGEST = 4_000


def render(whole: Report, *, full: bool = False) -> str:
    """The report for code scanning; in full, with what stands outside and, suppressed, what was accepted."""
    report = rooted(whole) if full else repository_only(whole)
    shown = [*open_findings(report), *(answered_findings(report) if full else ())]
    dropped, shown = len(shown[_RESULTS:]), shown[:_RESULTS]
    ruled = rules(report, shown)
    index = {rule["id"]: number for number, rule in enumerate(ruled)}
    run = {
        "tool": {
            "driver": {
                "name": visible(report.tool.name),
                "version": visible(report.tool.version),
                "semanticVersion": visible(report.tool.version),
                "rules": ruled,
            }
        },
        "automationDetails": {"id": f"mcpaudit/check/{_folder(whole)}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [_invocation(report, whole, dropped, full)],
        "artifacts": [
            {"location": {"uri": uri(row.file), "uriBaseId": "%SRCROOT%"}, "hashes": {"sha-256": row.sha256}}
            for row in report.inputs
            if inside(Location(row.file))
        ],
        "results": [_result(row, index[visible(row.policy)], report) for row in shown],
        "properties": {
            "canonicalReportSha256": digest(whole),
            "asOf": visible(report.as_of),
            "verdict": visible(report.summary.verdict),
            "acceptedFindingsLeftOut": 0 if full else len(answered_findings(report)),
            "findingsOutsideLeftOut": len(open_findings(whole)) - len(open_findings(report)),
        },
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode() + "\n"


def _folder(report: Report) -> str:
    """Runs over several folders of one commit close no alerts of one another."""
    return f"{quote(report.run.folder)}/" if report.run.folder else ""


def _result(row: FindingRow, rule: int, report: Report) -> Node:
    at = anchor(row, report)
    related = _related(row, at)
    result: Node = {
        "ruleId": visible(row.policy),
        "ruleIndex": rule,
        "level": LEVELS[row.severity]
        if row.status not in ("possible", "inconclusive")
        else _LOWER[LEVELS[row.severity]],
        "message": {"text": _message(row, related)},
        "locations": [_location(row, at)],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{row.fingerprint}:1",
            "mcpaudit/v1": row.fingerprint,
        },
        "properties": {"severity": row.severity, "status": row.status, "certainty": row.certainty},
    }
    if related:
        result["relatedLocations"] = related
    if row.witness and at is not None:
        steps = [{"location": _step(step, at)} for step in row.witness[:_STEPS]]
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if row.status in ("waived", "baselined"):
        why = visible(row.reason or STATUS_WORDS[row.status])
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _message(row: FindingRow, related: list[Node]) -> str:
    word = STATUS_WORDS[row.status] if row.status in ("possible", "inconclusive") else ""
    parts = [
        f"{word.capitalize()}: " if word else "",
        escape(clip(row.message or row.title, _LONGEST)),
    ]
    if row.reason and word:
        parts.append(f", because {escape(clip(row.reason, _LONGEST))}")
    if is_outside(row):
        parts.append(" (in the user's own configuration, outside of this repository)")
    links = (f"[{node['message']['text']}]({node['id']})" for node in related[:5])
    return "".join(parts) + (f". See {', '.join(links)}." if related else "")


def _location(row: FindingRow, at: Location | None) -> Node:
    logical = [
        {"name": visible(agent), "fullyQualifiedName": visible(agent), "kind": "agent"}
        for agent in row.agents
    ]
    kinds = {"loads": "server", "offers": "tool"}
    for step in row.witness:
        if step.kind in kinds:
            name = visible(step.target)
            logical.append({"name": name, "fullyQualifiedName": name, "kind": kinds[step.kind]})
    unique = {(node["kind"], node["name"]): node for node in logical if node["name"]}
    subject = {
        "name": visible(row.subject) or row.policy,
        "fullyQualifiedName": visible(row.subject) or row.policy,
    }
    return {
        **({"physicalLocation": physical(at)} if at else {}),
        "logicalLocations": list(unique.values()) or [{**subject, "kind": "subject"}],
    }


def _related(row: FindingRow, at: Location | None) -> list[Node]:
    spots = dict.fromkeys((*row.locations, *(step.location for step in row.witness)))
    others = [spot for spot in spots if spot is not None and inside(spot) and spot != at][:_STEPS]
    return [
        {"id": number, "physicalLocation": physical(spot), "message": {"text": escape(place(spot))}}
        for number, spot in enumerate(others, 1)
    ]


def _step(step: Step, at: Location) -> Node:
    """A step without a place in the repository stands at the result's own, as viewers want one for each."""
    doubt = "" if step.certainty == "certain" else f" ({step.certainty})"
    spot = step.location if step.location is not None and inside(step.location) else at
    where = "" if spot is step.location else " (not stated in this repository)"
    return {"physicalLocation": physical(spot), "message": {"text": f"{escape(step.reason)}{doubt}{where}"}}


def _invocation(report: Report, whole: Report, dropped: int, full: bool) -> Node:
    """What became of the run, by the whole report; what there is to say, by what may be shown."""
    notes: list[Node] = []
    for gap in report.coverage.unread:
        note = _note("error", f"Not read ({gap.kind}): {gap.reason}")
        if inside(gap.location):
            note["locations"] = [{"physicalLocation": physical(gap.location)}]
        notes.append(note)
    for server in report.coverage.without_manifest:
        notes.append(_note("warning", f"The tools of {server} are not known"))
    if not full and (told := left_out(whole)):
        notes.append(_note("note", f"{told}."))
    if dropped:
        notes.append(_note("error", f"{count(dropped, 'result')} more than a run may have"))
    if whole.summary.verdict == "nothing-collected":
        notes.append(_note("error", "Nothing was audited: no MCP configuration was found"))
    done = not (whole.coverage.unread or dropped or whole.summary.verdict == "nothing-collected")
    return {"executionSuccessful": done, **({"toolExecutionNotifications": notes} if notes else {})}


def _note(level: str, text: str) -> Node:
    return {"level": level, "message": {"text": escape(text)}}
