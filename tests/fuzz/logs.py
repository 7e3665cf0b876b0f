"""Targets: clients' logs, credential files, and what passes the relay."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from mcpaudit.clients.discover import discover
from mcpaudit.knowledge.pack import Packs
from mcpaudit.live.relay.arguments import Arguments
from mcpaudit.live.relay.http_body import body
from mcpaudit.live.relay.http_content import content_of
from mcpaudit.live.relay.http_head import BadHeadError, Head, read_head, start_of, status_of
from mcpaudit.live.relay.recorder import Recorder
from mcpaudit.usage.collect import Log, collect, named
from mcpaudit.usage.formats import FORMATS, Format
from tests.fuzz.clients import check, site_in
from tests.fuzz.target import Target, refused

_PACKS = Packs.shipped()
_KEPT = {
    "type": "assistant",
    "sessionId": "s",
    "timestamp": "2026-11-20T08:00:00Z",
    "message": {"content": [{"type": "tool_use", "id": "kept", "name": "mcp__kept__tool"}]},
}
_STORES = (
    ".claude/.credentials.json",
    ".codex/.credentials.json",
    ".gemini/mcp-oauth-tokens.json",
    ".qwen/mcp-oauth-tokens.json",
    ".local/share/opencode/mcp-auth.json",
    ".gmail-mcp/credentials.json",
    ".config/google-calendar-mcp/tokens.json",
    ".google_workspace_mcp/credentials/a@example.com.json",
    ".config/gcloud/application_default_credentials.json",
    ".aws/credentials",
    ".kube/config",
    ".pgpass",
    "named.env",
    "named.json",
    "named.txt",
)
_ENTRIES = {
    "gmail": {"command": "npx", "args": ["@gongrzhe/server-gmail-autoauth-mcp"]},
    "calendar": {"command": "npx", "args": ["@cocal/google-calendar-mcp"]},
    "workspace": {"command": "uvx", "args": ["workspace-mcp"]},
    "analytics": {"command": "uvx", "args": ["analytics-mcp"]},
    "aws": {"command": "uvx", "args": ["awslabs.aws-api-mcp-server"]},
    "kubernetes": {"command": "npx", "args": ["kubernetes-mcp-server"]},
    "postgres": {
        "command": "npx",
        "args": ["@modelcontextprotocol/server-postgres", "postgresql://u@db.example/x"],
    },
    "env": {"command": "docker", "args": ["run", "--env-file", "~/named.env", "x"]},
    "json": {"command": "x", "args": ["--credentials", "~/named.json"]},
    "text": {"command": "x", "env": {"TOKEN_FILE": "~/named.txt"}},
    "remote": {"url": "https://mcp.example.com/mcp"},
}


def _log(kind: Format) -> Target:
    def run(raw: bytes, folder: Path) -> None:
        (folder / "mcp-server-x.log").write_bytes(raw)
        (folder / "kept.jsonl").write_text(json.dumps(_KEPT) + "\n", encoding="utf-8")
        good = next(one for one in FORMATS if one.id == "claude-code-transcript")
        usage, _ = collect([Log(folder / "mcp-server-x.log", kind), Log(folder / "kept.jsonl", good)])
        assert any((use.server, use.tool) == ("kept", "tool") for use in usage.tools)
        assert all(one.reason.strip() for one in usage.unread)
        refused(lambda: named([folder]))

    return Target(f"log-{kind.id}", "jsonl", run)


def _credentials(raw: bytes, folder: Path) -> None:
    site = site_in(folder)
    assert site.home is not None
    for name in _STORES:
        path = site.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    for name in (".cursor/mcp.json", ".claude.json"):
        path = site.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"mcpServers": _ENTRIES}), encoding="utf-8")
    collected = discover(site, _PACKS, only=("cursor", "claude-code"))
    check(collected)
    own = [config for config in collected.agents if config.agent.client == "cursor"]
    assert {one.name for one in own[0].installations} >= set(_ENTRIES)


class _Rows:
    """A log that keeps nothing."""

    def write(self, *_: object) -> None: ...

    def close(self, *_: object) -> None: ...


def _relayed(raw: bytes, folder: Path) -> None:
    recorder = Recorder(Arguments(b"k" * 32), lambda: 0.0, lambda: 0.0)
    log: Any = _Rows()
    recorder.write_to(log)
    for number, line in enumerate(raw.split(b"\n")):
        recorder.note("to-server", line, len(line))
        recorder.note("to-client", line, len(line))
        # As the relay does with each chunk that it reads.
        if number % 10_000 == 0:
            recorder.flush()
    recorder.flush()


def _http(raw: bytes, folder: Path) -> None:
    async def read() -> None:
        reader = asyncio.StreamReader(limit=1 << 16)
        reader.feed_data(raw)
        reader.feed_eof()
        head = await read_head(reader)
        if head is not None:
            for of in (start_of, status_of):
                with suppress(BadHeadError):
                    of(head)
            async for _ in body(reader, head.length):
                pass

    with suppress(BadHeadError, asyncio.IncompleteReadError):
        asyncio.run(read())


def _content(raw: bytes, folder: Path) -> None:
    for kind in (b"application/json", b"text/event-stream"):
        for coding in (b"identity", b"gzip", b"deflate"):
            lines = (
                (b"content-type", b"content-type: " + kind),
                (b"content-encoding", b"content-encoding: " + coding),
            )
            content = content_of(Head(b"", lines))
            if content is not None:
                for start in range(0, len(raw), 7 + len(raw) // 50):
                    list(content.feed(raw[start : start + 7 + len(raw) // 50]))
                list(content.end())


TARGETS = (
    *map(_log, FORMATS),
    Target("credentials", "client", _credentials),
    Target("relay-lines", "jsonl", _relayed, times=2),
    Target("relay-http", "http", _http),
    Target("relay-content", "http", _content),
)
