"""Tests servers: several at once, each test of one server after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from mcpaudit.knowledge.secrets import KnowsSecrets
from mcpaudit.live.answer import Asked
from mcpaudit.live.environment import environment
from mcpaudit.live.parallel import for_each
from mcpaudit.live.probe.health import health
from mcpaudit.live.probe.tested import Terms, row
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.values import Launch
from mcpaudit.model.probe import Probe

Now = Callable[[], str]
"""The time, as evidence writes it."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One server's evidence."""

    names: tuple[str, ...]
    probes: tuple[Probe, ...]
    asked: Asked | None = None
    """Its list, where it gave one."""


def probe_all(
    launches: Sequence[Launch], terms: Terms, packs: KnowsSecrets, now: Now, tell: Callable[[Tested], None]
) -> tuple[Tested, ...]:
    """Test every one of these, in the same order."""
    return for_each(launches, partial(_probe, terms=terms, packs=packs, now=now), terms.jobs, tell)


async def _probe(launch: Launch, terms: Terms, packs: KnowsSecrets, now: Now) -> Tested:
    redaction, at = Redaction.of(launch.secrets, packs), now()
    async with environment(launch, terms.env, share_home=terms.share_home) as env:
        first = await health(launch, env, terms, redaction)
    probes = [row(launch, "health", seen, at, redaction) for seen in first.seen]
    return Tested(launch.names, tuple(probes), first.asked)
