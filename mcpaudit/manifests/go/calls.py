"""Calls: the project's own functions gone into, Go's own and some of the standard library's worked out."""

import re
from collections.abc import Sequence
from dataclasses import replace

from tree_sitter import Node

from mcpaudit.manifests.go import library, syntax
from mcpaudit.manifests.go.core import MAX_LIST, Core
from mcpaudit.manifests.go.values import UNKNOWN, Env, Func, OpenList, Outside, Struct

_KEY = re.compile(r"[A-Z][A-Z0-9_]+")
_CALL = re.compile(r"\bCallTool(?:Request|Params)")
# Packages that never call what they are given.
_INERT = frozenset(["reflect", "fmt", "errors", "log", "log/slog", "encoding/json", "runtime"])
_CONVERSIONS = frozenset(["string", "int", "int64", "float64", "bool", "any"])


class Calls(Core):
    """The part that follows calls."""

    def call(self, node: Node, env: Env) -> object:
        """What a call expression gives back."""
        written, nodes = syntax.called(node)
        if written is None:
            return UNKNOWN
        if written.type == "identifier" and env.holder(name := syntax.text(written)) is None:
            if name in ("make", "new"):
                return self._new(name, nodes, env)
            if name not in env.file.package.functions and name in ("append", "len", *_CONVERSIONS):
                return self._builtin(name, nodes, env)
        callee = self.value(written, env)
        if isinstance(callee, Outside) and (kind := syntax.type_argument(node)) is not None:
            callee = replace(callee, kind=self.project.type_name(kind, env.file))
        args, notes = self._arguments(nodes, env)
        if isinstance(callee, Func):
            self.via.append((env.file, node))
            done = self._enter(callee, args, notes)
            self.via.pop()
        else:
            done = self.invoke(callee, args, node, env)
        texts = [one for one in args if isinstance(one, str)]
        # A text by its key, with the text that counts unless it is translated: `t("TOOL_X", "Does x")`.
        if not isinstance(done, str) and len(args) == len(texts) == 2 and _KEY.fullmatch(texts[0]):
            return texts[1]
        return done

    def _arguments(self, nodes: list[Node], env: Env) -> tuple[list[object], list[tuple[str, ...]]]:
        args: list[object] = []
        notes: list[tuple[str, ...]] = []
        for one in nodes:
            value, note = self.noted(one, env)
            if one.type == "variadic_argument" and isinstance(value, list):
                args.extend(value[: MAX_LIST - len(args)])
                args.extend([UNKNOWN] if isinstance(value, OpenList) else [])
                notes.extend([note] * (len(args) - len(notes)))
            elif isinstance(value, tuple) and len(nodes) == 1:
                args.extend(value)
                notes.extend([note] * len(value))
            else:
                args.append(value)
                notes.append(note)
        return args, notes

    def invoke(self, callee: object, args: Sequence[object], node: Node, env: Env) -> object:
        """What a call gives back."""
        if isinstance(callee, Func):
            return self._enter(callee, args, [])
        if isinstance(callee, Outside):
            return self.outside(callee, args, node, env)
        written, _ = syntax.called(node)
        if written is not None and written.type == "selector_expression":
            name = syntax.text(syntax.field(written, "field"))
            known = self.project.methods.get(name, [])
            if len(known) == 1:
                package, owner, one = known[0]
                kind = package.types.get(owner)
                bound = self.supposed(syntax.field(kind.node, "name"), kind.file) if kind else UNKNOWN
                return self._enter(Func(one.file, one.node, None, bound), args, [])
            if not known:
                return self.outside(Outside("", f".{name}"), args, node, env)
        self.run_functions(args, node)
        return UNKNOWN

    def _enter(self, callee: Func, args: Sequence[object], notes: Sequence[tuple[str, ...]]) -> object:
        """Go into a function of the project."""
        with self.inside(callee.node) as enters:
            return self.body(callee.node, self.bound(callee, args, notes)) if enters else UNKNOWN

    def bound(self, callee: Func, args: Sequence[object], notes: Sequence[tuple[str, ...]] = ()) -> Env:
        """A function's parameters with what it is called with."""
        env = Env(callee.file, callee.env)
        held = syntax.field(callee.node, "receiver")
        for one in held.named_children if held is not None else ():
            for name in one.children_by_field_name("name"):
                env.names[syntax.text(name)] = callee.bound
        for result, type_ in syntax.results(callee.node):
            env.names[result] = self.empty(type_, callee.file)
        given = list(args)
        hangs = list(notes) + [()] * (len(given) - len(notes))
        declared = syntax.field(callee.node, "parameters")
        for one in declared.named_children if declared is not None else ():
            names = one.children_by_field_name("name") if one.type != "comment" else []
            if one.type == "variadic_parameter_declaration":
                for name in names:
                    env.names[syntax.text(name)] = _rest(given)
                return env
            kind = syntax.field(one, "type")
            for name in names or ([one] if one.type == "parameter_declaration" else []):
                value = given.pop(0) if given else UNKNOWN
                value = self.supposed(kind, callee.file) if value is UNKNOWN else value
                env.names[syntax.text(name)] = value
                env.notes[syntax.text(name)] = hangs.pop(0) if hangs else ()
        return env

    def run_functions(self, args: Sequence[object], node: Node) -> None:
        """Functions that are handed to another module are run by it."""
        for one in args:
            if isinstance(one, Func):
                if not answers(one):
                    with self.under(unsure=True):
                        self._enter(one, (), ())
            elif isinstance(one, Struct):
                one.open = True

    def _new(self, name: str, nodes: list[Node], env: Env) -> object:
        kind = nodes[0] if nodes else None
        if kind is not None and kind.type == "identifier":
            found = self.project.declared(self.project.type_name(kind, env.file))
            return self.empty(found.type, found.file) if found and found.type and name == "make" else UNKNOWN
        return self.empty(kind, env.file) if name == "make" else self.supposed(kind, env.file)

    def _builtin(self, name: str, nodes: list[Node], env: Env) -> object:
        args, _ = self._arguments(nodes, env)
        if not args:
            return UNKNOWN
        first = args[0]
        if name == "append":
            base = first if isinstance(first, list) else []
            known = isinstance(first, list | None) and not isinstance(first, OpenList)
            spread = nodes[-1].type == "variadic_argument" and len(args) > 1
            self.spent(len(base) + len(args))
            if spread and not base and isinstance(args[-1], str | dict):
                return args[-1]  # bytes, which are taken for what they say
            if spread and args[-1] is UNKNOWN:
                return OpenList([*base, *args[1:-1]][:MAX_LIST])
            whole = [*base, *args[1:]][:MAX_LIST]
            return whole if known else OpenList(whole)
        if name == "len":
            open_ = isinstance(first, OpenList) or (isinstance(first, dict) and UNKNOWN in first)
            return len(first) if isinstance(first, str | list | dict) and not open_ else UNKNOWN
        return first

    def outside(self, callee: Outside, args: Sequence[object], node: Node, env: Env) -> object:
        """What a call of another module's function gives back."""
        done = library.call(self, callee, args, node, env)
        if done is not UNKNOWN:
            return done
        if len(args) == 1 and isinstance(args[0], Func) and callee.name.endswith(("Func", "Handler")):
            return args[0]  # a conversion to a type of functions
        library.fill(node, env)
        if callee.path not in _INERT:
            self.run_functions(args, node)
        return Outside(callee.path, f"{callee.name}()", tuple(args), callee.kind)


def _rest(given: list[object]) -> list[object]:
    """The values of a variadic parameter."""
    return OpenList(given[:-1]) if given and given[-1] is UNKNOWN else given


def answers(function: Func) -> bool:
    """Whether a function answers calls of tools: it runs per request, long after the list is made."""
    held = syntax.field(function.node, "parameters")
    return held is not None and bool(_CALL.search(syntax.text(held)))
