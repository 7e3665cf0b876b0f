"""What an organisation says in `mcpaudit.yaml`: owners, labels, links, profiles, limits."""

from dataclasses import field
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import Actions
from mcpaudit.model.finding import Severity
from mcpaudit.model.glob import globbed
from mcpaudit.model.pattern import Pattern
from mcpaudit.model.place import Place

Operation = Literal["health", "log", "refresh"]
SERVER_PRICE, FLOW_PRICE = 10, 20
REVIEW_DAYS = 180
Param = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceNote:
    """Labels and an owner for the resources that a pattern describes."""

    pattern: Pattern
    labels: tuple[str, ...] = ()
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ServerNote:
    """What the organisation declares of a server, by identity (globs allowed), never by name."""

    identity: str
    owner: str = ""
    purpose: str = ""
    trusted: bool | None = None
    operations: tuple[Operation, ...] = ()
    accounts: tuple[tuple[str, str, Place], ...] = ()
    """The accounts that it signs in to: provider, tenant, and where that is said."""
    relays: str = ""
    """The address that it leads to, where it is a relay of `mcpaudit live record`."""


@dataclass(frozen=True, slots=True)
class Link:
    """An integration between two providers that the organisation asserts or denies."""

    source: str
    """The provider, or provider and tenant, that reaches over."""
    target: Pattern
    holds: bool
    place: Place
    actions: Actions = frozenset()
    """What comes across; empty for what is known of the integration."""


@dataclass(frozen=True, slots=True)
class Need:
    """Actions that a task needs on what a pattern describes."""

    actions: Actions
    resource: Pattern
    all: bool = False
    """Whether a route must contain the whole pattern, and not only overlap it."""
    together: bool = False
    """Whether one server must give all of the actions."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a task needs, and how much it may install."""

    id: str
    title: str
    needs: tuple[Need, ...]
    place: Place
    max_servers: int | None = None
    agents: tuple[str, ...] = ()
    """The agents it speaks of; empty for all."""
    server_price: int = SERVER_PRICE
    """What each server costs that is kept; each (resource, action) outside the need costs 1."""
    flow_price: int = FLOW_PRICE
    """What a set of servers costs more that lets strangers' words carry private data out."""


@dataclass(frozen=True, slots=True)
class PackPin:
    """Policies from elsewhere, and the content that they must have."""

    source: str
    """A folder, an archive, or `git+REPOSITORY@REVISION[:FOLDER]`, from the configuration's own folder."""
    digest: str
    """`sha256:` and the digest of all files."""
    place: Place


@dataclass(frozen=True, slots=True)
class ReviewTerms:
    """What a sign-off needs."""

    threshold: tuple[tuple[str, int], ...] = ()
    """How many people of each role have to approve; empty for one person of any role."""
    max_days: int = REVIEW_DAYS
    """How long an approval may last."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that `mcpaudit.yaml` and the profiles say; empty without one."""

    resources: tuple[ResourceNote, ...] = ()
    servers: tuple[ServerNote, ...] = ()
    links: tuple[Link, ...] = ()
    profiles: tuple[Profile, ...] = ()
    clients: tuple[str, ...] = ()
    """The clients that are used, by id; empty for all whose files are found."""
    policies: tuple[str, ...] = ()
    """Further policy files or folders, relative to the configuration's own folder."""
    packs: tuple[PackPin, ...] = ()
    disabled: tuple[str, ...] = ()
    """Shipped policies that are switched off, by id."""
    params: dict[str, dict[str, Param]] = field(default_factory=dict)
    severities: dict[str, Severity] = field(default_factory=dict)
    fail_on: Severity | None = None
    waiver_days: dict[Severity, int] = field(default_factory=dict)
    """How long a waiver of a severity may last, in days."""
    review: ReviewTerms | None = None
    """What a sign-off needs; `None` where none is asked for."""

    @property
    def relays(self) -> dict[str, str]:
        """The servers that are relays, by identity, and where they lead."""
        return {note.identity: note.relays for note in self.servers if note.relays}

    def server(self, identity: str) -> ServerNote:
        """What it says of a server; the first entry whose identity matches."""
        for note in self.servers:
            if note.identity == identity or globbed(identity, note.identity):
                return note
        return ServerNote(identity)
