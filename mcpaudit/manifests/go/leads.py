"""Which functions can lead to a server being given tools, by the names of what they call."""

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.package import Declared
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.values import Func

_GIVES = frozenset(
    ["AddTool", "AddTools", "AddSessionTool", "AddSessionTools", "AddTaskTool", "RegisterTool", "SetTools"]
)


class Leads:
    """Worked out once, the first time that it is asked."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names: frozenset[str] | None = None

    def to_tools(self, function: Func) -> bool:
        """Whether it can; true of every function where no call is known to give tools to a server."""
        if self._names is None:
            self._names = self._leading()
        return not self._names or bool(_called(function) & self._names)

    def _leading(self) -> frozenset[str]:
        """The names of functions that lead to one that gives tools, over any number of others."""
        callers: dict[str, set[str]] = {}
        for package in self._project.packages.values():
            for owned in (package.functions, *package.methods.values()):
                for name, one in owned.items():
                    for called in _called(one):
                        callers.setdefault(called, set()).add(name)
        found = {name for name in _GIVES if name in callers}
        todo = sorted(found)
        while todo:
            new = callers.get(todo.pop(), set()) - found
            found |= new
            todo.extend(sorted(new))
        return frozenset(found)


def _called(one: Func | Declared) -> set[str]:
    """The last names of all that is called, or handed on, in a function."""
    parts = syntax.parts(one.node)
    names = {syntax.text(node) for node in parts.get("name", ())}
    return names | {syntax.text(syntax.field(node, "field")) for node in parts.get("selector", ())}
