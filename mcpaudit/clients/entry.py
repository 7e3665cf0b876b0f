"""Turns one configuration entry into an installation, in one shape for all clients."""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.entry_keys import unknown_keys
from mcpaudit.clients.identity import Identity, identify, identify_url, relayed
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, nothing
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import argument_name, names_secret, scope_names
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Argument, Entry, Installation, Server, State, Transport
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.veiled import unveiled


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one client spells an entry."""

    expand: Expand = nothing
    expand_pairs: Expand | None = None
    """For variables and headers, where the client expands them otherwise than the rest of an entry."""
    command: tuple[str, ...] = ("command",)
    """Keys that hold what is started; the first one that holds words wins."""
    url: tuple[str, ...] = ("url",)
    """Keys that hold a remote server's URL; the first one present wins."""
    plain_url: Transport = "http"
    """How a server is called whose entry has a URL and no type."""
    type: tuple[str, ...] = ("type",)
    """Keys that hold the transport; the first one present wins."""
    headers: tuple[str, ...] = ("headers",)
    env: str = "env"
    """The key of the variables; `environment` in opencode."""
    transports: tuple[tuple[str, Transport], ...] = (
        ("stdio", "stdio"),
        ("http", "http"),
        ("streamable-http", "http"),
        ("streamableHttp", "http"),
        ("sse", "sse"),
        ("ws", "ws"),
    )
    variable_keys: tuple[str, ...] = ()
    """Keys whose string value names an environment variable that holds a secret (`bearer_token_env_var`)."""
    secret_keys: tuple[str, ...] = ()
    """Keys whose string value is itself a secret (`bearer_token`)."""
    options: tuple[str, ...] = ()
    """Switches that decide on the entry's tools, kept as they are written."""
    login_tables: tuple[str, ...] = ()
    """Keys of objects with what a login needs (`oauth`), among it secrets."""
    env_file: str = ""
    """The key that names a file of variables."""
    login_scopes: tuple[str, ...] = ()
    """Keys of the scopes that a login asks for, where they stand outside of `login_tables`."""
    variable_tables: tuple[str, ...] = ()
    """Keys of objects or lists that name environment variables (`env_http_headers`, `env_vars`)."""
    harmless: tuple[str, ...] | None = None
    """Further keys that the client knows and that decide nothing here; `None` where they are not listed."""
    ignores: bool = False
    """Whether the client was seen to ignore keys that it does not know."""
    strict: bool = False
    """Whether the client skips an entry in which any value has the wrong type."""
    numbers: bool = False
    """Whether a number in `args` is taken as a word (observed for those that say so)."""
    only_tools: str = ""
    except_tools: str = ""


def holder_of(agent: str, place: Place) -> str:
    """Who holds a secret while entries are read: names are not unique before it is settled which loads."""
    return f"{agent} at {place}"


