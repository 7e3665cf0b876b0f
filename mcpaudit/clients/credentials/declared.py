"""The scopes that an entry asks for: in its login, a variable, a flag, or what it hands to `mcp-remote`."""

import re

from mcpaudit.clients.credentials.references import flags
from mcpaudit.knowledge.secrets import scope_names
from mcpaudit.model.server import Argument, Entry

_NAME = re.compile(r"(?i)(?:.*[_-])?scopes?")
# mcp-remote's README: `--static-oauth-client-metadata '{"scope": "..."}'`.
_METADATA = "--static-oauth-client-metadata"
_MEMBER = re.compile(r'"scope"\s{0,8}:\s{0,8}"([^"]{0,4096})"')


def declared_scopes(entry: Entry) -> Argument | None:
    """The scopes, parted by spaces, with their place; `None` where the entry asks for none that are known."""
    if entry.login_scopes is not None:
        return entry.login_scopes
    listed = [(name, word) for name, word in entry.env if _NAME.fullmatch(name)]
    for flag, word in flags(entry.args):
        member = _MEMBER.search(word.text) if flag == _METADATA else None
        if member is not None:
            listed.append((flag, Argument(member[1], word.place)))
        elif _NAME.fullmatch(flag.lstrip("-")):
            listed.append((flag, word))
    for _, word in listed:
        if word.known and (scopes := scope_names(word.text)):
            return Argument(" ".join(scopes), word.place)
    return None
