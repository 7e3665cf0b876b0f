"""What a server's code asks of its surroundings and what it keeps: variables, OAuth scopes, state."""

import ast
import re
from collections.abc import Iterator

from mcpaudit.manifests.python.evaluate import Evaluator
from mcpaudit.manifests.python.module import Module, bindings, names_in
from mcpaudit.manifests.python.project import last_name
from mcpaudit.manifests.python.reach import inside
from mcpaudit.manifests.python.values import ClassValue, plain, text_of
from mcpaudit.model.manifest import SharedState, Spot

_ASKED = re.compile(
    r"(?:^|_)(?:KEYS?|APIKEY|TOKENS?|SECRET|PASSWORD|PASSWD|PASS|PAT|CREDENTIALS?|AUTH|COOKIE|DSN|URL|URI|HOST"
    r"|HOSTNAME|ENDPOINT|SERVER|ADDRESS|DOMAIN|ACCOUNT|USER|USERNAME|EMAIL|WEBHOOK|CONNECTION_STRING|DATABASE)"
    r"(?:_|$)",
    re.I,
)
# Where a server itself listens is no need of it, and neither is how it talks to its client.
_OWN = re.compile(
    r"(?:^|_)(?:MCP|FASTMCP|SERVER|BIND|LISTEN)_?(?:HOST|PORT)$|^HOST$|^USER$|^USERNAME$|LOG_", re.I
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{1,80}")
_SCOPE = re.compile(
    r"https://[\w./-]+/auth/[\w./-]+|[A-Za-z][\w.:/-]*[.:/][\w.:/*-]+|offline_access|openid|repo|[a-z_]{3,30}"
)
_READS = (
    "os.getenv",
    "os.environ.get",
    "os.environ.pop",
    "os.environ.setdefault",
    "decouple.config",
    "environs.Env",
)
_CHANGES = frozenset(
    [
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "setdefault",
        "pop",
        "popitem",
        "remove",
        "discard",
        "clear",
        "appendleft",
        "popleft",
    ]
)
_CONTAINERS = frozenset(
    [
        "dict",
        "list",
        "set",
        "defaultdict",
        "deque",
        "OrderedDict",
        "Counter",
        "TTLCache",
        "LRUCache",
        "WeakValueDictionary",
    ]
)


def variables(evaluator: Evaluator) -> tuple[str, ...]:
    """The variables that are read and look like credentials or addresses."""
    found: set[str] = set()
    for module in evaluator.project.modules:
        found.update(_read(module, evaluator))
    return tuple(sorted(name for name in found if _ASKED.search(name) and not _OWN.search(name)))


def _read(module: Module, ev: Evaluator) -> Iterator[str]:
    top = ev.top(module)
    for call in module.calls:
        name = last_name(call.func)
        direct = name in ("getenv", "get", "pop", "setdefault", "config") and call.args
        # The project's own reader of variables: `_env("ACME_TOKEN")`.
        wrapped = "env" in name.lower() and call.args
        if not direct and not wrapped:
            continue
        if direct and not wrapped and not _is_environment(call.func, module):
            continue
        for arg in call.args[:1]:
            text = text_of(ev.value(arg, top))
            if text and _VARIABLE.fullmatch(text) and (not wrapped or text.isupper()):
                yield text
    for read in module.environ:
        text = text_of(ev.value(read.slice, top))
        if text and _VARIABLE.fullmatch(text):
            yield text
    for node in module.classes:
        cls = ClassValue(module, node)
        if any(base.endswith("BaseSettings") for base in ev.classes.outside(cls)):
            yield from _settings(cls, ev)


def _is_environment(node: ast.expr, module: Module) -> bool:
    """Whether it reads the environment, by whatever name that was imported."""
    inner = node.value if isinstance(node, ast.Attribute) else node
    if isinstance(node, ast.Attribute) and node.attr == "getenv":
        return True
    if isinstance(node, ast.Name):
        return module.imports.get(node.id) in (*_READS, "os.getenv")
    return last_name(inner) in ("environ", "environment")


def _settings(cls: ClassValue, ev: Evaluator) -> Iterator[str]:
    config = ev.attribute(cls, "model_config")
    kwargs = getattr(config, "kwargs", {})
    prefix = text_of(kwargs.get("env_prefix")) or ""
    for name, item in ev.classes.body(cls.node).items():
        if isinstance(item, ast.AnnAssign) and name != "model_config":
            field = ev.value(item.value, ev.classes.scope(cls))
            given = getattr(field, "kwargs", {})
            alias = text_of(given.get("alias", given.get("validation_alias", given.get("env"))))
            yield (alias or f"{prefix}{name}").upper()


def scopes(evaluator: Evaluator) -> tuple[str, ...]:
    """OAuth scopes: constants of that name and arguments of that name."""
    found: set[str] = set()
    for module in evaluator.project.modules:
        top = evaluator.top(module)
        for name, bound in module.names.items():
            if "SCOPE" in name.upper() and any(
                isinstance(node, ast.Assign | ast.AnnAssign) for node in bound
            ):
                found.update(_texts(evaluator.member(module, name)))
        for call in module.calls:
            for keyword in call.keywords:
                if keyword.arg in ("scope", "scopes", "required_scopes"):
                    found.update(_texts(evaluator.value(keyword.value, top)))
    return tuple(sorted(scope for scope in found if len(scope) < 200 and _SCOPE.fullmatch(scope)))


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    value = plain(value)
    if isinstance(value, str):
        yield from value.replace(",", " ").split()
    elif isinstance(value, dict) and depth < 3:
        for item in value.values():
            yield from _texts(item, depth + 1)
    elif isinstance(value, list | tuple) and depth < 3:
        for item in value:
            yield from _texts(item, depth + 1)


def state(reached: dict[ast.AST, Module], evaluator: Evaluator) -> tuple[SharedState, ...]:
    """What the functions that handlers reach write to the variables of modules."""
    found: dict[tuple[str, str], SharedState] = {}
    order = sorted(reached.items(), key=lambda row: (row[1].file, getattr(row[0], "lineno", 0)))
    for node, module in order:
        for name, line, how in _writes(node, module, evaluator):
            found.setdefault((module.file, name), SharedState(name, how, Spot(module.file, line)))
    return tuple(found[key] for key in sorted(found))


def _writes(node: ast.AST, module: Module, ev: Evaluator) -> Iterator[tuple[str, int, str]]:
    function = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else module.function_of(node)
    shared = {
        name for item in ast.walk(function or node) if isinstance(item, ast.Global) for name in item.names
    }
    own = set(bindings(function.body)) | _parameters(function) if function else set()
    own -= shared
    who = f"`{function.name}`" if function else "a handler"
    for item in inside(node):
        line = getattr(item, "lineno", 0)
        if isinstance(item, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
            targets = item.targets if isinstance(item, ast.Assign | ast.Delete) else [item.target]
            for target in targets:
                for name in names_in(target):
                    if name in shared and name in module.names:
                        yield name, line, f"{who} sets the module's variable `{name}`"
                root = target.value if isinstance(target, ast.Subscript) else None
                if isinstance(root, ast.Name) and root.id not in own and _mutable(module, root.id, ev):
                    yield root.id, line, f"{who} writes to the module's `{root.id}`"
        elif isinstance(item, ast.Call) and isinstance(item.func, ast.Attribute):
            root = item.func.value
            changed = item.func.attr in _CHANGES and isinstance(root, ast.Name)
            if (
                changed
                and isinstance(root, ast.Name)
                and root.id not in own
                and _mutable(module, root.id, ev)
            ):
                yield root.id, line, f"{who} writes to the module's `{root.id}`"


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    args = function.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {arg.arg for arg in every if arg is not None}


def _mutable(module: Module, name: str, ev: Evaluator) -> bool:
    """Whether a name at the top of the module is a list, a set or a table."""
    for node in module.names.get(name, ()):
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp):
            return True
        if isinstance(value, ast.Call) and last_name(value.func) in _CONTAINERS:
            return True
    return False
