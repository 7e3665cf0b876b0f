"""What is found at one place that declares tools."""

import ast
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.manifests.python.module import Module
from mcpaudit.manifests.python.schema import Schema
from mcpaudit.manifests.python.values import UNKNOWN, ClassValue, FunctionValue, Gate


@dataclass(slots=True, eq=False)
class Declared:
    """A tool at one of its places."""

    name: str
    module: Module
    node: ast.AST
    title: str = ""
    description: str = ""
    schema: Schema = field(default_factory=dict)
    annotations: Schema = field(default_factory=dict)
    handler: FunctionValue | None = None
    owner: ClassValue | None = None
    """The class that declares it, where its handler is another method of it."""
    gates: tuple[Gate, ...] = ()
    server: object = UNKNOWN
    disabled: bool = False


@dataclass(slots=True)
class Unresolved:
    """A place that declares tools of which the names are not in the code."""

    module: Module
    node: ast.AST
    why: str
