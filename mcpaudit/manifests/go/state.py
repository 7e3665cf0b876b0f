"""What handlers write to the variables of packages, so that one request's data can reach another."""

from collections.abc import Iterator

from tree_sitter import Node

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.kinds import Kinds
from mcpaudit.manifests.go.package import Declared, File
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.reach import Reach
from mcpaudit.manifests.go.values import Func
from mcpaudit.model.manifest import SharedState, Spot

# Methods that change what they are called on: of sync.Map, sync/atomic, container/list and common caches.
_CHANGES = frozenset(
    ["Store", "LoadOrStore", "LoadAndDelete", "Delete", "Swap", "CompareAndSwap", "Add", "Set"]
)
_CHANGES |= frozenset(["PushBack", "PushFront", "SetDefault", "SetWithTTL", "Put"])
_HOLDERS = ("sync.Map", "atomic.", "list.List", "cache.", "lru.", "ttlcache.", "ristretto.")


def shared_state(project: Project, reach: Reach) -> tuple[SharedState, ...]:
    """What the functions that handlers reach write to package-level variables."""
    found: dict[tuple[str, str], SharedState] = {}
    order = sorted(reach.reached.values(), key=lambda one: (one.file.shown, one.node.start_byte))
    for function in order:
        for name, node, how in _writes(function, project, reach.kinds):
            spot = Spot(function.file.shown, syntax.line(node))
            found.setdefault((function.file.package.path, name), SharedState(name, how, spot))
    return tuple(found[key] for key in sorted(found))


def _writes(function: Func, project: Project, kinds: Kinds) -> Iterator[tuple[str, Node, str]]:
    parts = syntax.parts(syntax.field(function.node, "body") or function.node)
    who = (
        f"`{syntax.text(syntax.field(function.node, 'name'))}`"
        if syntax.field(function.node, "name")
        else "a handler"
    )
    targets = [
        one for node in parts.get("assignment", ()) for one in syntax.listed(syntax.field(node, "left"))
    ]
    targets += [node.named_children[0] for node in parts.get("step", ()) if node.named_children]
    for target in targets:
        if (name := _variable(target, function, kinds)) is not None:
            plain = target.type == "identifier"
            yield name, target, f"{who} {'sets' if plain else 'writes to'} the package's variable `{name}`"
    for call in parts.get("call", ()):
        changed = _changed(call)
        name = _variable(changed, function, kinds) if changed is not None else None
        if name is not None and (
            syntax.text(syntax.called(call)[0]) in ("delete", "clear") or _holds(name, function.file)
        ):
            yield name, call, f"{who} writes to the package's variable `{name}`"


def _changed(call: Node) -> Node | None:
    """What a call changes: `delete(m, k)`, `m.Store(k, v)`."""
    written, given = syntax.called(call)
    if written is None:
        return None
    if written.type == "identifier" and syntax.text(written) in ("delete", "clear"):
        return given[0] if given else None
    if written.type == "selector_expression" and syntax.text(syntax.field(written, "field")) in _CHANGES:
        return syntax.field(written, "operand")
    return None


def _variable(target: Node, function: Func, kinds: Kinds) -> str | None:
    """The package's variable that is behind a target: `x`, `x[k]`, `x.field`, `*x`."""
    node: Node | None = target
    for _ in range(20):
        if node is None or node.type == "identifier":
            break
        node = syntax.field(node, "operand") or (node.named_children[0] if node.named_children else None)
    name = syntax.text(node) if node is not None and node.type == "identifier" else ""
    declared = function.file.package.values.get(name)
    if declared is None or not _is_variable(declared) or kinds.is_local(name, function.node):
        return None
    return name


def _is_variable(one: Declared) -> bool:
    return any(around.type == "var_declaration" for around in syntax.climb(one.node))


def _holds(name: str, file: File) -> bool:
    """Whether a variable is of a kind that is made to be written to."""
    one = file.package.values[name]
    said = syntax.text(one.type) + syntax.text(one.node)[:200]
    return any(kind in said for kind in _HOLDERS)
