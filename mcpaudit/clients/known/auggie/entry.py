"""Auggie's entries: what its schema accepts, and how they are run.

Source: npm @augmentcode/auggie 0.36.0 (its bundle: the schema of entries, variables, the shell).
"""

import re
import shlex
from dataclasses import replace

from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.variables import Expanded, braced, shell_like
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_there

TYPES = ("stdio", "http", "sse")
# A command line with one of these does more than start one program.
_COMPOUND = re.compile(r"[|&;<>`\n]|\$\(")


def _workspace(text: str, site: Site) -> str:
    """`${workspaceFolder}` is the git root, put in before all else."""
    if site.project is None or "${workspaceFolder}" not in text:
        return text
    chain = (site.project, *site.project.parents)
    root = next((folder for folder in chain if is_there(folder / ".git")), site.project)
    return text.replace("${workspaceFolder}", str(site.told(root)))


def _in_shell(text: str, site: Site) -> Expanded:
    """A command line goes through `/bin/sh -c` (`cmd.exe /c` on Windows), so `$VAR` counts in it too."""
    expand = braced if site.platform == "windows" else shell_like
    return expand(_workspace(text, site), site)


def _plainly(text: str, site: Site) -> Expanded:
    return braced(_workspace(text, site), site)


LOCAL = Dialect(
    expand=_in_shell,
    expand_pairs=_plainly,
    transports=(("stdio", "stdio"),),
    options=("disabled",),
    harmless=("name", "title", "clientId", "timeout", "env", "headers"),
    ignores=True,
)
REMOTE = replace(LOCAL, expand=_plainly, transports=(("http", "http"), ("sse", "sse")))


def bad_entry(value: object) -> str:
    """What the schema does not accept in an entry, if anything; keys that it does not know are fine."""
    if not isinstance(value, dict):
        return "the value that is no object"
    plain = str | int | float
    if "type" in value and value["type"] not in TYPES:
        return "the unknown `type`"
    for key in ("name", "title", "command", "url", "clientId", "cwd"):
        if key in value and not isinstance(value[key], str):
            return f"`{key}` that is no string"
    args, env, headers = value.get("args", []), value.get("env", {}), value.get("headers", {})
    if not isinstance(args, list) or not all(isinstance(word, plain) for word in args):
        return "`args` that are no list of words"
    if not isinstance(env, dict) or not all(isinstance(word, plain | None) for word in env.values()):
        return "`env` that is no table of words"
    if not isinstance(headers, dict) or not all(isinstance(word, str) for word in headers.values()):
        return "`headers` that are no table of strings"
    return "" if isinstance(value.get("disabled", False), bool) else "`disabled` that is not true or false"


def transport(node: Node) -> str:
    """The transport that an entry stands for, empty where it lacks what that needs; a URL beats a command."""
    table = node.value if isinstance(node.value, dict) else {}
    kind = table.get("type") or ("http" if table.get("url") else "stdio")
    return str(kind) if table.get("command" if kind == "stdio" else "url") else ""


def as_run(node: Node, kind: str, site: Site) -> Node:
    """The entry as it is run: numbers as words, and a command line that a shell takes apart taken apart."""
    if not isinstance(node.value, dict):
        return node
    table = dict(node.value)
    if kind != "stdio":
        return replace(node, value=table | {"type": kind or "stdio"})
    listed = table.get("args")
    words = [_word(one) for one in listed] if isinstance(listed, list) else []
    line = " ".join([str(table["command"]), *words])
    if site.platform != "windows" and any(" " in one for one in (str(table["command"]), *words)):
        try:
            split = [] if _COMPOUND.search(line) else shlex.split(line)
        except ValueError:
            split = []
        if split:
            table["command"], words = split[0], split[1:]
    return replace(node, value=table | {"args": [*words]})


def _word(value: object) -> str:
    """A word of `args` as JavaScript writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
