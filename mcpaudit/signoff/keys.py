"""Ed25519 by the library `cryptography`, the extra `sign`; the only place that needs it."""

from pathlib import Path
from typing import Protocol

from mcpaudit.errors import ReviewError, UsageError
from mcpaudit.parsing.reader import named_bytes
from mcpaudit.signoff.wire import ed25519, public_ed25519

MISSING = "it needs the library `cryptography`: pip install 'mcp-reach-audit[sign]'"
_LARGEST = 64 * 1024


class Key(Protocol):
    """A private key."""

    @property
    def public(self) -> bytes:
        """Its public key, as SSH writes it."""

    def sign(self, message: bytes) -> bytes:
        """The signature of these bytes."""


class _Ed25519:
    def __init__(self, seed: bytes) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        return ed25519(self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def can_verify() -> bool:
    """Whether the library is installed."""
    from importlib.util import find_spec

    return find_spec("cryptography") is not None


def load(path: Path) -> Key:
    """A private key from a file of OpenSSH or of PEM; raises UsageError for one that cannot be used."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import (
            load_pem_private_key,
            load_ssh_private_key,
        )
    except ImportError:
        hint = "or leave --key out and sign with ssh-keygen"
        raise UsageError(f"to sign with --key, {MISSING}; {hint}") from None
    raw = named_bytes(path, _LARGEST)
    reader = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in raw else load_pem_private_key
    try:
        key = reader(raw, None)
    except TypeError:
        hint = "leave --key out and sign with ssh-keygen, which asks for it"
        raise UsageError(f"{path} is protected by a passphrase; {hint}") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{path} holds no private key of OpenSSH or PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"{path} is no Ed25519 key: ssh-keygen -t ed25519 makes one")
    return _Ed25519(key.private_bytes_raw())


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Raises ReviewError where the signature is not of these bytes by this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_ed25519(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise ReviewError("the signature is not of these bytes by this key") from None
