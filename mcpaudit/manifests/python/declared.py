"""The places where a server's code declares tools: decorators, constructors, registrations."""

import ast
from collections.abc import Iterator

from mcpaudit.manifests.python.contexts import Contexts
from mcpaudit.manifests.python.declaration import Declared, Unresolved
from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.module import Module
from mcpaudit.manifests.python.project import last_name
from mcpaudit.manifests.python.schema import Schema, Schemas
from mcpaudit.manifests.python.values import (
    UNKNOWN,
    ClassValue,
    FunctionValue,
    Instance,
    Outside,
    Scope,
    json_of,
    plain,
    text_of,
)

# Calls that make tools out of what is known only at run time, and what they make them from.
AT_RUN_TIME = {
    "from_openapi": "from an OpenAPI description",
    "from_fastapi": "from a web application",
    "as_proxy": "from another server",
    "create_proxy": "from another server",
    "FastMCPProxy": "from another server",
    "FastMCPOpenAPI": "from an OpenAPI description",
    "FastApiMCP": "from a web application",
}
_NAMED = ("name", "tool_name")


class Declarations:
    """Goes through every place of a project."""

    def __init__(self, evaluator: Evaluator, contexts: Contexts) -> None:
        self._ev = evaluator
        self._contexts = contexts
        self._project = evaluator.project
        self._schemas = Schemas(evaluator)
        evaluator.schema = self._schemas.of_model
        self.unresolved: list[Unresolved] = []
        self.places = 0

    def all(self) -> Iterator[Declared]:
        """Every declared tool, once for each circumstance."""
        calls, decorated = self._project.calls, self._project.decorated
        for module, function, decorator in decorated.get("tool", ()):
            yield from self._at(module, decorator, self._decorator(module, function, decorator))
        for module, call in calls.get("", ()):
            if isinstance(call.func, ast.Call) and last_name(call.func.func) == "tool":
                yield from self._at(module, call, self._applied(module, call))
        for module, call in calls.get("tool", ()):
            if isinstance(call.func, ast.Call):
                yield from self._at(module, call, self._applied(module, call))
            elif call.args and isinstance(call.func, ast.Attribute) and not self._decorates(module, call):
                yield from self._at(module, call, self._added(module, call))
        for name in ("add_tool", "from_function", "register_tool", "from_tool"):
            for module, call in calls.get(name, ()):
                if name == "from_function" and "Tool" not in last_name(
                    getattr(call.func, "value", call.func)
                ):
                    continue
                yield from self._at(module, call, self._added(module, call), quiet=name == "register_tool")
        for module, call in (row for name in sorted(calls) for row in calls[name]):
            if name_is_tool(call):
                yield from self._constructed(module, call)
            elif any(key.arg == "tools" for key in call.keywords):
                yield from self._listed(module, call)
        yield from self._tables()
        for name, source in AT_RUN_TIME.items():
            for module, call in calls.get(name, ()):
                self.unresolved.append(Unresolved(module, call, f"tools are built at run time {source}"))
        for module, call in calls.get("list_tools", ()):
            # A list that is answered with another server's list in it.
            around = module.function_of(call)
            if around and any(last_name(item) == "list_tools" for item in around.decorator_list):
                self.unresolved.append(Unresolved(module, call, "tools are taken from another server"))

    def _decorates(self, module: Module, call: ast.Call) -> bool:
        parent = module.parents.get(call)
        if isinstance(parent, ast.Call) and parent.func is call:
            return True
        return isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef) and call in parent.decorator_list

    def _at(
        self, module: Module, node: ast.AST, found: Iterator[Declared | None], quiet: bool = False
    ) -> Iterator[Declared]:
        """What is declared at a place; a place that declares nothing known is noted."""
        count = unknown = 0
        for item in found:
            if item is None:
                unknown += 1
            else:
                count += 1
                yield item
        self.places += bool(count)
        if unknown and not quiet and self._used(module, node):
            self.unresolved.append(Unresolved(module, node, "a tool's name is made at run time"))

    def _used(self, module: Module, node: ast.AST) -> bool:
        """Whether anything uses the outermost function around a place."""
        function = module.function_of(node)
        while function is not None and (outer := module.function_of(function)) is not None:
            function = outer
        if function is None or module.class_of(function) is not None or function.decorator_list:
            return True
        return any(function.name in other.mentions for other in self._project.modules)

    # -- servers -------------------------------------------------------------------------------------------

    def _serves(self, value: object) -> bool:
        """Whether something may be an MCP server, so that its `tool` registers a tool."""
        if isinstance(value, Outside) or (isinstance(value, Instance) and value.dotted):
            return "mcp" in value.dotted.partition(".")[0].lower() or "MCP" in value.dotted
        # A class of the project's own with a method of that name may hand on to a server.
        return value is UNKNOWN or isinstance(value, Instance)

    # -- places --------------------------------------------------------------------------------------------

    def _decorator(self, module: Module, function: ast.AST, decorator: ast.expr) -> Iterator[Declared | None]:
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        for scope in self._contexts.of(decorator, module):
            if isinstance(target, ast.Attribute):
                server = self._ev.value(target.value, scope)
                if not self._serves(server):
                    continue
            else:
                server = self._ev.value(target, scope)
                if not isinstance(server, Outside) or not self._serves(server):
                    continue
            args, kwargs = self._ev.given(decorator, scope) if isinstance(decorator, ast.Call) else ((), {})
            if args and "name" not in kwargs:
                kwargs = {**kwargs, "name": args[0]}
            yield self._from(FunctionValue(module, function, scope), kwargs, scope, decorator, server)

    def _applied(self, module: Module, call: ast.Call) -> Iterator[Declared | None]:
        """`server.tool(...)(handler)`."""
        inner = call.func
        assert isinstance(inner, ast.Call)
        if not call.args or not isinstance(inner.func, ast.Attribute):
            return
        for scope in self._contexts.of(call, module):
            server = self._ev.value(inner.func.value, scope)
            if not self._serves(server):
                continue
            args, kwargs = self._ev.given(inner, scope)
            if args and "name" not in kwargs:
                kwargs = {**kwargs, "name": args[0]}
            yield self._from(self._ev.value(call.args[0], scope), kwargs, scope, call, server)

    def _added(self, module: Module, call: ast.Call) -> Iterator[Declared | None]:
        """`server.add_tool(handler, name=...)`, `Tool.from_function(handler)`."""
        for scope in self._contexts.of(call, module):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else call.func
            server = self._ev.value(owner, scope)
            if last_name(call.func) == "from_function":
                if not (isinstance(server, Outside) and self._serves(server)):
                    continue
                server = UNKNOWN
            elif not self._serves(server):
                continue
            args, kwargs = self._ev.given(call, scope)
            handler = args[0] if args else kwargs.get("fn", kwargs.get("tool", UNKNOWN))
            if isinstance(handler, str):
                handler, kwargs = (args[1] if len(args) > 1 else UNKNOWN), {"name": handler, **kwargs}
            if isinstance(handler, Instance):
                if made := self._from_instance(handler, scope, call, server):
                    yield made
                continue
            if not isinstance(handler, FunctionValue) and text_of(kwargs.get("name")) is None:
                # Many things have a method `tool`: a server whose tool is not known has to be one for sure.
                if last_name(call.func) != "tool" or isinstance(server, Outside | Instance):
                    yield None
                continue
            yield self._from(handler, kwargs, scope, call, server)

    def _from_instance(self, made: Instance, scope: Scope, node: ast.AST, server: object) -> Declared | None:
        """An object of a class of tools that the project writes itself."""
        if not isinstance(made.made_of, ClassValue):
            return None
        classes = self._ev.classes
        if not any(last_name_of(base).endswith("Tool") for base in classes.outside(made.made_of)):
            return None
        name = text_of(classes.of_instance(made, "name"))
        if name is None:
            return None
        text = text_of(classes.of_instance(made, "description")) or ast.get_docstring(made.made_of.node) or ""
        schema = json_of(classes.of_instance(made, "parameters"))
        shape = schema if isinstance(schema, dict) else {}
        run = classes.of_instance(made, "run")
        handler = run if isinstance(run, FunctionValue) else None
        hints = self._hints(classes.of_instance(made, "annotations"))
        where = made.made_of
        return Declared(
            name, where.module, where.node, "", text, shape, hints, handler, where, scope.gates, server
        )

    def _constructed(self, module: Module, call: ast.Call) -> Iterator[Declared]:
        """`Tool(name=..., description=..., inputSchema=...)`."""
        found: list[Declared] = []
        seen = unknown = False
        for scope in self._contexts.of(call, module):
            callee = self._ev.value(call.func, scope)
            if not self._is_tool(callee):
                continue
            seen = True
            args, kwargs = self._ev.given(call, scope)
            if len(args) == 1 and isinstance(args[0], dict):
                kwargs = {str(key): value for key, value in args[0].items()}
            name = text_of(kwargs.get("name"))
            if name is None:
                unknown |= not self._is_base(scope.env.get("self"))
                continue
            schema = json_of(kwargs.get("inputSchema", kwargs.get("input_schema", kwargs.get("parameters"))))
            owner = module.class_of(module.function_of(call) or call)
            me = scope.env.get("self")
            cls = me.made_of if isinstance(me, Instance) and isinstance(me.made_of, ClassValue) else None
            text = text_of(kwargs.get("description")) or self._loosely(call, "description", scope)
            handler = self._named_so(name, scope)
            if handler is not None:
                # Made from a function by the project's own code, which reads its signature when it runs.
                text = text or text_of(self._ev.function_attribute(handler, "__doc__")) or ""
                if not (isinstance(schema, dict) and schema.get("properties")):
                    schema = self._schemas.of_function(handler)
            found.append(
                Declared(
                    name,
                    module if cls is None else cls.module,
                    call if cls is None or cls.node is owner else cls.node,
                    text_of(kwargs.get("title")) or "",
                    text,
                    schema if isinstance(schema, dict) else {},
                    self._hints(kwargs.get("annotations")),
                    handler,
                    owner=cls or (ClassValue(module, owner) if owner else None),
                    gates=scope.gates,
                )
            )
        yield from found
        self.places += bool(found)
        if seen and unknown and self._used(module, call):
            self.unresolved.append(Unresolved(module, call, "a tool's name is made at run time"))

    def _is_base(self, made: object) -> bool:
        """Whether something stands for the objects of a class that is only inherited from."""
        if (
            not isinstance(made, Instance)
            or made.node is not None
            or not isinstance(made.made_of, ClassValue)
        ):
            return False
        return made.made_of.node.name in self._project.subclasses

    def _is_tool(self, callee: object) -> bool:
        if isinstance(callee, FunctionValue) and isinstance(callee.bound, ClassValue):
            callee = callee.bound
        if isinstance(callee, Outside):
            dotted = callee.dotted.removesuffix(".model_validate").removesuffix(".model_construct")
            return "mcp" in dotted.partition(".")[0].lower() and dotted.endswith(
                ("types.Tool", "types.ToolDefinition")
            )
        if isinstance(callee, ClassValue):
            return any(base.endswith("types.Tool") for base in self._ev.classes.outside(callee))
        return False

    def _listed(self, module: Module, call: ast.Call) -> Iterator[Declared]:
        """`FastMCP(..., tools=[handler, ...])`."""
        for scope in self._contexts.of(call, module):
            made = self._ev.value(call, scope)
            if not isinstance(made, Instance) or not made.dotted.endswith("MCP"):
                continue
            for item in self._ev.items(made.kwargs.get("tools")) or ():
                if isinstance(item, FunctionValue):
                    declared = self._from(item, {}, scope, call, made)
                    if declared:
                        self.places += 1
                        yield declared

    def _tables(self) -> Iterator[Declared]:
        """Plain tables in the protocol's own form, which servers without a framework answer with."""
        for module in self._project.modules:
            for node in module.dicts:
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                if "name" not in keys or "inputSchema" not in keys:
                    continue
                for scope in self._contexts.of(node, module):
                    value = self._ev.value(node, scope)
                    name = text_of(value.get("name")) if isinstance(value, dict) else None
                    if name is None or not isinstance(value, dict):
                        continue
                    schema = json_of(value.get("inputSchema"))
                    self.places += 1
                    yield Declared(
                        name,
                        module,
                        node,
                        text_of(value.get("title")) or "",
                        text_of(value.get("description")) or "",
                        schema if isinstance(schema, dict) else {},
                        self._hints(value.get("annotations")),
                        gates=scope.gates,
                    )

    # -- parts ---------------------------------------------------------------------------------------------

    def _from(
        self, handler: object, kwargs: dict[str, object], scope: Scope, node: ast.AST, server: object
    ) -> Declared | None:
        """A tool made from a function, with what its registration says otherwise."""
        named = next((kwargs[key] for key in _NAMED if key in kwargs and kwargs[key] is not None), None)
        name = text_of(named)
        function = handler if isinstance(handler, FunctionValue) else None
        if name is None and named is None and function is not None:
            name = text_of(self._ev.function_attribute(function, "__name__"))
        if name is None or not name.strip():
            return None
        text = text_of(kwargs.get("description"))
        if text is None and kwargs.get("description") is not None:
            inner = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) else node
            text = self._loosely(inner, "description", scope) or None
        if text is None and function is not None:
            text = text_of(self._ev.function_attribute(function, "__doc__"))
        hidden = self._ev.items(kwargs.get("exclude_args")) or []
        schema: Schema = {}
        if function is not None:
            schema = self._schemas.of_function(function, frozenset(str(item) for item in hidden))
        module = function.module if function is not None else scope.module
        return Declared(
            name,
            module,
            function.node if function is not None else node,
            text_of(kwargs.get("title")) or "",
            text or "",
            schema,
            self._hints(kwargs.get("annotations")),
            function,
            None,
            scope.gates,
            server,
            kwargs.get("enabled") is False,
        )

    def _named_so(self, name: str, scope: Scope) -> FunctionValue | None:
        for key in sorted(scope.env):
            value = self._ev.now(scope.env[key])
            if isinstance(value, FunctionValue) and self._ev.function_attribute(value, "__name__") == name:
                return value
        return None

    def _loosely(self, call: ast.AST, key: str, scope: Scope) -> str:
        """A text of which parts are known only at run time, with a mark in their place."""
        if not isinstance(call, ast.Call):
            return ""
        node = next((item.value for item in call.keywords if item.arg == key), None)
        if isinstance(node, ast.Name):
            bound = scope.module.names.get(node.id)
            node = bound[-1].value if bound and isinstance(bound[-1], ast.Assign) else node
        if not isinstance(node, ast.JoinedStr):
            return text_of(self._ev.value(node, scope)) or ""
        parts = []
        for part in node.values:
            value = plain(
                self._ev.value(
                    getattr(part, "value", None) if isinstance(part, ast.FormattedValue) else part, scope
                )
            )
            parts.append(str(value) if isinstance(value, str | int | float) else "…")
        return "".join(parts)

    def _hints(self, value: object) -> Schema:
        if isinstance(value, Instance):
            value = value.kwargs
        found = json_of(plain(value)) if isinstance(value, dict) else {}
        hints = found if isinstance(found, dict) else {}
        return {_camel(key): item for key, item in hints.items() if item is not None}


def name_is_tool(call: ast.Call) -> bool:
    """Whether a call may build a tool of the protocol."""
    name = last_name(call.func)
    if name in ("model_validate", "model_construct") and isinstance(call.func, ast.Attribute):
        name = last_name(call.func.value)
    return name.endswith("Tool")


def last_name_of(dotted: str) -> str:
    """The last part of a dotted name."""
    return dotted.rpartition(".")[2]


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(part.capitalize() for part in rest)
