"""Tests servers: several at once, each test of one server after the other."""

from collections.abc import Awaitable, Callable, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import KnowsSecrets
from mcpaudit.live.answer import Asked
from mcpaudit.live.environment import environment
from mcpaudit.live.parallel import for_each
from mcpaudit.live.probe.auth import auth
from mcpaudit.live.probe.credentials import holds_credential
from mcpaudit.live.probe.faults import faults
from mcpaudit.live.probe.health import health
from mcpaudit.live.probe.leaks import leaks
from mcpaudit.live.probe.rotation import rotation
from mcpaudit.live.probe.tested import Health, Seen, Terms, Work, row
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.values import Launch
from mcpaudit.model.probe import Probe, Test

Now = Callable[[], str]
"""The time, as evidence writes it."""


DEEPER: dict[Test, Callable[[Work, Terms], Awaitable[tuple[Seen, ...]]]] = {
    "auth": auth,
    "faults": faults,
    "leaks": leaks,
    "rotation": rotation,
}
"""The tests beyond health, in the order in which they are made."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One server's evidence."""

    names: tuple[str, ...]
    probes: tuple[Probe, ...]
    health: Health | None = None
    """What the first look at it gave."""

    @property
    def asked(self) -> Asked | None:
        """Its list, where it gave one."""
        return self.health.asked if self.health else None


@dataclass(frozen=True, slots=True)
class Prober:
    """Tests servers in one way."""

    terms: Terms
    packs: KnowsSecrets
    now: Now
    tests: tuple[Test, ...]
    """Those beyond health."""
    tell: Callable[[Tested], None]
    """Told of each server as it is finished."""

    def health(self, launches: Sequence[Launch]) -> tuple[Tested, ...]:
        """Look at every one of these, in the same order."""
        return for_each(launches, self._health, self.terms.jobs, self.tell)

    async def _health(self, launch: Launch) -> Tested:
        redaction, at = Redaction.of(launch.secrets, self.packs), self.now()
        async with environment(launch, self.terms.env, share_home=self.terms.share_home) as env:
            first = await health(launch, env, self.terms, redaction)
        probes = [row(launch, "health", seen, at, redaction) for seen in first.seen]
        if first.refusal and "auth" in self.tests and not holds_credential(launch):
            # Its client holds the login: what was seen is how it refuses those who have none.
            probes.append(row(launch, "auth", first.refusal, at, redaction))
        return Tested(launch.names, tuple(probes), first)

    def deeper(self, works: Sequence[Work]) -> tuple[Tested, ...]:
        """Test every one of these further, in the same order."""
        return for_each(works, self._deeper, self.terms.jobs, self.tell)

    async def _deeper(self, work: Work) -> Tested:
        probes: list[Probe] = []
        for test, make in DEEPER.items():
            if test in self.tests and (work.reached or test == "rotation"):
                at = self.now()
                for seen in await make(work, self.terms):
                    redaction = Redaction.of(work.launch.secrets | seen.secrets, self.packs)
                    probes.append(row(work.launch, test, seen, at, redaction))
        return Tested(work.launch.names, tuple(probes))
