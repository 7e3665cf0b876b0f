"""What a server offers, and where that knowledge comes from."""

from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty

Source = Literal[
    "supplied", "live", "lock", "bundle", "registry", "docker", "source", "catalog", "builtin", "none"
]


@dataclass(frozen=True, slots=True)
class Hints:
    """A server's own claims about a tool (MCP tool annotations); `None` where it makes none."""

    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a tool, as its input schema has it."""

    name: str
    type: str = ""
    """The JSON Schema type; empty where the schema gives none."""
    values: tuple[str, ...] = ()
    """The enum's values, if it has one."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """One kind of thing that a tool acts on, and how."""

    provider: str
    """A pack's id, or `unknown`."""
    kind: str
    """A resource type of that pack; empty for all that the provider holds."""
    actions: Actions
    certainty: Certainty
    evidence: tuple[str, ...] = ()
    """What led here, one sentence each: "the name starts with the verb `create`"."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool with what it can do worked out."""

    name: str
    touches: tuple[Touch, ...]
    hints: Hints = Hints()
    parameters: tuple[Parameter, ...] = ()
    title: str = ""

    @property
    def actions(self) -> Actions:
        """All that the tool can do, to whatever it touches."""
        return frozenset().union(*(touch.actions for touch in self.touches))


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a server's source."""

    file: str
    """Relative to the package's root, with `/`."""
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


Ability = Literal["executes", "files", "network", "database", "evaluates", "sdk"]
"""What code does beyond computing: start programs, touch files, call out, query, run code it is given."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that a tool's handler reaches in the code."""

    ability: Ability
    says: str
    """One clause: "it calls `subprocess.run`"."""
    spot: Spot

    @property
    def called(self) -> str:
        """The name that is called: `subprocess.run`."""
        return self.says.partition("`")[2].rstrip("`")

    def __str__(self) -> str:
        return f"{self.says} ({self.spot})"


@dataclass(frozen=True, slots=True)
class SharedState:
    """Module-level state that request handlers write to, so that one request's data can reach another."""

    name: str
    says: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Manifest:
    """A server's tools and declared needs, with their source."""

    server: str
    source: Source
    complete: bool
    """Whether every tool of the server is known to be listed."""
    tools: tuple[Tool, ...] = ()
    reason: str = ""
    """Where the list comes from, or why there is none or only part of one."""
    version: str = ""
    """The version that the list was taken from; empty where that is not known."""
    digest: str = ""
    certainty: Certainty = Certainty.CERTAIN
    """`possible` where the version or digest is not proved to be the one that runs."""
    needs_env: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    integrity: str = ""
    """The hash of the archive that it was read from; empty where there is none."""
    state: tuple[SharedState, ...] = ()
    """What its handlers keep between requests, where its source was read."""
