"""The project's lock as a source of manifests: it may add to what else is known, and takes nothing away."""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.lock import CLAIMS, FILE, LockedServer, LockedTool
from mcpaudit.model.manifest import Hints, Manifest, Parameter, Tool, Touch
from mcpaudit.model.server import Installation

_SOURCES = {"catalog": "the shipped catalog", "docker": "Docker's catalog", "source": "the server's source"}


def with_lock(other: Manifest, locked: LockedServer, installation: Installation) -> Manifest:
    """The locked manifest, joined with what is known without it; the latter alone where none is locked."""
    if not locked.tools:
        return other
    certain = _proved(locked, installation)
    says = f"{FILE}, which has {_version(locked)}"
    if not certain:
        says += f"; {_doubt(locked, installation)}"
    tools: dict[str, Tool] = {}
    for one in locked.tools:
        tool, known = _tool(one), tools.get(one.name)
        # A name may stand twice: what either does counts.
        tools[one.name] = replace(known, touches=(*known.touches, *tool.touches)) if known else tool
    by = _SOURCES.get(other.source, "another source")
    missing = [tool for tool in other.tools if tool.name not in tools]
    complete = locked.manifest.complete
    if missing:
        names = ", ".join(f"`{tool.name}`" for tool in missing[:3])
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        says += f"; it leaves out {names}{more}, known from {by}"
        complete = False
    for tool in other.tools:
        own = tools.get(tool.name, replace(tool, touches=()))
        tools[tool.name] = _joined(own, tool, other.certainty, by)
    return Manifest(
        server=other.server,
        source="lock",
        complete=complete,
        tools=tuple(tools[name] for name in sorted(tools)),
        reason=says,
        version=locked.version,
        digest=locked.digest.removeprefix("sha256:"),
        certainty=Certainty.CERTAIN if certain else Certainty.POSSIBLE,
        needs_env=tuple(sorted({*locked.needs_env, *other.needs_env})),
        scopes=tuple(sorted({*locked.needs_scopes, *other.scopes})),
    )


def with_proposed(other: Manifest, proposed: LockedServer, installation: Installation) -> Manifest:
    """What is known, with the tools and actions that a lock adds on which nobody has agreed yet.

    Its word is as good as any that more is possible, and none that nothing else is.
    """
    if not proposed.tools or proposed.configured != _wanted(installation):
        return other
    joined = with_lock(other, proposed, installation)
    says = f"the changed {FILE}, on which nobody has agreed yet"
    return replace(
        joined,
        source=other.source if other.tools else joined.source,
        complete=other.complete and {one.name for one in joined.tools} == {one.name for one in other.tools},
        reason=f"{other.reason}; {says}" if other.tools else says,
        certainty=other.certainty if other.tools else Certainty.POSSIBLE,
    )


def _proved(locked: LockedServer, installation: Installation) -> bool:
    package = installation.server.package
    pinned = package is not None and package.pinned
    return pinned and locked.pinned and locked.version == _wanted(installation) and _sure(locked)


def _sure(locked: LockedServer) -> bool:
    return locked.manifest.certainty == "certain"


def _wanted(installation: Installation) -> str:
    return installation.server.package.version if installation.server.package else ""


def _version(locked: LockedServer) -> str:
    return f"version {locked.version} of it" if locked.version else "no version of it"


def _doubt(locked: LockedServer, installation: Installation) -> str:
    """Why the locked tools may not be those of what runs."""
    package = installation.server.package
    if package is None or not package.pinned:
        return "which version runs here is not pinned"
    if package.version != locked.version:
        return f"version {package.version} runs here"
    if not locked.pinned:
        return "no version was pinned when it was locked"
    return "its tools were not certain when it was locked"


def _tool(tool: LockedTool) -> Tool:
    claims = dict(tool.annotations)
    hints = {
        attribute: claim for attribute, name in CLAIMS.items() if isinstance(claim := claims.get(name), bool)
    }
    required = tool.required or ()
    return Tool(
        name=tool.name,
        touches=tuple(_touches(tool)),
        hints=Hints(**hints),
        parameters=tuple(Parameter(name, required=name in required) for name, _ in tool.parameters),
        title=tool.full_title,
    )


def _touches(tool: LockedTool) -> Iterator[Touch]:
    for one in tool.touches:
        provider, _, kind = one.on.partition(":")
        why = (f"{FILE} says so",)
        yield Touch(provider, kind, frozenset(one.do), Certainty(one.certainty), why)


def _joined(own: Tool, other: Tool, certainty: Certainty, by: str) -> Tool:
    """A locked tool with the actions that the lock leaves out, and every claim that clients may act on."""
    touches, extra = list(own.touches), []
    for touch in other.touches:
        said = [
            at for at, one in enumerate(touches) if (one.provider, one.kind) == (touch.provider, touch.kind)
        ]
        left = touch.actions.difference(*(touches[at].actions for at in said))
        for at in said:
            if touches[at].actions & touch.actions:
                evidence = dict.fromkeys((*touch.evidence, *touches[at].evidence))
                touches[at] = replace(touches[at], evidence=tuple(evidence))
        if left:
            why = f"known from {by}, and left out of {FILE}"
            sure = weakest(touch.certainty, certainty)
            extra.append(replace(touch, actions=left, certainty=sure, evidence=(*touch.evidence, why)))
    return replace(
        own,
        touches=(*touches, *extra),
        hints=_claimed(own.hints, other.hints),
        parameters=own.parameters or other.parameters,
        title=own.title or other.title,
    )


def _claimed(own: Hints, other: Hints) -> Hints:
    """Of two claims the one by which a client lets more run, for that is what may happen."""

    def either(one: bool | None, two: bool | None, milder: bool) -> bool | None:
        if milder in (one, two):
            return milder
        return one if one is not None else two

    return Hints(
        read_only=either(own.read_only, other.read_only, True),
        destructive=either(own.destructive, other.destructive, False),
        idempotent=either(own.idempotent, other.idempotent, True),
        open_world=either(own.open_world, other.open_world, False),
    )
