"""Many servers in one table: a row a server, a column a provider, those that deserve a look first."""

from collections import Counter
from collections.abc import Iterable

from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import in_order
from mcpaudit.report.matrix import Column, Matrix
from mcpaudit.report.reach import VERDICTS, Cell

_PROVIDERS = 7
_FIRST = 25
_OTHERS = "others"

Grants = tuple[tuple[str, tuple[str, ...]], ...]


_SHORT = {
    "list": "read", "read": "read", "create": "change", "write": "change", "delete": "change",
    "share": "share", "admin": "share", "execute": "run", "send": "send",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BriefCell:
    """What a server may do with all that one provider has."""

    grants: Grants
    conflicts: int
    """How many conflicts it is part of there."""

    def words(self, actions: tuple[str, ...]) -> str:
        """Actions in few words: what changes things is one of them."""
        return ", ".join(dict.fromkeys(_SHORT.get(action, action) for action in actions)) or "unknown"


@dataclass(frozen=True, slots=True)
class BriefRow:
    """One server."""

    column: Column
    cells: tuple[BriefCell | None, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """The table, in two parts: the second is folded."""

    providers: tuple[str, ...]
    first: tuple[BriefRow, ...]
    rest: tuple[BriefRow, ...]


def brief(table: Matrix) -> Brief:
    """A wide table made narrow."""
    counted = Counter(name for column in table.columns for name in {_provider(cell) for cell in column.cells})
    common = sorted(counted, key=lambda name: (-counted[name], name))
    providers = (*common[:_PROVIDERS], *([_OTHERS] if len(common) > _PROVIDERS else []))
    rows = [
        BriefRow(column, tuple(_cell(cells) for cells in _by_provider(column, providers)))
        for column in sorted(table.columns, key=_weight)
    ]
    return Brief(providers, tuple(rows[:_FIRST]), tuple(rows[_FIRST:]))


def _weight(column: Column) -> tuple[bool, bool, bool, str]:
    return (
        not any(cell.conflicts for cell in column.cells),
        not any(cell.silent_change for cell in column.cells),
        not any(cell.universal for cell in column.cells),
        column.name,
    )


def _by_provider(column: Column, providers: tuple[str, ...]) -> Iterable[list[Cell]]:
    known = {name: [cell for cell in column.cells if _provider(cell) == name] for name in providers}
    if _OTHERS in known:
        known[_OTHERS] = [cell for cell in column.cells if _provider(cell) not in providers]
    return known.values()


def _cell(cells: list[Cell]) -> BriefCell | None:
    if not cells:
        return None
    seen: set[str] = set()
    grants = []
    for verdict in VERDICTS:
        own = {
            action for cell in cells for one, actions in cell.grants if one == verdict for action in actions
        }
        unknown = any(one == verdict and not actions for cell in cells for one, actions in cell.grants)
        if own - seen or unknown:
            grants.append((verdict, in_order(own - seen)))
        seen |= own
    conflicts = {number for cell in cells for number in cell.conflicts}
    return BriefCell(tuple(grants), len(conflicts))


def _provider(cell: Cell) -> str:
    return cell.resource.partition(":")[0]
