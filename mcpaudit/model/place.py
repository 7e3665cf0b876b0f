"""Where something was said: a file and a symbolic route into it."""

from mcpaudit.dataclass import dataclass

Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in an input file, kept symbolic until a report needs its line and column."""

    file: str
    """The file as people name it: relative to the project, `~/...`, or absolute for system files."""
    route: Route = ()
    """Keys and indices from the file's root: `("mcpServers", "fs", "args", 2)`."""
    on_key: bool = False
    """Whether the key at the end of the route is meant, and not its value."""

    def at(self, *steps: str | int) -> "Place":
        """The place `steps` below this one."""
        return Place(self.file, self.route + steps)

    @property
    def sort_key(self) -> tuple[str, tuple[str, ...]]:
        """A total order over places; an index sorts as its padded number."""
        return self.file, tuple(f"{step:09d}" if isinstance(step, int) else step for step in self.route)

    def __str__(self) -> str:
        return " / ".join([self.file, *map(str, self.route)])


@dataclass(frozen=True, slots=True)
class Location:
    """A place with its line and column worked out (both from 1, columns in code points; 0 if unknown)."""

    file: str
    line: int = 0
    column: int = 0
    route: Route = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
