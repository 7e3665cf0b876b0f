"""Envelopes of signed payloads.

Source: Dead Simple Signing Envelope, `protocol.md` (the bytes that are signed) and `envelope.md` (the file).
"""

import base64

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ReviewError
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.reader import parse
from mcpaudit.signoff.statement import canonical

PAYLOAD_TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One payload with one signature."""

    payload: bytes
    keyid: str
    signature: bytes


def signed(payload: bytes) -> bytes:
    """The bytes that the key itself signs: the pre-authentication encoding (PAE)."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def written(one: Envelope) -> bytes:
    """The envelope as a file."""
    return canonical(
        {
            "payload": base64.b64encode(one.payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": one.keyid, "sig": base64.b64encode(one.signature).decode()}],
        }
    )


def read(raw: bytes, shown: str) -> Envelope:
    """An envelope that mcpaudit wrote; raises ReviewError for any other file."""
    document = parse(raw, shown, "json")
    if isinstance(document, Document):
        root = Node(document, document.data)
        held = root.child("signatures")
        signatures = list(held.elements()) if held else []
        try:
            payload = base64.b64decode(root.text("payload"), validate=True)
            (only,) = signatures
            found = Envelope(payload, only.text("keyid"), base64.b64decode(only.text("sig"), validate=True))
        except ValueError:
            found = None
        if found is not None and written(found) == raw:
            return found
    raise ReviewError(f"{shown} is no envelope that mcpaudit wrote")
