"""Clients that a table tells: files at levels, how an entry is written, what happens where no rule speaks.

A client whose files need no more than that is a `Declared` in a file of its own (docs/adding-a-client.md);
one that has rules beside its entries adds the function that reads them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fnmatch import fnmatchcase

from mcpaudit.clients.client import AgentConfig, Client, Switch
from mcpaudit.clients.decisions import Unruled, allowed, asked, denied, first_rule, hidden_by_entry
from mcpaudit.clients.entry import Dialect, EntryReader
from mcpaudit.clients.files import accepted, folders, in_folder, rejected, stopped
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.precedence import settle, switched_off
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.wildcards import fits
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.builtin import default_decision
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Rule, Verdict
from mcpaudit.model.gap import Gap
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Agent, Installation
from mcpaudit.model.site import Platform, Site
from mcpaudit.parsing.document import Oddity, Syntax
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_folder


@dataclass(frozen=True, slots=True)
class Source:
    """A file that declares servers, at its level."""

    level: str
    path: str | Mapping[Platform, str]
    """A template as in `Site.locate`, or one for each platform that has it; one part of it may hold a `*`."""
    pointer: tuple[str, ...] = ("mcpServers",)
    syntax: Syntax = "json"
    rejects: tuple[Oddity, ...] = ()
    """What the client throws the whole file away for."""
    shared: bool = False
    """Whether the file is other clients' too: then a folder of one of this client's user files has to be
    there, which tells that it is installed.
    """
    beside: tuple[str, ...] = ()
    """Other folders that tell so."""
    upward: bool = False
    """Whether it is read in each folder from the audited one up to the git root, the nearest first."""
    settings: bool = False
    """Whether it is the file of a wider program, which alone makes no agent."""
    apart: bool = False
    """Whether its entries hide none of other files, as those of one agent profile beside another's."""
    dialect: Dialect | None = None
    """How its entries are written, where that differs from the client's other files."""
    entries: Callable[[Node], Iterator[tuple[str, Node]]] | None = None
    """Finds the entries below `pointer`, where they are neither an object nor a list with names."""
    waits: str = ""
    """What its entries wait for, in a clause: then they are pending."""


@dataclass(frozen=True, slots=True)
class File:
    """One file that was read."""

    source: Source
    level: str
    root: Node


# How the templates of a user's files begin.
_USERS = ("{home}/", "{userdata}/", "{appdata}/")
# Where clients keep their servers, and people those of another.
_TABLES = ("mcpServers", "servers", "mcp_servers", "context_servers")
Rules = Callable[[Reading, Agent, Sequence[File]], tuple[Iterable[Rule], Iterable[Switch]]]


