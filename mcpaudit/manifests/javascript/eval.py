"""Works out what expressions stand for, on demand, across files; nothing is run.

What depends on a parameter, a loop variable or `this` is noted as missing, to be bound and tried again.
"""

import re

from tree_sitter import Node

from mcpaudit.manifests.javascript import expressions as expressions
from mcpaudit.manifests.javascript.exports import exports
from mcpaudit.manifests.javascript.scope import Binding, Step
from mcpaudit.manifests.javascript.state import EXTRA_SECONDS, MAX_DEPTH, State
from mcpaudit.manifests.javascript.tree import (
    CLASSES,
    FUNCTIONS,
    Source,
    string,
    unwrap,
)
from mcpaudit.manifests.javascript.values import (
    EMPTY,
    FLAGS,
    NEVER,
    UNDEFINED,
    UNKNOWN,
    Arr,
    Bound,
    Cls,
    Env,
    Ext,
    Func,
    Inst,
    Lazy,
    Ns,
    Obj,
    Shape,
    known,
    truth,
)

CREDENTIAL = re.compile(
    r"(KEY|TOKEN|SECRET|PASS(WORD|WD|PHRASE)?|CREDENTIAL|AUTH|COOKIE|PAT|CERT|DSN|URI?|URL|HOST(NAME)?|ENDPOINT|"
    r"ADDRESS|SERVER|PORT|USER(NAME)?|ACCOUNT|TENANT|PROJECT|ORG|SITE|DOMAIN|CONNECTION|WEBHOOK|ID|CONNECTION_STRING)"
    r"S?(_(FILE|PATH|ID|NAME|BASE64|JSON))?$",
    re.IGNORECASE,
)
"""Variables that every working installation sets; a condition on one says nothing about defaults."""
_CAPTURES = frozenset({"object", "array", "new_expression"})


