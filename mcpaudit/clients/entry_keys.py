"""The keys of an entry that its client does not know: what stands there changes nothing, and is said so."""

from collections.abc import Collection, Iterator

from mcpaudit.model.gap import Gap
from mcpaudit.parsing.node import Node

# What a program says when it runs is not in any file.
_PROGRAMS = ("headersHelper", "http_headers_helper")
_READ = ("command", "args", "url", "cwd")


def unknown_keys(
    entry: Node, used: Collection[str], harmless: Collection[str], title: str, *, ignored: bool
) -> Iterator[Gap]:
    """A gap for each key that is neither `used` nor known to be `harmless`.

    `ignored` is whether the client was seen to ignore what it does not know.
    """
    known = {*_READ, *used, *harmless}
    for key, node in entry.items() if isinstance(entry.value, dict) else ():
        if key in _PROGRAMS and key in known:
            reason = f"`{key}` runs a program for the headers; it is not run, so what they hold is not known"
            yield Gap("not-understood", node.place, reason, entry.client)
        elif key not in known:
            if ignored:
                reason = f"{title} does not know `{key}` and ignores it: it changes nothing"
                yield Gap("without-effect", node.place, reason, entry.client)
            else:
                reason = f"`{key}` is not known in entries of {title}; it is taken to change nothing"
                yield Gap("not-understood", node.place, reason, entry.client)
