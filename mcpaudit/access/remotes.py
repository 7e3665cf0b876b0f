"""Addresses of git repositories in one normal form, whichever protocol they are called by."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from mcpaudit.access.hosts import host
from mcpaudit.model.resource import UNKNOWN, Resource

_URL = re.compile(
    r"(?:ssh|git|https?|git\+ssh|ftps?)://(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)(?::\d*)?/+(.*)", re.I | re.S
)
_SCP = re.compile(r"(?:[^@/:]+@)?([^/:@]*\$\{[^}]*\}[^/:@]*|\[[^\]]*\]|[^/:@]+):(?!//)(.*)", re.S)
_MAX_LENGTH = 2048
_FORGES = {"github.com": ("github", "repo.code"), "gitlab.com": ("gitlab", "project.code")}
_OTHER_NAMES = {
    "www.github.com": "github.com",
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
    "www.bitbucket.org": "bitbucket.org",
}
_CASELESS = {"github.com", "gitlab.com", "bitbucket.org"}
"""Hosts whose owners and repositories ignore case."""


def remote(address: str, instead: Mapping[str, str]) -> Resource | None:
    """The repository that an address names (gitremote URLs); `None` for a path of this machine.

    `instead` holds what begins addresses in place of what (git-config, `url.<base>.insteadOf`); the longest
    beginning counts.
    """
    text = address.strip()
    if len(text) > _MAX_LENGTH:
        return None
    begins = max((one for one in instead if one and text.startswith(one)), key=len, default="")
    text = instead[begins] + text[len(begins) :] if begins else text
    found = _URL.fullmatch(text) or _SCP.fullmatch(text)
    if found is None or re.match(r"[A-Za-z]:[\\/]|file:", text):
        return None
    name = host(found[1])
    name = _OTHER_NAMES.get(name, name)
    # A name without a dot is an alias of ~/.ssh/config or of the own network.
    name = name if "." in name or name == "localhost" else UNKNOWN
    path = found[2].strip("/").removesuffix(".git")
    parts = tuple(unquote(part) for part in path.split("/") if part)[:32]
    parts = tuple(UNKNOWN if re.search(r"[${}]", part) else part for part in parts)
    if name in _CASELESS:
        parts = tuple(part.casefold() for part in parts)
    provider, kind = _FORGES.get(name, ("git", ""))
    return Resource(provider, name, kind, parts)