class Engine(State):
    """The files that were read, and all that was worked out about them."""

    def quiet(self, source: Source, node: Node, env: Env) -> object:
        """An expression's value for the sake of evidence, with a small limit of its own."""
        cap, until, missing = self.cap, self.until, len(self.missing)
        self.cap, self.until = self.steps + 400, until + EXTRA_SECONDS
        try:
            return self.eval(source, node, env)
        finally:
            self.cap, self.until = cap, until
            del self.missing[missing:]

    def exported(self, source: Source, name: str, depth: int = 0) -> object:
        """What a file exports under a name."""
        if depth > 12 or not source.data:
            return UNKNOWN
        if id(source) not in self._exports:
            self._exports[id(source)] = exports(source)
        table, stars = self._exports[id(source)]
        if (found := table.get(name)) is not None:
            if found.module:
                return self.imported(source, found.module, found.name, depth + 1)
            if found.local:
                return self.name(source, source.root, found.local, EMPTY)
            return self.eval(source, found.node, EMPTY) if found.node else UNKNOWN
        if (whole := table.get("=")) is not None and whole.node is not None:
            value = self.eval(source, whole.node, EMPTY)
            return value if name == "default" else self.member(value, name)
        for module in stars:
            other = self.files.resolve(module, source.path)
            if other is not None and (loaded := self.load(other)) is not None:
                value = self.exported(loaded, name, depth + 1)
                if known(value):
                    return value
        if name == "default" and table:
            return Ns(source)
        return UNKNOWN

    def exported_names(self, source: Source, depth: int = 0) -> list[str]:
        if id(source) not in self._exports:
            self._exports[id(source)] = exports(source)
        table, stars = self._exports[id(source)]
        names = [name for name in table if name != "="]
        for module in stars:
            other = self.files.resolve(module, source.path)
            if other is not None and depth < 8 and (loaded := self.load(other)) is not None:
                names += [name for name in self.exported_names(loaded, depth + 1) if name != "default"]
        return list(dict.fromkeys(names))

    def imported(self, source: Source, module: str, name: str, depth: int = 0) -> object:
        if module.endswith(".json"):
            return self.document(module)
        path = self.files.resolve(module, source.path)
        loaded = self.load(path) if path else None
        if loaded is None:
            bare = module.removeprefix("node:")
            return Ext(bare if name in ("*", "default") else f"{bare}.{name}")
        return Ns(loaded) if name == "*" else self.exported(loaded, name, depth)

    # Expressions

    def force(self, value: object) -> object:
        for _ in range(20):
            if not isinstance(value, Lazy):
                return value
            value = self.eval(value.source, value.node, value.env)
        return UNKNOWN

    def eval(self, source: Source, node: Node, env: Env) -> object:
        """What an expression stands for; `UNKNOWN` where that is not known."""
        node = unwrap(node)
        self.steps += 1
        key = self.key(source, node)
        if key in self._memo:
            self.trace += self._traces.get(key, [])
            return self._memo[key]
        busy = (*key, id(env))
        if self.spent() or self.depth > MAX_DEPTH or busy in self._busy:
            self.reads += 1  # cut short, so that it is not to be remembered
            return UNKNOWN
        self._busy.add(busy)
        self.depth += 1
        reads, noted = self.reads, len(self.trace)
        try:
            value = self._eval(source, node, env)
        except RecursionError:
            self.reads += 1
            value = UNKNOWN
        finally:
            self.depth -= 1
            self._busy.discard(busy)
        if reads == self.reads:
            self._memo[key] = value
            if len(self.trace) > noted:
                self._traces[key] = self.trace[noted:]
        return value

    def _eval(self, source: Source, node: Node, env: Env) -> object:
        from mcpaudit.manifests.javascript.calls import call

        kind = node.type
        if kind == "string":
            return string(source, node)
        if env is not EMPTY and (kind in _CAPTURES or kind in FUNCTIONS or kind in CLASSES):
            self.reads += 1  # it means something else in every call, so it is not to be remembered
        if kind == "template_string":
            return expressions.template(self, source, node, env)
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
            return self._member(source, target, source.text(prop), env)
        if kind == "subscript_expression":
            target, index = node.child_by_field_name("object"), node.child_by_field_name("index")
            if target is None or index is None:
                return UNKNOWN
            named = self.eval(source, index, env)
            if isinstance(named, (str, int, float)) and not isinstance(named, bool):
                return self._member(source, target, expressions.as_text(named), env)
            value = self.eval(source, target, env)
            return FLAGS if value is FLAGS else UNKNOWN
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

    def name(self, source: Source, node: Node, name: str, env: Env) -> object:
        if name == "undefined":
            return UNDEFINED
        found = self.binding(source, node, name)
        if found is None and node.type == "program":
            found = self.table(source, node).get(name)
        if found is None:
            return Ext(name)
        return self.resolve(source, name, found, env)

    def resolve(self, source: Source, name: str, found: Binding, env: Env) -> object:
        from mcpaudit.manifests.javascript.grow import assigned

        kind, node = found.kind, found.node
        if found.scope is not None and found.scope.type == "program":
            env = EMPTY
        if kind == "import":
            return self.imported(source, found.module, found.imported)
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
        if kind == "bare":
            value = assigned(self, source, name, found, env)
        elif kind == "value":
            value = self.walk(self.eval(source, node, env), found.path, source, env)
            if value is None or value is UNDEFINED or (isinstance(value, Arr) and not value.items):
                later = assigned(self, source, name, found, env)
                value = later if known(later) else value
        else:
            return UNKNOWN
        if isinstance(value, (Arr, Obj)) and found.scope is not None and not found.path:
            return self.grown(source, found.scope, name, value, env)
        return value

    def walk(self, value: object, path: tuple[Step, ...], source: Source, env: Env) -> object:
        """The part of a value that a destructuring pattern takes."""
        for key, default in path:
            if key == "" or key == "*":
                continue
            value = self._element(value, key) if key.startswith("#") else self.member(value, key)
            if (value is UNDEFINED or value is None) and default is not None:
                value = self.eval(source, default, env)
        return value

    def taken(self, given: Arr, path: tuple[Step, ...], source: Source, env: Env) -> object:
        """What a parameter takes of the arguments; left lazy if possible, so that a condition on it can later
        say which option it comes from."""
        key, default = path[0]
        if len(path) == 1 and not key.endswith("+"):
            index = int(key[1:])
            value = given.items[index].value if index < len(given.items) else UNDEFINED
            if isinstance(value, Lazy):
                if default is None:
                    return value
                noted = len(self.trace)
                if self.force(value) is not UNDEFINED:
                    return value
                # An option that is not set, and a default that changes nothing about that.
                if len(self.trace) > noted and truth(self.eval(source, default, env)) is False:
                    return value
        return self.walk(given, path, source, env)

    def _element(self, value: object, key: str) -> object:
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
            self.reads += 1
            return value
        self._growing.add(guard)
        try:
            return grow(self, source, scope, name, value, env)
        finally:
            self._growing.discard(guard)

    def this(self, source: Source, node: Node, env: Env) -> object:
        owner = self.class_of(node)
        if owner is None:
            return UNKNOWN
        found = self.bound(env, source, owner, "this")
        return UNKNOWN if found is None else self.force(found)

    def condition(self, source: Source, node: Node, env: Env) -> tuple[bool | None, str]:
        """Whether a condition holds by default, and the switch that decides it."""
        missing, trace = len(self.missing), self.trace
        names: list[str] = []
        self.trace = names
        try:
            told = truth(self.eval(source, node, env))
            names = list(dict.fromkeys(names))
        finally:
            self.trace = trace
        self.trace += names
        del self.missing[missing:]
        if told is False and not names and ".length" in source.text(node)[:80]:
            return told, NEVER  # nothing is in a list that is wholly known
        return told, ", ".join(names)

    # Members

    def _member(self, source: Source, target: Node, name: str, env: Env) -> object:
        value = self.eval(source, target, env)
        found = self.member(value, name)
        if found is UNDEFINED and isinstance(value, (Cls, Func)) and unwrap(target).type == "identifier":
            own = source.text(unwrap(target))
            held = self.binding(source, target, own)
            if held is not None and held.scope is not None:
                filled = self.grown(source, held.scope, own, Obj(), env)
                found = self.member(filled, name) if isinstance(filled, Obj) else found
        return found

    def member(self, value: object, name: str) -> object:
        from mcpaudit.manifests.javascript.classes import instance_member, static_member

        value = self.force(value)
        if isinstance(value, Obj):
            if name in value.props:
                return self.got(value.props[name])
            if name in ("size", "length"):
                return UNKNOWN if value.open else len(value.props)
            if name in _OBJECT_METHODS:
                return Bound(value, name)
            return UNKNOWN if value.open else UNDEFINED
        if isinstance(value, Arr):
            if name in ("length", "size"):
                return UNKNOWN if value.open or any(one.switch for one in value.items) else len(value.items)
            if name.isdigit():
                return self._element(value, f"#{name}")
            return Bound(value, name)
        if isinstance(value, str):
            return len(value) if name == "length" else Bound(value, name)
        if isinstance(value, Ns):
            return self.exported(value.source, name)
        if isinstance(value, Inst):
            return instance_member(self, value, name)
        if isinstance(value, Cls):
            return static_member(self, value, name)
        if isinstance(value, Shape):
            if name in ("shape", "_def", "schema", "unwrap"):
                return value
            fields = value.schema.get("properties")
            field = fields.get(name) if isinstance(fields, dict) else None
            if isinstance(field, dict):
                return Shape(field)
            return (
                value.schema["const"] if name == "value" and "const" in value.schema else Bound(value, name)
            )
        if isinstance(value, Func):
            return Bound(value, name) if name in ("bind", "call", "apply") else UNDEFINED
        if value is FLAGS:
            self.trace.append(f"--{expressions.dashed(name)}")
            return UNDEFINED
        if isinstance(value, Ext):
            if value.path in (
                "process.env",
                "globalThis.process.env",
                "process.process.env",
                "import.meta.env",
            ):
                self.trace.append(name)
                return UNKNOWN if CREDENTIAL.search(name) else UNDEFINED
            return Ext(f"{value.path}.{name}") if len(value.path) < 200 else UNKNOWN
        return UNKNOWN

    def got(self, value: object) -> object:
        """A property's value; that of a getter is what it returns."""
        from mcpaudit.manifests.javascript.calls import apply

        if isinstance(value, Bound) and value.name == "get" and isinstance(value.of, Func):
            return apply(self, value.of, [])
        return self.force(value)


_OBJECT_METHODS = frozenset(
    ["values", "keys", "entries", "get", "has", "forEach", "set", "add", "hasOwnProperty"]
)
