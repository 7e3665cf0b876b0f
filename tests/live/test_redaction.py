"""What servers send back never holds a secret of their entry, however it is written."""

import json
from base64 import b64encode
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.knowledge.pack import Packs
from mcpaudit.live.redaction import Redaction
from mcpaudit.report.escape import visible

PACKS = Packs.shipped()
SECRET = st.text(min_size=4, max_size=40).filter(lambda text: text.strip("*"))
WRITTEN = st.sampled_from(
    [
        str,
        lambda one: quote(one, safe=""),
        lambda one: json.dumps(one)[1:-1],
        visible,
        lambda one: one.encode("utf-8", "replace").hex(),
        lambda one: b64encode(one.encode("utf-8", "replace")).decode(),
    ]
)


@given(SECRET, WRITTEN, st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_gone_in_every_way_of_writing_it(
    secret: str, written: object, before: str, after: str
) -> None:
    assert callable(written)
    form = written(secret)
    redaction = Redaction.of([secret], PACKS)
    clean = redaction.json({f"{before}{form}": [f"{form}{after}", 1, None]})
    assert isinstance(clean, dict)
    ((name, held),) = clean.items()
    assert isinstance(held, list)
    assert form not in name.replace("***", "\n") or form in "***"
    assert form not in str(held[0]).replace("***", "\n") or form in "***"
    assert held[1:] == [1, None]


@given(st.text(max_size=60))
def test_without_secrets_nothing_changes(text: str) -> None:
    assert Redaction.of([], PACKS).text(text) == text
    assert Redaction.of(["abc"], PACKS).text(text) == text
