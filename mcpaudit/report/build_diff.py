"""Two audits as one comparison: rows and sentences, and the verdict of the gate."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mcpaudit import __version__
from mcpaudit.analysis.change import between
from mcpaudit.analysis.selector import Selector
from mcpaudit.analysis.state import State
from mcpaudit.dataclass import dataclass
from mcpaudit.model import diff as row
from mcpaudit.model.access import Edge, Witness
from mcpaudit.model.action import in_order
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.drift import Drift
from mcpaudit.model.fact import Change
from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.report_inventory import InstallationRow, ManifestRow
from mcpaudit.model.run import GapRow, ToolInfo
from mcpaudit.model.step import Step
from mcpaudit.report.build_diff_findings import finding_changes
from mcpaudit.report.build_grounds import Grounds
from mcpaudit.report.build_places import Places
from mcpaudit.report.diff_verdict import with_verdict
from mcpaudit.report.diff_words import outside, sentence


@dataclass(frozen=True, slots=True)
class Audited:
    """One side of the comparison."""

    side: row.Side
    state: State
    report: Report
    places: Places
    entries: Mapping[str, str]
    """What stands in the entry of each installation, in a form that two states can be compared by."""
    drift: tuple[Drift, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and its later side as a whole, as it was judged for it."""

    diff: row.Diff
    head: Report


@dataclass(frozen=True, slots=True)
class Terms:
    """How the two are to be compared and judged."""

    gate: row.Gate
    selectors: tuple[Selector, ...]
    configuration: Configuration
    as_of: date
    home: bool = False
    own: tuple[row.OwnChange, ...] = ()
    owners: tuple[str, ...] = ()
    doubts: tuple[row.Doubt, ...] = ()
    """Those that come from reading the revisions."""
    notes: tuple[str, ...] = ()
    judge: row.Side | None = None
    """Whose rules both sides were held against; the base unless it says otherwise."""


def compare(before: Audited, after: Audited, terms: Terms) -> Compared:
    """The whole comparison of two states."""
    seen = between(before.state, after.state)
    known = {edge.reason for one in before.state.rows for edge in one.witness}
    new = {edge.reason for one in after.state.rows for edge in one.witness}
    changes, unknown = [], []
    for change in seen.changes:
        lost = change.kind == "lost"
        told = _access(change, before if lost else after, new if lost else known, terms)
        if change.certainty is Certainty.UNKNOWN and change.kind in ("gained", "looser"):
            # Of a server whose tools are not known, nothing is gained that could be named.
            unknown.append(
                row.Doubt(
                    told.agent, told.title, told.server, told.name, told.sentence, told.private, told.location
                )
            )
        else:
            changes.append(told)
    covered = {(one.agent, one.name) for one in unknown}
    titles = {one.id: one.title for side in (before, after) for one in side.report.agents}
    found = row.Diff(
        schema=row.SCHEMA,
        tool=ToolInfo("mcpaudit", __version__),
        as_of=terms.as_of.isoformat(),
        mode=after.report.run.mode,
        base=before.side,
        head=after.side,
        judge=terms.judge or before.side,
        home=terms.home,
        folder=after.report.run.folder,
        gate=terms.gate,
        verdict="passes",
        exit_code=0,
        reasons=(),
        access=tuple(changes),
        doubts=(
            *unknown,
            *(one for one in _doubts(before, after) if not one.name or (one.agent, one.name) not in covered),
            *terms.doubts,
        ),
        facts=tuple(
            row.FactRow(
                how=one.how,
                kind=one.kind,
                agent=one.agent,
                title=titles.get(one.agent, one.agent),
                sentence=one.sentence,
                joined=one.joined,
                left=one.left,
                certainty=one.certainty.value,
            )
            for one in seen.facts
        ),
        findings=tuple(
            finding_changes(
                before.report,
                after.report,
                terms.gate,
                terms.configuration,
                terms.as_of,
                Grounds(
                    (before.state, before.report), (after.state, after.report), seen.changes, after.places
                ),
            )
        ),
        drift=tuple(_drift(before.drift, after.drift)),
        own=terms.own,
        owners=terms.owners,
        learned=(),
        notes=terms.notes,
    )
    if before.side.version != after.side.version:
        found = _across_versions(found, before.report, after.report)
    judged = with_verdict(found, nothing=not (before.report.agents or after.report.agents))
    return Compared(judged, after.report)


