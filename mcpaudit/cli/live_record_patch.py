"""`mcpaudit live record --patch`: the change of an entry that passes its server through the relay."""

from datetime import date
from pathlib import Path

from mcpaudit.cli.output import say, show
from mcpaudit.cli.site import site_of
from mcpaudit.clients.relaying import Relaying
from mcpaudit.errors import UsageError
from mcpaudit.model.patch import TREES
from mcpaudit.questions import recording
from mcpaudit.report.patch import as_patch
from mcpaudit.request import Request


def show_patch(server: str, path: Path, home: Path | None, program: str, listen: str, *, undo: bool) -> int:
    """Print the patch for a server of this name or AGENT/NAME, or the one that undoes it."""
    if listen:
        from mcpaudit.live.relay.http_rules import listen_address

        if not listen_address(listen, exposed=True)[1]:
            raise UsageError("an entry needs a port that stays: --listen 127.0.0.1:PORT")
    site = site_of(path, home, False, None, None)
    request = Request(site, date.today(), given=path if path.is_file() else None)
    found = recording(request, server, Relaying(program, listen))
    files = found.back if undo else found.there
    trees = [tree for tree in TREES if any(one.tree == tree for one in files)]
    if len(trees) > 1:
        raise UsageError(
            f"`{server}` stands in files of this folder and of your home; name one, as AGENT/NAME"
        )
    for text in found.left:
        say(f"not changed: {text}")
    for text in () if undo else found.commands:
        say(f"let this run while the client does: {text}")
    for tree in trees:
        show([as_patch(files, tree).encode()], of_others=True)
    return 1 if found.left else 0
