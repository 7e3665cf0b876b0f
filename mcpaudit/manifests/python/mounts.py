"""Servers mounted in servers, which puts a prefix before the names of their tools."""

import ast

from mcpaudit.manifests.python.contexts import Contexts
from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.project import Project, last_name
from mcpaudit.manifests.python.values import Instance, Scope, text_of

_CALLS = ("mount", "import_server")
_MAX_DEPTH = 5


class Mounts:
    """Which server is mounted where, under what prefix."""

    def __init__(self, evaluator: Evaluator, contexts: Contexts) -> None:
        self._ev = evaluator
        self._in: dict[Instance, list[tuple[object, str]]] = {}
        near = _near_servers(evaluator.project)
        for name in _CALLS:
            for module, call in evaluator.project.calls.get(name, ()):
                if module.name not in near:
                    continue  # HTTP clients and web applications mount things too
                for scope in contexts.of(call, module):
                    self._note(call, scope)

    def _note(self, call: ast.Call, scope: Scope) -> None:
        if not isinstance(call.func, ast.Attribute):
            return
        parent = self._ev.value(call.func.value, scope)
        args, kwargs = self._ev.given(call, scope)
        given = [*args, *kwargs.values()]
        child = next((item for item in given if isinstance(item, Instance) and item != parent), None)
        prefix = kwargs.get("prefix", kwargs.get("namespace"))
        text = text_of(prefix) or next((item for item in args if isinstance(item, str)), "")
        if child is not None:
            self._in.setdefault(child, []).append((parent, f"{text}_" if text else ""))

    def prefixes(self, server: object, depth: int = 0) -> list[str]:
        """Every prefix that a server's tools are listed with."""
        places = self._in.get(server) if isinstance(server, Instance) else None
        if not places or depth > _MAX_DEPTH:
            return [""]
        found = [before + prefix for parent, prefix in places for before in self.prefixes(parent, depth + 1)]
        return list(dict.fromkeys(found))


def _near_servers(project: Project) -> set[str]:
    """The modules that make a server, and those that import one of them."""
    made = {
        module.name
        for module in project.modules
        if any("MCP" in last_name(call.func) or last_name(call.func) == "Server" for call in module.calls)
    }
    users = {
        module.name
        for module in project.modules
        if any(project.tree.find(dotted) in made for dotted in module.loads)
    }
    return made | users
