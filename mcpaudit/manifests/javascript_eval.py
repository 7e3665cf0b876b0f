"""Works out what expressions stand for, on demand, across files; nothing is run.

An expression inside a function may depend on a parameter, a loop variable or `this`. Evaluation then notes
the scope as missing, and `javascript_context` finds what the scope can be bound to.
"""

import re
import time
from pathlib import Path

from tree_sitter import Node

from mcpaudit.manifests.javascript_files import MAX_FILE, Files
from mcpaudit.manifests.javascript_scope import Binding, Export, Step, Table, declared, exports, key_text
from mcpaudit.manifests.javascript_tree import (
    CLASSES,
    FUNCTIONS,
    SCOPES,
    Source,
    ancestors,
    arguments,
    callee_name,
    inside,
    string,
    unescape,
    unwrap,
)
from mcpaudit.manifests.javascript_values import (
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
    Item,
    Lazy,
    Ns,
    Obj,
    ScopeKey,
    Shape,
    known,
    merged,
    truth,
)
from mcpaudit.parsing.document import Json

MAX_STEPS, MAX_DEPTH, MAX_SECONDS = 600_000, 70, 7.0
CREDENTIAL = re.compile(
    r"(KEY|TOKEN|SECRET|PASS(WORD|WD|PHRASE)?|CREDENTIAL|AUTH|COOKIE|PAT|CERT|DSN|URI?|URL|HOST(NAME)?|ENDPOINT|"
    r"ADDRESS|SERVER|PORT|USER(NAME)?|ACCOUNT|TENANT|PROJECT|ORG|SITE|DOMAIN|CONNECTION|WEBHOOK|ID|CONNECTION_STRING)"
    r"S?(_(FILE|PATH|ID|NAME|BASE64|JSON))?$",
    re.IGNORECASE,
)
"""Variables that every working installation sets; a condition on one says nothing about defaults."""
EXTRA_SECONDS = 1.5
DETAIL, MIN_DETAIL = 120_000, 120
_CAPTURES = frozenset({"object", "array", "new_expression"})
_ASSIGNS = re.compile(rb"\s*(?:\|\||\?\?)?=(?![=>])")


