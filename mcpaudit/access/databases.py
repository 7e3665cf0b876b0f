"""Database addresses in one normal form: what is left is the server with its port, and the database.

Users, passwords and parameters are no part of what a database is; a default schema is none either, since
qualified names reach the others.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from mcpaudit.access.engines import ENGINES, FILES, Engine, engine
from mcpaudit.access.hosts import LOCAL, host, http_server
from mcpaudit.access.paths import Anchors
from mcpaudit.model.resource import UNKNOWN, Resource

_VARIES = re.compile(r"[${}<>`%]|\*\*\*")
_MEMBER = re.compile(r"(\[[^\]]*\]|[^:\[\]]*\$\{[^}]*\}[^:\[\]]*|[^:\[\]]*)(?::(.*))?", re.S)
_WORDS = re.compile(r"(?<!\S)(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']+)")
_MAX_LENGTH = 4096
_IN_MEMORY = ("", ":memory:", "/:memory:")
_HERE = (".", "(local)", "(localdb)")
_SNOWFLAKE = ".snowflakecomputing.com"
_SQLITE_FILE = re.compile(r"\.(?:db|sqlite|sqlite3|db3|duckdb)$", re.I)


def database(address: str, anchors: Anchors, base: str = "", owner: str = "") -> Resource | None:
    """The database that a connection string names; `None` where it is none.

    A relative file starts at `base`; what its process keeps in memory is its `owner`'s alone.
    """
    text = re.sub(r"^jdbc:", "", address.strip(), flags=re.I)
    if len(text) > _MAX_LENGTH:
        return None
    scheme, colon, rest = text.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z][\w+.-]*", scheme):
        return _by_keys(text, anchors, base, owner)
    name = scheme.lower().partition("+")[0]
    if name in FILES or name == "file":
        return _file(rest if name != "file" else text, anchors, base, owner)
    kind = engine(name)
    if kind is None:
        return None if rest.startswith("//") else _by_keys(text, anchors, base, owner)
    if name == "oracle":
        # Oracle's thin driver names the service where others name a SID.
        rest = re.sub(r"^thin:@/{0,2}([^/?#]*)/([^?#]*)", r"//\1/?service_name=\2", rest)
    return _by_url(kind, scheme.lower(), rest.removeprefix("//")) if rest.startswith("//") else None


def by_variables(values: Mapping[str, str]) -> Resource | None:
    """The database that separate variables name (`PGHOST`, `PGDATABASE`); `None` where they name none."""
    for one in ENGINES:
        place = _first(values, one.host)
        name = _first(values, one.databases)
        if place is None and (name is None or not one.schemes):
            continue
        if place and (server := http_server(place)):
            return Resource(one.provider, server)
        kind = engine(values.get("DB_TYPE", "")) or one if not one.schemes else one
        port = _first(values, one.ports)
        kind = kind if port is None or kind.schemes else next((e for e in ENGINES if e.port == port), kind)
        return _found(kind, [(place or "", port or "")], name or "", _first(values, one.users) or "")
    return None


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((values[name] for name in names if values.get(name)), None)


def _by_url(kind: Engine, scheme: str, rest: str) -> Resource | None:
    rest, _, settings = rest.partition(";")  # JDBC of SQL Server
    before, _, query = rest.partition("?")
    netloc, _, path = before.partition("/")
    user, at, place = netloc.rpartition("@")
    given = {key.lower(): value for key, value in parse_qsl(query.partition("#")[0])}
    pairs = (one.partition("=") for one in settings.split(";"))
    given |= {key.strip().lower(): value for key, _, value in pairs}
    members = []
    for member in given.get("host", place).split(",")[:64]:
        found = _MEMBER.fullmatch(member.strip())
        if found is None:
            return None
        port = given.get("port", "") or found[2] or ""
        if port and not port.isdigit() and not _VARIES.search(port):
            return None
        members.append((unquote(found[1]) if "$" not in found[1] else found[1], port))
    if scheme.endswith("+srv"):
        members = [(name, "srv") for name, _ in members]
    name = next((given[one] for one in kind.parameters if given.get(one)), "")
    named = name or unquote(path.strip("/").partition("/")[0])
    if "oracle" in kind.schemes:
        named = name.casefold()  # which service a SID belongs to, only the server knows
    return _found(kind, members, named, unquote(user.partition(":")[0]) if at else "")


def _found(kind: Engine, members: list[tuple[str, str]], name: str, user: str) -> Resource:
    places = sorted({_place(kind, place, port) for place, port in members})
    tenant = UNKNOWN if UNKNOWN in places else ",".join(places)
    if not name:
        name = kind.database or (user or UNKNOWN if kind.unnamed == "user" else "")
        name = UNKNOWN if not name and kind.unnamed == "none" else name
    if name and _VARIES.search(name):
        name = UNKNOWN
    return Resource(
        kind.provider, tenant, "database" if kind.provider == "sql" else "", (name,) if name else ()
    )


def _place(kind: Engine, place: str, port: str) -> str:
    """`HOST:PORT`, or `HOST:INSTANCE` where an instance's name stands for the port."""
    place, _, instance = place.partition("\\")
    if "snowflake" in kind.schemes and re.fullmatch(r"[\w.-]+", place) and host(place) != LOCAL:
        place = place.lower().removesuffix(_SNOWFLAKE) + _SNOWFLAKE
    shown = LOCAL if place.lower() in _HERE else host(place)
    if shown == UNKNOWN:
        return UNKNOWN
    if port and _VARIES.search(port):
        port = UNKNOWN
    port = port or instance.lower() or kind.port or UNKNOWN
    return f"{shown}:{kind.port if port in kind.doors else port}"


