"""What a tool's handler reaches: calls of the outside world, through the project's own functions."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cache

from tree_sitter import Node

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.kinds import Kinds
from mcpaudit.manifests.go.package import File
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.values import Func, Outside
from mcpaudit.model.manifest import Ability, Evidence, Spot

MAX_CALLS_DEEP, MAX_FUNCTIONS, MAX_EVIDENCE, MAX_SAME_NAME = 7, 250, 12, 3
MAX_NODES = 400_000
"""Calls and names that are looked at in all; a deterministic bound, as the rest of following code has one."""
_VERSION = re.compile(r"/v\d+(?=/|$)|\.v\d+$")
_CLIENT = re.compile(
    r"(?:New\w*|Connect|Open|Dial)\(\)|\w*(?:Client|Clientset|Service|API|Interface|Conn|Session|Bot|DB|Repository)"
    r"\w*(?:\(\))?"
)
# What is done with the answer to one of these is asked of nobody any more.
_ANSWERED = re.compile(
    r"\.(?:Get|List|Create|Update|Patch|Delete|Apply|Do|Execute|Read|Query|Run|Watch)\(\)\."
)


@dataclass(frozen=True, slots=True)
class Table:
    """Which calls mean which ability."""

    names: dict[str, Ability]
    methods: dict[str, Ability]

    def of(self, path: str, name: str) -> Ability | None:
        """What a call of a name in a package means: the longest known beginning decides."""
        path = _VERSION.sub("", path)
        part = f"{path}.{name.replace('()', '')}"
        while len(part) > len(path):
            if part in self.names:
                return self.names[part]
            part = part.rpartition(".")[0]
        while path:
            if (ability := self.names.get(path)) is not None:
                return ability if ability != "sdk" or _asks(name) else None
            path = path.rpartition("/")[0]
        return None


def _asks(name: str) -> bool:
    """Whether a call is asked of a client, or makes one."""
    first, _, rest = name.partition(".")
    if _ANSWERED.search(name):
        return False
    return bool(_CLIENT.fullmatch(first if rest else f"{first}()"))


@cache
def table() -> Table:
    """The table as shipped."""
    raw = shipped.table("manifests/go/abilities.yaml")
    methods = raw.pop("methods")
    names = {_VERSION.sub("", name): ability for ability, rows in raw.items() for name in rows}
    return Table(names, methods)


@dataclass(slots=True)
class _Direct:
    """What one function does itself."""

    evidence: list[Evidence] = field(default_factory=list)
    calls: list[Func] = field(default_factory=list)


class Reach:
    """Follows calls; each function is looked at once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.kinds = Kinds(project)
        self._direct: dict[int, _Direct] = {}
        self._nodes = 0
        self.reached: dict[int, Func] = {}
        """Every function that some handler reaches."""

    @property
    def exhausted(self) -> bool:
        """Whether something was not looked at for want of steps."""
        return self._nodes > MAX_NODES

    def of(self, handlers: Iterable[Func]) -> tuple[Evidence, ...]:
        """What is reached from functions, the nearest first, one for each kind of call."""
        found: dict[tuple[str, str], Evidence] = {}
        seen: set[int] = set()
        front = list(handlers)
        for _ in range(MAX_CALLS_DEEP):
            onward: list[Func] = []
            for one in front:
                if one.node.id in seen or len(seen) > MAX_FUNCTIONS:
                    continue
                seen.add(one.node.id)
                self.reached[one.node.id] = one
                direct = self._look(one)
                for item in direct.evidence:
                    found.setdefault((item.ability, item.says), item)
                onward.extend(direct.calls)
            front = onward
        return tuple(list(found.values())[:MAX_EVIDENCE])

    def _look(self, function: Func) -> _Direct:
        known = self._direct.get(function.node.id)
        if known is not None:
            return known
        direct = self._direct[function.node.id] = _Direct()
        for call in syntax.parts(syntax.field(function.node, "body") or function.node).get("call", ()):
            self._nodes += 1
            if self.exhausted:
                break
            written, given = syntax.called(call)
            self._call(written, call, function, direct)
            for one in given:
                # A function handed on, to a retry or a transaction, is called too.
                if one.type in ("identifier", "selector_expression"):
                    handed = self.kinds.of(one, _around(call, function.node), function.file)
                    if isinstance(handed, Func):
                        direct.calls.append(handed)
        return direct

    def _call(self, written: Node | None, call: Node, function: Func, direct: _Direct) -> None:
        meaning = self.kinds.of(written, _around(call, function.node), function.file)
        if isinstance(meaning, Func):
            direct.calls.append(meaning)
        elif isinstance(meaning, Outside):
            self._note(direct, meaning, function.file, call)
        elif written is not None and written.type == "selector_expression":
            self._method(syntax.text(syntax.field(written, "field")), call, function.file, direct)
        elif written is not None and written.type == "identifier":
            direct.calls.extend(_bound(function, syntax.text(written)))

    def _method(self, name: str, call: Node, file: File, direct: _Direct) -> None:
        """A method of something unknown: the project's own where few types have it, else by its name."""
        known = self._project.methods.get(name, [])
        if 0 < len(known) <= MAX_SAME_NAME:
            direct.calls.extend(Func(one.file, one.node) for _, _, one in known)
        elif not known and (ability := table().methods.get(name)):
            direct.evidence.append(Evidence(ability, f"it calls `….{name}`", _spot(file, call)))

    def _note(self, direct: _Direct, callee: Outside, file: File, call: Node) -> None:
        if _chained(call):
            return
        if (ability := table().of(callee.path, callee.name)) is not None:
            package = _VERSION.sub("", callee.path).rpartition("/")[2]
            says = f"it calls `{package}.{callee.name.replace('()', '')}`"
            direct.evidence.append(Evidence(ability, says, _spot(file, call)))


def _chained(call: Node) -> bool:
    """Whether a method is called on what a call gives back at once: that one says what is done."""
    selector = call.parent
    if selector is None or selector.type != "selector_expression" or selector.parent is None:
        return False
    return selector.parent.type == "call_expression" and syntax.field(selector.parent, "function") == selector


def _around(node: Node, outermost: Node) -> Node:
    """The function in which a call stands."""
    for one in syntax.climb(node):
        if one.type in ("func_literal", "function_declaration", "method_declaration"):
            return one
    return outermost


def _bound(function: Func, name: str) -> Iterator[Func]:
    """The function that a name stands for in what a closure was made in."""
    holder = function.env.holder(name) if function.env else None
    value = holder.names[name] if holder else None
    if isinstance(value, Func):
        yield value


def _spot(file: File, node: Node) -> Spot:
    return Spot(file.shown, syntax.line(node))