class Engine:
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

    def exhausted(self) -> bool:
        """Whether there is no time left for what is less important than the tools."""
        return time.thread_time() > self.until + EXTRA_SECONDS

    def quiet(self, source: Source, node: Node, env: Env) -> object:
        """An expression's value for the sake of evidence, with a small limit of its own."""
        cap, until, missing = self.cap, self.until, len(self.missing)
        self.cap, self.until = self.steps + 400, until + EXTRA_SECONDS
        try:
            return self.eval(source, node, env)
        finally:
            self.cap, self.until = cap, until
            del self.missing[missing:]

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

    # Files

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

    def document(self, name: str) -> object:
        """A JSON file of the package, as a value; packages read such tables by many ways of writing a path."""
        name = name.rsplit("/", 1)[-1]
        if name not in self._documents:
            self._documents[name] = from_json(self.files.document(name), 0)
        return self._documents[name]

    # Names

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
        from mcpaudit.manifests.javascript_calls import call

        kind = node.type
        if kind == "string":
            return string(source, node)
        if env is not EMPTY and (kind in _CAPTURES or kind in FUNCTIONS or kind in CLASSES):
            self.reads += 1  # it means something else in every call, so it is not to be remembered
        if kind == "template_string":
            return self._template(source, node, env)
        if kind == "number":
            return _number(source.text(node))
        if kind in ("true", "false"):
            return kind == "true"
        if kind == "null":
            return None
        if kind == "undefined":
            return UNDEFINED
        if kind in ("identifier", "shorthand_property_identifier"):
            return self.name(source, node, source.text(node), env)
        if kind == "this":
            return self.this(source, node, env)
        if kind == "object":
            return self._object(source, node, env)
        if kind == "array":
            return self._array(source, node, env)
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
            if target.type == "super":
                return UNKNOWN
            return self._member(source, target, source.text(prop), env)
        if kind == "subscript_expression":
            target, index = node.child_by_field_name("object"), node.child_by_field_name("index")
            if target is None or index is None:
                return UNKNOWN
            named = self.eval(source, index, env)
            if isinstance(named, (str, int, float)) and not isinstance(named, bool):
                return self._member(source, target, _text(named), env)
            value = self.eval(source, target, env)
            return FLAGS if value is FLAGS else UNKNOWN
        if kind == "unary_expression":
            return self._unary(source, node, env)
        if kind == "binary_expression":
            return self._binary(source, node, env)
        if kind == "ternary_expression":
            return self._ternary(source, node, env)
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
            return _enum(source, node)
        if kind in ("param", "loop"):
            value = self.bound(env, source, node, name)
            if value is None:
                return UNKNOWN
            return self.force(value)
        if kind == "bare":
            value = self._assigned(source, name, found, env)
        elif kind == "value":
            value = self.walk(self.eval(source, node, env), found.path, source, env)
            if value is None or value is UNDEFINED or (isinstance(value, Arr) and not value.items):
                later = self._assigned(source, name, found, env)
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
            if key.startswith("#"):
                value = self._element(value, key)
            else:
                value = self.member(value, key)
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

    def _assigned(self, source: Source, name: str, found: Binding, env: Env) -> object:
        """The value that a variable gets after its declaration."""
        values: list[object] = []
        for count, match in enumerate(source.word(name.encode(), _ASSIGNS, found.scope)):
            if match.member:
                continue
            if count > 60 or len(values) > 6:
                break
            target = source.at(match.start)
            parent = target.parent
            if (
                parent is None
                or target.type != "identifier"
                or not parent.type.endswith("assignment_expression")
            ):
                continue
            right = parent.child_by_field_name("right")
            if right is None or self.binding(source, target, name) != found:
                continue
            value = self.eval(source, right, env)
            if value is not UNDEFINED and value is not None:
                values.append(value)
        if not values:
            # TypeScript's enums and namespaces fill an object that an outer variable is then set to.
            filled = self.grown(source, found.scope, name, Obj(), env) if found.scope else Obj()
            return filled if isinstance(filled, Obj) and filled.props else UNKNOWN
        return merged(values)

    def grown(self, source: Source, scope: Node, name: str, value: object, env: Env) -> object:
        """A list or object with what the code puts into it after it was made."""
        from mcpaudit.manifests.javascript_context import grow

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

    def _template(self, source: Source, node: Node, env: Env) -> object:
        parts: list[str] = []
        for child in node.children[1:-1]:
            if child.type == "template_substitution":
                inner = next((one for one in child.named_children if one.type != "comment"), None)
                value = self.eval(source, inner, env) if inner else UNKNOWN
                if isinstance(value, bool) or not isinstance(value, (str, int, float)):
                    return UNKNOWN
                parts.append(_text(value))
            else:
                parts.append(unescape(source.text(child)))
        return "".join(parts)

    def _object(self, source: Source, node: Node, env: Env) -> object:
        made = Obj(source=source, node=node)
        for child in node.named_children:
            kind = child.type
            if kind == "pair":
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is None or value is None:
                    continue
                name = self._key(source, key, env)
                if name is None:
                    made.open = True
                else:
                    made.props[name] = Lazy(source, value, env)
            elif kind == "shorthand_property_identifier":
                made.props[source.text(child)] = Lazy(source, child, env)
            elif kind == "method_definition":
                named = child.child_by_field_name("name")
                if named is not None:
                    getter = any(one.type == "get" for one in child.children)
                    name = self._key(source, named, env) or ""
                    made.props[name] = (
                        Bound(Func(source, child, env), "get") if getter else Func(source, child, env)
                    )
            elif kind == "spread_element" and child.named_child_count:
                self._spread(source, child.named_children[0], env, made)
        return made

    def _spread(self, source: Source, node: Node, env: Env, made: Obj) -> None:
        value, switch = self.optional(source, node, env)
        if isinstance(value, Ns):
            value = Obj({name: self.member(value, name) for name in self.exported_names(value.source)})
        if isinstance(value, Obj):
            made.props.update(value.props)
            made.open |= value.open
            if switch:
                made.switches.update(dict.fromkeys(value.props, switch))
            else:
                for name in value.props:
                    made.switches.pop(name, None)
                made.switches.update(value.switches)
        elif isinstance(value, Inst):
            made.props.update(
                {name: self.member(value, name) for name in ("name", "description", "inputSchema")}
            )
        elif value is UNKNOWN or isinstance(value, Ext):
            made.open = True

    def _key(self, source: Source, key: Node, env: Env) -> str | None:
        if key.type == "computed_property_name" and key.named_child_count:
            value = self.eval(source, key.named_children[0], env)
            return _text(value) if isinstance(value, (str, int)) else None
        return key_text(source, key)

    def _array(self, source: Source, node: Node, env: Env) -> object:
        made = Arr()
        for child in node.named_children:
            if child.type == "spread_element" and child.named_child_count:
                value, switch = self.optional(source, child.named_children[0], env)
                if isinstance(value, Arr):
                    made.items += [Item(one.value, one.switch or switch) for one in value.items]
                    made.open |= value.open
                elif isinstance(value, Obj):  # a Map, spread into pairs
                    made.items += [Item(Arr([Item(key), Item(one)])) for key, one in value.props.items()]
                elif value is UNKNOWN or isinstance(value, Ext):
                    made.open = True
            elif child.type != "comment":
                made.items.append(Item(Lazy(source, child, env)))
        return made

    def optional(self, source: Source, node: Node, env: Env) -> tuple[object, str]:
        """What a spread adds, with the switch where it adds nothing by default."""
        node = unwrap(node)
        if node.type == "ternary_expression":
            condition = node.child_by_field_name("condition")
            yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
            if condition and yes and no:
                told, switch = self.condition(source, condition, env)
                first, second = self.eval(source, yes, env), self.eval(source, no, env)
                if told is False and _size(first) and not _size(second):
                    return first, switch
                if told is None:
                    return (first, "") if _size(first) >= _size(second) else (second, "")
                return (first if told else second), ""
        if node.type == "binary_expression" and source.text(node.children[1]) == "&&":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left and right:
                told, switch = self.condition(source, left, env)
                return self.eval(source, right, env), switch if told is False else ""
        return self.eval(source, node, env), ""

    def condition(self, source: Source, node: Node, env: Env) -> tuple[bool | None, str]:
        """Whether a condition holds by default, and the switch that decides it."""
        missing, trace = len(self.missing), self.trace
        self.trace = names = []
        try:
            told = truth(self.eval(source, node, env))
            names = list(dict.fromkeys(names))
        finally:
            self.trace = trace
        self.trace += names
        del self.missing[missing:]
        # What is false for another reason than a variable or an option that nobody has set may become true.
        if told is False and not names and ".length" in source.text(node)[:80]:
            return told, NEVER  # nothing is in a list that is wholly known
        return told, ", ".join(names)

    def _unary(self, source: Source, node: Node, env: Env) -> object:
        operand = node.child_by_field_name("argument")
        sign = source.text(node.children[0])
        if operand is None:
            return UNKNOWN
        value = self.eval(source, operand, env) if sign != "void" else UNDEFINED
        if sign == "void":
            return UNDEFINED
        if sign == "!":
            told = truth(value)
            return UNKNOWN if told is None else not told
        if sign == "-" and isinstance(value, (int, float)):
            return -value
        if sign == "+" and isinstance(value, (int, float)):
            return value
        if sign == "typeof":
            return "string" if isinstance(value, str) else "function" if isinstance(value, Func) else UNKNOWN
        return UNKNOWN

    def _binary(self, source: Source, node: Node, env: Env) -> object:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        operator = node.child_by_field_name("operator")
        if left is None or right is None or operator is None:
            return UNKNOWN
        sign = source.text(operator)
        one = self.eval(source, left, env)
        if sign in ("||", "&&", "??"):
            told = truth(one)
            if sign == "??":
                told = (
                    None if one is UNKNOWN or isinstance(one, Ext) else not (one is None or one is UNDEFINED)
                )
                told = None if told is None else told
            if told is None:
                other = self.eval(source, right, env)
                if sign == "&&":
                    return False if truth(other) is False else UNKNOWN
                # `given || "default"`: what is given is not known, so the default is.
                return other
            return one if told == (sign != "&&") else self.eval(source, right, env)
        other = self.eval(source, right, env)
        if sign == "+" and isinstance(one, (str, int, float)) and isinstance(other, (str, int, float)):
            return (
                _text(one) + _text(other) if isinstance(one, str) or isinstance(other, str) else one + other
            )
        if sign in ("===", "==", "!==", "!="):
            for value in (one, other):
                if value is UNKNOWN or isinstance(value, (Ext, Arr, Obj, Func, Inst, Shape, Bound)):
                    return UNKNOWN
            same = (one == other and isinstance(one, bool) == isinstance(other, bool)) or one is other
            if sign in ("==", "!="):
                same = same or (
                    {one is None or one is UNDEFINED, other is None or other is UNDEFINED} == {True}
                )
            return same == (sign in ("===", "=="))
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        if numbers and sign in (">", "<", ">=", "<="):
            first, second = float(str(one)), float(str(other))
            return {">": first > second, "<": first < second, ">=": first >= second}.get(
                sign, first <= second
            )
        return UNKNOWN

    def _ternary(self, source: Source, node: Node, env: Env) -> object:
        condition = node.child_by_field_name("condition")
        yes, no = node.child_by_field_name("consequence"), node.child_by_field_name("alternative")
        if condition is None or yes is None or no is None:
            return UNKNOWN
        told, _ = self.condition(source, condition, env)
        if told is not None:
            return self.eval(source, yes if told else no, env)
        return merged([self.eval(source, no, env), self.eval(source, yes, env)])

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
        from mcpaudit.manifests.javascript_classes import instance_member, static_member

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
            found = self.exported(value.source, name)
            return found
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
            self.trace.append(f"--{_dashed(name)}")
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
        from mcpaudit.manifests.javascript_calls import apply

        if isinstance(value, Bound) and value.name == "get" and isinstance(value.of, Func):
            return apply(self, value.of, [])
        return self.force(value)


