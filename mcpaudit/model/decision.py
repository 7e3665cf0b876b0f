"""What a client does when the model calls a tool, and the rule that made it so."""

import re
from dataclasses import field, replace
from enum import StrEnum
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.place import Place

Mode = Literal["interactive", "headless", "bypass"]
MODES: tuple[Mode, ...] = ("interactive", "headless", "bypass")


class Verdict(StrEnum):
    """The outcome of a tool call, from the most to the least permissive."""

    ALLOW = "allow"
    ASK = "ask"
    UNKNOWN = "unknown"
    DENY = "deny"
    HIDDEN = "hidden"

    runs: bool
    """Whether the call can happen at all, be it after a question."""

    def __init__(self, word: str) -> None:
        self.runs = word not in ("deny", "hidden")


Effect = Literal["allow", "ask", "deny", "hide"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission rule as a configuration file states it."""

    agent: str
    effect: Effect
    pattern: str
    level: str
    place: Place
    subject: Literal["tool", "server", "command", "mode", "any"] = "tool"
    """What the pattern speaks of: MCP tools, whole servers, the client's own tools, or the client's mode;
    `any` where servers' tools and the client's own have names of one form.
    """
    effective: bool | None = None
    """Whether it does what it seems to; `None` where that was not worked out."""
    problem: str = ""
    """Why it has no effect, or another one than it seems to have."""

    @property
    def whole(self) -> "Rule":
        """The same rule without what limits it to some uses of a tool: `Bash(git:*)` speaks of Bash."""
        pattern = self.pattern.partition(" (only ")[0]
        if self.subject == "command":
            pattern = re.sub(r"(?<=\w)\(.*", "", pattern, flags=re.DOTALL)
        return replace(self, pattern=pattern)


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to one tool in one mode, and why."""

    verdict: Verdict
    reason: str
    """One clause that completes "because ...": `no rule matches and Claude Code asks by default`."""
    rule: Rule | None = None
    certainty: Certainty = Certainty.CERTAIN
    beats: tuple[Rule, ...] = field(default=())
    """Rules that matched too and lost."""
    stated: Place | None = None
    """Where the entry's own list of tools says so; `None` where a rule or nothing does."""
    here: bool = False
    """Whether an `allow` holds inside the working directory only; outside of it the client asks."""
