"""Arguments of calls as a log may hold them: types and digests, and values only where they are asked for.

A plain hash of a value would let anybody who has the log test guesses at it. So the digest is keyed, and the
key is made for one recording, kept in memory and forgotten with it.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mcpaudit.model.record import Argument, ValueType

if TYPE_CHECKING:
    from mcpaudit.parsing.document import Json

MAX_ARGUMENTS: Final = 64
MAX_NAME: Final = 128
MAX_VALUE: Final = 2000
_BYTES = 8
"""Enough to tell the values of one recording apart."""

_written = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
Masking = Callable[["Json", str], "Json"]
"""Takes the known secrets out of a value of that name."""


class Arguments:
    """Describes the arguments of one recording's calls."""

    def __init__(self, key: bytes, masking: Masking | None = None) -> None:
        self._key, self._masking = key, masking

    def of(self, arguments: "Json") -> tuple[Argument, ...]:
        """What a log says of these arguments; of very many, the first ones."""
        if not isinstance(arguments, dict):
            return ()
        first = sorted(arguments)[:MAX_ARGUMENTS]
        return tuple(self._one(name, arguments[name]) for name in first)

    def _one(self, name: str, value: "Json") -> Argument:
        # Not before the first call: it loads OpenSSL, for which no server's start should wait.
        from hashlib import blake2b

        digest = blake2b(_written(value).encode(), key=self._key, digest_size=_BYTES).hexdigest()
        shown = ""
        if self._masking is not None:
            shown = json.dumps(self._masking(value, name), ensure_ascii=False)[:MAX_VALUE]
            name = str(self._masking(name, ""))
        return Argument(name[:MAX_NAME], _type(value), f"blake2b:{digest}", shown)


def _type(value: "Json") -> ValueType:
    if isinstance(value, str):
        return "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if value is None:
        return "null"
    return "array" if isinstance(value, list) else "object"
