"""What a server's code asks of its surroundings: variables and OAuth scopes."""

import re
from collections.abc import Iterator

from mcpaudit.manifests.go import syntax
from mcpaudit.manifests.go.package import File
from mcpaudit.manifests.go.project import Project
from mcpaudit.manifests.go.settings import ASKED
from mcpaudit.manifests.go.tools import Interpreter
from mcpaudit.manifests.go.values import Env

# Where a server itself listens is no need of it, and neither is how it talks to its client.
_OWN = re.compile(
    r"(?:^|_)(?:MCP|SERVER|BIND|LISTEN)_?(?:HOST|PORT|ADDR)$|^HOST$|^USER$|^USERNAME$|LOG_", re.I
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{1,80}")
_READS = frozenset(["Getenv", "LookupEnv", "EnvVars", "EnvVar", "BindEnv", "MustGetenv"])
_TAG = re.compile(rb'\b(?:env|envconfig|envvar):\\?"([A-Za-z_][A-Za-z0-9_]{1,80})')
_SCOPE = re.compile(
    r"https://[\w./-]+/auth/[\w./-]+|[A-Za-z][\w.:/-]*[.:/][\w.:/*-]+|offline_access|openid|repo|[a-z_]{3,30}"
)
MAX_STEPS = 20_000


def variables(ev: Interpreter) -> tuple[str, ...]:
    """The variables that are read and look like credentials or addresses."""
    ev.allow(MAX_STEPS)
    found = {name for file in _files(ev.project) for name in _read(ev, file)}
    return tuple(sorted(name for name in found if ASKED.search(name) and not _OWN.search(name)))


def scopes(ev: Interpreter) -> tuple[str, ...]:
    """OAuth scopes: lists of that name in the configuration of a client."""
    ev.allow(MAX_STEPS)
    found: set[str] = set()
    for file in _files(ev.project):
        for value in _keyed(ev, file, b"Scopes"):
            found.update(value)
    return tuple(sorted(one for one in found if len(one) < 200 and _SCOPE.fullmatch(one)))


def _files(project: Project) -> Iterator[File]:
    for package in project.packages.values():
        yield from package.files


def _read(ev: Interpreter, file: File) -> Iterator[str]:
    raw = file.root.text or b""
    yield from (name.decode() for name in _TAG.findall(raw))
    if b"nv" not in raw:
        return
    for call in syntax.parts(file.root).get("call", ()):
        written, given = syntax.called(call)
        name = syntax.text(syntax.field(written, "field") or written) if written is not None else ""
        # The project's own reader of variables: `getEnvOr("ACME_TOKEN", "")`.
        wrapped = "env" in name.lower()
        if name not in _READS and not wrapped:
            continue
        for one in given[:4] if name in _READS else given[:1]:
            value = ev.value(one, Env(file))
            if isinstance(value, str) and _VARIABLE.fullmatch(value) and (name in _READS or value.isupper()):
                yield value
    for values in _keyed(ev, file, b"EnvVars"):
        yield from (one for one in values if _VARIABLE.fullmatch(one))


def _keyed(ev: Interpreter, file: File, name: bytes) -> Iterator[list[str]]:
    """The lists of texts that literals have under a key."""
    if name not in (file.root.text or b""):
        return
    for pair in syntax.found(file.root, "(keyed_element) @case"):
        if len(pair.named_children) > 1 and pair.named_children[0].text == name:
            value = ev.value(pair.named_children[-1], Env(file))
            yield [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
