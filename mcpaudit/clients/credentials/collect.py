"""Secrets with their holders: how long each lasts, what renews it, and who says what it was granted."""

from collections.abc import Iterable

from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.credentials.declared import declared_scopes
from mcpaudit.clients.entry import holder_of
from mcpaudit.clients.ledger import Ledger
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.credential import Credential, Lifetime, ScopeSource, Secret
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation

# Kinds of secrets whose scopes are those that a login asked for.
_LOGINS = ("login", "oauth_tokens", "oauth_client")
# What a pack says of a kind of credential, as the one who can tell its scopes.
_TELLERS: dict[str, ScopeSource] = {
    "introspect": "introspect",
    "opaque": "opaque",
    "policy": "policy",
    "all": "all",
    "none": "none",
}


def credentials(ledger: Ledger, packs: Packs, configs: Iterable[AgentConfig]) -> tuple[Credential, ...]:
    """Every secret that was found, with its holder, sorted by place."""
    holders = {holder_of(one.agent, one.place): one for config in configs for one in config.installations}
    rows = []
    for found, secret in ledger.numbered():
        holder = holders.get(found)
        scopes, source, place = _scopes(secret, holder, packs)
        lifetime = _lifetime(secret, packs)
        name = holder.id if holder else found
        rows.append(
            Credential(
                id=f"{name}#{secret.name or secret.kind}",
                holder=name,
                secret=secret,
                agents=(holder.agent,) if holder else (),
                scopes=scopes,
                scope_source=source,
                scope_place=place,
                lifetime=lifetime,
                refresh=_refresh(secret, lifetime),
            )
        )
    return tuple(dict.fromkeys(rows))


def _lifetime(secret: Secret, packs: Packs) -> Lifetime:
    if secret.lifetime != "unknown":
        return secret.lifetime
    if secret.expires:
        return "expiring"
    known = packs.credential_kind(secret.provider, secret.kind, secret.name)
    return known.lifetime if known else "unknown"


def _refresh(secret: Secret, lifetime: Lifetime) -> bool | None:
    """Whether something renews it: a literal that expires is renewed by nobody."""
    if secret.refresh is not None:
        return secret.refresh
    if lifetime == "refreshing":
        return True
    return False if lifetime == "expiring" and secret.literal else None


def _scopes(
    secret: Secret, holder: Installation | None, packs: Packs
) -> tuple[tuple[str, ...] | None, ScopeSource, Place | None]:
    """What it was granted, who says so and where; where nobody does, who could."""
    if secret.scopes is not None:
        return secret.scopes, "file" if secret.file else "token", secret.place
    known = packs.credential_kind(secret.provider, secret.kind, secret.name)
    asked = declared_scopes(holder.entry) if holder else None
    if asked is not None and (secret.kind in _LOGINS or (known and known.scopes == "declared")):
        return tuple(asked.text.split()), "declared", asked.place
    return None, _TELLERS.get(known.scopes if known else "", "unknown"), None
