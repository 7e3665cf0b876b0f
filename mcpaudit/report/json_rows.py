"""Rows of the report as JSON by RFC 8785: sorted keys, no spaces, nothing escaped that need not be."""

from collections.abc import Callable
from functools import cache
from json.encoder import encode_basestring as quoted
from operator import attrgetter

from mcpaudit.model.finding import SEVERITIES, STATUSES
from mcpaudit.model.step import Step

COUNTED: dict[str, tuple[str, ...]] = {"by_severity": SEVERITIES, "by_status": STATUSES}
"""Fields that count by name, and the names."""

_KEPT = 2_000
_WORDS = {None: "null", True: "true", False: "false"}


class Writer:
    """Writes rows; the steps that neighbouring rows share are written once."""

    def __init__(self) -> None:
        self._steps: dict[int, tuple[Step, str]] = {}
        """By identity, each with the step itself, so that no other can take its place in memory."""

    def text(self, value: object) -> str:
        """One value with all that is in it."""
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, tuple):
            return f"[{','.join(map(self.text, value))}]"
        if isinstance(value, Step):
            return self._step(value)
        if value is None or isinstance(value, bool):
            return _WORDS[value]
        return str(value) if isinstance(value, int) else self._row(value)

    def _row(self, row: object) -> str:
        form, names, held = _form(type(row))  # type: ignore[arg-type]  # classes are hashable
        values = held(row)
        if not COUNTED.keys().isdisjoint(names):
            pairs = zip(names, values, strict=True)
            return form % tuple(
                self._counts(one) if name in COUNTED else self.text(one) for name, one in pairs
            )
        # Most fields are texts: to ask for them here saves most of the calls.
        return form % tuple([quoted(one) if isinstance(one, str) else self.text(one) for one in values])

    def _step(self, step: Step) -> str:
        held = self._steps.get(id(step))
        if held is None:
            if len(self._steps) >= _KEPT:
                self._steps.clear()
            held = self._steps[id(step)] = (step, self._row(step))
        return held[1]

    def _counts(self, counts: object) -> str:
        assert isinstance(counts, tuple)
        return f"{{{','.join(f'{quoted(name)}:{number}' for name, number in sorted(counts))}}}"


@cache
def _form(row: type) -> tuple[str, tuple[str, ...], Callable[[object], tuple[object, ...]]]:
    """A sort of row with gaps for values, its fields' names in order (all ASCII), and what gets them."""
    names = tuple(sorted(row.__slots__))  # type: ignore[attr-defined]  # all rows have slots
    get = attrgetter(*names)
    members = ",".join(f'"{name}":%s' for name in names)
    return f"{{{members}}}", names, get if len(names) > 1 else lambda one: (get(one),)
