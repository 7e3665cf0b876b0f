"""Where a remote server and its login publish what they are; it is asked for without any credential.

Sources: RFC 9728, 3.1; RFC 8414, 3.1; OpenID Connect Discovery 1.0, 4.
"""

import json
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx2

from mcpaudit.parsing.document import Json

_MOST = 2**20


def origin(url: str) -> str:
    """Scheme, host and port of a URL, without what else may stand in it."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


def resource_addresses(url: str) -> tuple[str, ...]:
    """Where a server publishes which login it asks for."""
    name = "oauth-protected-resource"
    return tuple(dict.fromkeys((_below(url, name, True), _below(url, name, False))))


def login_addresses(issuer: str) -> tuple[str, ...]:
    """Where a login publishes what it offers."""
    path = urlsplit(issuer).path.rstrip("/")
    return tuple(
        dict.fromkeys(
            (
                _below(issuer, "oauth-authorization-server", True),
                _below(issuer, "openid-configuration", True),
                f"{origin(issuer)}{path}/.well-known/openid-configuration",
                _below(issuer, "oauth-authorization-server", False),
            )
        )
    )


def _below(url: str, name: str, with_path: bool) -> str:
    path = urlsplit(url).path.rstrip("/") if with_path else ""
    return f"{origin(url)}/.well-known/{name}{path}"


async def found_at(addresses: Sequence[str], seconds: float) -> dict[str, Json] | None:
    """The first JSON object at one of these addresses; `None` where there is none. Nothing is redirected."""
    async with httpx2.AsyncClient(timeout=seconds, headers={"Accept-Encoding": "identity"}) as client:
        for address in addresses:
            if not _may(address):
                continue
            try:
                async with client.stream("GET", address, headers={"Accept": "application/json"}) as answer:
                    if answer.status_code != 200:
                        continue
                    body = b""
                    async for chunk in answer.aiter_raw():
                        body += chunk
                        if len(body) > _MOST:
                            break
                held = json.loads(body)
            except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError):
                continue
            if isinstance(held, dict):
                return held
    return None


def _may(address: str) -> bool:
    """Metadata without TLS is taken from this machine alone."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
