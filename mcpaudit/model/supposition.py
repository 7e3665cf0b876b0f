"""What a question supposes to be otherwise than the files say."""

from dataclasses import dataclass, replace

from mcpaudit.model.place import Place


@dataclass(frozen=True, slots=True)
class Supposition:
    """Servers, tools and rules taken away, and servers added, before anybody changes a file."""

    remove: tuple[str, ...] = ()
    """Servers, by the name that a configuration gives them, id (`AGENT/NAME`) or identity."""
    deny: tuple[str, ...] = ()
    """Tools: `AGENT/SERVER/TOOL`, `SERVER/TOOL`, or `TOOL` wherever it is."""
    add: str = ""
    """Entries as clients write them, in JSON: `{"mcpServers": {"name": {"command": ...}}}`."""
    agent: str = ""
    """Whom all this is supposed for; empty for every agent."""
    drop: tuple[Place, ...] = ()
    """Permission rules taken away, by where they stand."""

    def with_all_of(self, other: "Supposition") -> "Supposition":
        """Both at once, where neither adds anything and both speak of the same agents."""
        return replace(
            self,
            remove=tuple(dict.fromkeys((*self.remove, *other.remove))),
            deny=tuple(dict.fromkeys((*self.deny, *other.deny))),
            drop=tuple(dict.fromkeys((*self.drop, *other.drop))),
        )
