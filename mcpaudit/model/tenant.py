"""Whether two tenants are one: hosts, accounts, workspaces, and names that only one machine knows them by."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mcpaudit.model.relation import Relation, by_glob

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

UNKNOWN = "?"
INTERNET = "internet"
"""The tenant of `web` that is every host."""
NICKNAME = "name:"
"""Begins a tenant that is known by this machine's own name for it: a profile, a context."""

_EQUAL, _POSSIBLE, _DISJOINT = Relation.EQUAL, Relation.POSSIBLE, Relation.DISJOINT


@lru_cache(maxsize=16384)
def tenants(provider: str, a: str, b: str) -> Relation:
    """How the first of two tenants of a provider stands to the second."""
    if UNKNOWN in (a, b):
        return _POSSIBLE
    if a == b:
        return _POSSIBLE if f":{UNKNOWN}" in a else _EQUAL  # a port that is not known
    if provider in ("sql", "nosql"):
        return _servers(a, b)
    if provider == "web":
        return _origins(a, b)
    if provider == "local":
        return _DISJOINT
    if provider == "git":
        return _hosts(a, b)
    return _DISJOINT if _sort(a) == _sort(b) else _POSSIBLE


def _sort(tenant: str) -> str:
    """What sort of name a tenant is; two names of one sort that differ are two tenants, others may be one."""
    if tenant.startswith(NICKNAME):
        return tenant  # any two nicknames may be one account
    sort, colon, _ = tenant.partition(":")
    if colon and sort.isalpha():
        return sort
    if "@" in tenant:
        return "address"
    if "." in tenant:
        return "host"
    if tenant.isdigit():
        return "number"
    if re.fullmatch(r"[0-9A-Fa-f-]{32,36}", tenant):
        return "uuid"
    # Slack: a team is T..., an Enterprise Grid organisation of teams is E... .
    return tenant[0] if re.fullmatch(r"[TE][A-Z0-9]+", tenant) else "slug"


def _servers(a: str, b: str) -> Relation:
    """`HOST:PORT`, several with commas for a deployment of several hosts; `srv` and `?` are ports, too."""
    if "," in a or "," in b:
        return _POSSIBLE  # any other host may be one more member of the same deployment
    (host_a, _, port_a), (host_b, _, port_b) = a.rpartition(":"), b.rpartition(":")
    same = _hosts(host_a, host_b)
    if same is _EQUAL:
        ports = {port_a, port_b}
        # PgBouncer's own port; instances and unknown ports are whichever the server gives them.
        other = not all(port.isdigit() for port in ports) or "6432" in ports
        return _POSSIBLE if other or port_a == port_b else _DISJOINT
    if "srv" in (port_a, port_b) and port_a != port_b:
        # An SRV record names hosts of its own parent domain only (MongoDB: initial DNS seedlist discovery).
        return _POSSIBLE if _parent(host_a) == _parent(host_b) or same is _POSSIBLE else _DISJOINT
    if _pooled(host_a) == _pooled(host_b) or _elsewhere(host_a, host_b):
        return _POSSIBLE
    return same if port_a == port_b or not (port_a + port_b).isdigit() else _DISJOINT


def _pooled(host: str) -> str:
    """A host without what poolers and replicas add to its name (Neon `-pooler`, Amazon RDS `cluster-ro-`)."""
    first, dot, rest = host.partition(".")
    if host.endswith(".rds.amazonaws.com"):
        rest = (
            rest.removeprefix("cluster-").removeprefix("ro-").removeprefix("proxy-").removeprefix("custom-")
        )
    return first.removesuffix("-pooler").removesuffix("-ro") + dot + rest


def _elsewhere(a: str, b: str) -> bool:
    """Whether one is a provider's shared pooler, whose users and not whose name say which database it is."""
    shared = any(host.endswith(".pooler.supabase.com") for host in (a, b))
    return shared and all(host.endswith((".supabase.com", ".supabase.co")) for host in (a, b))


def _parent(host: str) -> str:
    return host.partition(".")[2]


def _hosts(a: str, b: str) -> Relation:
    """Two host names: one may be the other's address, or its short form within a domain."""
    if a == b:
        return _EQUAL
    if UNKNOWN in (a, b):
        return _POSSIBLE
    numbers = [_address(host) is not None for host in (a, b)]
    if any(numbers):
        return _DISJOINT if all(numbers) else _POSSIBLE
    if "localhost" in (a, b):
        return _DISJOINT
    short = any("." not in host for host in (a, b)) and ("." in a or "." in b)
    return _POSSIBLE if short and a.partition(".")[0] == b.partition(".")[0] else _DISJOINT


def _origins(a: str, b: str) -> Relation:
    """`HOST` or `HOST:PORT`; the port of https is left out."""
    if INTERNET in (a, b):
        other = b if a == INTERNET else a
        if _inside(other.partition(":")[0]):
            return _POSSIBLE
        return Relation.CONTAINS if a == INTERNET else Relation.WITHIN
    (host_a, _, port_a), (host_b, _, port_b) = _split(a), _split(b)
    same = by_glob(host_a, host_b) if "*" in host_a + host_b else _hosts(host_a, host_b)
    if port_a == port_b:
        return same
    # Plain http mostly leads on to https.
    return _POSSIBLE if {port_a, port_b} == {"", "80"} and same is not _DISJOINT else _DISJOINT


def _split(origin: str) -> tuple[str, str, str]:
    if origin.startswith("["):
        host, bracket, port = origin.partition("]")
        return host + bracket, ":", port.removeprefix(":")
    return origin.partition(":")


def _inside(host: str) -> bool:
    """Whether a host stands in the machine's own network, where a server may refuse to look."""
    if host == "localhost" or "." not in host:
        return True
    address = _address(host)
    return address is not None and not address.is_global


@lru_cache(maxsize=4096)
def _address(host: str) -> "IPv4Address | IPv6Address | None":
    if not (host[-1:].isdigit() or ":" in host):
        return None
    # Imported here: most hosts are names.
    from ipaddress import ip_address

    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
