"""Probe evidence: what running servers did when they were tested, one row a check.

It holds no argument, no result and no secret. What the checks mean is in docs/probe.md; whether an outcome is
good enough is for policies to judge.
"""

from dataclasses import field
from datetime import datetime
from typing import Literal, get_args

from mcpaudit.dataclass import dataclass

SCHEMA = "mcpaudit/probes-v1"
FILE = "probes.json"
"""The file's name in `.mcpaudit`."""

Test = Literal["health", "auth", "faults", "leaks", "rotation"]

# fmt: off
Check = Literal[
    "reachable", "ping", "listing", "lock", "shutdown", "stdout", "stderr",
    "no-credential", "invalid-credential", "expired-credential",
    "own-answer", "unknown-tool", "malformed-request", "large-request", "killed", "stalled", "half-closed",
    "slow", "large-answer", "malformed-answer", "wrong-id", "backend-down",
    "other-request", "other-session",
    "resource-metadata", "login-metadata", "stored-token", "new-token",
]
# fmt: on

Verdict = Literal[
    "pass",
    "fail",
    "clear-refusal",
    "silent-empty",
    "silent-success",
    "hang",
    "crash",
    "leak",
    "stale",
    "cannot-test",
]
TESTS: tuple[Test, ...] = get_args(Test)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
CHECKS: tuple[Check, ...] = get_args(Check)


@dataclass(frozen=True, slots=True)
class Probe:
    """One check of one server."""

    server: str
    """Its id: what it launches or calls."""
    names: tuple[str, ...]
    """`AGENT/NAME` of every installation with this same entry."""
    test: Test
    check: Check
    verdict: Verdict
    says: str
    """What was seen, as one clause."""
    at: str
    """When the server was tested, in UTC."""
    milliseconds: int | None
    """How long the answer took; null where none was timed."""
    count: int
    """Tools of `listing`, bytes of `stderr`, lines of `stdout`, differences of `lock`; 0 elsewhere."""
    revision: str
    """The protocol revision that was agreed on; empty where none was."""
    tool: str
    """The tool that was called; empty where none was."""

    @property
    def epoch(self) -> int:
        """`at`, in seconds since 1970."""
        return round(datetime.fromisoformat(self.at).timestamp())

    @property
    def key(self) -> tuple[str, tuple[str, ...], int, int]:
        """What it is the result of, and its place in the file."""
        return self.server, self.names, TESTS.index(self.test), CHECKS.index(self.check)


@dataclass(frozen=True, slots=True)
class Probes:
    """The probe evidence of some servers."""

    schema: str = SCHEMA
    probes: tuple[Probe, ...] = field(default=())
