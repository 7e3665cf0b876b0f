"""Servers by identity, and installations of them in agents."""

from dataclasses import field
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place

Transport = Literal["stdio", "http", "sse", "ws", "unknown"]
State = Literal["loaded", "pending", "disabled", "rejected", "blocked"]

BUILTIN = "builtin:"


@dataclass(frozen=True, slots=True)
class Package:
    """A published artefact that a launcher fetches and runs."""

    ecosystem: Literal["npm", "pypi", "oci", "mcpb"]
    name: str
    version: str = ""
    """As written in the configuration; empty where none is."""

    @property
    def pinned(self) -> bool:
        """Whether the version names exactly one artefact: no range, no tag, no absence."""
        if self.ecosystem == "oci":
            return self.version.startswith("sha256:")
        return bool(self.version) and self.version[0].isdigit() and not set(self.version) & set("*xX^~<>=| ")


@dataclass(frozen=True, slots=True)
class Server:
    """What a configuration entry launches or calls; its identity, never its name."""

    id: str
    """`npm:NAME`, `pypi:NAME`, `oci:IMAGE`, `url:https://HOST/PATH`, `path:FILE`, `command:NAME`, `git:URL`,
    `module:NAME`, `jsr:NAME` or `builtin:CLIENT`.
    """
    transport: Transport = "stdio"
    package: Package | None = None
    url: str = ""
    """For a remote server: scheme, host, port and path; never a query or user part."""

    @property
    def builtin(self) -> bool:
        """Whether these are the client's own tools and no installed server."""
        return self.id.startswith(BUILTIN)


@dataclass(frozen=True, slots=True)
class Argument:
    """One word of an entry (argument, variable, header, URL), its secrets already masked."""

    text: str
    """The word with variables expanded and every secret replaced by `***`."""
    place: Place
    unexpanded: tuple[str, ...] = ()
    """Variables that the audited environment does not define: their values are unknown."""

    @property
    def known(self) -> bool:
        """Whether the whole word is known."""
        return not self.unexpanded


@dataclass(frozen=True, slots=True)
class Entry:
    """What a configuration file declares for one server, in one shape for all clients."""

    command: str = ""
    args: tuple[Argument, ...] = ()
    env: tuple[tuple[str, Argument], ...] = ()
    url: Argument | None = None
    headers: tuple[tuple[str, Argument], ...] = ()
    cwd: str = ""
    env_file: Argument | None = None
    """The file whose variables the client sets for it."""
    login_scopes: Argument | None = None
    """The scopes that the client asks for when it logs in to it, parted by spaces."""
    relay: Place | None = None
    """Where the server's own command or URL stands if `mcpaudit live record` relays it; `None` otherwise."""
    package_argument: int = -1
    """The index in `args` of the package, image or script that is the server; -1 where there is none."""

    def own_env(self) -> tuple[tuple[str, Argument], ...]:
        """The variables that the entry itself sets; those of its file differ between machines."""
        file = self.env_file.place if self.env_file else None
        return tuple((name, word) for name, word in self.env if word.place != (file and file.at(name)))

    def server_args(self) -> tuple[Argument, ...]:
        """The arguments that the server itself receives, after its launcher's own."""
        return self.args[self.package_argument + 1 :]


@dataclass(frozen=True, slots=True)
class Agent:
    """One client, profile and working directory: what loads servers and holds permission rules."""

    id: str
    client: str
    title: str
    cwd: str = "."


@dataclass(frozen=True, slots=True)
class Installation:
    """A server as one agent has it: under a name, at a level, from a place in a file."""

    agent: str
    client: str
    name: str
    server: Server
    level: str
    """`project`, `local`, `user`, `workspace`, `managed`, `builtin`, ..."""
    place: Place
    entry: Entry = Entry()
    state: State = "loaded"
    reason: str = ""
    """Why the state is what it is, where it is not simply loaded."""
    decided: Place | None = None
    """Where a switch, list or approval stands that gave it its state; `None` where nothing stated did."""
    assumed: bool = False
    """Whether it is judged as once the user trusts the folder and approves its servers."""
    shadows: tuple[Place, ...] = ()
    """Places of entries of the same name that this one hides."""
    shadowed_by: Place | None = None
    options: tuple[tuple[str, str], ...] = field(default=())
    """Client-specific switches of the entry that decide on tools (`trust`, `sandboxEnabled`)."""
    only_tools: tuple[str, ...] | None = None
    """The entry's own allow list of tools; `None` where it has none."""
    except_tools: tuple[str, ...] = ()
    """Tools that the entry itself hides."""
    only_tools_at: Place | None = None
    except_tools_at: Place | None = None
    """Where these two lists stand."""
    tag: str = ""
    """What tells it from another installation of that name in the same agent; empty where the name does."""
    _id: str = field(default="", init=False, compare=False, repr=False)

    @property
    def id(self) -> str:
        """Unique within a report and stable across machines."""
        if not self._id:
            tag = self.tag or (f"{self.level}, shadowed" if self.shadowed_by else "")
            object.__setattr__(self, "_id", f"{self.agent}/{self.name}" + (f" ({tag})" if tag else ""))
        return self._id

    @property
    def reachable(self) -> bool:
        """Whether the agent can use it, now or as soon as the user approves it."""
        return self.shadowed_by is None and (self.state == "loaded" or self.assumed)

    def option(self, name: str) -> str:
        """One client-specific switch of the entry; empty where it is not set."""
        return dict(self.options).get(name, "")
