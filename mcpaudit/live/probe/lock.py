"""Whether servers still list what the project's lock says."""

from collections.abc import Sequence
from dataclasses import replace

from mcpaudit.installed import installed
from mcpaudit.live.keep import offers
from mcpaudit.live.probe.run import Tested
from mcpaudit.live.probe.tested import Seen
from mcpaudit.manifests.lock.drift_server import server_drift
from mcpaudit.model.drift import Drift
from mcpaudit.model.lock import Lock, LockedServer
from mcpaudit.model.probe import Probe
from mcpaudit.report.escape import clip
from mcpaudit.request import Request

_WIDE = 300


def against_lock(tested: Sequence[Tested], request: Request, before: Lock) -> list[Probe]:
    """What the lock says otherwise of each server that gave its list."""
    asked = [asked for one in tested if (asked := one.asked)]
    now = installed(request, live=offers(asked), before=before).lock
    found = []
    for one in tested:
        if one.asked:
            seen = _seen(one.asked.row.server, one.names, before, now)
            same = one.probes[0]
            found.append(
                replace(
                    same,
                    check=seen.check,
                    verdict=seen.verdict,
                    says=clip(seen.says, _WIDE),
                    milliseconds=None,
                    count=seen.count,
                )
            )
    return found


def _seen(server: str, names: Sequence[str], before: Lock, now: Lock) -> Seen:
    old, new = _entries(server, names, before), _entries(server, names, now)
    if not any(one.tools for one in old):
        return Seen("lock", "cannot-test", "mcpaudit.lock has no tools of it")
    found: list[Drift] = [
        drift for one in old for two in new for drift in server_drift(one, two) if drift.tool
    ]
    unique = list(dict.fromkeys(found))
    if not unique:
        return Seen("lock", "pass")
    more = f", and {len(unique) - 1} more" if len(unique) > 1 else ""
    return Seen("lock", "fail", f"{unique[0].sentence}{more}", count=len(unique))


def _entries(server: str, names: Sequence[str], lock: Lock) -> list[LockedServer]:
    return [one for one in lock.servers if one.id == server and {*one.installed_as} & {*names}]
