"""The advised remedy of each fact, by the fact's id, which is the subject of findings about it."""

from collections.abc import Mapping

from mcpaudit.model.report import Report
from mcpaudit.model.report_fact import ConflictRow, ExcessRow


def advice(report: Report) -> Mapping[str, str]:
    """The change that removes a fact and takes least access away, in a sentence."""
    facts: tuple[ConflictRow | ExcessRow, ...] = (*report.conflicts, *report.excess)
    return {fact.id: fact.remedies[0].sentence for fact in facts if fact.remedies}