@dataclass(frozen=True, slots=True)
class Declared:
    """One client, told by a table."""

    id: str
    title: str
    sources: tuple[Source, ...]
    """Of entries of one name that of the first file here counts."""
    unruled: Unruled
    dialect: Dialect
    off: tuple[str, bool] | None = ("disabled", True)
    """The key of an entry that switches it off, and its value."""
    approves: str = ""
    """The key of an entry with the list of its tools that run unasked (`*` for all)."""
    wildcards: bool = True
    """Whether `*` in a rule stands for any text."""
    approved: Certainty = Certainty.CERTAIN
    """Whether what a rule allows surely runs."""
    all_load: bool = False
    """Whether entries of one name in several files all load."""
    unwrap: Callable[[str, Node], Node | None] | None = None
    """Brings an entry into one level, where the client nests it; `None` for one that is no server."""
    rules: Rules | None = None
    """Reads the rules and switches that stand beside the entries."""
    trusting: Callable[[Reading], bool] | None = None
    """Whether nothing waits, since the user trusts all folders."""
    amend: Callable[[Reading, Sequence[File], Installation], Installation] | None = None
    """What other settings make of an installation."""
    stops_at: tuple[Oddity, ...] | None = None
    """What else than a malformed file keeps the client from starting; `None` where nothing does."""
    everything: str = ""
    """The switch that lets every tool run."""
    applies: Callable[[Rule, Installation], bool] | None = None
    """Whether a rule beside the entries speaks of a server at all, where that hangs on its file."""
    naming: Callable[[Installation, Tool], str] | None = None
    """A server's tool as rules name it, where that is not `SERVER/TOOL`."""
    _pointers: tuple[tuple[str, ...], ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pointers", tuple({source.pointer for source in self.sources}))

    @property
    def client(self) -> Client:
        """The client as the registry lists it."""
        ruled = bool(self.approves or self.rules)
        return Client(
            self.id,
            self.title,
            self.load,
            self.decide,
            self.matches if ruled else None,
            self.rule_name if ruled else None,
        )

    # Reading

    def load(self, reading: Reading) -> AgentConfig | None:
        """Read every file of the client; `None` where none of them speaks of servers or rules."""
        agent = Agent(self.id, self.id, self.title)
        files: list[File] = []
        seen = False
        for source, level, template in self._places(reading):
            role = f"{self.title} {'settings' if source.settings else f'{level} servers'}"
            root = reading.file(template, source.syntax, role, self.id)
            seen = seen or (not source.settings and reading.present(template))
            root = accepted(reading, root, self.title, self.id, source.rejects)
            if root is not None:
                files.append(File(source, level, root))
        trusting = self.trusting is not None and self.trusting(reading)
        found: list[Installation] = []
        rules: list[Rule] = []
        for file in files:
            for one, own in self._entries(reading, agent, file, trusting):
                found.append(self.amend(reading, files, one) if self.amend else one)
                rules += own
        if self.stops_at is not None:
            templates = [template for _, _, template in self._places(reading)]
            found = rejected(found, stopped(reading, templates, self.title, self.id, self.stops_at))
        more, switches = self.rules(reading, agent, files) if self.rules else ((), ())
        rules += more
        config = AgentConfig(agent, self._settled(found, files), tuple(rules), tuple(switches))
        return config if seen or found or rules or config.switches else None

    def _places(self, reading: Reading) -> Iterator[tuple[Source, str, str]]:
        """The files to look for, each with its level; the home as a project is read as the home only."""
        site = reading.site
        listed = [
            (source, source.path if isinstance(source.path, str) else source.path.get(site.platform, ""))
            for source in self.sources
        ]
        users = tuple(
            path.rpartition("/")[0]
            for _, path in listed
            if path and path[0] == "{" and "{project}" not in path
        )
        at_home = {path.removeprefix("{home}/") for _, path in listed if path.startswith("{home}/")}
        for source, path in listed:
            twice = path.startswith("{project}/") and path.removeprefix("{project}/") in at_home
            if site.project == site.home and twice:
                continue
            if path and (not source.shared or _has_folder(site, source.beside or users)):
                yield from self._named(reading, source, path)

    def _named(self, reading: Reading, source: Source, path: str) -> Iterator[tuple[Source, str, str]]:
        if source.upward:
            for folder in folders(reading.site):
                yield source, source.level, in_folder(path, folder)
            return
        if "*" not in path:
            yield source, source.level, path
            return
        parts = path.split("/")
        at = next(index for index, part in enumerate(parts) if "*" in part)
        folder, pattern, rest = "/".join(parts[:at]), parts[at], parts[at + 1 :]
        for real, _ in names_in(reading, folder, self.id):
            if fnmatchcase(real.name, pattern):
                template = "/".join((folder, real.name, *rest))
                yield source, f"{source.level} {reading.veil(real.stem if not rest else real.name)}", template

    def _entries(
        self, reading: Reading, agent: Agent, file: File, trusting: bool
    ) -> Iterator[tuple[Installation, list[Rule]]]:
        servers = file.root.at(*file.source.pointer) if file.source.pointer else file.root
        if servers is None or servers.value is None:
            self._misplaced(reading, file)
            return
        entries = EntryReader(reading, agent, file.source.dialect or self.dialect)
        for name, nested in (file.source.entries or named_entries)(servers):
            node: Node | None = nested
            if self.unwrap and isinstance(nested.value, dict):
                node = self.unwrap(name, nested)
            if node is not None:
                one = self._installed(entries, file, name, node, "" if trusting else file.source.waits)
                yield one, list(self._approvals(reading, agent, one, node, file.level))

    def _misplaced(self, reading: Reading, file: File) -> None:
        """Say that servers stand under a key of other clients, where this one does not look."""
        if file.source.settings or file.source.shared or len(file.source.pointer) != 1:
            return
        for key in _TABLES:
            node = file.root.child(key)
            if node is not None and isinstance(node.value, dict) and node.value:
                below = file.source.pointer[0]
                told = f"{self.title} reads servers below `{below}`: what stands here does nothing"
                reading.gaps.append(Gap("without-effect", node.place, told, self.id))

    def _installed(self, entries: EntryReader, file: File, name: str, node: Node, waits: str) -> Installation:
        one = entries.installation(name, node, file.level, "pending" if waits else "loaded", waits)
        if one.only_tools is not None and "*" in one.only_tools:
            one = replace(one, only_tools=None, only_tools_at=None)
        if self.off and isinstance(node.value, dict) and one.state in ("loaded", "pending"):
            key, value = self.off
            switch = node.child(key)
            if switch is not None and switch.value is value:
                return switched_off(one, node, key, f"{key}: {str(value).lower()}")
        return one

    def _approvals(
        self, reading: Reading, agent: Agent, one: Installation, node: Node, level: str
    ) -> Iterator[Rule]:
        held = node.child(self.approves) if self.approves else None
        if held is None or held.value is None:
            return
        named = [held] if isinstance(held.value, str) else node.texts(self.approves) or ()
        for tool in named:
            pattern = f"{one.name}/{reading.rule(tool)}"
            yield Rule(agent.id, "allow", pattern, level, tool.place)

    def _settled(self, found: Sequence[Installation], files: Sequence[File]) -> tuple[Installation, ...]:
        if self.all_load:
            return tuple(found)
        alone = {file.level for file in files if file.source.apart}
        levels = tuple(file.level for file in files if not file.source.apart)
        together = [one for one in found if one.level not in alone]
        return (*settle(together, levels), *(one for one in found if one.level in alone))

    # Deciding

    def decide(self, config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
        """What the entry hides; a rule that denies, asks or allows, in this order; else what is usual."""
        if hidden := hidden_by_entry(one, tool):
            return hidden
        name = self.rule_name(one, tool)
        matching = [rule for rule in config.rules if self._speaks(rule, one, tool, name)]
        if rule := first_rule(matching, "hide"):
            return Decision(Verdict.HIDDEN, f"the {rule.level} rule `{rule.pattern}` hides it", rule)
        if rule := first_rule(matching, "deny"):
            return denied(f"the {rule.level} rule `{rule.pattern}` denies it", rule)
        if rule := first_rule(matching, "ask"):
            return asked(mode, f"the {rule.level} rule `{rule.pattern}` asks", rule)
        if rule := first_rule(matching, "allow"):
            return allowed(f"the {rule.level} rule `{rule.pattern}` allows it", rule, self.approved)
        if self.everything and (switch := config.switch(self.everything)):
            return allowed(f"`{switch.name}` is {switch.value}")
        if one.server.builtin:
            return default_decision(self.id, tool.name, mode)
        return self.unruled(mode)

    def matches(self, rule: Rule, one: Installation, tool: Tool) -> bool:
        """Whether a rule speaks of a tool: those of an entry of its own tools, all others by name."""
        return self._speaks(rule, one, tool, self.rule_name(one, tool))

    def _speaks(self, rule: Rule, one: Installation, tool: Tool, name: str) -> bool:
        if rule.subject == "command" or one.server.builtin:
            return one.server.builtin and rule.subject in ("command", "any") and rule.pattern == tool.name
        if self.approves and any(rule.place.route[: len(one_of)] == one_of for one_of in self._pointers):
            inside = rule.place.file == one.place.file
            inside = inside and rule.place.route[: len(one.place.route)] == one.place.route
            return inside and self._fits(rule.pattern.removeprefix(f"{one.name}/"), tool.name)
        if self.applies is not None and not self.applies(rule, one):
            return False
        return self._fits(rule.pattern, name)

    def _fits(self, pattern: str, name: str) -> bool:
        return fits(pattern, name) if self.wildcards else pattern == name

    def rule_name(self, one: Installation, tool: Tool) -> str:
        """A server's tool as rules name it."""
        return self.naming(one, tool) if self.naming else f"{one.name}/{tool.name}"


def _has_folder(site: Site, templates: Iterable[str]) -> bool:
    return any((found := site.locate(one)) is not None and is_folder(found[0]) for one in templates)


def named_entries(servers: Node) -> Iterator[tuple[str, Node]]:
    """The entries of an object by key, those of a list by their `name`."""
    if not isinstance(servers.value, list):
        yield from servers.items()
        return
    for node in servers.elements():
        name = node.text("name") if isinstance(node.value, dict) else ""
        yield name or f"#{node.route[-1]}", node
