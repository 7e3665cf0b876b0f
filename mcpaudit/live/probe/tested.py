"""What a test is given, and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.live.answer import Asked
from mcpaudit.live.probe.choice import Call
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.talk import Way
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed
from mcpaudit.model.live import Outcome
from mcpaudit.model.probe import Check, Probe, Test, Verdict
from mcpaudit.report.escape import clip

_WIDE = 300
UNTESTABLE: tuple[Outcome, ...] = ("unexpanded", "login", "denied")
"""Failures to connect that say nothing about the server."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One check, before it is evidence."""

    check: Check
    verdict: Verdict
    says: str = ""
    milliseconds: int | None = None
    count: int = 0
    revision: str = ""
    tool: str = ""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What the entry held only later, by a rotation, and what must not be told either."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a first look at a server gave."""

    seen: tuple[Seen, ...]
    way: Way | None = None
    """How it is spoken to; `None` where nobody could."""
    asked: Asked | None = None
    """Its list, for the lock and for the choice of a tool."""
    refusal: Seen | None = None
    """How it asked for a login, where it did."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The user's own way of rotating a token."""

    command: tuple[str, ...] = field(repr=False)
    folder: Path
    """Where it is run."""
    again: Callable[[Launch], Launch]
    """The same entry, as the configuration has it after the rotation."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How servers are tested."""

    seconds: float
    jobs: int
    share_home: bool
    env: Mapping[str, str]
    """The user's own environment."""
    contact: frozenset[str] = frozenset()
    """Origins of logins that may be asked for their metadata."""
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One server that is to be tested further."""

    launch: Launch
    way: Way
    calls: tuple[Call, ...]
    """What may be called, the simplest first."""
    reached: bool = True
    """Whether it could be spoken to; without that only its login is looked at."""
    stored: Seen | None = None
    """What is known of the tokens that are stored for it."""
    state: str = ""
    """Variables in which its source keeps something between requests, where that is known."""

    @property
    def call(self) -> Call | None:
        """The simplest call; `None` where none is known to be safe."""
        return self.calls[0] if self.calls else None

    @property
    def telling(self) -> Call | None:
        """The simplest call that takes any text, else the simplest."""
        return next((call for call in self.calls if call.texts), self.call)


def row(launch: Launch, test: Test, seen: Seen, at: str, redaction: Redaction) -> Probe:
    """A check as evidence: without the secrets of its entry."""
    return Probe(
        server=launch.server,
        names=launch.names,
        test=test,
        check=seen.check,
        verdict=seen.verdict,
        says=clip(redaction.message(seen.says), _WIDE),
        at=at,
        milliseconds=seen.milliseconds,
        count=seen.count,
        revision=clip(redaction.text(seen.revision), _WIDE),
        tool=clip(redaction.text(seen.tool), _WIDE),
    )


def not_reached(failure: NotListed, checks: Sequence[Check]) -> tuple[Seen, ...]:
    """The same for each check, where the server could not be spoken to at all."""
    verdict: Verdict = "cannot-test" if failure.outcome in UNTESTABLE else "fail"
    return tuple(Seen(check, verdict, failure.reason) for check in checks)
