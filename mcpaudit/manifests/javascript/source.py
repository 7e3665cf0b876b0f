"""What the source of a JavaScript or TypeScript MCP server says about its tools; nothing of it is run."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from mcpaudit.knowledge.capability import RawTool
from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.javascript.files import Files
from mcpaudit.manifests.uncollected import uncollected
from mcpaudit.model.manifest import Spot

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.abilities import Reach
    from mcpaudit.manifests.javascript.definition import Draft
    from mcpaudit.manifests.javascript.tree import Source

_SURE = re.compile(
    rb"@modelcontextprotocol/|[\"']fastmcp[\"']|[\"']tools/list[\"']|[\"']@?[\w/-]*mcp[\w/-]*[\"']", re.I
)
_AT_RUN_TIME = (
    (re.compile(rb"\boperationId\b"), "tools are made from an OpenAPI document when it runs"),
    (re.compile(rb"\.listTools\s*\("), "tools are taken from another server when it runs"),
)
_PLATFORM = re.compile(r"(darwin|linux|win32|windows)-(arm64|amd64|x64|x86_64|arm)")
"""How packages are named that hold a program for one platform."""
RECURSION = 6000
_VENDORED = re.compile(r"(^|/)(third_party|vendor|vendored)/")
_HINT = re.compile(rb"modelcontextprotocol|fastmcp|mcp|tools/list", re.IGNORECASE)


def extract(root: Path, shown: str = "") -> Extraction | None:
    """The tools of the server in a folder or file; `None` where it is no MCP server in JavaScript."""
    limit = sys.getrecursionlimit()
    # Evaluation goes from function to function, each some levels of Python's own; there is always the same
    # room for it, whoever calls.
    sys.setrecursionlimit(_depth() + RECURSION)
    try:
        with uncollected():
            return _extract(root)
    finally:
        sys.setrecursionlimit(limit)


def _depth() -> int:
    frame: FrameType | None = sys._getframe()
    depth = 0
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def _extract(root: Path) -> Extraction | None:
    files = Files(root)
    paths = files.own()
    if not paths:
        return None
    from mcpaudit.manifests.javascript.abilities import Reach, needed_env, scopes, shared_state
    from mcpaudit.manifests.javascript.eval import Engine
    from mcpaudit.manifests.javascript.literals import literals
    from mcpaudit.manifests.javascript.sinks import MAX_TOOLS, find

    engine = Engine(files)
    reached = files.reached(files.starts())
    found = None
    own: list[Source] = []
    for some in (reached, paths):
        sources = [source for path in some if (source := engine.load(path)) is not None]
        if not any(_HINT.search(source.data) for source in sources):
            continue
        own = [source for source in sources if not _VENDORED.search(source.shown)]
        found = find(engine, own)
        if not found.drafts:
            # Definitions that a list built at run time takes its tools from.
            found.drafts += literals(engine, own)
        if found.drafts:
            break
    if found is None:
        return None
    reasons = [f"not all tools of the list at {where} are known" for where in [*found.unread, *engine.gaps]]
    if engine.spent() or files.truncated:
        reasons.append("the code is too large to be read to the end")
    if engine.meter.unread:
        reasons.append(f"not read, as there is too much code: {', '.join(engine.meter.unread[:3])}")
    if len(found.drafts) >= MAX_TOOLS:
        del found.drafts[MAX_TOOLS:]
        reasons.append(f"it declares {MAX_TOOLS} tools or more")
    reach = Reach(engine)
    tools = _tools(found.drafts, reach)
    handlers = [draft.handler for draft in found.drafts if draft.handler is not None]
    if not tools and not found.unread and not _SURE.search(b"".join(source.data for source in own)):
        return None
    if reasons or not tools:
        reasons += [
            says for pattern, says in _AT_RUN_TIME if any(pattern.search(source.data) for source in own)
        ]
    if not tools:
        reasons += [_elsewhere(name) for name in files.missing_parts()[:1]]
        reasons.append("no declaration of a tool was found")
    else:
        # A server of the same authors that this one builds on may well have tools of its own.
        scope = files.package.name.rpartition("/")[0]
        parts = [name for name in files.missing_parts() if scope and name.startswith(f"{scope}/")]
        used = [
            name for name in parts if "mcp" in name and any(name.encode() in source.data for source in own)
        ]
        reasons += [_elsewhere(name) for name in used[:1]]
    return Extraction(
        "javascript",
        tools,
        not reasons,
        "; ".join(dict.fromkeys(reasons[:3])) or "its JavaScript source",
        files.package.name,
        files.package.version,
        needed_env(own),
        scopes(own),
        shared_state(engine, reach, handlers),
    )


def _elsewhere(name: str) -> str:
    if _PLATFORM.search(name):
        return f"its code is a native binary, in {name} or the like, which is not there"
    return f"its code may be in {name}, which is not there"


def _tools(drafts: list[Draft], reach: Reach) -> tuple[FoundTool, ...]:
    from mcpaudit.manifests.javascript.values import MAYBE, NEEDS, NEVER

    best: dict[str, FoundTool] = {}
    options = _options(drafts)
    # What all tools have in common is how the server starts, and says nothing of one of them.
    common = frozenset.intersection(*(draft.doubts for draft in drafts)) if drafts else frozenset()
    for draft in drafts:
        if draft.switch == NEVER:
            continue
        switch = draft.switch
        if switch.startswith(NEEDS):
            switch = switch.removeprefix(NEEDS) if switch in options else ""
        if not switch and draft.doubts - common:
            switch = MAYBE + min(draft.doubts - common)
        possible, switch = switch.startswith(MAYBE), switch.removeprefix(MAYBE)
        tool = FoundTool(
            RawTool(draft.name, draft.title, draft.description, draft.schema, draft.annotations),
            Spot(draft.source.shown, draft.node.start_point.row + 1),
            bool(switch) and not possible,
            switch,
            reach.of(draft.handler),
            possible,
        )
        other = best.get(draft.name)
        if other is None or _rank(tool) > _rank(other):
            best[draft.name] = tool
    return tuple(best[name] for name in sorted(best))


def _options(drafts: list[Draft]) -> set[str]:
    """Credentials that switch tools on: those that fewer than half of the tools need which are on otherwise.

    What most tools need, every installation gives.
    """
    from mcpaudit.manifests.javascript.values import MAYBE, NEEDS

    by_need: dict[str, set[str]] = {}
    for draft in drafts:
        if not draft.switch or draft.switch.startswith((NEEDS, MAYBE)):
            need = "" if draft.switch.startswith(MAYBE) else draft.switch
            by_need.setdefault(need, set()).add(draft.name)
    every = len(frozenset().union(*by_need.values()))
    return {need for need, names in by_need.items() if need and len(names) * 2 < every}


def _rank(tool: FoundTool) -> tuple[bool, bool, bool, int]:
    return (not tool.latent, not tool.possible, bool(tool.tool.description), len(str(tool.tool.input_schema)))
