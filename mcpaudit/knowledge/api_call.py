"""What a tool does whose words name one call of its provider, as the provider publishes it.

AWS gives each action a level, Google each method an HTTP verb and the scopes that open it; both tell more
than the words of a name: to AWS, detaching a policy from a user is the management of permissions.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mcpaudit.knowledge.verb import Reading
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import OBSERVING, Actions, changes
from mcpaudit.model.certainty import Certainty

# `s3tables:RenameTable`, as servers name the permission that a tool needs.
_ACTION = re.compile(r"\b[a-z][a-z0-9-]{1,30}:[A-Z][A-Za-z0-9]{2,60}\b")
_LONGEST_TEXT = 8_000
_NAMED = 3
_ANY_CHANGE: Actions = frozenset({"create", "write", "delete"})


def from_call(
    name: Sequence[str], description: str, server: str, providers: Sequence[str], own: Reading | None
) -> Reading | None:
    """The reading of the one call that a tool's words name; `None` where they name none that is known.

    `own` is what its name says, whose verb and object stay.
    """
    found = None
    if "aws" in providers:
        found = _of_aws(name, description, server, own)
    if found is None and "google" in providers:
        found = _of_google(name, server)
    if found is None:
        return None
    actions, certainty, says = found
    return Reading(actions, certainty, (says,), own.verb if own else "", own.object if own else tuple(name))


def _of_aws(
    name: Sequence[str], description: str, server: str, own: Reading | None
) -> tuple[Actions, Certainty, str] | None:
    from mcpaudit.knowledge.tables.aws import level_of, spelled

    does: Actions = own.actions if own else frozenset()
    meant = {spelled(":".join(call)) for call in _split(name, server)} - {""}
    # A description that names one action names what the tool calls; of several it is not known which.
    told = {spelled(text) for text in _ACTION.findall(description[:_LONGEST_TEXT])} - {""}
    if len(found := meant or told) != 1:
        return None
    (action,) = found
    level = level_of(action)
    certainty = Certainty.CERTAIN if meant else own.certainty if own else Certainty.POSSIBLE
    says = f"it is the call `{action}`, which AWS classes as {level}"
    if level == "Write":
        # AWS calls every change so; the name tells which, and where it does not, any is possible.
        changed = does - OBSERVING
        return changed or _ANY_CHANGE, certainty if changed else Certainty.POSSIBLE, says
    if not meant and changes(does) and level in ("List", "Read"):
        return None  # a description takes nothing away from what the name says
    return _OF_LEVEL[level] | (does & _ALONGSIDE[level]), certainty, says


_OF_LEVEL: dict[str, Actions] = {
    "List": frozenset({"list"}),
    "Read": frozenset({"read"}),
    "Tagging": frozenset({"write"}),
    "Permissions management": frozenset({"share", "admin"}),
}
_ALONGSIDE: dict[str, Actions] = {
    "List": frozenset({"read"}),
    "Read": frozenset({"list"}),
    "Tagging": frozenset({"delete"}),
    "Permissions management": _ANY_CHANGE,
}
"""What the name may say besides, without contradicting the level."""


def _of_google(name: Sequence[str], server: str) -> tuple[Actions, Certainty, str] | None:
    from mcpaudit.knowledge.tables.google import known_interface, methods, scopes_of

    for interface, rest in _split(name, server):
        if not known_interface(interface):
            continue
        for method in methods(interface).values():
            if method.id.lower().replace(".", "") == interface + rest:
                accepted = scopes_of(method.id) or ()
                opens = " or ".join(f"`{scope}`" for scope in accepted[:_NAMED]) or "no scope"
                more = f" or {len(accepted) - _NAMED} more" if len(accepted) > _NAMED else ""
                says = f"it is Google's method `{method.id}`, a {method.verb} that takes {opens}{more}"
                return method.actions, Certainty.CERTAIN, says
    return None


def _split(name: Sequence[str], server: str) -> Iterator[tuple[str, str]]:
    """A service and an operation, run together, that a name may mean: `s3_list_buckets`.

    The service may also be in the server's own name.
    """
    for count in range(1, min(3, len(name))):
        yield "".join(name[:count]), "".join(name[count:])
    own = words(server)
    for service in (*own, *map("".join, pairwise(own))):
        yield service, "".join(name)
