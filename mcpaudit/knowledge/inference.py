"""Works out many servers' tools: what is said in the same words by servers that are alike, once."""

from collections.abc import Sequence

from mcpaudit.knowledge.capability import Packs, RawTool, infer
from mcpaudit.knowledge.words import words
from mcpaudit.model.manifest import Tool

_CALLS = frozenset({"aws", "google"})
"""Providers whose calls a server's own words may name."""
_KEPT = 20_000


class Inference:
    """Infers tools and remembers them by all that inference reads."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs
        self._tools: dict[tuple[object, ...], Tool] = {}

    def tools(self, raws: Sequence[RawTool], server: str, providers: Sequence[str]) -> tuple[Tool, ...]:
        """The tools of one server."""
        own = words(server)
        about: tuple[object, ...] = (tuple(providers), self._packs.default_kind(server))
        if len(providers) == 1 and _CALLS.isdisjoint(providers):
            # Then its own words only tell a kind of thing, or stand before the verb of a name.
            about = (*about, tuple(self._packs.kinds_for(own, providers)))
        else:
            about = (*about, own)
        found = []
        for raw in raws:
            before = frozenset(own).intersection(words(raw.name))
            said = (raw.name, raw.title, raw.description, repr(raw.input_schema), repr(raw.annotations))
            key = (*said, raw.code, *about, before)
            tool = self._tools.get(key)
            if tool is None:
                if len(self._tools) >= _KEPT:
                    self._tools.clear()
                tool = self._tools[key] = infer(raw, server, providers, self._packs)
            found.append(tool)
        return tuple(found)
