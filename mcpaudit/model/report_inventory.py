"""What is installed, as plain rows: agents, servers, their manifests, installations."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Location


@dataclass(frozen=True, slots=True)
class AgentRow:
    """What loads servers and holds permission rules."""

    id: str
    client: str
    title: str
    cwd: str


@dataclass(frozen=True, slots=True)
class PackageRow:
    """The published artefact behind a server."""

    ecosystem: str
    name: str
    version: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """Where the knowledge of a server's tools comes from."""

    source: str
    complete: bool
    digest: str
    reason: str
    version: str
    certainty: str


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server by identity."""

    id: str
    name: str
    transport: str
    package: PackageRow | None
    url: str
    builtin: bool
    owner: str
    purpose: str
    trusted: bool | None
    operations: tuple[str, ...]
    """Which of `health`, `log`, `refresh` the configuration declares to be in place."""
    providers: tuple[str, ...]
    manifest: ManifestRow


@dataclass(frozen=True, slots=True)
class InstallationRow:
    """A server as one agent has it."""

    id: str
    agent: str
    client: str
    server: str
    name: str
    level: str
    enabled: bool
    state: str
    reason: str
    decided: Location | None
    """Where the switch, list or approval stands that gave it its state."""
    assumed: bool
    shadows: tuple[Location, ...]
    shadowed_by: Location | None
    location: Location
    bounds: tuple[str, ...]
    """The resources that the configuration confines it to; empty where it names none."""
