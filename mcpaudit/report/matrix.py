"""What each agent can reach, as a table of resources against its servers."""

from mcpaudit.dataclass import dataclass
from mcpaudit.model.report import Report
from mcpaudit.report import reach
from mcpaudit.report.escape import named

_COLUMNS = 10
"""With more servers than this the table is told server by server."""


@dataclass(frozen=True, slots=True)
class Column:
    """One installation of the agent."""

    installation: str
    name: str
    server: str
    cells: tuple[reach.Cell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One resource, with a cell or nothing for each column."""

    resource: str
    labels: tuple[str, ...]
    universal: bool
    cells: tuple[reach.Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """One agent's reach."""

    agent: str
    title: str
    tools: int
    silent: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    idle: tuple[str, ...]
    """Installations without any known reach, by name."""

    @property
    def wide(self) -> bool:
        """Whether there are too many servers for columns."""
        return len(self.columns) > _COLUMNS


def matrices(report: Report) -> tuple[Matrix, ...]:
    """One table for each agent, in the order of the report."""
    return tuple(_matrix(report, agent, title) for agent, title in reach.titles(report).items())


def _matrix(report: Report, agent: str, title: str) -> Matrix:
    own = [cell for cell in reach.cells(report) if cell.agent == agent]
    by_column: dict[tuple[str, str], list[reach.Cell]] = {}
    for cell in own:
        by_column.setdefault((cell.installation, cell.server), []).append(cell)
    names = reach.names(report)
    order = {name: number for number, name in enumerate(reach.resources(own))}
    columns = tuple(
        Column(
            installation,
            "own tools" if server.startswith("builtin:") else names.get(installation, server),
            server,
            tuple(sorted(cells, key=lambda cell: order[cell.resource])),
        )
        for (installation, server), cells in sorted(
            by_column.items(), key=lambda item: (item[0][1][:8] == "builtin:", item[0])
        )
    )
    tools = reach.tools_of(report, agent)
    return Matrix(
        agent=agent,
        title=title,
        tools=len(tools),
        silent=sum(1 for _, decision in tools if decision == "allow"),
        columns=columns,
        rows=tuple(_row(resource, columns) for resource in order),
        idle=tuple(
            named(row.name)
            for row in report.installations
            if row.agent == agent and all(column.installation != row.id for column in columns)
        ),
    )


def _row(resource: str, columns: tuple[Column, ...]) -> Row:
    cells = tuple(
        next((cell for cell in column.cells if cell.resource == resource), None) for column in columns
    )
    held = [cell for cell in cells if cell]
    labels = tuple(sorted({label for cell in held for label in cell.labels}))
    return Row(resource, labels, any(cell.universal for cell in held), cells)
