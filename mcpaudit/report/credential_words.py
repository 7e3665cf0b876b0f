"""Credentials and scopes in words, server by server: the same lines in every format."""

from collections import defaultdict
from collections.abc import Iterator

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report import Report
from mcpaudit.model.report_credential import CredentialRow, ScopeUseRow
from mcpaudit.report.listing import place

SOURCES = {
    "token": "as the token itself says",
    "file": "as the file that stores it says",
    "declared": "as its entry asks for",
    "manifest": "as the server's source asks for",
    "introspect": "not known; its provider could be asked",
    "opaque": "not known; only its owner can look it up",
    "policy": "not known; a policy at the provider decides",
    "all": "everything that its user may do",
    "none": "one fixed thing, no scope",
    "unknown": "not known",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one server's credentials and scopes."""

    server: str
    name: str
    credentials: tuple[str, ...]
    scopes: tuple[tuple[str, str], ...]
    """Each line with its label: `granted`, `needed`, `too much`, `missing`, `not known`."""


def told(report: Report, agent: str = "") -> tuple[Told, ...]:
    """Every server that holds a credential or asks for scopes, perhaps of one agent only."""
    servers = {row.id: row.server for row in report.installations if not agent or row.agent == agent}
    held: dict[str, dict[tuple[str, int], CredentialRow]] = defaultdict(dict)
    for row in report.credentials:
        if row.holder in servers:
            held[servers[row.holder]].setdefault((row.name, row.group), row)
    used: dict[str, list[ScopeUseRow]] = defaultdict(list)
    for use in report.scopes:
        for server in sorted({servers[one] for one in use.installations if one in servers}):
            used[server].append(use)
    names = {row.id: row.name for row in report.servers}
    return tuple(
        Told(
            server=server,
            name=names.get(server, server),
            credentials=tuple(_credential(one, report) for one in held[server].values()),
            scopes=tuple(dict.fromkeys(line for use in used[server] for line in scope_lines(use))),
        )
        for server in sorted({*held, *used}, key=lambda one: (names.get(one, one), one))
    )


def lifetime(row: CredentialRow) -> str:
    """How long it lasts and whether anything renews it."""
    words = {"static": "does not end", "expiring": "expires", "refreshing": "is renewed"}
    lasts = words.get(row.lifetime, "lifetime not known") + (f" on {row.expires}" if row.expires else "")
    renewed = ", nothing here renews it" if row.refresh is False and row.lifetime == "expiring" else ""
    return lasts + renewed


def held_where(row: CredentialRow) -> str:
    """Where the secret itself is: in the configuration, in a file that it names, or out of sight."""
    if row.literal:
        return f"in the file itself, {place(row.location)}"
    if row.file:
        return f"in {row.file}{f':{row.line}' if row.line else ''}, by {place(row.location) or row.file}"
    return f"out of sight, by {place(row.location)}"


def scope_lines(use: ScopeUseRow) -> Iterator[tuple[str, str]]:
    """What was granted, needed, too much, missing, and not known of one provider."""
    source = SOURCES.get(use.source, use.source)
    if use.granted is None:
        yield "granted", f"{use.provider}: {source}" + (f"; at most {use.at_most}" if use.at_most else "")
    else:
        yield "granted", f"{use.provider}: {_listed(use.granted) or 'nothing'}, {source}"
    if use.needed:
        yield "needed", f"{_listed(use.needed)}, the least for its enabled tools"
    for one in use.scopes:
        doubt = "" if one.certainty == "certain" else f" ({one.certainty})"
        if one.granted and one.needed is False:
            yield "too much", f"`{one.name}`: {one.reason}{doubt}"
    for one in use.scopes:
        doubt = "" if one.certainty == "certain" else f" ({one.certainty})"
        if one.needed and one.granted is False:
            yield "missing", f"`{one.name}`: {one.reason}{doubt}"
    unsure: dict[str, list[str]] = defaultdict(list)
    for one in use.scopes:
        if one.needed is None:
            unsure[one.reason].append(one.name)
    for reason, names in unsure.items():
        yield "not known", f"whether {_listed(names)} {'is' if len(names) == 1 else 'are'} needed: {reason}"
    if use.undecided:
        yield "not known", f"what scopes these tools need: {_listed(use.undecided)}"


def _credential(row: CredentialRow, report: Report) -> str:
    others = sorted({one.holder for one in report.credentials if one.group == row.group} - {row.holder})
    shared = f"; the same secret as in {', '.join(others[:3])}" if row.group and others else ""
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    kind = f"{row.provider} {row.kind}".strip()
    return f"`{row.name}` ({kind}): {held_where(row)}; {lifetime(row)}{shared}{more}"


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
