"""A bad credential: what is refused clearly, and each way of not doing so."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.live.probe.credentials import without_credentials
from mcpaudit.live.probe.outcome import of_result
from mcpaudit.live.values import Launch
from tests.live.odd_web import web
from tests.live.probe.probing import Probing, bad

TOKEN = "s3cr3t-v4lue-9"
CHECKS = ("no-credential", "invalid-credential", "expired-credential")


@pytest.mark.parametrize(
    ("kind", "verdict", "says"),
    [
        ("auth-is-error", "clear-refusal", "an error (isError): the provider says 401"),
        ("auth-json-rpc", "clear-refusal", "a JSON-RPC error: token expired"),
        ("auth-words", "clear-refusal", "it says so in words alone, and does not set `isError`"),
        ("auth-unreached", "cannot-test", "was not reached: a JSON-RPC error: fetch failed"),
        ("auth-unreached-words", "cannot-test", "what it works with was not reached"),
        ("auth-refuses-to-start", "clear-refusal", "and says why on standard error"),
        ("auth-empty", "silent-empty", "an empty result, and no error"),
        ("auth-none-found", "silent-empty", "an empty result, and no error"),
        ("auth-success", "silent-success", "a result, and no error"),
        ("auth-hang", "hang", "it gave no answer within 2 s"),
        ("auth-crash", "crash", "it exited with code 1"),
        ("auth-trace", "crash", "it exited with code 1"),
    ],
)
def test_each_way_of_taking_a_bad_credential(site: Probing, kind: str, verdict: str, says: str) -> None:
    file = site.folder / "tokens"
    site.install(one=bad(kind, str(file), env={"API_TOKEN": TOKEN}))
    seen = site.seen("--auth", timeout=2)["one"]
    for check in ("no-credential", "invalid-credential"):
        assert (seen[check]["verdict"], says in seen[check]["says"]) == (verdict, True)
    assert seen["expired-credential"]["verdict"] == "cannot-test"
    assert seen["reachable"]["verdict"] == "pass"
    # Health, twice, has the real one; the others never have.
    first, second, *others = (line[::-1] for line in file.read_text().split())
    assert (first, second, sorted({*others})) == (TOKEN, TOKEN, ["none", "x0xx0x-x0xxx-0"])
    assert TOKEN not in site.out + site.err + site.evidence.read_text()


def test_the_plan_is_shown_first(site: Probing) -> None:
    site.install(one=bad("auth-success", str(site.folder / "x"), env={"API_TOKEN": TOKEN})).probe("--auth")
    assert (
        "  auth: starts it with no, an invalid and an expired credential instead of its own; calls"
        in site.err
    )
    assert "`list_notes` with {}" in site.err


def test_no_tool_is_called_that_is_not_proved_to_read(site: Probing) -> None:
    site.install(one=bad("only-writes", env={"API_TOKEN": TOKEN}))
    seen = site.seen("--auth")["one"]
    assert {seen[check]["verdict"] for check in CHECKS} == {"cannot-test"}
    assert "none is proved to only read" in seen["no-credential"]["says"]
    seen = site.seen("--auth", "--call", "one/delete_note", "--arguments", '{"id": "1"}')["one"]
    assert (seen["no-credential"]["verdict"], seen["no-credential"]["tool"]) == (
        "silent-success",
        "delete_note",
    )


@pytest.mark.parametrize("words", ["other/x", "one", "one/"])
def test_a_call_that_is_none(site: Probing, words: str) -> None:
    site.install(one=bad("good"))
    assert site.probe("--auth", "--call", words) == 2
    assert "expected SERVER/TOOL" in site.err


def test_entries_without_a_credential(site: Probing) -> None:
    with web() as state:
        site.install(one=bad("good"), two={"url": f"{state.url}/login"}, three={"url": f"{state.url}/good"})
        seen = site.seen("--auth")
    assert seen["one"]["no-credential"]["says"] == "its entry holds no credential"
    assert seen["two"]["no-credential"]["verdict"] == "clear-refusal"
    assert seen["two"]["no-credential"]["says"] == "HTTP status 401 without WWW-Authenticate"
    assert seen["three"]["no-credential"]["verdict"] == "cannot-test"


def test_a_credential_in_a_file_is_left_alone(site: Probing) -> None:
    file = site.folder / "key.env"
    file.write_text(f"API_TOKEN={TOKEN}")
    entry = bad("good", env={"API_TOKEN": TOKEN, "KEY_FILE": str(file)})
    assert site.install(one=entry).seen("--auth")["one"]["no-credential"]["says"] == (
        "its credential lies in a file, key.env"
    )


def launch(secret: str) -> Launch:
    return Launch(
        "s", ("a/s",), "http", "", (), (), ("x", "--key", secret), (("T", secret),),
        secret, (("Authorization", f"Bearer {secret}"),), Path("/nowhere"), frozenset({secret}),
    )  # fmt: skip


@given(st.text("abcXYZ019_-+/=.é", min_size=4, max_size=60))
def test_the_real_value_is_in_no_part_of_the_entry(secret: str) -> None:
    made = without_credentials(launch(secret), "invalid-credential")
    assert isinstance(made, Launch)
    texts = (*made.command, made.url, *(text for _, text in (*made.env, *made.headers)))
    assert not any(secret in text for text in texts)


@pytest.mark.parametrize("secret", ["ghp_" + "a1B" * 12, "xoxb-12345-abcdef", "sk-ant-api03-AbCdEf123"])
def test_an_invalid_one_is_of_the_same_kind(secret: str) -> None:
    made = without_credentials(launch(secret), "invalid-credential")
    assert isinstance(made, Launch)
    value = dict(made.env)["T"]
    assert len(value) == len(secret)
    assert value[:4] == secret[:4]


def test_an_expired_one_is_made_of_a_token_that_tells_its_end() -> None:
    body = urlsafe_b64encode(json.dumps({"sub": "x", "exp": 9999999999}).encode()).decode().rstrip("=")
    made = without_credentials(launch(f"eyJhbGciOiJIUzI1NiJ9.{body}.c2lnbmF0dXJl"), "expired-credential")
    assert isinstance(made, Launch)
    part = dict(made.env)["T"].split(".")[1]
    assert json.loads(urlsafe_b64decode(part + "==")) == {"sub": "x", "exp": 946684800}


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        ({"content": []}, "empty"),
        ({"content": [{"type": "text", "text": " {} "}]}, "empty"),
        ({"content": [{"type": "text", "text": "0 results"}]}, "empty"),
        ({"content": [{"type": "text", "text": "x"}], "structuredContent": {"result": []}}, "empty"),
        ({"content": [{"type": "image", "data": "", "mimeType": "image/png"}]}, "answer"),
        ({"content": [{"type": "text", "text": "No, we have bananas"}]}, "answer"),
        ({"content": [{"type": "text", "text": "log: error " + "x" * 1000}]}, "answer"),
        ({"content": [{"type": "text", "text": "Invalid API key"}]}, "words"),
        ({"content": [{"type": "text", "text": "no"}], "isError": True}, "error"),
    ],
)
def test_what_a_result_is(result: dict[str, object], kind: str) -> None:
    assert of_result(result).kind == kind  # type: ignore[arg-type]