@dataclass(slots=True)
class EntryReader:
    """Reads the entries of one agent's client."""

    reading: Reading
    agent: Agent
    dialect: Dialect

    def installations(
        self, servers: Node, level: str, state: State = "loaded", reason: str = ""
    ) -> list[Installation]:
        """The installations that an object of entries declares; what is wrong in one hides no other."""
        found = []
        for name, node in servers.items():
            found.append(self.installation(name, node, level, state, reason))
        return found

    def installation(
        self, name: str, node: Node, level: str, state: State = "loaded", reason: str = ""
    ) -> Installation:
        """One entry as an installation; an entry that is no object stays listed as rejected."""
        if not isinstance(node.value, dict):
            node.complain("an object that describes a server")
            state, reason = "rejected", "the entry is not an object"
        holder = holder_of(self.agent.id, node.place)
        complaints = len(node.gaps)
        key = self._command_key(node)
        command = self._whole(node, key, holder)
        args = self._args(node, key, holder)
        url = self._url(node, holder)
        relay = None
        if url is None and (at := relayed([command, *(word.text for word in args)])):
            # What the relay starts is what is installed; the relay adds nothing to it.
            relay, command, args = args[at - 1].place, args[at - 1].text, args[at:]
        identity = self._identity(command, args, url, node)
        if url is not None and (behind := self.reading.relays.get(identity.server.id)):
            relay, identity = url.place, identify_url(behind, identity.server.transport)
        if identity.server.id in ("command:?", "url:?") and state in ("loaded", "pending"):
            state, reason = "rejected", "the entry names neither a command nor a valid URL"
            node.complain("an entry with a command or a valid URL")
        only = node.texts(self.dialect.only_tools) if self.dialect.only_tools else None
        hidden = node.texts(self.dialect.except_tools) if self.dialect.except_tools else None
        cwd = self._whole(node, "cwd", holder)
        entry = Entry(
            command=self.reading.site.shorten(command),
            args=args,
            env=self._pairs(node, (self.dialect.env,), holder),
            url=url,
            headers=self._pairs(node, self.dialect.headers, holder),
            cwd=cwd,
            env_file=self._env_file(node, holder),
            login_scopes=self._login_scopes(node),
            relay=relay,
            package_argument=identity.argument,
        )
        self._named_secrets(node, holder)
        if self.dialect.strict and len(node.gaps) > complaints and state in ("loaded", "pending"):
            state, reason = "rejected", "the client skips an entry with a value of the wrong type"
        self._unknown_keys(node)
        return Installation(
            agent=self.agent.id,
            client=self.agent.client,
            name=name,
            server=identity.server,
            level=level,
            place=replace(node.place, on_key=True),
            entry=entry,
            state=state,
            reason=reason,
            options=self._options(node),
            only_tools=None if only is None else tuple(str(element.value) for element in only),
            except_tools=tuple(str(element.value) for element in hidden or ()),
            only_tools_at=None if only is None else node.place.at(self.dialect.only_tools),
            except_tools_at=node.place.at(self.dialect.except_tools) if hidden else None,
        )

    def _whole(self, node: Node, key: str, holder: str) -> str:
        """A word that is mostly no secret, expanded: the command, or its first word where it is a list."""
        held = node.child(key)
        if held is not None and isinstance(held.value, list) and key in self.dialect.command:
            first = next(held.elements(), None)
            word = first.value if first and isinstance(first.value, str) else ""
        else:
            word = node.text(key)
        site, expand = self.reading.site, self.dialect.expand
        return self.reading.ledger.word(word, "", node.place.at(key), holder, site, expand).text

    def _command_key(self, node: Node) -> str:
        """The key of what is started; some clients have several, or an object under one of them."""
        found = ((key, node.child(key)) for key in self.dialect.command)
        words = (key for key, child in found if child and isinstance(child.value, str | list))
        return next(words, self.dialect.command[0])

    def _args(self, node: Node, key: str, holder: str) -> tuple[Argument, ...]:
        command = node.child(key)
        if command is not None and isinstance(command.value, list):
            words = (node.texts(key) or ())[1:]
        else:
            listed = node.child("args")
            if listed is not None and isinstance(listed.value, list) and self.dialect.numbers:
                texts = [str(one) if type(one) in (int, float) else one for one in listed.value]
                node = replace(node, value={"args": texts})
            words = node.texts("args") or ()
        found: list[Argument] = []
        before = ""
        for word in words:
            name = self.reading.veil(argument_name(before, unveiled(word.word)))
            found.append(
                self.reading.ledger.word(
                    word.word, name, word.place, holder, self.reading.site, self.dialect.expand
                )
            )
            before = unveiled(word.word)
        return tuple(found)

    def _url(self, node: Node, holder: str) -> Argument | None:
        for key in self.dialect.url:
            child = node.child(key)
            if child is not None and node.text(key):
                raw = node.text(key)
                return self.reading.ledger.word(
                    raw, key, child.place, holder, self.reading.site, self.dialect.expand
                )
        return None

    def _env_file(self, node: Node, holder: str) -> Argument | None:
        child = node.child(self.dialect.env_file) if self.dialect.env_file else None
        if child is None or not isinstance(child.value, str):
            return None
        site, expand = self.reading.site, self.dialect.expand
        return self.reading.ledger.word(child.value, "", child.place, holder, site, expand)

    def _login_scopes(self, node: Node) -> Argument | None:
        tables = [table for key in self.dialect.login_tables if (table := node.child(key))]
        listed = [table.child(key) for table in tables for key in ("scopes", "scope")]
        listed += [node.child(key) for key in self.dialect.login_scopes]
        for child in filter(None, listed):
            texts = child.value if isinstance(child.value, list) else [child.value]
            if scopes := scope_names(" ".join(one for one in texts if isinstance(one, str))):
                return Argument(" ".join(scopes), child.place)
        return None

    def _identity(
        self, command: str, args: tuple[Argument, ...], url: Argument | None, node: Node
    ) -> Identity:
        declared = next((one for key in self.dialect.type if (one := node.child(key))), None)
        kind = declared.value if declared and isinstance(declared.value, str) else ""
        transport = dict(self.dialect.transports).get(kind)
        if url is not None and (not command or transport in ("http", "sse", "ws")):
            remote = transport if transport and transport != "stdio" else self.dialect.plain_url
            called = identify_url(url.text, remote)
            if called.server.id == "url:?" and url.unexpanded:
                # Where it leads depends on a variable that is not known here: no mistake of the entry.
                return Identity(replace(called.server, id=f"url:{url.text}"))
            return called
        if not command.strip():
            return Identity(Server("command:?"))
        identity = identify(command, [argument.text for argument in args])
        server = identity.server
        if server.id.startswith("path:"):
            server = replace(server, id=f"path:{self.reading.site.shorten(server.id[5:])}")
        return Identity(server, identity.argument)

    def _pairs(self, node: Node, keys: tuple[str, ...], holder: str) -> tuple[tuple[str, Argument], ...]:
        found = []
        for key in keys:
            table = node.child(key)
            if table is None or table.value is None:
                continue
            for name, value in table.items():
                if not isinstance(value.value, str) and self.dialect.strict:
                    value.complain("a string")
                elif isinstance(value.value, str | int | float | bool):
                    text = value.value if isinstance(value.value, str) else str(value.value).lower()
                    expand = self.dialect.expand_pairs or self.dialect.expand
                    word = self.reading.ledger.word(
                        text, name, value.place, holder, self.reading.site, expand
                    )
                    found.append((name, word))
                elif value.value is not None:
                    value.complain("a string")
        return tuple(found)

    def _named_secrets(self, node: Node, holder: str) -> None:
        """Secrets that a key's value is, or names by a variable."""
        for key in self.dialect.variable_keys:
            child = node.child(key)
            if child is not None and node.text(key):
                self.reading.ledger.refer(holder, child.place, node.text(key), node.text(key))
        for key in self.dialect.secret_keys:
            child = node.child(key)
            if child is not None and node.text(key):
                self.reading.ledger.word(
                    node.text(key), "token", child.place, holder, self.reading.site, self.dialect.expand
                )

        for key in self.dialect.login_tables:
            for name, value in _texts_in(node.child(key)):
                if names_secret(name):
                    site, expand = self.reading.site, self.dialect.expand
                    self.reading.ledger.word(value.word, name, value.place, holder, site, expand)
        for key in self.dialect.variable_tables:
            table = node.child(key)
            for name, value in _members(table) if table else ():
                if isinstance(value.value, str) and (names_secret(name) or names_secret(value.value)):
                    self.reading.ledger.refer(holder, value.place, name or value.value, value.value)

    def _unknown_keys(self, node: Node) -> None:
        dialect = self.dialect
        if dialect.harmless is None:
            return
        used = (
            *(dialect.env, *dialect.command, *dialect.url, *dialect.headers),
            *(*dialect.variable_keys, *dialect.secret_keys),
            *(*dialect.options, dialect.only_tools, dialect.except_tools),
            *(dialect.env_file, *dialect.login_scopes, *dialect.login_tables, *dialect.variable_tables),
            *(dialect.type if dialect.transports else ()),
        )
        title = self.agent.title
        for gap in unknown_keys(node, used, dialect.harmless, title, ignored=dialect.ignores):
            if gap not in self.reading.gaps:
                self.reading.gaps.append(gap)

    def _options(self, node: Node) -> tuple[tuple[str, str], ...]:
        found = []
        for key in self.dialect.options:
            child = node.child(key)
            if child is not None and isinstance(child.value, str | bool | int):
                found.append((key, child.value if isinstance(child.value, str) else str(child.value).lower()))
        return tuple(found)


def _members(table: Node) -> Iterator[tuple[str, Node]]:
    """The members of an object by name, or the elements of a list without one."""
    if isinstance(table.value, dict):
        yield from table.items()
    elif isinstance(table.value, list):
        yield from (("", element) for element in table.elements())


def _texts_in(table: Node | None) -> Iterator[tuple[str, Node]]:
    """The texts in an object and the objects in it: some clients keep tokens there."""
    for name, value in table.items() if table and isinstance(table.value, dict) else ():
        if isinstance(value.value, str):
            yield name, value
        elif isinstance(value.value, dict):
            yield from _texts_in(value)
