"""Database addresses in one normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.access.databases import by_variables, database
from mcpaudit.access.engines import VARIABLES
from mcpaudit.access.paths import Anchors

HERE = Anchors("/home/me", "/home/me/app")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:CANARY@db.example:5432/app", "sql:db.example:5432/app"),
        ("postgres://db.example/app", "sql:db.example:5432/app"),
        ("POSTGRES://DB.Example/app", "sql:db.example:5432/app"),
        ("postgresql+asyncpg://u@db.example/app?sslmode=require&password=CANARY", "sql:db.example:5432/app"),
        ("postgresql://db.example:6000/app", "sql:db.example:6000/app"),
        ("postgresql://127.0.0.1/app", "sql:localhost:5432/app"),
        ("postgresql://localhost:5432/app", "sql:localhost:5432/app"),
        ("postgresql://[::1]/app", "sql:localhost:5432/app"),
        ("postgresql:///app", "sql:?/app"),
        ("postgresql://${HOST}/app", "sql:?/app"),
        ("postgresql://db.example/${NAME}", "sql:db.example:5432/?"),
        ("postgresql://db.example", "sql:db.example:5432/?"),
        ("postgresql://db.example/a%20b", "sql:db.example:5432/a b"),
        ("mysql://db.example/app", "sql:db.example:3306/app"),
        ("mariadb://db.example/app", "sql:db.example:3306/app"),
        ("mssql://db.example/app", "sql:db.example:1433/app"),
        ("host=db.example dbname=app user=u password=CANARY", "sql:db.example:5432/app"),
        ("host=db.example port=6000 dbname=app", "sql:db.example:6000/app"),
        ("host=127.0.0.1 dbname=app", "sql:localhost:5432/app"),
        ("Server=db.example;Database=app;User Id=u;Password=CANARY;", "sql:db.example:1433/app"),
        ("mongodb://u:CANARY@db.example/app", "nosql:db.example:27017/app"),
        ("redis://db.example", "nosql:db.example:6379/0"),
        ("https://db.example/app", None),
        ("https://x.example/?host=db.example&server=db", None),
        ("--url=https://x.example/?host=db.example", None),
        ("postgresql://db.example:port/app", None),
        ("postgresql://[::1/app", None),
        ("just words", None),
        ("", None),
    ],
)
def test_database_addresses(address: str, shown: str | None) -> None:
    found = database(address, HERE)
    assert (None if found is None else str(found)) == shown
    assert "CANARY" not in repr(found)


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES | {"DB_TYPE"})), st.text(max_size=12), max_size=5))
def test_any_variables_are_a_database_or_none(values: dict[str, str]) -> None:
    found = by_variables(values)
    assert found is None or found.provider in ("sql", "nosql", "local")


@given(st.text(max_size=30), st.sampled_from(["", "postgres://", "host=", "mysql://a@", "mongodb+srv://"]))
def test_any_text_is_a_database_or_none(text: str, start: str) -> None:
    found = database(start + text, HERE)
    assert found is None or found.provider in ("sql", "nosql", "local")
