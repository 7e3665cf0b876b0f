"""Whether logins can be renewed, and whether running servers take new tokens up."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import join
from typing import Any

import pytest

from tests.live.json_http import Answers, serving
from tests.live.odd_web import answer
from tests.live.probe.probing import BAD, Probing, bad
from tests.live.running import PYTHON

RESOURCE, LOGIN = "/.well-known/oauth-protected-resource", "/.well-known/oauth-authorization-server"


def tokens(site: Probing) -> Path:
    """Where the first token lies, with what the provider says."""
    folder = site.folder / "tokens"
    folder.mkdir()
    for name, held in {"token": "first", "valid": "first", "data": "milk"}.items():
        (folder / name).write_text(held)
    return folder


@pytest.mark.parametrize(
    ("kind", "verdict", "says"),
    [
        ("rotation-follows", "pass", "it answers as a new process does"),
        ("rotation-errors", "fail", "it gives an error after the rotation"),
        ("rotation-empty", "silent-empty", "an empty result after the rotation"),
        ("rotation-hangs", "hang", "it gave no answer within 3 s"),
        ("rotation-ends", "crash", "it ended after the rotation"),
        ("rotation-stale", "stale", "the answer of before the rotation"),
    ],
)
def test_each_way_of_taking_a_new_token(site: Probing, kind: str, verdict: str, says: str) -> None:
    folder = tokens(site)
    command = join([PYTHON, BAD, "rotate", str(folder)])
    site.install(one=bad(kind, str(folder)))
    row = site.seen("one", "--rotate-command", command, timeout=3)["one"]["new-token"]
    assert (row["verdict"], says in row["says"]) == (verdict, True), row["says"]
    assert f"runs `{command}`" in site.err


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("false", "ended with code 1"),
        ("/no/such/program", "cannot be started"),
        ("sleep 60", "did not end within"),
    ],
)
def test_a_command_that_fails_proves_nothing(site: Probing, command: str, says: str) -> None:
    site.install(one=bad("rotation-errors", str(tokens(site))))
    row = site.seen("one", "--rotate-command", command, timeout=2)["one"]["new-token"]
    assert (row["verdict"], says in row["says"]) == ("cannot-test", True), row["says"]


@pytest.mark.parametrize("command", ["true", "'"])
def test_a_command_is_for_one_server(site: Probing, command: str) -> None:
    site.install(one=bad("good"), two=bad("good", "x"))
    assert site.probe("--rotate-command", command) == 2
    assert "--rotate-command" in site.err


@contextmanager
def login(answers: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """A remote server that asks for a login, with what it gives out of that, and the paths asked for."""
    asked: list[str] = []

    class Handler(Answers):
        def get(self) -> None:
            asked.append(self.path)
            assert "Authorization" not in self.headers
            held = answers.get(self.path)
            body = json.dumps(held).replace("HERE", self.headers["Host"]).encode()
            self.say(200 if held else 404, body)

        def post(self, body: bytes) -> None:
            self.say(401, b"{}", WWW_Authenticate="Bearer")

    with serving(Handler) as origin:
        yield origin, asked


@contextmanager
def keyed(folder: Path, kind: str) -> Iterator[str]:
    """A server by HTTP whose tokens lie in a file: it looks there each time, but for one."""
    good = folder / "good"
    first = good.read_text().split()

    def refused(token: str, method: str) -> bool:
        known = good.read_text().split()
        if kind in ("no-token", "keeps-old"):
            return token not in (*first, *known, "")
        if kind == "never-looks":
            return token not in first
        return token not in known and (kind != "empty" or method != "tools/call")

    class Handler(Answers):
        def post(self, body: bytes) -> None:
            message = json.loads(body)
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if refused(token, message["method"]):
                return self.say(401, json.dumps({"error": f"{token} is unknown"}).encode())
            if "id" not in message:
                return self.say(202, b"")
            said = answer(message, modern=False)
            if message["method"] == "tools/call":
                text = "" if kind == "empty" and token not in first else "milk"
                result = {"content": [{"type": "text", "text": text}]}
                said = {"jsonrpc": "2.0", "id": message["id"], "result": result}
            return self.say(200, json.dumps(said).encode())

    with serving(Handler) as origin:
        yield f"{origin}/"


OLD, NEW = "old-q7Zp9Kd3Xw8Rt5Vb", "new-m4Tz8Kd3Xw8Rt5Vb"
ROTATE = f"""
import pathlib
pathlib.Path("GOOD").write_text("{NEW}")
entry = pathlib.Path("ENTRY")
entry.write_text(entry.read_text().replace("{OLD}", "{NEW}"))
"""


@pytest.mark.parametrize(
    ("kind", "verdict", "says"),
    [
        ("follows", "pass", "it takes the new token; it refuses the old one: HTTP status 401"),
        ("keeps-old", "pass", "it takes the new token; it still takes the old one"),
        (
            "never-looks",
            "fail",
            "it does not take the new token and gives HTTP status 401",
        ),
        ("empty", "silent-empty", "it does not take the new token and gives an empty result"),
        ("unchanged", "cannot-test", "holds the same credential after the rotation"),
        ("no-token", "cannot-test", "its entry holds no credential"),
    ],
)
def test_a_remote_server_and_its_new_token(site: Probing, kind: str, verdict: str, says: str) -> None:
    good, script = site.folder / "good", site.folder / "rotate.py"
    good.write_text(OLD)
    with keyed(site.folder, kind) as url:
        headers = {"Authorization": f"Bearer {OLD}"} if kind != "no-token" else {}
        site.install(one={"url": url, "headers": headers})
        (entry,) = (one for one in site.folder.rglob("mcp.json") if url in one.read_text())
        if kind == "no-token":
            good.write_text("\n")
        script.write_text(ROTATE.replace("GOOD", str(good)).replace("ENTRY", str(entry)))
        command = "true" if kind == "unchanged" else join([PYTHON, str(script)])
        words = ("one", "--rotate-command", command, "--call", "one/get_page")
        row = site.seen(*words, timeout=5)["one"]["new-token"]
    assert (row["verdict"], says in row["says"]) == (verdict, True), row["says"]
    for token in (OLD, NEW):
        assert token not in site.out + site.err + site.evidence.read_text()


HERE = {
    "resource": "http://HERE/mcp",
    "authorization_servers": ["http://HERE"],
    "scopes_supported": ["a", "b"],
}
GRANTS = {"issuer": "http://HERE", "grant_types_supported": ["authorization_code", "refresh_token"]}


@pytest.mark.parametrize(
    ("answers", "resource", "offered", "says"),
    [
        ({f"{RESOURCE}/mcp": HERE, LOGIN: GRANTS}, "pass", "pass", "refresh tokens are offered"),
        ({RESOURCE: HERE, LOGIN: {"issuer": "x"}}, "pass", "fail", "its login offers no refresh tokens"),
        ({RESOURCE: HERE}, "pass", "fail", "no metadata (RFC 8414)"),
        ({LOGIN: GRANTS}, "fail", "pass", "refresh tokens are offered"),
        ({}, "fail", "fail", "no metadata"),
    ],
)
def test_metadata(site: Probing, answers: dict[str, Any], resource: str, offered: str, says: str) -> None:
    with login(answers) as (url, _):
        seen = site.install(one={"url": f"{url}/mcp"}).seen("--rotation")["one"]
    assert (seen["resource-metadata"]["verdict"], seen["login-metadata"]["verdict"]) == (resource, offered)
    assert says in seen["login-metadata"]["says"]
    assert ("scopes: a, b" in seen["resource-metadata"]["says"]) is (resource == "pass")


def test_another_host_is_not_contacted_unless_it_is_allowed(site: Probing) -> None:
    elsewhere: dict[str, Any] = {RESOURCE: dict(HERE)}
    with login({LOGIN: GRANTS}) as (other, asked), login(elsewhere) as (url, _):
        elsewhere[RESOURCE]["authorization_servers"] = [other]
        site.install(one={"url": f"{url}/mcp"})
        row = site.seen("--rotation")["one"]["login-metadata"]
        assert row["verdict"] == "cannot-test"
        assert f"its login is at {other}, which is not configured" in row["says"]
        assert asked == []
        assert site.seen("--rotation", "--contact", other)["one"]["login-metadata"]["verdict"] == "pass"
        assert f"and {other} for the metadata" in site.err
    assert asked


def test_a_stored_token(site: Probing) -> None:
    body = "eyJzdWIiOiJkaXNwYXRjaCIsImV4cCI6MTc5NjM0MjQwMH0"
    token = f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{body}.c2lnbmF0dXJlLW9mLWFuLWV4YW1wbGU"
    site.install(one=bad("good", env={"API_TOKEN": token}), two=bad("good"))
    site.seen("--rotation")
    seen = site.seen("one", "--rotation")["one"]["stored-token"]
    assert seen["verdict"] == "fail"
    assert "`API_TOKEN` expires on 2026-12-04, and no refresh token is with it" in seen["says"]
