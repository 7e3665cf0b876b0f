"""What names stand for: parameters, variables with what is put into them later, imports."""

import posixpath
from abc import abstractmethod
from typing import TYPE_CHECKING, cast

from tree_sitter import Node

from mcpaudit.manifests.documents import ROOT
from mcpaudit.manifests.javascript import expressions as expressions
from mcpaudit.manifests.javascript.modules import imported
from mcpaudit.manifests.javascript.scope import Binding, Step
from mcpaudit.manifests.javascript.state import NO_CUT, State
from mcpaudit.manifests.javascript.tree import (
    Source,
)
from mcpaudit.manifests.javascript.values import (
    EMPTY,
    GUESS,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Cls,
    Default,
    Either,
    Env,
    Ext,
    Func,
    Lazy,
    Ns,
    Obj,
    Part,
    known,
    truth,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine


class Names(State):
    """Finds what a name stands for; what expressions stand for is left to those who know all of them."""

    @property
    def _whole(self) -> "Engine":
        """The evaluation that this is a part of."""
        return cast("Engine", self)

    @abstractmethod
    def eval(self, source: Source, node: Node, env: Env) -> object:
        """What an expression stands for; `UNKNOWN` where that is not known."""

    @abstractmethod
    def member(self, value: object, name: str) -> object:
        """What a value has under a name."""

    def force(self, value: object) -> object:
        for _ in range(20):
            if isinstance(value, Lazy):
                value = self.eval(value.source, value.node, value.env)
            elif isinstance(value, Part):
                value = self._part(value)
            elif isinstance(value, Either):
                first = self.force(value.first)
                value = first if known(first) else value.other
            elif isinstance(value, Default):
                self.trace.append(value.switch)
                value = value.value
            else:
                return value
        return UNKNOWN

    def name(self, source: Source, node: Node, name: str, env: Env) -> object:
        if name == "undefined":
            return UNDEFINED
        found = self.binding(source, node, name)
        if found is None and node.type == "program":
            found = self.table(source, node).get(name)
        if found is None and name in ("exports", "module") and b"exports" in source.data:
            return Ns(source) if name == "exports" else Obj({"exports": Ns(source)})
        if found is None:
            return self.place(source, name) or Ext(name)
        return self.resolve(source, name, found, env)

    def place(self, source: Source, name: str) -> str | None:
        """Where a file lies in the package, by the names that Node has for that."""
        if name in ("__filename", "import.meta.url", "import.meta.filename"):
            return f"{ROOT}/{source.shown}"
        if name in ("__dirname", "import.meta.dirname"):
            return posixpath.dirname(f"{ROOT}/{source.shown}")
        return None

    def resolve(self, source: Source, name: str, found: Binding, env: Env) -> object:
        kind, node = found.kind, found.node
        if found.scope is not None and found.scope.type == "program":
            if kind in ("bare", "value"):
                return self._global(source, name, found)
            env = EMPTY
        if kind == "import":
            return imported(self._whole, source, found.module, found.imported)
        if kind == "function":
            return Func(source, node, env)
        if kind == "class":
            return Cls(source, node, env)
        if kind == "enum":
            return expressions.enum(source, node)
        if kind in ("param", "loop"):
            value = self.bound(env, source, node, name)
            if value is None:
                return UNKNOWN
            return self.force(value)
        if kind not in ("bare", "value"):
            return UNKNOWN
        return self._variable(source, name, found, self.outer(source, found.scope, env))

    def _global(self, source: Source, name: str, found: Binding) -> object:
        """A variable of a module: the same wherever it is asked for, so it is worked out once."""
        key = (id(source), name)
        if key not in self._globals:
            since, before, noted = len(self.reads), self.cut_at, len(self.trace)
            self.cut_at = NO_CUT
            dynamic, self.dynamic = self.dynamic, EMPTY
            try:
                value = self._variable(source, name, found, EMPTY)
            finally:
                self.dynamic = dynamic
            if self.cut_at > self.depth:
                self._globals[key] = (value, self.trace[noted:])
                del self.reads[since:]
            self.cut_at = min(before, self.cut_at)
            return value
        value, trace = self._globals[key]
        self.trace += trace
        return value

    def _variable(self, source: Source, name: str, found: Binding, env: Env) -> object:
        """What a variable holds by its declaration and all that is later assigned to or put into it."""
        from mcpaudit.manifests.javascript.held import assigned, settled

        value: object
        # What is assigned or added to it later is looked for too, which takes as long as an expression.
        self.meter.steps += 1
        if (held := self.settling.get((*self.key(source, found.node), name))) is not None:
            self.cut(held[0])  # what it holds so far, for the sake of what it is set to next
            return held[1]
        if found.kind == "bare":
            decided = settled(self._whole, source, name, found, UNDEFINED, env)
            value = assigned(self._whole, source, name, found, env) if decided is None else decided
        else:
            value = self.walk(self.eval(source, found.node, env), found.path, source, env)
            if value is None or value is UNDEFINED or (isinstance(value, Arr) and not value.items):
                guard = (*self.key(source, found.node), name)
                if guard in self._growing:  # its first value decides whether it gets another
                    self.cut(self._growing[guard])
                    return value
                self._growing[guard] = self.depth
                later = assigned(self._whole, source, name, found, env)
                del self._growing[guard]
                value = later if known(later) else value
            elif isinstance(value, (bool, int, float, str)):
                decided = settled(self._whole, source, name, found, value, env)
                if decided is None:
                    self.trace.append(GUESS)
                value = value if decided is None else decided
        if isinstance(value, (Arr, Obj)) and found.scope is not None and not found.path:
            return self.grown(source, found.scope, name, value, env)
        return value

    def walk(self, value: object, path: tuple[Step, ...], source: Source, env: Env) -> object:
        """The part of a value that a destructuring pattern takes."""
        for key, default in path:
            if key == "" or key == "*":
                continue
            value = self.element(value, key) if key.startswith("#") else self.member(value, key)
            if (value is UNDEFINED or value is None) and default is not None:
                value = self.eval(source, default, env)
        return value

    def taken(self, given: Arr, path: tuple[Step, ...], source: Source, env: Env) -> object:
        """What a parameter takes of the arguments, to be worked out when somebody needs it."""
        key, default = path[0]
        if len(path) == 1 and not key.endswith("+") and default is None:
            index = int(key[1:])
            return given.items[index].value if index < len(given.items) else UNDEFINED
        return Part(given, path, source, env)

    def _part(self, part: Part) -> object:
        (key, default), noted = part.path[0], len(self.trace)
        value = self.walk(part.of, ((key, None),), part.source, part.env)
        if value is UNDEFINED and default is not None:
            told = self.eval(part.source, default, part.env)
            # An option that is not set, and a default that changes nothing about that.
            value = value if len(self.trace) > noted and truth(told) is False else told
        return self.walk(value, part.path[1:], part.source, part.env)

    def element(self, value: object, key: str) -> object:
        if not isinstance(value, Arr):
            return UNKNOWN
        index = int(key[1:].rstrip("+"))
        if key.endswith("+"):
            return Arr(value.items[index:], value.open)
        if index < len(value.items):
            return self.force(value.items[index].value)
        return UNKNOWN if value.open else UNDEFINED

    def grown(self, source: Source, scope: Node, name: str, value: object, env: Env) -> object:
        """A list or object with what the code puts into it after it was made."""
        from mcpaudit.manifests.javascript.grow import grow

        guard = (*self.key(source, scope), name)
        if guard in self._growing:
            self.cut(self._growing[guard])
            return value
        self._growing[guard] = self.depth
        try:
            return grow(self._whole, source, scope, name, value, env)
        finally:
            del self._growing[guard]

    def this(self, source: Source, node: Node, env: Env) -> object:
        owner = self.class_of(node)
        if owner is None:
            return UNKNOWN
        found = self.bound(env, source, owner, "this")
        return UNKNOWN if found is None else self.force(found)
