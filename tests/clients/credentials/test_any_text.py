"""Whatever stands in a credential file, its readers come back, with no secret in what may be shown."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpaudit.clients.credentials import lines
from mcpaudit.clients.credentials.data import in_document
from mcpaudit.clients.credentials.stored import MOST, Stored, day
from mcpaudit.knowledge.pack import Packs
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.reader import read_text_as

PACKS = Packs.shipped()
SECRET = "CANARY01q7Zp9Kd3Xw8Rt5Vb01Nm"
KEYS = st.sampled_from(
    "access_token refresh_token scope expires_at token_type client_secret client_id type private_key exec"
    f" user token serverName aws_secret_access_key {SECRET}".split()
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8))
JSON = st.recursive(
    LEAVES | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)
WORDS = st.sampled_from(
    [
        "machine",
        "login",
        "password",
        "[ops]",
        "[",
        "=",
        "export",
        "API_KEY",
        ":",
        "\n",
        " ",
        "'",
        '"',
        "#",
        SECRET,
    ]
)


def shown(found: list[Stored]) -> str:
    return json.dumps([[one.name, one.kind, one.provider, one.expires, one.scopes] for one in found])


@settings(deadline=None)
@given(JSON)
def test_data(data: object) -> None:
    document = read_text_as(json.dumps(data), "x.json", "json")
    if isinstance(document, Document):
        found = in_document(document, PACKS)
        assert len(found) <= MOST
        assert SECRET not in shown(found)
        assert all(one.line >= 1 for one in found)


@settings(deadline=None)
@given(st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=200))
def test_lines(text: str) -> None:
    readers = (
        lines.in_profile(text, "ops"),
        lines.in_variables(text, PACKS),
        lines.in_netrc(text),
        lines.in_pgpass(text),
        lines.in_text(text, PACKS),
    )
    for found in readers:
        assert len(found) <= MOST
        assert SECRET not in shown(found)
        assert SECRET not in repr(found)


@given(LEAVES | st.floats())
def test_a_day_is_a_date_or_nothing(ends: Json) -> None:
    told = day(ends)
    assert told == "" or len(told) == 10
