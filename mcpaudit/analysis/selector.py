"""Which new access a gate asks about: an action, a label, or a resource pattern."""

from collections.abc import Iterable

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError, did_you_mean
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.fact import Change
from mcpaudit.model.pattern import Match, Pattern

ANY = "any"


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector: `any`, `delete`, `production`, `sql:**`."""

    text: str
    pattern: Pattern | None = None

    def selects(self, change: Change) -> bool:
        """Whether it certainly or possibly speaks of this change."""
        if self.text == ANY:
            return True
        if self.pattern is not None:
            return change.on is None or self.pattern.match(change.on) is not Match.NONE
        return self.text in change.actions or self.text in change.labels


def selector(text: str, labels: Iterable[str]) -> Selector:
    """Read a selector; raises UsageError for a word that is no action and no label here."""
    if ":" in text:
        try:
            return Selector(text, Pattern.parse(text))
        except ValueError as error:
            raise UsageError(str(error)) from error
    known = [ANY, *ACTIONS, *sorted(labels)]
    if text not in known:
        hint = did_you_mean(text, known)
        raise UsageError(
            f"--fail-on-new-access takes an action, a label or a resource pattern such as `sql:**`, and "
            f"`{text}` is none{f'; {hint}' if hint else ''}"
        )
    return Selector(text)
