"""What `mcpaudit.lock` holds: every installed server with its tools, as a team has reviewed them.

The fields are the keys of the file, and their docstrings the published schema's; reading and writing go by
them. Nothing in it changes from run to run: no time, no machine, no value of any variable.
"""

from dataclasses import field
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.manifest import Source
from mcpaudit.model.server import Installation

FILE = "mcpaudit.lock"
FORMAT = 1
CLAIMS = {
    "read_only": "readOnlyHint",
    "destructive": "destructiveHint",
    "idempotent": "idempotentHint",
    "open_world": "openWorldHint",
}
"""The claims that inference knows, by the names that MCP gives them."""

INTEGRITY = "sha256:[0-9a-f]{64}|sha512-[A-Za-z0-9+/]{86}==|sha1-[A-Za-z0-9+/]{27}="
"""Hashes of archives and images, as their own registries write them."""
OBJECTS = ("annotations", "parameters")
"""Fields that hold pairs of a name and a value, and are objects in JSON."""
MAY_BE_EMPTY = ("title", "description")
"""Digests of texts, empty where there is no text."""
FULL = ("full_title", "full_description")

Action = Literal["list", "read", "create", "write", "delete", "share", "admin", "execute", "send"]
Sureness = Literal["certain", "possible", "unknown"]
Scope = Literal["repository", "machine"]


@dataclass(frozen=True, slots=True)
class Writer:
    """The program that wrote the lock."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class LockedTouch:
    """One kind of thing that a tool acts on, and how."""

    on: str
    """A provider and its kind of resource, `local:file`; without a kind it is all that the provider holds."""
    do: tuple[Action, ...]
    certainty: Sureness


@dataclass(frozen=True, slots=True)
class LockedTool:
    """One tool, as it was when it was locked."""

    name: str
    actions: tuple[Action, ...]
    """All that it can do, to whatever it touches."""
    touches: tuple[LockedTouch, ...]
    annotations: tuple[tuple[str, bool | str], ...]
    """The server's own claims: true and false in clear, all else as `sha256:HEX` of its RFC 8785 bytes."""
    parameters: tuple[tuple[str, str | None], ...]
    """What each argument takes: `string`, `'a' | 'b'`, `integer | null`; null where that is not known."""
    required: tuple[str, ...] | None
    """The arguments that have to be given; null where that is not known."""
    title: str | None
    """`sha256:HEX` of the text, empty where there is none, null where it is not known."""
    description: str | None
    """`sha256:HEX` of the text, empty where there is none, null where it is not known."""
    schema: str | None
    """`sha256:HEX` of the input schema's RFC 8785 bytes; null where it is not known."""
    full_title: str = ""
    """The title itself, with `--full`."""
    full_description: str = ""
    """The description itself, with `--full`."""


@dataclass(frozen=True, slots=True)
class LockedManifest:
    """Where the tools are known from."""

    source: Source
    version: str
    """The version that the list was taken from; empty where that is not known."""
    complete: bool
    """Whether every tool of the server is known to be listed."""
    certainty: Sureness
    """`possible` where the list is not proved to be that of the version that runs."""
    reason: str
    """Where the list comes from, or why there is none or only part of one."""
    without: str
    """What the source does not tell of its tools (then null there), and why; empty where it tells all."""


@dataclass(frozen=True, slots=True)
class LockedServer:
    """One server, by what it launches or calls and never by its name."""

    id: str
    installed_as: tuple[str, ...]
    """`AGENT/NAME`, for every agent and name that it is installed under."""
    version: str
    """As the configuration pins it, else as the manifest says; empty where neither does."""
    pinned: bool
    configured: str
    """The version as the configuration writes it: `latest`, `^1.0`; empty where it names none."""
    integrity: str | None
    """The hash of what runs: `sha256:HEX`, for npm `sha512-BASE64`; null where none is known."""
    integrity_reason: str
    """Why no hash is known; empty where one is."""
    given_env: tuple[str, ...]
    """The names of the variables that configurations give it; never their values."""
    given_headers: tuple[str, ...]
    """The names of the headers that configurations send to it; never their values."""
    needs_env: tuple[str, ...]
    """The variables that its manifest asks for."""
    needs_scopes: tuple[str, ...]
    """The OAuth scopes that its manifest asks for."""
    manifest: LockedManifest
    tools: tuple[LockedTool, ...]
    """Sorted by name; empty where they are not known, which `manifest.reason` explains."""
    digest: str = ""
    """`sha256:HEX` of the RFC 8785 bytes of all the rest of this entry, `--full` texts left out."""


@dataclass(frozen=True, slots=True)
class Lock:
    """The whole file."""

    format: int
    tool: Writer
    scope: Scope
    """What was looked at: `repository` with `--no-home`, else `machine`."""
    servers: tuple[LockedServer, ...] = field(default=())
    """Sorted by id; one that stands twice is installed in two versions, or known from two sources."""

    def entry(self, installation: Installation) -> LockedServer | None:
        """What is locked of an installed server; of several, what was locked under its own name."""
        found = [one for one in self.servers if one.id == installation.server.id]
        name = name_of(installation)
        version = installation.server.package.version if installation.server.package else ""
        found.sort(key=lambda one: (name not in one.installed_as, one.configured != version))
        return found[0] if found else None


def name_of(installation: Installation) -> str:
    """How the lock calls an installation."""
    return f"{installation.agent}/{installation.name}"
