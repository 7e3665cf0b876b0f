"""Patches that answer findings, as rows of the report."""

from collections.abc import Iterator

from mcpaudit.model.fixes import Answer, Fixes
from mcpaudit.model.report_finding import AnswerRow, EditRow, PatchedRow, PatchRow


def answer_row(answer: Answer) -> AnswerRow:
    """What one finding has of the patches."""
    changes = tuple(EditRow(one.file, one.says) for one in answer.changes)
    return AnswerRow(answer.safety, changes, answer.reason)


def patch_rows(fixes: Fixes) -> Iterator[PatchRow]:
    """The patches, each change with the findings that it answers."""
    for fix in fixes.fixes:
        changes = tuple(
            PatchedRow(
                one.file,
                one.says,
                tuple(
                    key
                    for key, answer in fixes.answers.items()
                    if any((each.file, each.says) == (one.file, one.says) for each in answer.changes)
                ),
            )
            for one in fix.changes
        )
        yield PatchRow(fix.tree, fix.safety, changes, "".join(one.diff for one in fix.files))
