"""An entry with its credentials taken away or made bad, so that none of the real values is in it."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from mcpaudit.live.values import Launch

Badness = Literal["no-credential", "invalid-credential", "expired-credential"]
_SHORTEST = 4
"""Shorter values stand in any text by chance."""
_LARGEST = 2**20
_PREFIX = re.compile(r"(?:[A-Za-z]{2,8}[0-9]?[-_])*")
"""What tells a token's kind: `ghp_`, `xoxb-`, `sk-ant-`."""
_LONG_AGO = 946_684_800
"""2000-01-01, as the time at which an expired token ended."""


def without_credentials(launch: Launch, badness: Badness) -> Launch | str:
    """The entry as it is to be started, or why that cannot be made."""
    secrets = sorted((one for one in launch.secrets if len(one) >= _SHORTEST), key=len, reverse=True)
    found = {name for name, text in (*launch.env, *launch.headers) if _held(text, secrets)}
    inside = any(_held(text, secrets) for text in (*launch.command, launch.url))
    if file := next(_files(launch, secrets), None):
        return f"its credential lies in a file, {file.name}"
    if badness == "no-credential":
        if inside:
            return "its credential is part of its command or URL, which would not be the same without it"
        keep = {"env": _without(launch.env, found), "headers": _without(launch.headers, found)}
        return replace(launch, env=keep["env"], headers=keep["headers"])
    made = {secret: _bad(secret, badness) for secret in secrets}
    if badness == "expired-credential" and not any(_is_jwt(one) for one in secrets):
        return "its credential does not say when it expires, so that an expired one cannot be made"

    def bad(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, made[secret])
        return text

    changed = replace(
        launch,
        command=(*launch.command[:1], *map(bad, launch.command[1:])),
        env=tuple((name, bad(text)) for name, text in launch.env),
        url=bad(launch.url),
        headers=tuple((name, bad(text)) for name, text in launch.headers),
    )
    # A short secret may stand in what replaces another.
    return (
        "its credential cannot be told from the rest of its entry" if holds_credential(changed) else changed
    )


def holds_credential(launch: Launch) -> bool:
    """Whether the entry itself gives the server a credential."""
    secrets = [one for one in launch.secrets if len(one) >= _SHORTEST]
    texts = (*launch.command, launch.url, *(text for _, text in (*launch.env, *launch.headers)))
    return any(_held(text, secrets) for text in texts)


def _held(text: str, secrets: Iterable[str]) -> bool:
    return any(secret in text for secret in secrets)


def _without(pairs: Iterable[tuple[str, str]], names: set[str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in pairs if name not in names)


def _files(launch: Launch, secrets: list[str]) -> Iterator[Path]:
    """Files that the entry names and that hold one of its secrets."""
    for text in (*launch.command[1:], *(text for _, text in launch.env)):
        if not 1 < len(text) < 1000 or "\0" in text:
            continue
        path = launch.cwd / text.partition("=")[2] if text.startswith("-") else launch.cwd / text
        try:
            if path.is_file() and path.stat().st_size <= _LARGEST:
                held = path.read_text("utf-8", "replace")
                if _held(held, secrets):
                    yield path
        except OSError:
            continue


def _bad(secret: str, badness: Badness) -> str:
    if _is_jwt(secret):
        return _bad_jwt(secret, expired=badness == "expired-credential")
    prefix = _PREFIX.match(secret)
    start = prefix.end() if prefix and prefix.end() < len(secret) - _SHORTEST else 0
    return secret[:start] + _other(secret[start:])


def _other(text: str) -> str:
    """Another text of the same shape: letters stay letters, digits digits."""
    made = "".join(_stand_in(char, "xX0") for char in text)
    return made if made != text else "y" * len(text)


def _stand_in(char: str, of: str) -> str:
    if char.isdigit():
        return of[2]
    return (of[1] if char.isupper() else of[0]) if char.isalpha() else char


def _is_jwt(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 3 and _claims(parts[1]) is not None


def _claims(part: str) -> dict[str, object] | None:
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _bad_jwt(text: str, *, expired: bool) -> str:
    """The same token with a signature that is none, and perhaps an end that has passed."""
    head, body, signature = text.split(".")
    claims = _claims(body)
    if expired and claims is not None:
        raw = json.dumps(claims | {"exp": _LONG_AGO}, separators=(",", ":")).encode()
        body = urlsafe_b64encode(raw).decode().rstrip("=")
    return f"{head}.{body}.{'A' * max(len(signature), 1)}"
