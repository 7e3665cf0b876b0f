"""What evaluation keeps: the files, their scopes, its limits, and what it noted on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tree_sitter import Node

from mcpaudit.manifests.javascript.exports import Export
from mcpaudit.manifests.javascript.expressions import from_json
from mcpaudit.manifests.javascript.files import MAX_FILE, Files
from mcpaudit.manifests.javascript.scope import Binding, Table, declared
from mcpaudit.manifests.javascript.tree import CLASSES, FUNCTIONS, SCOPES, Match, Meter, Source, ancestors
from mcpaudit.manifests.javascript.values import EMPTY, Cls, Env, Inst, ScopeKey
from mcpaudit.parsing.reader import regular_bytes

MAX_STEPS, MAX_DEPTH = 180_000, 250
"""A step is one expression, or other work that takes about as long; never a time, so that the same files give
the same result however busy the machine is."""
EXTRA_STEPS, QUIET_STEPS, PROBE_STEPS = 30_000, 400, 300
LONG_CHAIN = 24
NO_CUT = 1 << 30
UNBOUND = 0
"""In place of an environment that is not there yet."""
DOCUMENT_STEPS = 5000
DETAIL, MIN_DETAIL = 120_000, 120


class State:
    """The files that were read, and all that was worked out about them."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.sources: dict[Path, Source] = {}
        self.order: list[Source] = []
        self.meter = Meter()
        self.depth = self.extra = 0
        self.cap, self.pool = MAX_STEPS, DETAIL
        self.missing: list[tuple[Source, Node]] = []
        self.reads: list[int] = []
        """The environments that the value being worked out depends on, by identity."""
        self.probing = 0
        self.cut_at = NO_CUT
        """How deep the outermost evaluation lies that a value had to be cut short for."""
        self.dynamic: Env = EMPTY
        self.trace: list[str] = []
        self.sites: dict[tuple[int, int], list[tuple[Source, Node, list[Node]]]] = {}
        self.reached: dict[ScopeKey, str] = {}
        """The switches of functions that nothing calls by default."""
        self.doubts: dict[ScopeKey, frozenset[str]] = {}
        """Why it is not certain that functions are called by default."""
        self.idle: set[ScopeKey] = set()
        """Loops over lists that are empty by default."""
        self.called: dict[ScopeKey, str] | None = None
        """The functions that loops call through a table."""
        self.flags: dict[str, object] | None = None
        """What the options of the command line hold by default."""
        self.given: dict[ScopeKey, list[Env]] = {}
        self.aliases: dict[tuple[int, int, str], set[str]] = {}
        self.heirs: dict[ScopeKey, list[Cls]] = {}
        self.made: dict[ScopeKey, list[Inst]] = {}
        self.members: dict[ScopeKey, tuple[dict[str, Node], dict[str, Node]]] = {}
        """The fields and methods of classes: those of their objects, and their own."""
        self.set_on_this: dict[ScopeKey, dict[str, list[Node]]] = {}
        self.applied: dict[ScopeKey, int] = {}
        self._documents: dict[str, object] = {}
        self._tables: dict[tuple[int, int], Table] = {}
        self._exports: dict[int, tuple[dict[str, Export], list[str]]] = {}
        self._memo: dict[tuple[int, int], object] = {}
        self._local: dict[tuple[ScopeKey, int, int], tuple[object, list[str], tuple[int, ...], Env, Env]] = {}
        self._traces: dict[tuple[int, int], list[str]] = {}
        self._globals: dict[tuple[int, str], tuple[object, list[str]]] = {}
        self._busy: dict[tuple[int, int, int], int] = {}
        self._uses: dict[ScopeKey, tuple[ScopeKey, ...]] = {}
        self._around: dict[ScopeKey, frozenset[ScopeKey]] = {}
        self._growing: dict[tuple[int, int, str], int] = {}
        self.places: dict[tuple[int, int, str], list[tuple[Match, Node]]] = {}
        """Where the text may change a variable: looked for once."""
        self.settling: dict[tuple[int, int, str], tuple[int, object]] = {}
        """Variables of which it is being worked out what they hold: how deep that began, and what so far."""
        self.gaps: dict[str, None] = {}
        """Where lists are put together of which not all elements are known."""

    def load(self, path: Path) -> Source | None:
        if path not in self.sources:
            try:
                data = regular_bytes(path, MAX_FILE)
            except OSError:
                data = b""
            source = Source(path, self.files.shown(path), data, self.meter)
            self.sources[path] = source
            self.order.append(source)
        return self.sources[path]

    def spent(self) -> bool:
        return self.meter.steps > self.cap or self.meter.steps + self.meter.once > MAX_STEPS

    def exhausted(self) -> bool:
        """Whether no steps are left for what is less important than the tools."""
        return self.extra > EXTRA_STEPS

    @contextmanager
    def detail(self, least: int = MIN_DETAIL) -> Iterator[None]:
        """Limits the work on what is less important than names; what it leaves out is no gap in a list."""
        cap, before, gaps = self.cap, self.meter.steps, dict(self.gaps)
        self.cap = min(cap, before + max(least, self.pool // 15))
        try:
            yield
        finally:
            self.pool -= self.meter.steps - before
            self.cap, self.gaps = cap, gaps

    @contextmanager
    def apart(self, steps: int) -> Iterator[None]:
        """Limits work that is done once for many, whoever asks for it first."""
        cap, before, gaps, missing = self.cap, self.meter.steps, dict(self.gaps), len(self.missing)
        self.cap = min(MAX_STEPS, before + steps)
        probing, self.probing = self.probing, 0
        try:
            yield
        finally:
            # What is done for all is not taken from what the first to ask may take.
            self.cap = cap + self.meter.steps - before
            self.gaps, self.probing = gaps, probing
            del self.missing[missing:]

    def cut(self, depth: int = 0) -> None:
        """Notes that a value was cut short because of an evaluation that is still going on, `depth` deep.

        What lies between is not to be remembered, as it was worked out with a part missing.
        """
        self.cut_at = min(self.cut_at, depth)

    def captured(self, source: Source, node: Node, env: Env) -> None:
        """Notes what a list, an object or a function holds on to: the calls and turns that it was made in."""
        for scope in self._free(source, node):
            holder = env.holding_scope(scope) or self.dynamic.holding_scope(scope)
            self.reads.append(UNBOUND if holder is None else id(holder))

    def _free(self, source: Source, node: Node) -> tuple[ScopeKey, ...]:
        """The scopes around an expression of which it uses parameters, a loop's variables, or `this`."""
        key = self.key(source, node)
        if key not in self._uses:
            text = source.data[node.start_byte : node.end_byte]
            found = []
            for scope in ancestors(node):
                if scope.type in CLASSES:
                    names = ["this", "super"]
                elif scope.type in FUNCTIONS or scope.type == "for_in_statement":
                    names = list(self.table(source, scope))
                else:
                    continue
                if any(name.encode() in text for name in names):
                    found.append(self.key(source, scope))
            self._uses[key] = tuple(found)
        return self._uses[key]

    def depends(self, since: int, env: Env) -> tuple[int, ...]:
        """The environments read since, if one is a present one; else all were made on the way."""
        if len(self.reads) == since:
            return ()
        found = tuple(dict.fromkeys(self.reads[since:]))
        self.reads[since:] = found
        dynamic = self.dynamic
        # Long chains of calls make each expression in them cost more.
        self.meter.steps += (len(env.around) + len(dynamic.around)) // LONG_CHAIN
        present = any(one == UNBOUND or env.holds(one) or dynamic.holds(one) for one in found)
        return found if present else ()

    def incomplete(self, source: Source, node: Node) -> None:
        """Notes that a list holds more than was worked out."""
        self.gaps.setdefault(f"{source.shown}:{node.start_point.row + 1}")

    def document(self, given: str) -> object:
        """A document of the package, as a value."""
        if given not in self._documents:
            content = self.files.documents.read(given)
            self._documents[given] = from_json(content, 0)
            self.meter.once += DOCUMENT_STEPS if content is not None else 1
        return self._documents[given]

    def key(self, source: Source, node: Node) -> ScopeKey:
        return (id(source), node.id)

    def table(self, source: Source, scope: Node) -> Table:
        key = self.key(source, scope)
        if key not in self._tables:
            self._tables[key] = declared(source, scope)
        return self._tables[key]

    def binding(self, source: Source, node: Node, name: str) -> Binding | None:
        """The declaration that a name means where `node` stands."""
        before = node
        for scope in ancestors(node):
            if scope.type in SCOPES:
                # The list of a loop is worked out before its variable is there.
                ahead = scope.type == "for_in_statement" and before == scope.child_by_field_name("right")
                found = None if ahead else self.table(source, scope).get(name)
                if found is not None:
                    return found
            before = scope
        return None

    def outer(self, source: Source, scope: Node | None, env: Env) -> Env:
        """The part of an environment that a scope's own variables can depend on."""
        if scope is None:
            return env
        key = self.key(source, scope)
        if key not in self._around:
            around = (self.key(source, one) for one in ancestors(scope))
            self._around[key] = frozenset({key, *around})
        while env.up is not None and env.scope not in self._around[key]:
            env = env.up
        return env

    def bound(self, env: Env, source: Source, scope: Node, name: str) -> object | None:
        """What a parameter, a loop variable or `this` is bound to; notes the scope as missing otherwise."""
        key = self.key(source, scope)
        holder = env.holding(key, name) or self.dynamic.holding(key, name)
        if holder is None:
            self.cut()
            if self.probing:  # that something is missing is known now, and little more to be learned
                self.cap = min(self.cap, self.meter.steps + PROBE_STEPS)
            self.missing.append((source, scope))
            return None
        self.reads.append(id(holder))
        return holder.names[name]

    def class_of(self, node: Node) -> Node | None:
        """The class that `this` is an object of."""
        for around in ancestors(node):
            if around.type in ("method_definition", "field_definition", "public_field_definition"):
                body = around.parent
                if body is not None and body.type == "class_body":
                    return body.parent
                return None
            if around.type in FUNCTIONS and around.type != "arrow_function":
                return None
        return None
