"""Which installed servers are asked: those that their client loads, and of these the ones that are named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from mcpaudit.clients.client import Collected
from mcpaudit.clients.discover import discover
from mcpaudit.clients.moved import VARIABLES
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.knowledge.pack import Packs
from mcpaudit.live.values import Launch, OpenLedger, launches
from mcpaudit.model.lock import name_of
from mcpaudit.model.server import Installation
from mcpaudit.request import Request, configuration_of


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be asked."""

    launches: tuple[Launch, ...]
    installed: tuple[Installation, ...]
    """Every server that is installed, whatever its state; builtin ones are none."""
    waiting: tuple[str, ...]
    """Those that nobody has approved yet: they are asked only where they are named."""


def choose(request: Request, names: Sequence[str], env: Mapping[str, str]) -> Choice:
    """The servers of this name or `AGENT/NAME`, else all; raises UsageError for a name that is none.

    What runs here gets its values from the user's own environment (`env`), whosever files are read.
    """
    site = request.site
    if not site.env:
        site = replace(site, env={name: env[name] for name in env if name not in VARIABLES})
    configuration, _ = configuration_of(request)
    packs = Packs.shipped()
    ledger = OpenLedger(packs)
    collected = discover(
        site,
        packs,
        given=request.given,
        only=configuration.clients,
        relays=configuration.relays,
        ledger=ledger,
    )
    installed, chosen, waiting = _choice(collected, names)
    return Choice(launches(chosen, collected, ledger, env), installed, waiting)


def nothing(choice: Choice, deed: str) -> str:
    """Why there is nothing to do, where nothing is chosen."""
    if choice.waiting:
        waiting = ", ".join(choice.waiting)
        return f"nobody has approved these servers in their client; name one to ask it: {waiting}"
    if choice.installed:
        return f"no server is loaded by its client, so there is nothing to {deed}"
    return "nothing was collected: no client's configuration with a server is there"


def _choice(
    collected: Collected, names: Sequence[str]
) -> tuple[tuple[Installation, ...], list[Installation], tuple[str, ...]]:
    installed = [one for config in collected.agents for one in config.installations if not one.server.builtin]
    loaded = [one for one in installed if one.reachable and not one.assumed]
    waiting = [one for one in installed if one.reachable and one.assumed]
    chosen = loaded
    if names:
        chosen = [one for name in names for one in _named(name, installed)]
        waiting = []
    return tuple(installed), list(dict.fromkeys(chosen)), tuple(sorted({name_of(one) for one in waiting}))


def _named(name: str, installed: Iterable[Installation]) -> list[Installation]:
    fitting = [one for one in installed if name in (one.name, name_of(one))]
    if not fitting:
        known = sorted({word for one in installed for word in (one.name, name_of(one))})
        near = get_close_matches(name[:200], known, 1, 0.6)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        raise UsageError(f"there is no server `{name}` here{hint}")
    usable = [one for one in fitting if one.reachable]
    if not usable:
        one = fitting[0]
        why = f": {one.reason}" if one.reason else ""
        state = "hidden by another entry of its name" if one.shadowed_by else one.state
        raise UsageError(f"`{name_of(one)}` is {state} and not started{why}")
    return usable
