"""What removes a fact, as rows of the report."""

from collections.abc import Iterable, Iterator

from mcpaudit.model.remedy import Remedy
from mcpaudit.model.report_fact import RemedyRow, SupposedRow
from mcpaudit.model.supposition import Supposition
from mcpaudit.report.build_places import Places


def remedy_rows(found: Iterable[Remedy], places: Places) -> Iterator[RemedyRow]:
    """Each remedy as reports hold it, in its order."""
    for one in found:
        changed = dict.fromkeys(act.place for act in one.acts if act.place is not None)
        yield RemedyRow(
            how=one.how,
            sentence=one.sentence,
            cost=one.cost,
            supposed=supposed_row(one.supposed, places) if one.supposed else None,
            locations=tuple(map(places.location, changed)),
        )


def supposed_row(what: Supposition, places: Places) -> SupposedRow:
    """A supposition, with its rules by line and column."""
    return SupposedRow(what.remove, what.deny, tuple(map(places.location, what.drop)))
