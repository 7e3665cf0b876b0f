"""The tenant that a variable names, in one normal form: hosts, addresses, account numbers, nicknames."""

import re

from mcpaudit.access.hosts import origin
from mcpaudit.model.resource import UNKNOWN
from mcpaudit.model.tenant import NICKNAME

_HOSTED = re.compile(r"(?:^|_)(?:URL|URI|HOST)$")
_NICKNAMES = {"AWS_PROFILE", "K8S_CONTEXT", "KUBECONFIG"}
"""What these say is this machine's own name for an account or cluster."""
_ANY_TENANT = {"common", "organizations", "consumers"}
"""Microsoft identity platform, "authority": whichever tenant the user signs in to."""
_ROLE = re.compile(r"arn:[\w-]+:iam::(\d{12}):")


def tenant(variable: str, text: str) -> str:
    """The tenant in a variable's value; `?` where a placeholder or the user's sign-in decides it."""
    value = text.strip()
    if not value or "$" in value:
        return UNKNOWN
    if variable in _NICKNAMES:
        return NICKNAME + value
    if role := _ROLE.match(value):
        return role[1]
    if "://" in value or _HOSTED.search(variable):
        # Plain http is the same site's other door.
        found = origin(value)[0].removesuffix(":80")
        return found.removesuffix(".supabase.co") if variable.startswith("SUPABASE_") else found
    if variable.endswith("TENANT_ID") and value.lower() in _ANY_TENANT:
        return UNKNOWN
    if "@" in value or re.fullmatch(r"[0-9A-Fa-f-]+", value):
        return value.casefold()  # mail addresses and UUIDs ignore case
    return value
