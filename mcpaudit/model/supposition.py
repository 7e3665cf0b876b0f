"""What a question supposes to be otherwise than the files say."""

from dataclasses import replace

from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place


@dataclass(frozen=True, slots=True)
class Reword:
    """An argument or variable of a server's entry that reads otherwise: a narrower root, fewer scopes."""

    server: str
    """The installation, by its id."""
    place: Place
    text: str
    """As it is to be written; empty where the word goes."""
    means: str
    """The same with its variables expanded."""


@dataclass(frozen=True, slots=True)
class Supposition:
    """Servers, tools, rules and words taken away or changed, or servers added, before a file is edited."""

    remove: tuple[str, ...] = ()
    """Servers, by the name that a configuration gives them, id (`AGENT/NAME`) or identity."""
    deny: tuple[str, ...] = ()
    """Tools: `AGENT/SERVER/TOOL`, `SERVER/TOOL`, or `TOOL` wherever it is."""
    add: str = ""
    """Entries as clients write them, in JSON: `{"mcpServers": {"name": {"command": ...}}}`."""
    agent: str = ""
    """Whom all this is supposed for; empty for every agent."""
    reword: tuple[Reword, ...] = ()
    drop: tuple[Place, ...] = ()
    """Permission rules and switches taken away, and keys that have no effect, by where they stand."""

    def with_all_of(self, other: "Supposition") -> "Supposition":
        """Both at once, where neither adds anything and both speak of the same agents."""
        return replace(
            self,
            remove=tuple(dict.fromkeys((*self.remove, *other.remove))),
            deny=tuple(dict.fromkeys((*self.deny, *other.deny))),
            reword=tuple(dict.fromkeys((*self.reword, *other.reword))),
            drop=tuple(dict.fromkeys((*self.drop, *other.drop))),
        )

    @property
    def parts(self) -> tuple["Part", ...]:
        """What is taken away or changed, one by one."""
        return (*self.remove, *self.deny, *self.reword, *self.drop)


Part = str | Reword | Place
"""A server or a tool by its id, a word, or where a rule stands."""
