"""A small project with signers, and packets of it, for the tests of reviews."""

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mcpaudit.model.review import Condition, Sealed, Verification
from mcpaudit.request import Request
from mcpaudit.review.prepare import prepare
from mcpaudit.review.sign import Wanted, sign
from mcpaudit.review.verify import Trust, verify
from mcpaudit.signoff.packet import read_packet, write_packet
from mcpaudit.signoff.wire import ed25519
from tests.installation import site_of

AS_OF = date(2026, 11, 22)
SIGNED = datetime(2026, 11, 23, 10, tzinfo=UTC)
ANN, BOB, MARIA = "ann@example.com", "bob@example.com", "maria@example.com"
SECURITY, OWNER = 'namespaces="review-security@mcpaudit"', 'namespaces="review-owner@mcpaudit"'
POLICY = {
    "apiVersion": "mcpaudit/v1",
    "kind": "Policy",
    "metadata": {"id": "no-slack", "title": "Slack is not for this project", "severity": "high"},
    "spec": {
        "for": "server",
        "params": {"names": ["slack"]},
        "where": 'server.name in params.names && server.agents.exists(a, a != "")',
        "message": "{server.name} is installed in {server.agents}",
        "why": "It is not.",
        "fix": "Take it out.",
    },
}
CANARY = "xoxb-4815162342-canarycanarycanary"
SERVERS = {
    "mcpServers": {
        "slack": {
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-slack@2025.4.25"],
            "env": {"SLACK_BOT_TOKEN": CANARY, "SLACK_TEAM_ID": "T01234567"},
        },
        "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@1.0.0", "/srv"]},
    }
}


class Held:
    """A key in memory, the same for the same name."""

    def __init__(self, name: str) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32, b".")[:32])
        self.public = ed25519(self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    @property
    def file(self) -> bytes:
        """As `ssh-keygen` writes it."""
        return self._private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())

    @property
    def text(self) -> str:
        """The public key as the signers file has it."""
        return f"ssh-ed25519 {base64.b64encode(self.public).decode()}"


def signers(ann: str = SECURITY, bob: str = OWNER, maria: str = OWNER) -> str:
    """The signers file, with other options where they are given."""
    lines = ((ANN, ann), (BOB, bob), (MARIA, maria))
    return "# who may sign\n" + "".join(f"{name} {options} {Held(name).text}\n" for name, options in lines)


def request(folder: Path, files: Mapping[str, Any] | None = None, **configuration: Any) -> Request:
    """The audit of a small project with one policy of its own; `files` are added or replaced."""
    own = {
        "apiVersion": "mcpaudit/v1",
        "policies": ["rules"],
        "review": {"threshold": {"security": 1, "owner": 1}},
        **configuration,
    }
    given = {
        ".mcp.json": SERVERS,
        "mcpaudit.yaml": yaml.safe_dump(own),
        "rules/no-slack.yaml": yaml.safe_dump(POLICY),
        ".mcpaudit/signers": signers(),
        **(files or {}),
    }
    return Request(site_of(folder, given), AS_OF, shipped_policies=False)


def packet(folder: Path, asked: Request, previous: Sealed | None = None, author: str = MARIA) -> Path:
    """A packet that nobody has signed."""
    write_packet(folder, prepare(asked, [author], previous).files)
    return folder


def signed(folder: Path, who: str, role: str, **more: Any) -> None:
    """Somebody's signature put on a packet."""
    more = {"choice": "approve", "time": SIGNED, **more}
    for name, content in sign(read_packet(folder), Wanted(who, role, **more), Held(who)).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def both(folder: Path) -> Path:
    """The signatures that the terms ask for."""
    signed(folder, ANN, "security")
    signed(folder, BOB, "owner")
    return folder


def conditions(*pairs: tuple[str, str]) -> tuple[Condition, ...]:
    return tuple(Condition(text, date.fromisoformat(day)) for text, day in pairs)


def verified(folder: Path, day: str = "2026-11-25", own: str | None = None, **more: Any) -> Verification:
    """A verification by somebody who has the signers file from elsewhere."""
    trust = Trust((own or signers()).encode(), "signers")
    return verify(folder, date.fromisoformat(day), trust, **more)


def outcomes(found: Verification) -> dict[str, str]:
    """What came of each check that does not simply hold."""
    return {one.name: one.sentence for one in found.checks if one.outcome in ("fails", "unknown")}
