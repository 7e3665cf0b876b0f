"""What an agent should keep, remove and deny so that it has what a profile needs and little else."""

from collections.abc import Iterable
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place
from mcpaudit.model.supposition import Reword, Supposition


@dataclass(frozen=True, slots=True)
class Deny:
    """A tool that the need does not use, of a server that stays."""

    tool: str
    can: str
    """What it gives that nothing needed gives, as the end of "which can ..."."""
    rule: str
    """What to write into the client's file; empty where no file of it can deny a tool."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """A folder or a list of scopes that can be narrower, or a switch to be set, of a server that stays."""

    place: Place
    was: str
    """Empty where nothing stands there yet."""
    text: str
    """As it is to be written; empty where it can go."""
    means: str
    """The same with its variables expanded."""
    what: Literal["root", "scopes", "switch"] = "root"


@dataclass(frozen=True, slots=True)
class Keep:
    """A server that stays."""

    name: str
    server: str
    place: Place
    reason: str
    deny: tuple[Deny, ...] = ()
    narrow: tuple[Narrow, ...] = ()
    wider: tuple[tuple[str, str], ...] = ()
    """Tools that meet the need and give more than others that would do; what each can do besides."""
    idle: tuple[str, ...] = ()
    """Tools that the need does not use, but which give nothing beyond what is needed."""
    unknown: tuple[str, ...] = ()
    """Tools of which it is not known what they do, and of which nothing is said."""


@dataclass(frozen=True, slots=True)
class Remove:
    """A server that can go."""

    name: str
    server: str
    places: tuple[Place, ...]
    """Its entry, and entries of the same name that would take its place."""
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One profile held against one agent."""

    profile: str
    title: str
    agent: str
    client: str
    """The client's title."""
    keep: tuple[Keep, ...]
    remove: tuple[Remove, ...]
    undecided: tuple[str, ...]
    """Servers of which not enough is known to say that they can go."""
    unmet: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]
    """Other sets of servers that cost as little."""
    cost: int
    bound: int
    """What no set of servers can cost less than."""
    proved: bool
    all_ties: bool
    completes: bool
    """Whether what stays lets strangers' words carry private data out, by the servers alone."""
    beyond: tuple[int, int, int]
    """(resource, action) pairs outside the need: now, with the servers kept, and with the tools denied."""
    where: str
    """The list of a file into which rules go; empty where the client has none."""


def suggestion(plans: Iterable[Plan]) -> Supposition:
    """All that the plans would take away, as a supposition."""
    found = tuple(plans)
    return Supposition(
        remove=tuple(f"{plan.agent}/{one.name}" for plan in found for one in plan.remove),
        deny=tuple(
            f"{plan.agent}/{one.name}/{deny.tool}" for plan in found for one in plan.keep for deny in one.deny
        ),
        reword=tuple(
            Reword(f"{plan.agent}/{one.name}", root.place, root.text, root.means)
            for plan in found
            for one in plan.keep
            for root in one.narrow
        ),
    )
