"""`mcpaudit live list` on remote servers: every transport, and every way of not answering."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.live.odd_web import Web, web
from tests.live.running import Live


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as state:
        yield state


def ask(live: Live, url: str, timeout: float = 20, **more: Any) -> Any:
    return live.install(one={"url": url, **more}).rows(timeout=timeout)["one"]


@pytest.mark.parametrize(
    ("kind", "revision"),
    [("good", "2025-06-18"), ("stream", "2025-06-18"), ("older", "2025-06-18"), ("modern", "2026-07-28")],
)
def test_a_list_by_every_transport(live: Live, site: Web, kind: str, revision: str) -> None:
    row = ask(live, f"{site.url}/{kind}", headers={"X-Api-Key": "q7Zp9Kd3Xw8Rt5Vb2Nm4"})
    assert (row["outcome"], row["tools"], row["protocol"]) == ("listed", ["get_page"], revision)
    assert all(headers.get("X-Api-Key") == "q7Zp9Kd3Xw8Rt5Vb2Nm4" for _, headers in site.asked)
    assert "q7Zp9Kd3Xw8Rt5Vb2Nm4" not in live.out + live.err
    assert "cursor/one: contacts\n" in live.err
    assert "with the headers X-Api-Key=***" in live.err


@pytest.mark.parametrize(
    ("kind", "outcome", "reason"),
    [
        ("login", "login", "it asks for a login (HTTP status 401)"),
        ("page", "refused", "it answered with an error: Unexpected content type: text/html"),
        ("broken", "refused", "it answered with an error (HTTP status 500): "),
        ("endless", "over-limit", "one answer is over 8 MiB"),
        ("endless-events", "over-limit", "one answer is over 8 MiB"),
        ("bomb", "refused", "it compresses its answer, which it was not asked to"),
        ("circle", "refused", "it answered with an error (HTTP status 307): "),
        ("silent", "no-answer", "it gave no answer within 1 s"),
    ],
)
def test_a_clear_reason(live: Live, site: Web, kind: str, outcome: str, reason: str) -> None:
    row = ask(live, f"{site.url}/{kind}", timeout=1 if kind == "silent" else 20)
    assert row["outcome"] == outcome
    assert row["reason"].startswith(reason)


def test_a_redirect_to_another_host_is_told_and_not_followed(live: Live, site: Web) -> None:
    with web() as other:
        site.elsewhere = f"{other.url}/good"
        row = ask(live, f"{site.url}/moved", headers={"Authorization": "Bearer q7Zp9Kd3Xw8Rt5Vb2Nm4"})
        assert row["outcome"] == "refused"
        assert f"Redirect to {other.url}/good not followed" in row["reason"]
        assert other.asked == []


@pytest.mark.parametrize("kind", ["good", "broken", "moved"])
def test_a_secret_in_the_url_is_sent_and_not_shown(live: Live, site: Web, kind: str) -> None:
    site.elsewhere = "http://elsewhere.invalid/?api_key=q7Zp9Kd3Xw8Rt5Vb2Nm4"
    ask(live, f"{site.url}/{kind}/mcp?api_key=q7Zp9Kd3Xw8Rt5Vb2Nm4")
    assert site.asked[0][0].endswith("?api_key=q7Zp9Kd3Xw8Rt5Vb2Nm4")
    assert "q7Zp9Kd3Xw8Rt5Vb2Nm4" not in live.out + live.err


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/mcp", "http://no-such-host.invalid/mcp"])
def test_nobody_there(live: Live, url: str) -> None:
    row = ask(live, url)
    assert row["outcome"] == "unreachable"
    assert row["reason"].startswith("it cannot be reached: ")