def _file(rest: str, anchors: Anchors, base: str, owner: str) -> Resource:
    """SQLAlchemy: three slashes are relative, four absolute; `file:` names follow SQLite's URI rules."""
    path, _, query = rest.partition("?")
    if path[:5].lower() == "file:":
        memory = "mode=memory" in query
        path = path[5:] if not path[5:].startswith("//") else "/" + path[7:].partition("/")[2]
    else:
        memory = False
        path = path[3:] if path.startswith("///") else path.removeprefix("//")
    if memory or path in _IN_MEMORY:
        return Resource("local", f"process:{owner}" if owner else UNKNOWN, "file", (":memory:",))
    return anchors.file(unquote(path), base=base)


def _by_keys(text: str, anchors: Anchors, base: str, owner: str) -> Resource | None:
    """`host=db.example dbname=app` (libpq) and `Server=...;Database=...;` (ADO.NET)."""
    if ";" in text:
        pairs = [one.partition("=")[::2] for one in text.split(";")]
        given = {key.strip().lower(): value.strip().strip("'\"") for key, value in pairs}
    else:
        found = {key.lower(): value for key, value in _WORDS.findall(text)}
        given = {key: re.sub(r"\\(.)", r"\1", value.strip("'")) for key, value in found.items()}
        if not given and re.match(r"(?i)\s*(?:server|data source)\s*=", text):
            given = {"server": text.partition("=")[2].strip()}
    server = next((given[key] for key in ("server", "data source", "address", "addr") if given.get(key)), "")
    name = next((given[key] for key in _KEYS if given.get(key)), "")
    if place := given.get("host", given.get("hostaddr", "")):
        members = [(one, given.get("port", "")) for one in place.split(",")[:64]]
        return _found(ENGINES[0], members, name, given.get("user", given.get("username", "")))
    if not server:
        return None
    if "data source" in given and (_SQLITE_FILE.search(server) or server == ":memory:"):
        return _file("///" + server, anchors, base, owner)
    place, _, port = re.sub(r"^(?:tcp|np|lpc):", "", server, flags=re.I).partition(",")
    port = port.strip() or given.get("port", "")
    kind = next((one for one in ENGINES if port and one.port == port), engine("mssql"))
    assert kind is not None
    return _found(kind, [(place.strip(), port)], name, "")


_KEYS = ("dbname", "database", "initial catalog")
