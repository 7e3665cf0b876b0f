"""Works out what expressions stand for, on demand, across files; nothing is run.

What depends on a parameter, a loop variable or `this` is noted as missing, to be bound and tried again.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tree_sitter import Node

from mcpaudit.manifests.javascript import expressions as expressions
from mcpaudit.manifests.javascript.guards import Guard
from mcpaudit.manifests.javascript.members import is_need
from mcpaudit.manifests.javascript.names import Names
from mcpaudit.manifests.javascript.state import MAX_DEPTH, NO_CUT, QUIET_STEPS, UNBOUND
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    string,
    unwrap,
)
from mcpaudit.manifests.javascript.values import (
    FLAGS,
    GUESS,
    NEEDS,
    NEVER,
    UNDEFINED,
    UNKNOWN,
    Bound,
    Cls,
    Env,
    Ext,
    Func,
    Obj,
    Regex,
    ScopeKey,
    truth,
)

_CAPTURES = frozenset({"object", "array", "new_expression"})


class Engine(Names):
    """The files that were read, and all that was worked out about them."""

    def quiet(self, source: Source, node: Node, env: Env) -> object:
        """An expression's value for the sake of evidence, with a small limit of its own."""
        cap, before, missing = self.cap, self.meter.steps, len(self.missing)
        self.cap = before + QUIET_STEPS
        try:
            return self.eval(source, node, env)
        finally:
            self.extra += self.meter.steps - before
            # What evidence takes is not taken from what the tools may take.
            self.meter.steps, self.cap = before, cap
            del self.missing[missing:]

    # Expressions

    def eval(self, source: Source, node: Node, env: Env) -> object:
        """What an expression stands for; `UNKNOWN` where that is not known."""
        node = unwrap(node)
        self.meter.steps += 1
        key = self.key(source, node)
        if key in self._memo:
            self.trace += self._traces.get(key, [])
            return self._memo[key]
        dynamic = self.dynamic
        here = (key, id(env), id(dynamic))
        if (kept := self._local.get((key, id(env), 0)) or self._local.get(here)) is not None:
            value, trace, reads, _, _ = kept
            self.trace += trace
            self.reads += reads
            return value
        busy = (*key, id(env))
        if self.spent() or self.depth > MAX_DEPTH or busy in self._busy:
            self.cut(self._busy.get(busy, 0))
            return UNKNOWN
        self.depth += 1
        self._busy[busy] = self.depth
        since, before, noted = len(self.reads), self.cut_at, len(self.trace)
        self.cut_at = NO_CUT
        try:
            value = self._eval(source, node, env)
        except RecursionError:
            self.cut()
            value = UNKNOWN
        finally:
            self.depth -= 1
            del self._busy[busy]
        if self.cut_at > self.depth:
            self._remember(here, value, self.trace[noted:], since, env)
            self.cut_at = before
        else:
            self.cut_at = min(before, self.cut_at)
        return value

    def _remember(
        self, here: tuple[ScopeKey, int, int], value: object, trace: list[str], since: int, env: Env
    ) -> None:
        """Keeps a value: for good if it depends on no call or turn of a loop, else for that one."""
        if reads := self.depends(since, env):
            # What does not depend on where it was asked from is the same wherever it is asked from.
            anywhere = not any(
                one == UNBOUND or (self.dynamic.holds(one) and not env.holds(one)) for one in reads
            )
            self._local[here[0], here[1], 0 if anywhere else here[2]] = (
                value,
                trace,
                reads,
                env,
                self.dynamic,
            )
            return
        self._memo[here[0]] = value
        if trace:
            self._traces[here[0]] = trace

    def _eval(self, source: Source, node: Node, env: Env) -> object:
        from mcpaudit.manifests.javascript.calls import call, with_options

        kind = node.type
        if kind == "string":
            return string(source, node)
        if kind in _CAPTURES or kind in FUNCTIONS or kind in CLASSES:
            self.captured(source, node, env)
        if kind == "template_string":
            return expressions.template(self, source, node, env)
        if kind == "regex":
            pattern, flags = node.child_by_field_name("pattern"), node.child_by_field_name("flags")
            return Regex(source.text(pattern) if pattern else "", source.text(flags) if flags else "")
        if kind == "number":
            return expressions.number(source.text(node))
        if kind in ("true", "false"):
            return kind == "true"
        if kind in ("null", "undefined"):
            return None if kind == "null" else UNDEFINED
        if kind in ("identifier", "shorthand_property_identifier"):
            return self.name(source, node, source.text(node), env)
        if kind == "this":
            return self.this(source, node, env)
        if kind == "object":
            return expressions.object_literal(self, source, node, env)
        if kind == "array":
            return expressions.array(self, source, node, env)
        if kind in FUNCTIONS:
            return Func(source, node, env)
        if kind in CLASSES:
            return Cls(source, node, env)
        if kind in ("call_expression", "new_expression"):
            return call(self, source, node, env)
        if kind == "member_expression":
            target, prop = node.child_by_field_name("object"), node.child_by_field_name("property")
            if target is None or prop is None:
                return UNKNOWN
            if target.type == "meta_property":
                return self.place(source, source.text(node)) or Ext(source.text(node))
            if source.text(prop) == "argv" and with_options(source, target):
                return FLAGS
            return self._member(source, target, source.text(prop), env)
        if kind == "subscript_expression":
            target, index = node.child_by_field_name("object"), node.child_by_field_name("index")
            if target is None or index is None:
                return UNKNOWN
            named = self.eval(source, index, env)
            if isinstance(named, (str, int, float)) and not isinstance(named, bool):
                return self._member(source, target, expressions.as_text(named), env)
            return UNKNOWN
        if kind == "unary_expression":
            return expressions.unary(self, source, node, env)
        if kind == "binary_expression":
            return expressions.binary(self, source, node, env)
        if kind == "ternary_expression":
            return expressions.ternary(self, source, node, env)
        if kind == "assignment_expression":
            right = node.child_by_field_name("right")
            return self.eval(source, right, env) if right else UNKNOWN
        return UNKNOWN

    def condition(self, source: Source, node: Node, env: Env) -> tuple[bool | None, str]:
        """Whether a condition holds by default, and the switch that decides it.

        The switch of what is fixed in the code is the condition itself; that of a guess is empty.
        """
        with self.traced() as names:
            told = truth(self.eval(source, node, env))
        return told, self._switch(source, node, told, names)

    def lacking(self, source: Source, node: Node, env: Env) -> tuple[Source, Node] | None:
        """The first scope that has to be bound before a condition is known."""
        missing, self.missing = self.missing, []
        try:
            self.eval(source, node, env)
            return self.missing[0] if self.missing else None
        finally:
            self.missing = missing

    def met(self, source: Source, guard: Guard, env: Env) -> tuple[bool | None, str]:
        """Whether a guard lets code be reached by default, and the switch that decides it."""
        if not guard.cases:
            told, switch = self.condition(source, guard.condition, env)
        else:
            with self.traced() as names:
                value = self.eval(source, guard.condition, env)
                cases = [self.eval(source, one, env) for one in guard.cases]
            plain = all(isinstance(one, (str, int)) or one is UNDEFINED for one in (value, *cases))
            told = value in cases if plain else None
            switch = self._switch(source, guard.condition, told, names)
        return (None if told is None else told == guard.wanted), switch

    @contextmanager
    def traced(self) -> Iterator[list[str]]:
        """Notes what a value depends on of the environment, and whether it was guessed."""
        missing, trace, cap = len(self.missing), self.trace, self.cap
        names: list[str] = []
        self.trace = names
        try:
            yield names
        finally:
            names[:] = dict.fromkeys(names)
            self.trace = trace
            trace += names
            # What a condition misses is not bound for its sake, so what it decides may still be worked out.
            del self.missing[missing:]
            self.cap = max(cap, self.cap)

    def _switch(self, source: Source, node: Node, told: bool | None, names: list[str]) -> str:
        told_by = [one for one in names if not one.startswith(GUESS)]
        needs = [one.removeprefix(NEEDS) for one in names if one.startswith(NEEDS)]
        guessed = GUESS in names or told is None
        if not told_by and needs and guessed:
            return NEEDS + ", ".join(needs)
        if told_by or needs or guessed:
            return ", ".join(told_by)
        if told is False and ".length" in source.text(node)[:80]:
            return NEVER  # nothing is in a list that is wholly known
        return self.written(source, node)

    def written(self, source: Source, node: Node) -> str:
        """A condition as it is written, in one line."""
        return " ".join(source.text(unwrap(node)).split())[:80]

    # Members

    def _member(self, source: Source, target: Node, name: str, env: Env) -> object:
        value = self.eval(source, target, env)
        found = self.member(value, name)
        if value is UNKNOWN and is_need(source.text(target)[-80:], name):
            self.trace.append(NEEDS + name)
        if found is UNDEFINED and isinstance(value, (Cls, Func)) and unwrap(target).type == "identifier":
            own = source.text(unwrap(target))
            held = self.binding(source, target, own)
            if held is not None and held.scope is not None:
                filled = self.grown(source, held.scope, own, Obj(), env)
                found = self.member(filled, name) if isinstance(filled, Obj) else found
        return found

    def member(self, value: object, name: str) -> object:
        """What a value has under a name."""
        from mcpaudit.manifests.javascript.members import member

        return member(self, self.force(value), name)

    def got(self, value: object) -> object:
        """A property's value; that of a getter is what it returns."""
        from mcpaudit.manifests.javascript.calls import apply

        if isinstance(value, Bound) and value.name == "get" and isinstance(value.of, Func):
            return apply(self, value.of, [])
        return self.force(value)
