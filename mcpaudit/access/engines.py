"""Database engines: how addresses and variables name them, and what they leave out."""

from functools import cache
from typing import Literal

from mcpaudit.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine, or several that speak one protocol."""

    schemes: tuple[str, ...]
    port: str
    provider: Literal["sql", "nosql"] = "sql"
    unnamed: Literal["user", "server", "none"] = "server"
    """What an address without a database opens: the one named like the user, or all of the server."""
    database: str = ""
    """The database that an address without one opens."""
    doors: tuple[str, ...] = ()
    """Further ports of the same server."""
    parameters: tuple[str, ...] = ()
    """The parameters of an address that name the database."""
    host: tuple[str, ...] = ()
    """The variables that name the host; those for the port, database and user are beside it."""
    ports: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


_SQL_NAME = ("database", "databasename", "initial catalog", "dbname")

# Ports: IANA's registry and each engine's manual. Variables: libpq 34.15, the engines' images and the
# READMEs of their MCP servers.
ENGINES = (
    Engine(
        ("postgres", "postgresql", "pg", "pgsql"),
        "5432",
        unnamed="user",
        parameters=("dbname",),
        host=("PGHOST", "POSTGRES_HOST", "PG_HOST", "POSTGRESQL_HOST"),
        ports=("PGPORT", "POSTGRES_PORT", "PG_PORT", "POSTGRESQL_PORT"),
        databases=("PGDATABASE", "POSTGRES_DB", "POSTGRES_DATABASE", "PG_DATABASE", "POSTGRESQL_DATABASE"),
        users=("PGUSER", "POSTGRES_USER", "PG_USER", "POSTGRESQL_USER"),
    ),
    Engine(("cockroachdb", "cockroach", "crdb"), "26257", unnamed="user"),
    Engine(("redshift",), "5439", unnamed="user"),
    Engine(
        ("mysql", "mysql2", "mariadb", "mysqlx"),
        "3306",
        host=("MYSQL_HOST", "MARIADB_HOST"),
        ports=("MYSQL_PORT", "MARIADB_PORT"),
        databases=("MYSQL_DB", "MYSQL_DATABASE", "MARIADB_DATABASE", "MARIADB_DB"),
    ),
    Engine(
        ("mssql", "sqlserver"),
        "1433",
        parameters=_SQL_NAME,
        host=("MSSQL_SERVER", "MSSQL_HOST", "SQLSERVER_HOST"),
        ports=("MSSQL_PORT", "SQLSERVER_PORT"),
        databases=("MSSQL_DATABASE", "SQLSERVER_DATABASE"),
    ),
    Engine(
        ("clickhouse", "clickhousedb"),
        "9000",
        database="default",
        doors=("8123", "8443", "9440"),
        parameters=("database",),
        host=("CLICKHOUSE_HOST",),
        ports=("CLICKHOUSE_PORT",),
        databases=("CLICKHOUSE_DATABASE", "CLICKHOUSE_DB"),
    ),
    Engine(("oracle",), "1521", unnamed="none", parameters=("service_name",)),
    Engine(("snowflake",), "443", host=("SNOWFLAKE_ACCOUNT",), databases=("SNOWFLAKE_DATABASE",)),
    Engine(("mongodb", "mongo"), "27017", "nosql"),
    Engine(
        ("redis", "rediss", "valkey", "valkeys"),
        "6379",
        "nosql",
        database="0",
        parameters=("db",),
        host=("REDIS_HOST",),
        ports=("REDIS_PORT",),
        databases=("REDIS_DB",),
    ),
    Engine(("neo4j", "bolt"), "7687", "nosql", parameters=("database",)),
    Engine(("elasticsearch", "opensearch"), "9200", "nosql", host=("ES_URL", "ELASTICSEARCH_URL")),
    Engine(("qdrant",), "6333", "nosql", host=("QDRANT_URL",)),
    # These variables name no engine: a missing port is not known.
    Engine((), "", host=("DB_HOST",), ports=("DB_PORT",), databases=("DB_NAME", "DB_DATABASE")),
)
FILES = ("sqlite", "sqlite3", "duckdb")
"""Engines whose database is a file."""

VARIABLES = frozenset(
    name for one in ENGINES for names in (one.host, one.ports, one.databases, one.users) for name in names
)
"""Every variable that says something of a database."""


@cache
def engine(scheme: str) -> Engine | None:
    """The engine that a scheme names, without its driver (`postgresql+asyncpg`, `mongodb+srv`)."""
    plain = scheme.lower().partition("+")[0]
    return next((one for one in ENGINES if plain in one.schemes), None)
