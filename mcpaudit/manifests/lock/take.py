"""Makes a lock of what is installed: one entry for each server, whether its tools are known or not."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import get_args

from mcpaudit.knowledge.capability import RawTool
from mcpaudit.manifests.lock.shapes import shapes
from mcpaudit.manifests.lock.stay import with_live
from mcpaudit.manifests.lock.write import HASH, sealed, text_digest, to_json
from mcpaudit.manifests.resolve import Manifests
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.lock import (
    CLAIMS,
    FORMAT,
    Action,
    Lock,
    LockedManifest,
    LockedServer,
    LockedTool,
    LockedTouch,
    Scope,
    Sureness,
    Writer,
    name_of,
)
from mcpaudit.model.manifest import Hints, Manifest, Tool
from mcpaudit.model.server import Installation, Server
from mcpaudit.parsing.canonical import canonical, digest


def take(
    installations: Iterable[Installation],
    manifests: Manifests,
    writer: Writer,
    scope: Scope,
    *,
    full: bool = False,
    before: Lock | None = None,
) -> Lock:
    """The lock of these installations; a client's own tools are not installed and not in it.

    Live lists of the lock `before` stay.
    """
    merged: dict[LockedServer, list[LockedServer]] = {}
    for installation in installations:
        if not installation.server.builtin:
            entry = with_live(_entry(installation, manifests, full), before)
            bare = replace(entry, installed_as=(), given_env=(), given_headers=())
            merged.setdefault(bare, []).append(entry)
    servers = [
        sealed(
            replace(
                bare,
                installed_as=_united(one.installed_as for one in group),
                given_env=_united(one.given_env for one in group),
                given_headers=_united(one.given_headers for one in group),
            )
        )
        for bare, group in merged.items()
    ]
    servers.sort(key=lambda one: (one.id, one.installed_as, one.configured, one.digest))
    return Lock(FORMAT, writer, scope, tuple(servers))


def _united(lists: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(sorted({name for one in lists for name in one}))


def _entry(installation: Installation, manifests: Manifests, full: bool) -> LockedServer:
    server, manifest = installation.server, manifests.of(installation)
    raw = manifests.raw_tools(installation)
    package = server.package
    pinned = package is not None and package.pinned
    integrity, why = _integrity(server, manifest)
    tools = [_tool(tool, raw[number] if raw else None, full) for number, tool in enumerate(manifest.tools)]
    tools.sort(key=lambda tool: (tool.name, canonical(to_json(tool))))
    return LockedServer(
        id=server.id,
        installed_as=(name_of(installation),),
        version=package.version if package and pinned else manifest.version,
        pinned=pinned,
        configured=package.version if package else "",
        integrity=integrity,
        integrity_reason=why,
        given_env=tuple(sorted({name for name, _ in installation.entry.own_env()})),
        given_headers=tuple(sorted({name for name, _ in installation.entry.headers})),
        needs_env=tuple(sorted(set(manifest.needs_env))),
        needs_scopes=tuple(sorted(set(manifest.scopes))),
        manifest=LockedManifest(
            source=manifest.source,
            version=manifest.version,
            complete=manifest.complete,
            certainty=_sureness(manifest.certainty),
            reason=manifest.reason,
            without="" if raw or not manifest.tools else _without(manifest),
        ),
        tools=tuple(tools),
    )


def _without(manifest: Manifest) -> str:
    source = "the shipped catalog" if manifest.source == "catalog" else "its source"
    return f"titles, descriptions and input schemas: {source} does not hold them"


def _integrity(server: Server, manifest: Manifest) -> tuple[str | None, str]:
    """The hash of what runs, or why there is none."""
    if manifest.integrity:
        return manifest.integrity, ""
    package = server.package
    if package is None:
        if server.transport != "stdio":
            return None, "a remote server has none, and can change at any time"
        return None, "it is started from this machine's files, which are not hashed"
    if package.ecosystem == "oci":
        return (package.version, "") if package.pinned else (None, "its image is not named by its digest")
    return None, "its configuration names a version and no hash" if package.pinned else "no version is pinned"


def _tool(tool: Tool, raw: RawTool | None, full: bool) -> LockedTool:
    touches = [
        LockedTouch(f"{one.provider}:{one.kind}", _in_order(one.actions), _sureness(one.certainty))
        for one in tool.touches
    ]
    touches.sort(key=lambda one: (one.on, one.certainty, one.do))
    actions = _in_order(tool.actions)
    if raw is None:
        names = sorted({one.name for one in tool.parameters})
        return LockedTool(
            name=tool.name,
            actions=actions,
            touches=tuple(touches),
            annotations=_claims(tool.hints),
            parameters=tuple((name, None) for name in names),
            required=None,
            title=None,
            description=None,
            schema=None,
        )
    parameters, required = shapes(raw.input_schema)
    return LockedTool(
        name=raw.name,
        actions=actions,
        touches=tuple(touches),
        annotations=tuple(
            (name, value if isinstance(value, bool) else HASH + digest(value))
            for name, value in sorted(raw.annotations.items())
        ),
        parameters=parameters,
        required=required,
        title=text_digest(raw.title),
        description=text_digest(raw.description),
        schema=HASH + digest(raw.input_schema),
        full_title=raw.title if full else "",
        full_description=raw.description if full else "",
    )


def _claims(hints: Hints) -> tuple[tuple[str, bool | str], ...]:
    found = [(name, getattr(hints, attribute)) for attribute, name in CLAIMS.items()]
    return tuple(sorted((name, value) for name, value in found if value is not None))


def _in_order(actions: Actions) -> tuple[Action, ...]:
    return tuple(action for action in get_args(Action) if action in actions)


def _sureness(certainty: Certainty) -> Sureness:
    return certainty.value
