"""What a tool's handler reaches in the code, and what the code as a whole needs from its surroundings."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from mcpaudit.manifests.javascript.tree import Source, inside, unwrap
from mcpaudit.manifests.javascript.values import Ext, Func
from mcpaudit.model.manifest import Ability, Evidence, SharedState, Spot

if TYPE_CHECKING:
    from mcpaudit.manifests.javascript.eval import Engine

MODULES: dict[str, Ability] = {
    "child_process": "executes", "execa": "executes", "node-pty": "executes", "cross-spawn": "executes",
    "shelljs": "executes", "zx": "executes", "simple-git": "executes", "tinyexec": "executes",
    "worker_threads": "executes", "ssh2": "executes", "dockerode": "executes",
    "fs": "files", "fs/promises": "files", "fs-extra": "files", "graceful-fs": "files", "glob": "files",
    "fast-glob": "files", "globby": "files", "rimraf": "files", "chokidar": "files",
    "http": "network", "https": "network", "net": "network", "dgram": "network", "tls": "network",
    "undici": "network", "axios": "network", "got": "network", "node-fetch": "network", "ky": "network",
    "superagent": "network", "request": "network", "ws": "network", "graphql-request": "network",
    "cross-fetch": "network", "nodemailer": "network", "puppeteer": "network", "playwright": "network",
    "puppeteer-core": "network", "playwright-core": "network", "jsdom": "network",
    "pg": "database", "mysql": "database", "mysql2": "database", "mysql2/promise": "database",
    "mongodb": "database", "mongoose": "database", "redis": "database", "ioredis": "database",
    "sqlite3": "database", "better-sqlite3": "database", "mssql": "database", "knex": "database",
    "@prisma/client": "database", "neo4j-driver": "database", "@clickhouse/client": "database",
    "@libsql/client": "database", "duckdb": "database", "postgres": "database", "node:sqlite": "database",
    "vm": "evaluates", "vm2": "evaluates", "isolated-vm": "evaluates",
    "@slack/web-api": "sdk", "@notionhq/client": "sdk", "googleapis": "sdk", "@octokit/rest": "sdk",
    "octokit": "sdk", "@octokit/core": "sdk", "@linear/sdk": "sdk", "stripe": "sdk", "openai": "sdk",
    "@anthropic-ai/sdk": "sdk", "@kubernetes/client-node": "sdk", "twilio": "sdk",
    "@supabase/supabase-js": "sdk",
    "@elastic/elasticsearch": "sdk", "jira.js": "sdk", "@gitbeaker/rest": "sdk", "@hubspot/api-client": "sdk",
    "firebase-admin": "sdk", "discord.js": "sdk", "@microsoft/microsoft-graph-client": "sdk",
    "airtable": "sdk",
    "@asana/client": "sdk", "@mendable/firecrawl-js": "sdk", "@browserbasehq/sdk": "sdk",
}  # fmt: skip
PREFIXES: tuple[tuple[str, Ability], ...] = (
    ("@aws-sdk/", "sdk"), ("@google-cloud/", "sdk"), ("@azure/", "sdk"), ("@googleapis/", "sdk"),
    ("@atlassian/", "sdk"), ("@octokit/", "sdk"),
)  # fmt: skip
GLOBALS: dict[str, Ability] = {
    "fetch": "network", "XMLHttpRequest": "network", "WebSocket": "network", "EventSource": "network",
    "eval": "evaluates", "Function": "evaluates", "Bun.spawn": "executes", "Deno.Command": "executes",
    "Bun.file": "files", "Deno.readTextFile": "files", "Deno.writeTextFile": "files",
    "globalThis.fetch": "network",
}  # fmt: skip
MAX_CALLS, MAX_LEVELS, MAX_EACH = 220, 6, 3
_CALLS = frozenset({"call_expression", "new_expression"})
_ENV = re.compile(rb"""\bprocess\.env(?:\.([A-Za-z_]\w*)|\[\s*["']([A-Za-z_]\w*)["']\s*\])""")
_NEEDED = re.compile(
    r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH|COOKIE|(^|_)PAT(_|$)|CERT|DSN|URI|URL|HOST|ENDPOINT|ADDRESS|"
    r"CONNECTION|WEBHOOK|TENANT|ACCOUNT|DOMAIN|USERNAME|(^|_)USER$",
)
_SCOPE = re.compile(
    rb"""["'](https://www\.googleapis\.com/auth/[\w.\-/]+|https://graph\.microsoft\.com/[\w.]+)["']"""
)
_LISTED = re.compile(rb"""\bscopes?["']?\s*[:=]\s*\[([^\]]{0,2000})\]""", re.IGNORECASE)
_QUOTED = re.compile(rb"""["']([A-Za-z][\w.:/\-]{2,120})["']""")
_SCOPE_LIKE = re.compile(r"^[a-z][\w\-]*([:.][\w.:\-*]+)+$|^https://")
_WRITES = frozenset({"assignment_expression", "augmented_assignment_expression", "update_expression"})
_CHANGING = frozenset({"push", "set", "add", "delete", "unshift", "splice", "clear", "pop", "shift"})


class Reach:
    """Follows the calls of handlers; what one function does itself is looked up once."""

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self._direct: dict[tuple[int, int], tuple[list[Evidence], list[Func]]] = {}

    def of(self, handler: Func | None) -> tuple[Evidence, ...]:
        """What a handler reaches through the project's own functions, a few examples of each ability."""
        found: list[Evidence] = []
        for function in self.functions(handler):
            found += self._look(function)[0]
        kept: dict[tuple[str, str], Evidence] = {}
        for one in found:
            if sum(ability == one.ability for ability, _ in kept) < MAX_EACH:
                kept.setdefault((one.ability, one.says), one)
        return tuple(sorted(kept.values(), key=lambda one: (one.ability, one.says)))

    def functions(self, handler: Func | None) -> list[Func]:
        """A handler and the functions of the project that it calls, the nearest first."""
        if handler is None:
            return []
        seen = {(id(handler.source), handler.node.id)}
        level, found = [handler], [handler]
        for _ in range(MAX_LEVELS):
            below: list[Func] = []
            for function in level:
                for called in self._look(function)[1]:
                    key = (id(called.source), called.node.id)
                    if key not in seen and len(seen) < MAX_CALLS:
                        seen.add(key)
                        below.append(called)
            level = below
            found += below
        return found

    def _look(self, function: Func) -> tuple[list[Evidence], list[Func]]:
        key = (id(function.source), function.node.id)
        if key not in self._direct:
            self._direct[key] = self._scan(function)
        return self._direct[key]

    def _scan(self, function: Func) -> tuple[list[Evidence], list[Func]]:
        engine, source = self.engine, function.source
        evidence: list[Evidence] = []
        called: list[Func] = []
        queue, count = [function.node], 0
        while queue and count < 400:
            for node in inside(queue.pop(0), _CALLS):
                count += 1
                queue.append(node)
                if count > 400 or engine.exhausted():
                    break
                target = node.child_by_field_name("function") or node.child_by_field_name("constructor")
                if target is None:
                    continue
                value = engine.quiet(source, target, function.env)
                if isinstance(value, Func):
                    called.append(value)
                elif (ability := _ability(value)) is not None and isinstance(value, Ext):
                    spot = Spot(source.shown, node.start_point.row + 1)
                    evidence.append(Evidence(ability, f"it calls `{value.path[:80]}`", spot))
        return evidence, called


def _ability(value: object) -> Ability | None:
    if not isinstance(value, Ext):
        return None
    if value.path in GLOBALS:
        return GLOBALS[value.path]
    for end in range(len(value.path), 0, -1):
        if end == len(value.path) or value.path[end] == ".":
            found = MODULES.get(value.path[:end])
            if found is not None:
                # `fs.constants` or `path` members are not calls; what is asked about here always is one.
                return found
    return next((ability for prefix, ability in PREFIXES if value.path.startswith(prefix)), None)


def needed_env(sources: list[Source]) -> tuple[str, ...]:
    """Variables that the code reads and that look like credentials or addresses."""
    names = {(match[1] or match[2]).decode() for source in sources for match in source.find(_ENV)}
    return tuple(sorted(name for name in names if _NEEDED.search(name.upper())))


def scopes(sources: list[Source]) -> tuple[str, ...]:
    """OAuth scopes that are written in the code."""
    found: set[str] = set()
    for source in sources:
        if len(source.data) > 2_000_000:
            continue  # a bundled SDK knows all scopes of its provider
        found |= {match[1].decode("utf-8", "replace") for match in source.find(_SCOPE)}
        for match in source.find(_LISTED):
            found |= {text for one in _QUOTED.findall(match[1]) if _SCOPE_LIKE.match(text := one.decode())}
    return tuple(sorted(found)[:60])


def shared_state(engine: "Engine", reach: Reach, handlers: list[Func]) -> tuple[SharedState, ...]:
    """Variables of modules that handlers write to."""
    found: dict[tuple[str, str], SharedState] = {}
    seen: set[tuple[int, int]] = set()
    for handler in handlers:
        for function in reach.functions(handler):
            key = (id(function.source), function.node.id)
            if key in seen or engine.exhausted():
                continue
            seen.add(key)
            for name, node in _written(engine, function):
                spot = Spot(function.source.shown, node.start_point.row + 1)
                says = f"`{name}` belongs to the module, and a request handler writes to it"
                found.setdefault((function.source.shown, name), SharedState(name, says, spot))
    return tuple(found[key] for key in sorted(found))


def _written(engine: "Engine", function: Func) -> list[tuple[str, Node]]:
    source = function.source
    found: list[tuple[str, Node]] = []
    for node in inside(function.node, _WRITES | _CALLS):
        target = node.child_by_field_name("left") or node.child_by_field_name("argument")
        if node.type == "call_expression":
            target = node.child_by_field_name("function")
            prop = target.child_by_field_name("property") if target is not None else None
            if target is None or prop is None or source.text(prop) not in _CHANGING:
                continue
            target = target.child_by_field_name("object")
        while target is not None and target.type in ("member_expression", "subscript_expression"):
            target = target.child_by_field_name("object")
        if target is None or unwrap(target).type != "identifier":
            continue
        name = source.text(unwrap(target))
        binding = engine.binding(source, unwrap(target), name)
        if binding is None or binding.scope is None or binding.scope.type != "program":
            continue
        if binding.kind in ("value", "bare"):
            found.append((name, node))
    return found
