"""Judges a packet again: its policies on its facts, its waivers on the findings, and its documents anew."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from mcpaudit import __version__
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ReportError
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.finding import SEVERITIES, Finding
from mcpaudit.model.report import Report
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.review import Check
from mcpaudit.policy.configuration import FILE, FOLDER, read_configuration
from mcpaudit.policy.evaluate import evaluate
from mcpaudit.policy.waivers import Register, apply_baseline, apply_waivers, read_register
from mcpaudit.report.summary import summarise
from mcpaudit.review import facts, policies
from mcpaudit.review.prepare import documents
from mcpaudit.signoff.layout import DOCUMENTS, FACTS, INPUTS, POLICIES

_MOST = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """What a packet's facts come to by its policies."""

    findings: Sequence[Finding]
    """Before any waiver."""
    register: Register
    configuration: Configuration

    def on(self, day: date) -> list[Finding]:
        """With the waivers as they apply on a day."""
        found, _ = apply_waivers(self.findings, self.register.waivers, day, self.configuration)
        return apply_baseline(found, self.register.baseline)


def judge_again(folder: Path, files: Mapping[str, bytes], report: Report) -> Judged:
    """Raises McpauditError where policies, facts or mcpaudit's own files in it cannot be used."""
    applied = policies.read(
        {name: raw for name, raw in files.items() if name.startswith(POLICIES)},
    )
    stored = facts.read(files.get(FACTS, b""))
    try:
        findings, _ = evaluate(applied, stored, report.as_of)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
        # Facts that mcpaudit never wrote: a text where a list belongs, a number that no runtime holds.
        raise ReportError(f"the policies cannot be put to what {FACTS} holds") from None
    configuration = Configuration()
    if f"{INPUTS}{FILE}" in files:
        configuration, _ = read_configuration(folder / INPUTS / FILE, f"{INPUTS}{FILE}")
    register = Register((), (), {})
    if report.run.waivers:
        register = read_register(folder / INPUTS / FOLDER, f"{INPUTS}{FOLDER}")
    return Judged(findings, register, configuration)


def findings_check(judged: Judged, report: Report) -> Check:
    """Whether the report's findings are what its policies say of its facts."""
    told = {one.fingerprint: one for one in report.findings}
    found = {one.fingerprint: one for one in judged.on(date.fromisoformat(report.as_of))}
    wrong = [f"{key}: only the report has it" for key in sorted(told.keys() - found.keys())]
    wrong += [f"{key}: the report leaves it out" for key in sorted(found.keys() - told.keys())]
    for key in sorted(told.keys() & found.keys()):
        differ = [name for name, value in _shown(found[key]).items() if getattr(told[key], name) != value]
        if differ:
            wrong.append(f"{key} ({told[key].policy}): another {', '.join(differ)}")
    if summarise(report) != report:
        wrong.append("the summary is not that of its rows")
    if not wrong:
        sentence = f"{len(found)} findings are what the policies say of the stored facts"
        return Check("re-evaluation", "holds", sentence)
    return _by_version("re-evaluation", "the findings are not what the policies say", wrong, report)


def _shown(one: Finding) -> dict[str, object]:
    """What the report says of a finding, but for places, which only files of clients tell."""
    fields = ("policy", "title", "severity", "status", "message", "fix", "reason", "subject", "digest")
    more = {"agents": one.agents, "controls": one.controls, "certainty": one.certainty.value}
    return {**{name: getattr(one, name) for name in fields}, **more}


def documents_check(files: Mapping[str, bytes], report: Report) -> Check:
    """Whether the documents that people read say what the report says."""
    made = documents(report)
    wrong = [
        f"{name} is not what this report renders to"
        for name, one in DOCUMENTS.items()
        if one.repeatable and name in files and files[name] != made[name]
    ]
    wrong += [f"{name} is not there" for name in DOCUMENTS if name not in files]
    if not wrong:
        return Check("documents", "holds", f"{len(made)} documents are what the report renders to")
    return _by_version("documents", "the documents do not say what the report says", wrong, report)


def _by_version(name: str, sentence: str, wrong: list[str], report: Report) -> Check:
    """Another version may judge and write otherwise: then a difference proves nothing."""
    shown = (*wrong[:_MOST], *([f"and {len(wrong) - _MOST} more"] if len(wrong) > _MOST else []))
    if report.tool.version == __version__:
        return Check(name, "fails", sentence, shown)
    versions = f"{report.tool.version} prepared the packet, and this is {__version__}"
    return Check(name, "unknown", f"{sentence} in this version: mcpaudit {versions}", shown)


def waivers_check(judged: Judged, report: Report, as_of: date) -> Check:
    """Which waivers that the review rests on have ended since."""
    then = {one.fingerprint for one in report.findings if one.status == "waived"}
    now = {one.fingerprint: one for one in judged.on(as_of)}
    ended = [one for one in report.findings if one.fingerprint in then and _open(now, one)]
    grave = [one for one in ended if SEVERITIES.index(one.severity) >= _fails_from(report)]
    told = tuple(f"{one.fingerprint} ({one.policy}, {one.severity}): {_end(judged, one)}" for one in ended)
    if grave:
        return Check("waivers", "fails", f"{len(grave)} of the findings that were waived are open", told)
    if ended:
        return Check("waivers", "note", f"{len(ended)} waivers have ended, none of a grave finding", told)
    return Check("waivers", "holds", f"{len(then)} findings are waived, and still are")


def _open(now: Mapping[str, Finding], one: FindingRow) -> bool:
    return one.fingerprint in now and now[one.fingerprint].status not in ("waived", "baselined")


def _fails_from(report: Report) -> int:
    known: tuple[str, ...] = SEVERITIES
    return known.index(report.run.fail_on) if report.run.fail_on in known else 0


def _end(judged: Judged, one: FindingRow) -> str:
    ends = [waiver.expires for waiver in judged.register.waivers if waiver.finding == one.fingerprint]
    return f"its waiver ended on {max(ends).isoformat()}" if ends else "its waiver is gone"
