"""Holds a packet against what is installed now: what changed since, and what that changes in access."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from mcpaudit.comparison.reports import audited, compare_audited
from mcpaudit.errors import UsageError
from mcpaudit.model.decision import MODES
from mcpaudit.model.diff import Diff
from mcpaudit.model.finding import SEVERITIES
from mcpaudit.model.report import Report
from mcpaudit.model.review import Check
from mcpaudit.model.site import Site
from mcpaudit.policy.own_changes import Two, own_changes
from mcpaudit.request import Request, configuration_of
from mcpaudit.review.prepare import collect
from mcpaudit.review.verify import Opened
from mcpaudit.signoff.current import OWN_ROLES
from mcpaudit.signoff.layout import FACTS, INPUTS, POLICIES


def against_checks(
    packet: Opened, site: Site, given: Path | None = None, manifests: Path | None = None
) -> tuple[Check, ...]:
    """Whether the sign-off is still about what is installed, and what has changed in access.

    It is judged as the packet was, and as on its day: what days alone change is for other checks.
    """
    run = packet.report.run
    request = Request(
        site=site,
        as_of=packet.state.as_of,
        given=given,
        manifests=manifests,
        mode=next(mode for mode in MODES if mode == run.mode),
        as_is=run.as_is,
    )
    report, data = collect(request)
    _same_levels(packet.report, report)
    changed = {**_own(packet, request, data), **_inputs(packet.report, report)}
    policies = _policies(packet.files, data)
    then, now = packet.report.tool.version, report.tool.version
    if not changed and then != now and (policies or packet.files.get(FACTS) != data[FACTS]):
        told = f"no file has changed, but mcpaudit {then} prepared the packet, and this is {now}"
        return (Check("against", "unknown", told, tuple(policies)),)
    changed |= policies
    if not changed and packet.files.get(FACTS) != data[FACTS]:
        changed["what agents can do has changed, and no file that was read: a package, perhaps"] = ()
    if not changed:
        return (Check("against", "holds", "what is installed is what was signed"),)
    compared = compare_audited(
        audited(packet.report, "the signed state"), audited(report, "now"), None, (), False, request.as_of
    )
    more = f", and {len(changed) - 3} more" if len(changed) > 3 else ""
    stale = f"the sign-off is stale: {', '.join(list(changed)[:3])}{more}"
    details = [line for name, said in changed.items() for line in (name, *(f"  {one}" for one in said))]
    return Check("against", "fails", stale, tuple(details)), _access(compared.diff)


def _same_levels(then: Report, now: Report) -> None:
    """Another part of the machine would look like a change of everything in it."""
    if then.coverage.levels != now.coverage.levels or then.run.platform != now.run.platform:
        was, here = (f"{', '.join(one.coverage.levels)} on {one.run.platform}" for one in (then, now))
        raise UsageError(
            f"the packet is about {was}, and here would be compared {here}: "
            "give --home, --no-home, --system-root and --platform as for `review prepare`"
        )


_Changed = dict[str, tuple[str, ...]]
"""What has changed, and what that means."""


def _own(packet: Opened, request: Request, data: Mapping[str, bytes]) -> _Changed:
    """mcpaudit's own files, with what their change means."""
    if request.own is None:
        return {}
    was, now = (_below(INPUTS, files) for files in (packet.files, data))
    two = Two(packet.folder / INPUTS, request.own)
    places = configuration_of(request)[0].policies
    said = {one.file: one.sentences for one in own_changes(two, places, lambda: None, lambda _file: ())}
    return {f"{name} was {how}": said.get(name, ()) for name, how in _differences(was, now)}


def _policies(then: Mapping[str, bytes], now: Mapping[str, bytes]) -> _Changed:
    found = _differences(_below(POLICIES, then), _below(POLICIES, now))
    return {f"the policy {name.removesuffix('.yaml')} was {how}": () for name, how in found}


def _inputs(then: Report, now: Report) -> _Changed:
    """Files of clients, by their digests."""
    was, here = (
        {one.file: one.sha256.encode() for one in report.inputs if one.role not in OWN_ROLES}
        for report in (then, now)
    )
    return {f"{name} was {how}": () for name, how in _differences(was, here)}


def _below(start: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix(start): raw for name, raw in files.items() if name.startswith(start)}


def _differences(was: Mapping[str, bytes], now: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    for name in sorted({*was, *now}):
        if was.get(name) != now.get(name):
            yield name, "added" if name not in was else "removed" if name not in now else "changed"


def _access(found: Diff) -> Check:
    """What the changes let agents do, or take from them."""
    told = [f"{one.kind}: {one.sentence}" for one in found.access]
    told += [f"not known: {one.sentence}" for one in found.doubts]
    grave = sorted(found.findings, key=lambda one: -SEVERITIES.index(one.finding.severity))
    told += [f"{one.how} finding ({one.finding.severity}): {one.finding.message}" for one in grave]
    told += [f"learned by this version: {one}" for one in found.learned]
    if not told:
        return Check("access", "note", "none of that changes what agents can do")
    kinds = ("gained", "looser", "stricter", "lost")
    counts = {kind: sum(one.kind == kind for one in found.access) for kind in kinds}
    summary = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number)
    sentence = f"what agents can do has changed ({summary})" if summary else "no access is known to be other"
    return Check("access", "note", sentence, tuple(told))
