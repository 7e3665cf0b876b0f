"""What patches do about findings, in one line."""

from collections.abc import Sequence

from mcpaudit.model.finding import SAFETIES
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.report.verdict import count, listed

_WORDS = {"safe": "safe", "needs-review": "needs review"}
_CHANGES = 2


def patch_line(found: Sequence[FindingRow]) -> str:
    """The changes that answer these findings and where they are, or why there are none; empty without any."""
    answers = [row.patch for row in found if row.patch is not None]
    safeties = {one.safety for one in answers if one.changes}
    changes = list(dict.fromkeys((edit.file, edit.says) for one in answers for edit in one.changes))
    reasons = list(dict.fromkeys(one.reason for one in answers if one.reason))
    if not changes:
        return f"none, since {reasons[0]}" if reasons else ""
    told = [f"{says} ({file})" for file, says in changes[:_CHANGES]]
    if len(changes) > _CHANGES:
        files = sorted({file for file, _ in changes})
        named = listed(files) if len(files) <= _CHANGES else count(len(files), "file")
        told = [f"{count(len(changes), 'change')} of {named}"]
    words = " and ".join(_WORDS[safety] for safety in SAFETIES if safety in safeties)
    left = f"; not all of it, since {reasons[0]}" if reasons else ""
    return f"{words}: {', '.join(told)}{left}; see `mcpaudit render --format patch`"
