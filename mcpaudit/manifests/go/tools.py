"""Where tools come to be: written as structs, made by the SDKs' functions, handed to a server."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from itertools import islice

from tree_sitter import Node

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import options
from mcpaudit.manifests.go.calls import Calls, answers
from mcpaudit.manifests.go.expressions import Expressions
from mcpaudit.manifests.go.package import File
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.statements import Frame, Statements
from mcpaudit.manifests.go.values import UNKNOWN, Env, Func, OpenList, Outside, Struct, TypeName

MAX_NEAR, MAX_VIA, MAX_NAMES = 4, 4, 500
_MAKES = re.compile(r"(?:.*\.)?NewTool(?:With\w+)?")
_GIVES = re.compile(r"(?:.*\.)?(?:Add|Register|Set)(?:Session|Server|Typed|Task)?Tools?")
_NAMED = re.compile(r"[A-Za-z_][\w./-]{0,127}")
# What the protocol's own types are named may be anything that can be shown.
_SHOWN = re.compile(r"[^\x00-\x1f\x7f]{1,128}")
_TOOL_TYPE = re.compile(r".*Tools?(?:Def|Definition|Spec|Entry|Info|Config)?s?", re.I)
_SPEAKS = re.compile(r"mcp|cortex|jsonrpc", re.I)
# What beside a name and a text makes a struct of the project's own a tool.
_SHAPED = frozenset(
    ["inputschema", "handler", "handlerfunc", "annotations", "parameters", "schema", "function"]
)
_SHAPED |= frozenset(["rawinputschema", "execute", "handle", "run", "func", "params"])


@dataclass(slots=True, eq=False)
class Sight:
    """A tool that came by, once."""

    struct: Struct
    file: File
    node: Node
    off: tuple[str, ...]
    """The conditions that do not hold where it is made."""
    toolset: str = ""
    """The toolset that it is of, where that is off by default."""
    given: tuple[str, ...] | None = None
    """The conditions that do not hold where it is handed to a server; `None` if it is not seen to be."""
    handlers: list[Func] = field(default_factory=list)
    via: list[tuple[File, Node]] = field(default_factory=list)
    """The calls that led to its making, the last first."""
    near: list[Func] = field(default_factory=list)
    """Functions that the function was given which made the tool."""


class Interpreter(Expressions, Statements, Calls):
    """All parts together; notes every tool that comes by."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self._frames: list[Frame] = []
        self.sights: dict[int, Sight] = {}
        """By the identity of the tool's struct, which each keeps alive."""
        self.nameless: dict[int, tuple[File, Node]] = {}
        self.named: set[int] = set()
        self.pending: list[Func] = []
        """Functions that another module keeps, to run them later."""
        self.passes: list[tuple[File, Node]] = []
        """Where tools are handed to a server that are not known."""

    def made(self, value: Struct, env: Env) -> None:
        """A struct was written: it may be a tool."""
        if value.node is None:
            return
        if value.type.path not in self.project.packages:
            for one in value.fields.values():
                self.kept(one)
        inner = next(
            (one for one in value.fields.values() if isinstance(one, Struct) and id(one) in self.sights), None
        )
        if inner is not None:
            sight = self.sights[id(inner)]
            sight.handlers += _functions(value.fields.values())
            self._switched(value, sight)
        if not self._is_tool(value):
            return
        name = value.fields.get("Name", UNKNOWN)
        form = _NAMED if value.type.path in self.project.packages else _SHOWN
        if not isinstance(name, str) or not form.fullmatch(name):
            if "Name" in value.fields:
                self.nameless[value.node.id] = (value.file, value.node)
            return
        self.named.add(value.node.id)
        sight = Sight(value, value.file, value.node, tuple(self.off))
        sight.handlers += _functions(value.fields.values())
        sight.near = _given(env)
        sight.via = self.via[: -MAX_VIA - 1 : -1]
        self.sights[id(value)] = sight

    def kept(self, value: object) -> None:
        """Another module keeps something: if it is a function, it is run later."""
        if isinstance(value, Func) and not answers(value):
            self.pending.append(value)

    def _is_tool(self, value: Struct) -> bool:
        if value.type.path not in self.project.packages:
            return value.type.name == "Tool" and bool(_SPEAKS.search(value.type.path))
        fields = {name.lower() for name in value.fields}
        return bool(
            _TOOL_TYPE.fullmatch(value.type.name)
            and "name" in fields
            and "description" in fields
            and fields & _SHAPED
        )

    def _switched(self, value: Struct, sight: Sight) -> None:
        """A toolset that is not among the default ones."""
        for one in value.fields.values():
            if isinstance(one, Struct) and "toolset" in one.type.name.lower():
                has = any(member.name == "Default" for member in self.project.members(one.type))
                if has and self.attribute(one, "Default") is False:
                    named = self.attribute(one, "ID")
                    sight.toolset = f"toolset {named}" if isinstance(named, str) else "toolset"

    def outside(self, callee: Outside, args: Sequence[object], node: Node, env: Env) -> object:
        """What a call of another module's function gives back: tools are made and handed over by such."""
        speaks = not callee.path or _SPEAKS.search(callee.path)
        if speaks and _MAKES.fullmatch(callee.name) and args:
            return self._new_tool(callee, args, node, env)
        if speaks and _GIVES.fullmatch(callee.name) and "Handler()" not in callee.name:
            self._give(callee, args, node, env)
            return Outside(callee.path, f"{callee.name}()", tuple(args))
        target = args[0] if args else None
        if callee.args is not None and isinstance(target, Struct) and len(args) == 1:
            options.apply(target, callee.last.removesuffix("()"), callee.args)
            return None
        return super().outside(callee, args, node, env)

    def _new_tool(self, callee: Outside, args: Sequence[object], node: Node, env: Env) -> object:
        made = Struct(TypeName(callee.path, "Tool"), {"Name": args[0]}, env.file, node, born=self.born())
        rest = args[1:]
        if callee.last == "NewToolWithRawSchema" and len(rest) >= 2:
            made.fields["Description"], made.fields["RawInputSchema"] = rest[0], rest[1]
        elif rest and isinstance(rest[0], str):
            made.fields["Description"], rest = rest[0], rest[1:]
        for one in rest:
            if isinstance(one, Outside) and one.args is not None:
                options.apply(made, one.last.removesuffix("()"), one.args or ((one,) if one.kind else ()))
            elif isinstance(one, Func):
                self.invoke(one, [made], node, env)
        if "RawInputSchema" not in made.fields:
            made.fields.setdefault("InputSchema", {"type": "object", "properties": {}})
        self.made(made, env)
        return made

    def _give(self, callee: Outside, args: Sequence[object], node: Node, env: Env) -> None:
        functions = _functions(args)
        texts = [one for one in args if isinstance(one, str)]
        if args and isinstance(args[0], str) and len(args) >= 2:
            made = Struct(TypeName(callee.path, "Tool"), {"Name": args[0]}, env.file, node, born=self.born())
            made.fields["Description"] = texts[1] if len(texts) > 1 else ""
            self.made(made, env)
            args = [made]
        found = [sight for one in args for sight in self._in(one, 0)]
        for sight in found:
            if sight.given is None or len(self.off) < len(sight.given):
                sight.given = tuple(self.off)
            sight.handlers += functions
        several = callee.last.endswith("Tools") and any(one is UNKNOWN for one in args)
        if args and (not found or several or any(isinstance(one, OpenList) for one in args)):
            self.passes.append((env.file, node))

    def _in(self, value: object, depth: int) -> Iterator[Sight]:
        if isinstance(value, Struct):
            if id(value) in self.sights:
                yield self.sights[id(value)]
            elif depth < 4:
                for one in value.fields.values():
                    yield from self._in(one, depth + 1)
        elif isinstance(value, list) and depth < 4:
            for one in value:
                yield from self._in(one, depth + 1)


def _functions(values: Iterable[object], depth: int = 0) -> list[Func]:
    """The functions among values, also where another module wraps them: `NewTypedToolHandler(f)`."""
    found: list[Func] = []
    for one in values:
        if isinstance(one, Func):
            found.append(one)
        elif isinstance(one, Outside) and one.args and depth < 2:
            found += _functions(one.args, depth + 1)
    return found


def _given(env: Env) -> list[Func]:
    """The functions that are at hand where a tool is made: one of them may be its handler."""
    found: list[Func] = []
    one: Env | None = env
    while one is not None and len(found) < MAX_NEAR:
        found += _functions(islice(one.names.values(), MAX_NAMES))
        one = one.outer
    return found[:MAX_NEAR]
