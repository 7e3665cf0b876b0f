"""What evaluation keeps: the files, their scopes, its limits, and what it noted on the way."""

import time
from pathlib import Path

from tree_sitter import Node

from mcpaudit.manifests.javascript.exports import Export
from mcpaudit.manifests.javascript.expressions import from_json
from mcpaudit.manifests.javascript.files import MAX_FILE, Files
from mcpaudit.manifests.javascript.scope import Binding, Table, declared
from mcpaudit.manifests.javascript.tree import FUNCTIONS, SCOPES, Source, ancestors
from mcpaudit.manifests.javascript.values import EMPTY, Env, ScopeKey

MAX_STEPS, MAX_DEPTH, MAX_SECONDS = 600_000, 70, 7.0
EXTRA_SECONDS = 1.5
DETAIL, MIN_DETAIL = 120_000, 120


class State:
    """The files that were read, and all that was worked out about them."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.sources: dict[Path, Source] = {}
        self.order: list[Source] = []
        self.steps = self.depth = 0
        self.cap, self.pool = MAX_STEPS, DETAIL
        self.until = time.thread_time() + MAX_SECONDS
        self.missing: list[tuple[Source, Node]] = []
        self.reads = 0
        self.dynamic: Env = EMPTY
        self.trace: list[str] = []
        self.sites: dict[tuple[int, int], list[tuple[Source, Node, list[Node]]]] = {}
        self.given: dict[tuple[int, int, str], list[Env]] = {}
        self._documents: dict[str, object] = {}
        self._tables: dict[tuple[int, int], Table] = {}
        self._exports: dict[int, tuple[dict[str, Export], list[str]]] = {}
        self._memo: dict[tuple[int, int], object] = {}
        self._traces: dict[tuple[int, int], list[str]] = {}
        self._busy: set[tuple[int, int, int]] = set()
        self._growing: set[tuple[int, int, str]] = set()
        self.gaps: dict[str, None] = {}
        """Where lists are put together of which not all elements are known."""

    def load(self, path: Path) -> Source | None:
        if path not in self.sources:
            try:
                data = path.read_bytes() if path.stat().st_size <= MAX_FILE else b""
            except OSError:
                data = b""
            source = Source(path, self.files.shown(path), data)
            self.sources[path] = source
            self.order.append(source)
        return self.sources[path]

    def spent(self) -> bool:
        return self.steps > self.cap or time.thread_time() > self.until

    def exhausted(self) -> bool:
        """Whether there is no time left for what is less important than the tools."""
        return time.thread_time() > self.until + EXTRA_SECONDS

    def capped(self, least: int = MIN_DETAIL) -> tuple[int, int]:
        """Limits the work on what is less important than names; to be given to `restore`."""
        before = self.cap
        self.cap = min(self.cap, self.steps + max(least, self.pool // 15))
        return before, self.steps

    def restore(self, before: tuple[int, int]) -> None:
        self.cap = before[0]
        self.pool -= self.steps - before[1]

    def incomplete(self, source: Source, node: Node) -> None:
        """Notes that a list holds more than was worked out."""
        self.gaps.setdefault(f"{source.shown}:{node.start_point.row + 1}")

    def document(self, name: str) -> object:
        """A JSON file of the package, as a value; however its path is written."""
        name = name.rsplit("/", 1)[-1]
        if name not in self._documents:
            self._documents[name] = from_json(self.files.document(name), 0)
        return self._documents[name]

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

    def bound(self, env: Env, source: Source, scope: Node, name: str) -> object | None:
        """What a parameter, a loop variable or `this` is bound to; notes the scope as missing otherwise."""
        key = self.key(source, scope)
        self.reads += 1
        found = env.find(key, name)
        if found is None:
            found = self.dynamic.find(key, name)
        if found is None:
            self.missing.append((source, scope))
        return found

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
