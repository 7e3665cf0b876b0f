"""Reads the tools of an MCP server from its Python source; nothing of it is imported or run."""

import ast
from dataclasses import replace
from pathlib import Path

from mcpaudit.knowledge.capability import RawTool
from mcpaudit.manifests.documents import Documents
from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.python.contexts import Contexts
from mcpaudit.manifests.python.declaration import Declared
from mcpaudit.manifests.python.declared import Declarations
from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.handlers import Handlers
from mcpaudit.manifests.python.mounts import Mounts
from mcpaudit.manifests.python.needs import scopes, state, variables
from mcpaudit.manifests.python.openapi import operation_tools
from mcpaudit.manifests.python.project import Project, reach
from mcpaudit.manifests.python.reach import Reach
from mcpaudit.manifests.python.tree import TooMuchWorkError, Tree, read_tree
from mcpaudit.manifests.uncollected import uncollected
from mcpaudit.model.manifest import SharedState, Spot

MAX_TOOLS = 5_000


def extract(root: Path, shown: str = "") -> Extraction | None:
    """What the source below a folder, or one file, says; `None` where it is no MCP server in Python."""
    with uncollected():
        return _extract(root, shown)


def _extract(root: Path, shown: str) -> Extraction | None:
    try:
        tree = read_tree(root)
    except OSError:
        return None
    if tree is None or not tree.serves():
        return None
    documents = Documents(root if root.is_dir() else root.parent)
    found = _Search(tree, shown, documents)
    try:
        found.run()
    except TooMuchWorkError:
        found.stopped = "there is too much code to read to its end"
    except (RecursionError, MemoryError):
        found.stopped = "its code is nested too deeply"
    return found.result()


class _Search:
    """The steps of reading one source tree; whatever stops them, what was found so far is kept."""

    def __init__(self, tree: Tree, shown: str, documents: Documents) -> None:
        self._tree = tree
        self._documents = documents
        self._shown = shown
        self._project: Project | None = None
        self._tools: dict[str, FoundTool] = {}
        self._reasons: list[str] = []
        self._needs: tuple[str, ...] = ()
        self._scopes: tuple[str, ...] = ()
        self._state: tuple[SharedState, ...] = ()
        self._short = ""
        self.stopped = ""

    def run(self) -> None:
        project = self._project = reach(self._tree)
        self._read(project)
        if not self._tools and self._tree.starts:
            # Its commands lead to no tools: perhaps it is started otherwise.
            self._tree.starts = ()
            project = self._project = reach(self._tree)
            self._reasons = []
            self._read(project)

    def _read(self, project: Project) -> None:
        evaluator = Evaluator(project)
        contexts = Contexts(evaluator)
        places = Declarations(evaluator, contexts)
        mounts = Mounts(evaluator, contexts)
        declared: list[Declared] = []
        # One by one: if the time ends, those found so far are known.
        for one in places.all():
            if len(declared) >= MAX_TOOLS:
                self._reasons.append(f"it declares more than {MAX_TOOLS} tools")
                break
            declared.append(one)
            switch = self._switch(one, evaluator)
            for prefix in mounts.prefixes(one.server):
                self._add(one, prefix, switch)
        for found in operation_tools(evaluator, contexts, self._documents):
            self._tools.setdefault(found.tool.name, found)
        for item in places.unresolved:
            line = getattr(item.node, "lineno", 0)
            self._reasons.append(f"{item.why} ({item.module.file}:{line})")
        if evaluator.exhausted:
            self._reasons.append("its code is too large to follow wholly")
        try:
            self._follow(declared, mounts, evaluator)
        except (TooMuchWorkError, RecursionError):
            # What the tools are is known by now, whatever else takes too much.
            self._short = "; what its tools reach was not followed to the end"

    def _follow(self, declared: list[Declared], mounts: Mounts, evaluator: Evaluator) -> None:
        self._needs, self._scopes = variables(evaluator), scopes(evaluator)
        handlers, reach = Handlers(evaluator), Reach(evaluator)
        for one in declared:
            evidence = reach.from_places(handlers.of(one))
            for prefix in mounts.prefixes(one.server):
                found = self._tools[prefix + one.name]
                if evidence and found.spot == _spot(one):
                    self._tools[prefix + one.name] = replace(found, evidence=evidence)
        self._state = state(reach.reached, evaluator)

    def _switch(self, one: Declared, evaluator: Evaluator) -> str | None:
        """What a tool that is off by default hangs on; `None` for one that is on."""
        if one.disabled:
            return "enabled"
        for gate in one.gates:
            evaluator.switches.clear()
            holds = evaluator.truth(gate.test, gate.scope)
            if holds is (not gate.wanted):
                names = list(dict.fromkeys(evaluator.switches))
                return ", ".join(names[:3]) or ast.unparse(gate.test)[:120]
        return None

    def _add(self, one: Declared, prefix: str, switch: str | None) -> None:
        name = prefix + one.name
        raw = RawTool(name, one.title, one.description, one.schema, one.annotations)
        new = FoundTool(raw, _spot(one), switch is not None, switch or "")
        old = self._tools.get(name)
        if old is None or _worth(new) > _worth(old):
            self._tools[name] = new

    def result(self) -> Extraction | None:
        reasons = [self.stopped] if self.stopped else []
        reasons += list(dict.fromkeys(self._reasons))[:3]
        if self._tree.unread:
            reasons.append(f"not read: {', '.join(self._tree.unread[:3])}")
        tools = tuple(self._tools[name] for name in sorted(self._tools))
        if not tools and not reasons:
            reasons.append("no tool is declared in its code: they are made at run time, or it is no server")
        where = f"the Python source of {self._shown}" if self._shown else "its Python source"
        return Extraction(
            "python",
            tools,
            not reasons,
            ("; ".join(reasons) or where) + self._short,
            self._tree.name,
            self._tree.version,
            self._needs,
            self._scopes,
            self._state,
        )


def _worth(tool: FoundTool) -> tuple[bool, bool, bool, int]:
    """Of two declarations of a name, the one that is on and says more counts."""
    raw = tool.tool
    return (not tool.latent, bool(raw.input_schema), bool(raw.annotations), len(raw.description))


def _spot(one: Declared) -> Spot:
    return Spot(one.module.file, getattr(one.node, "lineno", 1))
