"""Secrets in JSON and YAML: stored logins, keys of service accounts, clients of OAuth, kubeconfig.

Sources: RFC 6749 section 5.1 and google-auth (stored logins), Google Cloud's guide to key files and to
Application Default Credentials, the Kubernetes reference on kubeconfig.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from mcpaudit.clients.credentials.stored import MOST, Stored, day, label, named
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import scope_names
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json

_DEEPEST = 8
_ACCESS = ("access_token", "accessToken", "token")
_REFRESH = ("refresh_token", "refreshToken")
_ENDS = ("expiry_date", "expires_at", "expiresAt", "expiry")
_SCOPES = ("scope", "scopes")
_OWNER = ("serverName", "server_name", "serverUrl", "server_url", "mcpServerUrl")


def in_document(document: Document, packs: Packs, under: str = "") -> list[Stored]:
    """The secrets of a file, or of what it keeps under one key, each with its line."""
    data, start = document.data, (under,) if under else ()
    if under:
        data = data.get(under) if isinstance(data, dict) else None
    found = islice(_walk(data, start, (), packs), MOST)
    return [replace(one, line=document.locate(one.route)[0]) for one in found]


def _walk(value: Json, route: Route, owners: tuple[str, ...], packs: Packs) -> Iterator[Stored]:
    if len(route) > _DEEPEST:
        return
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from _walk(element, (*route, index), owners, packs)
    if not isinstance(value, dict):
        return
    name = str(route[-1]) if route else ""
    owners = (*owners, name.partition("|")[0], *(_text(value, key) for key in _OWNER))
    whole = _key_file(value) or _login(value, owners) or _oauth_client(value)
    if whole is not None:
        yield replace(whole, name=label(name), route=route)
        return
    for key, member in value.items():
        below = (*route, key)
        if key in ("exec", "auth-provider") and isinstance(member, dict):
            # kubeconfig: a program is run for a new token.
            told = Stored("", "exec_plugin", f"{name} {key}", "kubernetes", lifetime="refreshing")
            yield replace(told, name=label(_text(value, "name")), refresh=True, route=below, inside=False)
        elif key == "client-key-data" and isinstance(member, str) and member:
            yield Stored(key, "private_key", member, "kubernetes", lifetime="static", route=below)
        elif isinstance(member, str):
            yield from named(key, member, packs, route=below)
        else:
            yield from _walk(member, below, owners, packs)


def _text(value: dict[str, Json], *keys: str) -> str:
    return next((found for key in keys if isinstance(found := value.get(key), str) and found), "")


def _key_file(value: dict[str, Json]) -> Stored | None:
    secret = _text(value, "private_key")
    if value.get("type") == "service_account" and secret:
        return Stored("", "service_account", secret, "google", lifetime="static")
    source = value.get("credential_source")
    if value.get("type") == "external_account" and source:
        audience = f"external account {_text(value, 'audience')}"
        return Stored("", "federated", audience, "google", "", "refreshing", True, inside=False)
    return None


def _login(value: dict[str, Json], owners: tuple[str, ...]) -> Stored | None:
    """The tokens of one login: what renews it is the secret that lasts."""
    access, refresh = _text(value, *_ACCESS), _text(value, *_REFRESH)
    ends = next((value[key] for key in _ENDS if value.get(key)), None)
    ending = bool(ends or "expires_in" in value)
    if not refresh and not (access and (ending or "token_type" in value)):
        return None
    asked = next((value[key] for key in _SCOPES if value.get(key)), None)
    listed = asked if isinstance(asked, list) else [asked]
    scopes = scope_names(" ".join(one for one in listed if isinstance(one, str)))
    google = value.get("type") == "authorized_user" or "googleapis.com" in _text(value, "token_uri")
    return Stored(
        name="",
        kind="oauth_tokens",
        value=refresh or access,
        provider="google" if google else "",
        expires="" if refresh else day(ends),
        lifetime="refreshing" if refresh else "expiring" if ending else "unknown",
        refresh=True if refresh else False if ending else None,
        scopes=scopes or None,
        owners=tuple(filter(None, owners)),
    )


def _oauth_client(value: dict[str, Json]) -> Stored | None:
    secret = _text(value, "client_secret", "clientSecret")
    if not secret or not _text(value, "client_id", "clientId"):
        return None
    google = "google" in _text(value, "token_uri", "auth_uri")
    return Stored("", "oauth_client", secret, "google" if google else "", lifetime="static")