def _access(change: Change, here: Audited, elsewhere: set[str], terms: Terms) -> row.AccessChange:
    title = next((one.title for one in here.report.agents if one.id == change.agent), change.agent)
    lost = change.kind == "lost"
    best = _telling(change.witness, elsewhere)
    steps = tuple(map(here.places.step, change.witness))
    shown = steps[change.witness.index(best)] if best else None
    loaded = next((step.location for step in steps if step.kind == "loads" and step.location), None)
    found = row.AccessChange(
        kind=change.kind,
        agent=change.agent,
        title=title,
        server=change.server,
        name=change.name,
        resource=change.resource,
        labels=tuple(sorted(change.labels)),
        actions=in_order(change.actions),
        tools=change.tools,
        before=change.verdict if lost else change.before,
        after="" if lost else change.verdict,
        certainty=change.certainty.value,
        counted=change.kind in ("gained", "looser") and any(one.selects(change) for one in terms.selectors),
        private=loaded is not None and outside(loaded.file),
        sentence="",
        because=_because(shown) if shown else "",
        location=shown.location if shown else None,
        witness=steps,
    )
    return replace(found, sentence=sentence(found, title))


def _telling(witness: Witness, elsewhere: set[str]) -> Edge | None:
    """The step that shows a change best: one with a place, if possible one that the other state has not."""
    placed = [edge for edge in witness if edge.place is not None]
    fresh = [edge for edge in placed if edge.reason not in elsewhere]
    # The rule that lets something run says more than the entry that loads it, if it is what is new.
    order = ("decides", "acts-on", "grants", "loads")
    best = sorted(
        fresh or placed, key=lambda edge: order.index(edge.kind) if edge.kind in order else len(order)
    )
    return best[0] if best else next(iter(witness), None)


def _because(step: Step) -> str:
    """Its reason; of what a tool acts on, the clause that speaks of the configuration."""
    if step.kind == "loads":
        return ""
    return step.reason.rpartition("; ")[2] if step.kind == "acts-on" and step.location else step.reason


def _doubts(before: Audited, after: Audited) -> Iterator[row.Doubt]:
    """What is new or changed and not wholly known; what was so before is no news."""
    earlier, manifests = ({one.id: one.manifest for one in side.report.servers} for side in (before, after))
    known = {_signature(one, before, earlier) for one in before.report.installations}
    titles = {one.id: one.title for one in after.report.agents}
    for one in after.report.installations:
        if one.server.startswith("builtin:") or not one.enabled or _signature(one, after, manifests) in known:
            continue
        manifest = manifests[one.server]
        if manifest.source == "none" or manifest.certainty == "unknown":
            what = "its tools are not known"
        elif not manifest.complete:
            what = "its list of tools may not be whole"
        elif manifest.certainty != "certain":
            what = "its list of tools is not proved to be that of what runs"
        else:
            continue
        more = f"{titles[one.agent]} might be able to do more through `{one.name}`"
        said = f"{more}, for {what}: {manifest.reason}"
        yield row.Doubt(
            one.agent, titles[one.agent], one.server, one.name, said, outside(one.location.file), one.location
        )
    was = {_gap(gap) for gap in before.report.coverage.unread}
    for gap in after.report.coverage.unread:
        if _gap(gap) not in was:
            said = f"{_place(gap.location)} could not be read: {gap.reason}"
            yield row.Doubt("", "", "", "", said, outside(gap.location.file), gap.location)


def _signature(one: InstallationRow, side: Audited, manifests: Mapping[str, ManifestRow]) -> tuple[str, ...]:
    manifest = manifests[one.server]
    known = (manifest.source, manifest.digest, manifest.version, manifest.certainty, str(manifest.complete))
    return one.agent, one.server, str(one.enabled), side.entries.get(one.id, ""), *known


def _gap(gap: GapRow) -> tuple[str, ...]:
    return gap.kind, gap.location.file, gap.reason, gap.client


def _place(location: Location) -> str:
    return f"{location.file}:{location.line}" if location.line else location.file


def _drift(before: Sequence[Drift], after: Sequence[Drift]) -> Iterator[row.DriftChange]:
    for one in sorted({*before, *after}):
        if one not in before:
            yield row.DriftChange("new", one.kind, one.server, one.tool, one.sentence)
        elif one not in after:
            yield row.DriftChange("resolved", one.kind, one.server, one.tool, one.sentence)


def _across_versions(found: row.Diff, before: Report, after: Report) -> row.Diff:
    """Two versions know different things: where the files are the same, every difference is learned."""
    note = (
        f"the two reports were made by different versions of mcpaudit ({found.base.version} and "
        f"{found.head.version}), which know different things; make both with one version for a sharp picture"
    )
    found = replace(found, notes=(*found.notes, note))
    if {(one.file, one.sha256) for one in before.inputs} != {(one.file, one.sha256) for one in after.inputs}:
        return found
    learned: Iterable[str] = (
        *(one.sentence for one in found.access),
        *(f"{one.how} finding: {one.finding.message}" for one in found.findings),
        *(f"{one.kind}, {one.agent}: {one.sentence}" for one in found.facts),
        *(one.sentence for one in found.doubts),
    )
    return replace(found, access=(), findings=(), facts=(), doubts=(), learned=tuple(learned))
