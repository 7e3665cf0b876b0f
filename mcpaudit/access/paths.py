"""File paths and database addresses from configuration, in one normal form.

Containment is by component, never by string: `/data` does not contain `/database`.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from mcpaudit.model.resource import UNKNOWN, Resource

HOST = "host"
_DRIVE = re.compile(r"^([A-Za-z]):[\\/]?|^/mnt/([a-z])(?=/|$)")
_HOME = re.compile(r"(?:~|\$HOME|\$\{HOME\}|\$env:USERPROFILE|%USERPROFILE%)(?=/|$)")
_PORTS = {
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "mssql": 1433,
    "sqlserver": 1433,
}
_NOSQL_PORTS = {
    "mongodb": 27017,
    "mongodb+srv": 27017,
    "redis": 6379,
    "rediss": 6379,
    "neo4j": 7687,
    "bolt": 7687,
}
_LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0"}


@dataclass(frozen=True, slots=True)
class Anchors:
    """The starting points that paths are shown from, so that no report depends on where they lie."""

    home: str = ""
    project: str = ""
    windows: bool = False

    def file(self, text: str, kind: str = "file", lineage: tuple[str, ...] = (), base: str = "") -> Resource:
        """The file resource for a path; relative paths start at `base`, else at the project."""
        parts = self.parts(text, base)
        return Resource("local", HOST, kind, parts, lineage, self._aliases(parts))

    def parts(self, text: str, base: str = "") -> tuple[str, ...]:
        """A path's components from the root; `?` from the first unknown one on."""
        path = text.replace("\\", "/") if self.windows or _DRIVE.match(text) else text
        start: tuple[str, ...] | None
        if drive := _DRIVE.match(path):
            start, path = ((drive[1] or drive[2]).upper() + ":",), path[drive.end() :]
        elif home := _HOME.match(path):
            start, path = _split(self.home), path[home.end() :]
        elif path.startswith("/"):
            start = ()
        elif path.startswith(("$", "%", "~")):
            start = None  # it may lead anywhere
        else:
            start = self.parts(base) if base else _split(self.project)
        if start is None:
            return (UNKNOWN,)
        known = [part.casefold() if self.windows else part for part in start]
        for part in path.split("/"):
            if UNKNOWN in known[-1:]:
                break
            if part == "..":
                del known[-1:]
            elif "$" in part or part.startswith("%"):
                known.append(UNKNOWN)
            elif part not in ("", "."):
                known.append(part.casefold() if self.windows else part)
        return tuple(known)

    def _aliases(self, parts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        found = []
        for start, mark in sorted(((self.home, "~"), (self.project, ".")), key=lambda anchor: len(anchor[0])):
            base = tuple(part.casefold() if self.windows else part for part in start.split("/") if part)
            if base and parts[: len(base)] == base:
                found.append((mark, *parts[len(base) :]))
        return tuple(found)


def _split(folder: str) -> tuple[str, ...] | None:
    """The components of an anchor; `None` where there is none, so that what starts there is unknown."""
    return tuple(part for part in folder.split("/") if part) if folder else None


def database(address: str) -> Resource | None:
    """The database that a connection string names; `None` where it is none.

    Users and passwords are no part of a database's identity; default ports and loopback names are made equal.
    """
    if "://" not in address:
        return _key_value(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    engine = parts.scheme.lower().partition("+")[0]
    ports = _PORTS if engine in _PORTS else _NOSQL_PORTS
    if engine not in ports:
        return None
    provider = "sql" if engine in _PORTS else "nosql"
    name = unquote(parts.path.strip("/"))
    return _database(provider, host, port or ports[engine], name)


def _key_value(address: str) -> Resource | None:
    """`host=db.example dbname=app` and `Server=...;Database=...;`."""
    pairs = dict(re.findall(r"(?i)\b(host|server|port|dbname|database)\s*=\s*([^;\s]+)", address))
    pairs = {key.lower(): value for key, value in pairs.items()}
    host = pairs.get("host") or pairs.get("server")
    if not host:
        return None
    port = pairs.get("port", "")
    default = 1433 if "server" in pairs else 5432
    return _database(
        "sql",
        host,
        int(port) if port.isdigit() else default,
        pairs.get("dbname") or pairs.get("database") or "",
    )


def _database(provider: str, host: str, port: int, name: str) -> Resource:
    unknown = not host or "$" in host
    shown = "localhost" if host in _LOOPBACK else host.lower()
    tenant = UNKNOWN if unknown else f"{shown}:{port}"
    path = (UNKNOWN if "$" in name else name,) if name else ()
    return Resource(provider, tenant, "database" if provider == "sql" else "", path)