def from_json(value: Json, depth: int) -> object:
    if depth > 12 or value is None:
        return UNKNOWN
    if isinstance(value, list):
        return Arr([Item(from_json(one, depth + 1)) for one in value])
    if isinstance(value, dict):
        return Obj({name: from_json(one, depth + 1) for name, one in value.items()})
    return value


_OBJECT_METHODS = frozenset(["values", "keys", "entries", "get", "has", "forEach", "set", "add", "hasOwnProperty"])


def _size(value: object) -> int:
    if isinstance(value, Arr):
        return len(value.items)
    return len(value.props) if isinstance(value, Obj) else 0


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(text: str) -> object:
    try:
        return int(text, 0) if not re.search(r"[.eE]", text) or text.startswith("0x") else float(text)
    except (ValueError, OverflowError):
        return UNKNOWN


def _dashed(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "-" + match[1].lower(), name)


def _enum(source: Source, node: Node) -> Obj:
    """A TypeScript enum."""
    made = Obj()
    body = node.child_by_field_name("body")
    for index, child in enumerate(body.named_children if body else ()):
        name = child.child_by_field_name("name") or child
        value = child.child_by_field_name("value")
        text = key_text(source, name)
        made.props[text] = Lazy(source, value, EMPTY) if value else index
    return made


__all__ = ["Engine", "arguments", "callee_name", "inside"]
