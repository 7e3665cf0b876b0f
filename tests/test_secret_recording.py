"""Promise: the log of a relay holds no part of a secret that passes it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.canaries import ANYWHERE, NAMED, Search
from tests.live.relay.relaying import Relay, call, line, server
from tests.planting import Planted

pytestmark = pytest.mark.promise("secrets")


def talk(planted: Planted) -> list[bytes]:
    """Messages with a canary of every shape in each of their fields."""
    sown, named = planted.sown, planted.named
    lines: list[bytes] = []
    for number, shape in enumerate(ANYWHERE):
        nested: dict[str, Any] = {"list": [sown("list", shape)], "text": f"see {sown('text', shape)} there"}
        params = {"_meta": {"progressToken": sown("meta", shape)}, "uri": sown("address", shape)}
        lines.append(call(4 * number, f"read_{number}", plain=sown("argument", shape), deep=nested))
        lines.append(
            line({"jsonrpc": "2.0", "id": 4 * number + 1, "method": "resources/read", "params": params})
        )
        info = {"name": sown("client", shape), "version": sown("version", shape)}
        start = {
            "jsonrpc": "2.0",
            "id": 4 * number + 2,
            "method": "initialize",
            "params": {"clientInfo": info},
        }
        lines.append(line(start))
    for number, shape in enumerate(NAMED):
        held = {
            "api_key": sown("key", shape),
            "password": named("password"),
            "auth": {"token": named("token")},
        }
        lines.append(call(1000 + number, **held))
    return lines


@pytest.mark.parametrize("options", [(), ("--values",)], ids=["plain", "with values"])
def test_no_part_of_a_secret_is_in_the_log_of_a_relay(
    options: tuple[str, ...], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    planted = Planted()
    messages = talk(planted)
    env = {"API_TOKEN": planted.named("environment")}
    words = [
        "env",
        f"MY_TOKEN={planted.named('word')}",
        f"PLAIN={planted.sown('plain word')}",
        *server("talk"),
    ]
    log = tmp_path / "log.jsonl"
    relay = Relay(log, *words, options=options, env=env)
    relay.through(b"".join(messages))
    relay.process.wait(30)
    written = log.read_text("utf-8")
    record_property("messages relayed", len(messages))
    assert len(written.splitlines()) > len(messages)
    assert json.loads(written.splitlines()[0])
    leaks = Search(planted.canaries).leaks(written + relay.process.stderr.read().decode())  # type: ignore[union-attr]
    assert sorted({(one.canary.shape, one.canary.place) for one in leaks}) == []
