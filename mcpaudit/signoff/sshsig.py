"""Signatures as `ssh-keygen -Y sign` writes them.

Source: OpenSSH, `PROTOCOL.sshsig`.
"""

import base64
import hashlib

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ReviewError
from mcpaudit.signoff.wire import ED25519, string, take

_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
_MAGIC, _VERSION = b"SSHSIG", (1).to_bytes(4, "big")
_WIDTH = 70
_HASHES = {"sha512": hashlib.sha512, "sha256": hashlib.sha256}


@dataclass(frozen=True, slots=True)
class SshSignature:
    """One signature, with the key that it claims to be by."""

    key: bytes
    namespace: str
    hash: str
    kind: str
    signature: bytes


def namespace(role: str) -> str:
    """What a signature in a role is good for, and nothing else."""
    return f"review-{role}@mcpaudit"


def signed(message: bytes, space: str, hash_name: str = "sha512") -> bytes:
    """The bytes that the key itself signs."""
    digest = _HASHES[hash_name](message).digest()
    return _MAGIC + b"".join(map(string, (space.encode(), b"", hash_name.encode(), digest)))


def written(one: SshSignature) -> bytes:
    """The signature as a file."""
    own = string(one.kind.encode()) + string(one.signature)
    parts = (one.key, one.namespace.encode(), b"", one.hash.encode(), own)
    text = base64.b64encode(_MAGIC + _VERSION + b"".join(map(string, parts))).decode()
    lines = (text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH))
    return f"{_BEGIN}{chr(10).join(lines)}{_END}".encode()


def read(raw: bytes, shown: str) -> SshSignature:
    """A signature's file; raises ReviewError for anything but what `ssh-keygen` itself would write."""
    try:
        found = _read(raw)
    except ValueError as error:
        raise ReviewError(f"{shown} is no signature of ssh-keygen: {error}") from None
    if written(found) != raw:
        # Otherwise a changed byte could leave a signature valid.
        raise ReviewError(f"{shown} is not in the form that ssh-keygen writes")
    return found


def _read(raw: bytes) -> SshSignature:
    text = raw.decode("ascii")
    if not (text.startswith(_BEGIN) and text.endswith(_END)):
        raise ValueError("its first or last line is another")
    blob = base64.b64decode(text[len(_BEGIN) : -len(_END)].replace("\n", ""), validate=True)
    head = _MAGIC + _VERSION
    if not blob.startswith(head):
        raise ValueError("it is of another version")
    key, rest = take(blob[len(head) :])
    space, rest = take(rest)
    reserved, rest = take(rest)
    hash_name, rest = take(rest)
    own, rest = take(rest)
    kind, own = take(own)
    signature, own = take(own)
    if rest or own or reserved or hash_name.decode("ascii") not in _HASHES:
        raise ValueError("it holds what is not known")
    return SshSignature(
        key, space.decode("utf-8"), hash_name.decode("ascii"), kind.decode("ascii"), signature
    )


def by_ed25519(key: bytes, space: str, signature: bytes) -> SshSignature:
    """A signature made with an Ed25519 key."""
    return SshSignature(key, space, "sha512", ED25519, signature)
