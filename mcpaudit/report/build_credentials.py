"""Credentials and their scopes as rows of the report."""

from collections.abc import Iterable

from mcpaudit.analysis.facts import Facts
from mcpaudit.model.report_credential import CredentialRow, ScopeRow, ScopeUseRow
from mcpaudit.model.scope import ScopeUse
from mcpaudit.report.build_places import Places


def credential_rows(facts: Facts, places: Places) -> Iterable[CredentialRow]:
    """Every secret that was found; never its value."""
    for one in facts.credentials:
        secret = one.secret
        yield CredentialRow(
            id=one.id,
            holder=one.holder,
            agents=one.agents,
            provider=secret.provider,
            kind=secret.kind,
            name=secret.name,
            literal=secret.literal,
            length=secret.length,
            group=secret.group,
            correlation=secret.correlation,
            file=secret.file,
            line=secret.line,
            scopes=one.scopes,
            scope_source=one.scope_source,
            scope_location=places.optional(one.scope_place),
            expires=secret.expires,
            lifetime=one.lifetime,
            refresh=one.refresh,
            location=places.location(secret.place),
        )


def scope_use_row(use: ScopeUse, places: Places) -> ScopeUseRow:
    """What was granted of one provider, what is needed of it, and what is too much or lacking."""
    return ScopeUseRow(
        id=use.id,
        provider=use.provider,
        servers=use.servers,
        installations=use.installations,
        agents=use.agents,
        kinds=use.kinds,
        group=use.group,
        source=use.source,
        granted=use.granted,
        at_most=f"{use.provider}:**" if use.granted is None and use.source != "none" else "",
        needed=use.needed,
        scopes=tuple(
            ScopeRow(
                one.name, one.granted, one.needed, one.reason, one.certainty.value, one.tools, one.instead,
                tuple(map(places.step, one.witness)),
            )
            for one in use.scopes
        ),
        undecided=use.undecided,
    )  # fmt: skip
