"""Servers mounted in servers, which puts a prefix before the names of their tools."""

import ast

from mcpaudit.manifests.python_contexts import Contexts
from mcpaudit.manifests.python_evaluate import Evaluator
from mcpaudit.manifests.python_values import Instance, Scope, text_of

_CALLS = ("mount", "import_server")
_MAX_DEPTH = 5


class Mounts:
    """Which server is mounted where, under what prefix."""

    def __init__(self, evaluator: Evaluator, contexts: Contexts) -> None:
        self._ev = evaluator
        self._in: dict[Instance, list[tuple[object, str]]] = {}
        for name in _CALLS:
            for module, call in evaluator.project.calls.get(name, ()):
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
        found = [
            before + prefix for parent, prefix in places for before in self.prefixes(parent, depth + 1)
        ]
        return list(dict.fromkeys(found))
