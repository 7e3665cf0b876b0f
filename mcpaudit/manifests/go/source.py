"""What the source of a Go MCP server says about its tools; nothing of it is built or run."""

import sys
from dataclasses import replace
from pathlib import Path

from tree_sitter import Node

from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.go import program, syntax
from mcpaudit.manifests.go.core import MAX_STEPS
from mcpaudit.manifests.go.dispatch import by_name
from mcpaudit.manifests.go.found import best, handlers, name_of, places, tool_of
from mcpaudit.manifests.go.needs import scopes, variables
from mcpaudit.manifests.go.package import File
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.reach import Reach
from mcpaudit.manifests.go.schema import Budget
from mcpaudit.manifests.go.state import shared_state
from mcpaudit.manifests.go.tools import Interpreter
from mcpaudit.manifests.go.tree import Tree, read_tree

RECURSION = 6_000
MAX_TOOLS = 5_000


def extract(root: Path, shown: str = "") -> Extraction | None:
    """What the source below a folder, or one file, says; `None` where it is no MCP server in Go."""
    limit = sys.getrecursionlimit()
    # Following code goes from function to function, each some levels of Python's own.
    sys.setrecursionlimit(max(limit, RECURSION))
    try:
        tree = read_tree(root)
        return _extract(tree, shown) if tree is not None and tree.serves() else None
    finally:
        sys.setrecursionlimit(limit)


def _extract(tree: Tree, shown: str) -> Extraction | None:
    project = Project(tree)
    ev = Interpreter(project)
    try:
        program.run(ev)
    except (RecursionError, MemoryError):
        ev.cut = True
    reasons = _reasons(ev, project)
    reach = Reach(project)
    tools = _tools(ev, reach)
    if not tools and not reasons:
        reasons.append("no tool is declared in its code: they are made at run time, or it is no server")
    where = f"the Go source of {shown}" if shown else "its Go source"
    return Extraction(
        "go",
        tools,
        not reasons,
        ("; ".join(reasons) or where)
        + ("; what its tools reach was not followed to the end" * reach.exhausted),
        tree.module,
        needs_env=variables(ev),
        scopes=scopes(ev),
        state=shared_state(project, reach),
    )


def _tools(ev: Interpreter, reach: Reach) -> tuple[FoundTool, ...]:
    sights = list(ev.sights.values())[:MAX_TOOLS]
    given = {name_of(one) for one in sights if one.given is not None}
    if given and not ev.passes:
        # Where all that is handed to a server is known, what is only written down is not the server's.
        sights = [one for one in sights if one.off or name_of(one) in given]
    shared = places(sights)
    budget = Budget()
    rows = [(tool_of(one, ev, shared, budget), one) for one in sights]
    of = {id(tool): handlers(sight) for tool, sight in rows}
    chosen = best(tool for tool, _ in rows)
    apart = [name for name, one in chosen.items() if not of[id(one)]]
    named = by_name(ev, reach.kinds, apart) if apart else {}
    return tuple(
        replace(one, evidence=reach.of(of[id(one)] or named.get(name, ()))) for name, one in chosen.items()
    )


def _reasons(ev: Interpreter, project: Project) -> list[str]:
    reasons = []
    if ev.cut:
        reasons.append("its code is nested too deeply")
    if ev.steps > MAX_STEPS:
        reasons.append("its code is too large to follow wholly")
    for file, node in list(dict.fromkeys(ev.passes))[:2]:
        reasons.append(f"not all tools that are handed over are known ({_spot(file, node)})")
    for key, (file, node) in list(ev.nameless.items()):
        if key not in ev.named:
            reasons.append(f"a tool's name is not known ({_spot(file, node)})")
    if project.unread:
        reasons.append(f"not read: {', '.join(project.unread[:3])}")
    if len(ev.sights) > MAX_TOOLS:
        reasons.append(f"it declares more than {MAX_TOOLS} tools")
    return reasons[:4]


def _spot(file: File, node: Node) -> str:
    return f"{file.shown}:{syntax.line(node)}"
