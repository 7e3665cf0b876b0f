"""A difference between a lock and what is installed, as a row that policies and reports can use."""

import re
from collections.abc import Sequence
from typing import Literal, get_args

from mcpaudit.dataclass import dataclass
from mcpaudit.model.enumeration import few

DriftKind = Literal[
    "identity-changed",  # another server stands under the name: what a rug pull looks like
    "server-added",
    "server-gone",
    "name-added",
    "name-gone",
    "version-changed",
    "integrity-changed",
    "source-changed",  # the tools are known from elsewhere, so that not all can be compared
    "completeness-lost",
    "completeness-gained",
    "credential-needed",
    "credential-gone",
    "tool-added",
    "tool-gone",
    "actions-gained",
    "actions-lost",
    "touches-changed",  # other things, or another certainty, with the same actions
    "claim-changed",
    "description-changed",
    "title-changed",
    "parameter-added",
    "parameter-gone",
    "parameter-required",
    "parameter-optional",
    "type-widened",
    "type-changed",
    "schema-changed",
    "entry-changed",  # whatever no other kind speaks of: nothing changes without a word
]
KINDS: tuple[DriftKind, ...] = get_args(DriftKind)
"""In the order in which they are told of one server or tool."""


@dataclass(frozen=True, slots=True, order=True)
class Drift:
    """One difference; `before` and `after` are empty where there is nothing on that side."""

    kind: DriftKind
    server: str
    """The server's id; of a changed identity, the one that is there now."""
    tool: str
    """Empty where the whole server is meant."""
    before: str
    after: str
    sentence: str
    """A whole sentence without the server, which stands beside it; quotes names that others chose."""


def enumerated(names: Sequence[str], most: int = 6) -> str:
    """Names as prose: `a`, `b` and 3 more."""
    return few([f"`{name}`" for name in names], most)


def brief(text: str) -> str:
    """A text for a sentence: hashes by their beginning, which tells them apart."""
    text = re.sub(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}", r"\1…", text)
    return re.sub(r"(sha(?:512|1)-[\w+/]{12})[\w+/]{15,}=+", r"\1…", text)


def counted(number: int, one: str) -> str:
    """`1 tool`, `2 tools`."""
    return f"{number} {one}{'' if number == 1 else 's'}"
