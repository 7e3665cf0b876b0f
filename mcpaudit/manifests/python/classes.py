"""Classes of the project: their attributes along their bases, their enum members, what their objects hold."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcpaudit.manifests.python.module import FunctionNode
from mcpaudit.manifests.python.project import last_name
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Member,
    Outside,
    Scope,
    plain,
)

if TYPE_CHECKING:
    from mcpaudit.manifests.python.core import Core

_ENUMS = ("enum.Enum", "enum.StrEnum", "enum.IntEnum", "enum.Flag", "enum.IntFlag", "strenum.StrEnum")
_MAX_BASES = 12


class Classes:
    """What the evaluator asks of classes."""

    def __init__(self, evaluator: "Core") -> None:
        self._ev = evaluator
        self._bodies: dict[ast.ClassDef, dict[str, ast.stmt]] = {}
        self._orders: dict[ast.ClassDef, list[ClassValue | Outside]] = {}
        self._scopes: dict[ast.ClassDef, Scope] = {}
        self._set: dict[FunctionNode, dict[str, list[ast.expr]]] = {}
        self._onward: dict[FunctionNode, ast.Call] = {}

    def order(self, cls: ClassValue) -> list[ClassValue | Outside]:
        """A class, then its bases, nearest first; bases outside the project too."""
        if cls.node in self._orders:
            return self._orders[cls.node]
        self._orders[cls.node] = [cls]
        found: list[ClassValue | Outside] = [cls]
        for base in cls.node.bases[:_MAX_BASES]:
            value = self._ev.value(base, cls.scope or self._ev.top(cls.module))
            if isinstance(value, Outside):
                found.append(value)
            elif isinstance(value, ClassValue):
                found.extend(item for item in self.order(value) if item not in found)
        self._orders[cls.node] = found
        return found

    def outside(self, cls: ClassValue) -> list[str]:
        """The dotted names of its bases outside the project."""
        return [item.dotted for item in self.order(cls) if isinstance(item, Outside)]

    def is_enum(self, cls: ClassValue) -> bool:
        return any(name in _ENUMS for name in self.outside(cls))

    def body(self, node: ast.ClassDef) -> dict[str, ast.stmt]:
        """The statements that bind names in a class's own body."""
        if node not in self._bodies:
            found: dict[str, ast.stmt] = {}
            for item in node.body:
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    found[item.name] = item
                elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                    found[item.target.id] = item
                elif isinstance(item, ast.Assign):
                    for target in item.targets:
                        if isinstance(target, ast.Name):
                            found[target.id] = item
            self._bodies[node] = found
        return self._bodies[node]

    def scope(self, cls: ClassValue) -> Scope:
        """The scope of a class's body."""
        if cls.node not in self._scopes:
            outer = cls.scope or self._ev.top(cls.module)
            self._scopes[cls.node] = Scope(cls.module, None, {}, outer, cls)
        return self._scopes[cls.node]

    def own(self, cls: ClassValue, name: str) -> object:
        """What a class's own body binds a name to."""
        item = self.body(cls.node).get(name)
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            return FunctionValue(cls.module, item, cls.scope)
        if isinstance(item, ast.ClassDef):
            return ClassValue(cls.module, item, cls.scope)
        if isinstance(item, ast.Assign | ast.AnnAssign):
            return self._ev.value(item.value, self.scope(cls)) if item.value else UNKNOWN
        return UNKNOWN

    def attribute(self, cls: ClassValue, name: str) -> object:
        """An attribute of the class itself: a member, a value, a method."""
        enum = self.is_enum(cls)
        if enum and name == "__members__":
            return {member.name: member for member in self.members(cls) if isinstance(member, Member)}
        for base in self.order(cls):
            if isinstance(base, Outside) or name not in self.body(base.node):
                continue
            value = self.own(base, name)
            if enum and not isinstance(value, FunctionValue) and not name.startswith("_"):
                return Member(base, name, value[0] if isinstance(value, tuple) and value else value)
            if isinstance(value, FunctionValue) and _decorated(value, "classmethod"):
                return FunctionValue(value.module, value.node, value.scope, cls)
            return value
        return UNKNOWN

    def members(self, cls: ClassValue) -> list[object]:
        """The members of an enum in order."""
        names = [name for name, item in self.body(cls.node).items() if isinstance(item, ast.Assign)]
        return [self.attribute(cls, name) for name in names if not name.startswith("_")]

    def member_of_value(self, cls: ClassValue, value: object) -> object:
        found = [one for one in self.members(cls) if plain(one) == plain(value) and value is not UNKNOWN]
        return found[0] if found else UNKNOWN

    # -- objects -------------------------------------------------------------------------------------------

    def of_instance(self, made: Instance, name: str) -> object:
        """An attribute of an object: set by its constructor, a field, a property, one of its class."""
        if isinstance(made.made_of, Outside):
            return made.kwargs.get(name, UNKNOWN)
        cls = made.made_of
        for node, env_scope in self.constructors(made):
            for given in self._sets(node).get(name, ()):
                found = self._ev.value(given, env_scope)
                if (found is None or found is False) and self._ev.project.set_later(name):
                    return UNKNOWN  # only what it begins with
                if isinstance(found, list | dict) and self._ev.grows:
                    return self._ev.grown_attribute(made, name, found)
                if found is not UNKNOWN:
                    return found
        if (field := self._field(made, cls, name)) is not UNKNOWN:
            return field
        value = self.attribute(cls, name)
        if isinstance(value, FunctionValue):
            bound = FunctionValue(value.module, value.node, value.scope, value.bound or made)
            if _decorated(value, "property") or _decorated(value, "cached_property"):
                return self._ev.inline(bound, (), {})
            return bound
        settings = any(base.rpartition(".")[2] == "BaseSettings" for base in self.outside(cls))
        if settings and name in self.body(cls.node):
            self._ev.switches.append(self._variable(cls, name))
        if isinstance(value, Instance) and value.dotted.rpartition(".")[2] in ("Field", "field"):
            return value.kwargs.get("default", value.args[0] if value.args else UNKNOWN)
        return value

    def _variable(self, cls: ClassValue, name: str) -> str:
        """The environment variable that a settings class takes a field from."""
        config = self.attribute(cls, "model_config")
        prefix = config.kwargs.get("env_prefix") if isinstance(config, Instance) else None
        return f"{prefix if isinstance(prefix, str) else ''}{name}".upper()

    def _field(self, made: Instance, cls: ClassValue, name: str) -> object:
        """A field of a data class or model, by name or by place."""
        if name in made.kwargs:
            return made.kwargs[name]
        if any(self.constructors(made)):
            return UNKNOWN
        fields: list[str] = []
        for base in reversed(self.order(cls)):
            if isinstance(base, ClassValue):
                body = self.body(base.node)
                fields += [
                    key for key, item in body.items() if isinstance(item, ast.AnnAssign) and key not in fields
                ]
        if name in fields and fields.index(name) < len(made.args):
            return made.args[fields.index(name)]
        return UNKNOWN

    def constructors(self, made: Instance) -> Iterator[tuple[FunctionNode, Scope]]:
        """The constructors that run for an object, each with its parameters bound."""
        if isinstance(made.made_of, Outside):
            return
        args, kwargs, bases = made.args, made.kwargs, self.order(made.made_of)
        for base in bases:
            node = self.body(base.node).get("__init__") if isinstance(base, ClassValue) else None
            if not isinstance(base, ClassValue) or not isinstance(node, ast.FunctionDef):
                continue
            function = FunctionValue(base.module, node, base.scope, made)
            env = self._ev.environment(function, args, kwargs)
            scope = Scope(base.module, node, env, base.scope or self._ev.top(base.module))
            yield node, scope
            self._sets(node)
            onward = self._onward.get(node)
            if onward is None:
                return
            args, kwargs = self._ev.given(onward, scope)

    def _sets(self, node: FunctionNode) -> dict[str, list[ast.expr]]:
        """What a constructor sets each attribute of its object to, the last first."""
        if node in self._set:
            return self._set[node]
        first = node.args.args[0].arg if node.args.args else "self"
        found: dict[str, list[ast.expr]] = {}
        for item in ast.walk(node):
            if isinstance(item, ast.Call) and _is_super(item):
                self._onward.setdefault(node, item)
            if not isinstance(item, ast.Assign | ast.AnnAssign) or item.value is None:
                continue
            for target in item.targets if isinstance(item, ast.Assign) else [item.target]:
                own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
                if own and isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == first:
                    found.setdefault(target.attr, []).insert(0, item.value)
        self._set[node] = found
        return found


def _is_super(call: ast.Call) -> bool:
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "__init__"
        and (last_name(func.value) == "super" or isinstance(func.value, ast.Name))
    )


def _decorated(value: FunctionValue, name: str) -> bool:
    return any(last_name(item) == name for item in getattr(value.node, "decorator_list", ()))
