"""Strings of the SSH wire format, and the public keys in it.

Source: RFC 4251 section 5 (`string`), RFC 8709 section 4 (`ssh-ed25519`).
"""

import base64
import hashlib

ED25519 = "ssh-ed25519"


def string(content: bytes) -> bytes:
    """A length in four bytes, and the content."""
    return len(content).to_bytes(4, "big") + content


def take(raw: bytes) -> tuple[bytes, bytes]:
    """The first string, and what follows it; raises ValueError where there is none."""
    size = int.from_bytes(raw[:4], "big")
    if len(raw) < 4 + size:
        raise ValueError("it ends too early")
    return raw[4 : 4 + size], raw[4 + size :]


def kind(key: bytes) -> str:
    """The kind of a public key; raises ValueError for what is none."""
    return take(key)[0].decode("ascii")


def public_ed25519(key: bytes) -> bytes:
    """The 32 bytes of an Ed25519 key; raises ValueError for any other."""
    name, rest = take(key)
    point, rest = take(rest)
    if name != ED25519.encode() or len(point) != 32 or rest:
        raise ValueError("it is no Ed25519 key")
    return point


def ed25519(point: bytes) -> bytes:
    """An Ed25519 key as SSH writes it."""
    return string(ED25519.encode()) + string(point)


def fingerprint(key: bytes) -> str:
    """What a key is known by, as `ssh-keygen -l` shows it."""
    return f"SHA256:{base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip('=')}"
