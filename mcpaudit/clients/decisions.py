"""Decisions that several clients share: what an entry hides, and what a mode does to a question."""

from collections.abc import Callable, Iterable
from functools import lru_cache

from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation

Unruled = Callable[[Mode], Decision]
"""What happens to a server's tool that no rule names."""


def hidden_by_entry(installation: Installation, tool: Tool) -> Decision | None:
    """`hidden` where the entry's own tool lists leave the tool out."""
    if installation.only_tools is not None and tool.name not in installation.only_tools:
        reason, place = "the entry's list of enabled tools leaves it out", installation.only_tools_at
        return Decision(Verdict.HIDDEN, reason, stated=place)
    if tool.name in installation.except_tools:
        return Decision(Verdict.HIDDEN, "the entry lists it as disabled", stated=installation.except_tools_at)
    return None


# There are many tools and few decisions.
@lru_cache(maxsize=1024)
def allowed(reason: str, rule: Rule | None = None, certainty: Certainty = Certainty.CERTAIN) -> Decision:
    """The call runs and nobody is asked."""
    return Decision(Verdict.ALLOW, reason, rule, certainty)


@lru_cache(maxsize=1024)
def denied(reason: str, rule: Rule | None = None) -> Decision:
    """The call is refused."""
    return Decision(Verdict.DENY, reason, rule)


@lru_cache(maxsize=1024)
def asked(
    mode: Mode, reason: str, rule: Rule | None = None, certainty: Certainty = Certainty.CERTAIN
) -> Decision:
    """The client asks; where nobody can answer it refuses, and a bypass mode answers yes."""
    if mode == "headless":
        return Decision(Verdict.DENY, f"{reason}, and in headless mode nobody can answer", rule, certainty)
    if mode == "bypass" and rule is None:
        return Decision(Verdict.ALLOW, "its bypass mode answers every question", rule, certainty)
    return Decision(Verdict.ASK, reason, rule, certainty)


def first_rule(rules: Iterable[Rule], effect: str) -> Rule | None:
    """The first effective rule of that effect."""
    for rule in rules:
        if rule.effect == effect and rule.effective is not False:
            return rule
    return None


def asks(reason: str, *, sure: bool = False, headless: bool = True) -> Unruled:
    """It asks; `headless` is whether it runs without a user at all, where what it asks is refused."""
    certainty = Certainty.CERTAIN if sure else Certainty.POSSIBLE
    return lambda mode: asked(mode if headless else "interactive", reason, certainty=certainty)


def allows(reason: str, *, sure: bool = True) -> Unruled:
    """It runs unasked, in every mode."""
    certainty = Certainty.CERTAIN if sure else Certainty.POSSIBLE
    return lambda mode: allowed(reason, certainty=certainty)


def by_mode(interactive: Unruled, headless: Unruled, bypass: Unruled) -> Unruled:
    """Another outcome in each mode."""
    return lambda mode: {"interactive": interactive, "headless": headless, "bypass": bypass}[mode](mode)
