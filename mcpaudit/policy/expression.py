"""Conditions in CEL: checked against typed messages (`checking.py`), run on plain trees.

A condition is evaluated on maps from which unknown fields are left out: reading one is an error, which
CEL's `&&`, `||`, `exists` and `all` absorb exactly where the answer does not depend on it. An error that is
left over means that the policy cannot be decided.

Source: the CEL language definition, sections "Evaluation" and "Logical Operators".
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from mcpaudit.dataclass import dataclass
from mcpaudit.policy.runtime import PARTS, plain

Tree = Mapping[str, "Value"]
"""A subject as a tree; a field that is unknown is left out."""
Value = str | bool | int | None | Sequence["Value"] | Tree | Callable[[], "Value"]
"""A part of a tree; a large part is a function, called only where a condition or message names it."""


class Shared(dict[str, "Value"]):
    """A tree that many subjects hold: what conditions read of it is cut out once, not for each of them."""

    __slots__ = ("_cut", "_read")

    def cut(self, names: frozenset[str], once: bool) -> Tree:
        """No more of it than these names."""
        if getattr(self, "_read", None) != (names, once):
            self._read = (names, once)
            self._cut: Tree = _members(self, names, once)
        return self._cut


UNLISTED: Tree = {}
"""Stands at the end of a list that is known to be incomplete: reading any field of it is an error."""

_COUNTS = re.compile(r"\b(?:size|exists_one|map|filter)\b|[\w)\]]\[")
"""Texts that may depend on how many equal elements a list has, or on where they stand."""
_GROUP = 12
"""Conditions that are tried together once it is clear that one of all holds."""
_KEPT = 2_000
"""Subjects whose outcomes are remembered."""
_LEAVES = (str, bool, int, type(None))
_TOGETHER = 60_000
"""Characters of conditions that are tried together; the runtime takes texts up to 100,000."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """The condition depends on something that is not known."""

    reason: str


_TOO_LONG = Undecided("it goes through more list elements than one condition may")


class Expression:
    """A text compiled for one kind of subject; params and variables are written into it already."""

    def __init__(self, subject: str, text: str) -> None:
        self._subject = subject
        self._text = text
        self._compiled: Any = None
        self.names = _named_in(text)
        # Of elements that are equal in all that it names, `exists` and `all` need one: long lists grow short.
        self.once = _COUNTS.search(text) is None

    def holds(self, tree: Tree, as_of: str) -> bool | Undecided:
        """Evaluate it as a condition, for one subject."""
        return self.outcome(self._given(tree, as_of))

    def value(self, tree: Tree, as_of: str) -> Value:
        """Evaluate it for one subject; `None` where that cannot be done."""
        result = self._run(self._given(tree, as_of))
        if isinstance(result, Undecided):
            return None
        plain_value: Value = result.plain_value()
        return plain_value

    def _given(self, tree: Tree, as_of: str) -> "Given":
        return Given(self._subject, named(tree, self.names, self.once), as_of)

    def outcome(self, given: "Given") -> bool | Undecided:
        """Evaluate it as a condition, with a subject that is made ready."""
        result = self._run(given)
        return result if isinstance(result, Undecided) else result.value() is True

    def _run(self, given: "Given") -> Any:
        if self._compiled is None:
            self._compiled = plain(self._subject).compile(self._text)
        try:
            result = self._compiled.eval(given.activation)
        except RuntimeError:
            # The runtime goes through 10,000 list elements (comprehension_max_iterations in CEL's C++).
            return _TOO_LONG
        return Undecided(given.missing(str(result.value()))) if result.type().name() == "ERROR" else result


@lru_cache(maxsize=1024)
def _named_in(text: str) -> frozenset[str]:
    """A field that the text does not name cannot be read: leaving it out saves building and converting it."""
    names = frozenset(re.findall(r"[A-Za-z_]\w*", text))
    compares = names & {"within", "overlaps"}
    return names | {"provider", "tenant", "kind", "kinds", "path"} if compares else names


class Conditions:
    """All conditions on one kind of subject: most hold for few subjects, so they are tried together first."""

    def __init__(self, subject: str, texts: Sequence[str]) -> None:
        self._subject = subject
        self._each = [Expression(subject, text) for text in texts]
        self._names = frozenset[str]().union(*(one.names for one in self._each))
        self._once = all(one.once for one in self._each)
        # Neighbouring subjects, such as the tools of a server, are often equal in all that conditions read.
        self._found: dict[str, tuple[tuple[int, bool | Undecided], ...]] = {}
        self._batches = [
            (self._any(texts, batch), [(self._any(texts, group), group) for group in _cut(batch, _GROUP)])
            for batch in _batches(texts)
        ]

    def outcomes(self, tree: Tree, as_of: str) -> Sequence[tuple[int, bool | Undecided]]:
        """Which conditions hold or cannot be decided, by index; those that do not hold are left out."""
        ready = named(tree, self._names, self._once)
        key = repr((as_of, ready))
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _KEPT:
                self._found.clear()
            given = Given(self._subject, ready, as_of)
            found = self._found[key] = tuple(self._outcomes(given, tree, as_of))
        return found

    def _outcomes(self, given: "Given", tree: Tree, as_of: str) -> Iterator[tuple[int, bool | Undecided]]:
        for whole, groups in self._batches:
            # `||` is false only where every part of it is: unknown parts and true ones show in the whole.
            if whole.outcome(given) is False:
                continue
            for together, group in groups:
                if len(groups) > 1 and together.outcome(given) is False:
                    continue
                for index in group:
                    outcome = self._each[index].outcome(given)
                    if outcome is _TOO_LONG:
                        # Of what it names itself, fewer elements are told apart.
                        outcome = self._each[index].holds(tree, as_of)
                    if outcome is not False:
                        yield index, outcome

    def _any(self, texts: Sequence[str], group: Sequence[int]) -> Expression:
        return Expression(self._subject, " || ".join(f"({texts[index]}\n)" for index in group))


@lru_cache(maxsize=32)
def conditions(subject: str, texts: tuple[str, ...]) -> Conditions:
    """The same conditions as before: a comparison puts them to two states, which are much alike."""
    return Conditions(subject, texts)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[int]]:
    start = size = 0
    for index, text in enumerate(texts):
        size += len(text) + 10
        if size > _TOGETHER and index > start:
            yield range(start, index)
            start, size = index, len(text) + 10
    if start < len(texts):
        yield range(start, len(texts))


def _cut(indices: Sequence[int], size: int) -> list[Sequence[int]]:
    return [indices[at : at + size] for at in range(0, len(indices), size)]


class Given:
    """A subject made ready for the runtime."""

    def __init__(self, subject: str, ready: Value, as_of: str) -> None:
        self._tree = ready
        self.activation = plain(subject).Activation({subject: self._tree, "as_of": as_of})

    def missing(self, error: str) -> str:
        """Which field was not known, by the runtime's error; and which list is known in part, if so."""
        found = re.search(r'Key not found in map : "?(\w+)"?', error)
        if not found:
            return "a value that it needs is not known here"
        key = "resource" if found[1] == PARTS else found[1]
        lists = sorted({name for name, items in self._partial if _could_have(items, found[1])})
        known = ", ".join(f"`{name}`" for name in lists)
        return f"`{key}` is not known here{f': not all of {known} is known' if lists else ''}"

    @cached_property
    def _partial(self) -> list[tuple[str, list[Value]]]:
        """The lists that are known in part, with what is known of them."""
        found: list[tuple[str, list[Value]]] = []
        waiting: list[Value] = [self._tree]
        while waiting:
            value = waiting.pop()
            for name, held in value.items() if isinstance(value, dict) else ():
                items = held if isinstance(held, list) else [held]
                waiting += items
                if items[-1:] == [UNLISTED] and isinstance(held, list):
                    found.append((name, items[:-1]))
        return found


def _could_have(items: Sequence[Value], key: str) -> bool:
    """Whether the element that is not listed may be the one without this field."""
    return not items or any(isinstance(item, dict) and key in item for item in items)


def named(value: Value, names: frozenset[str], once: bool) -> Value:
    """A subject with no more than the names that will be read.

    With `once`, of list elements that are equal then only one is left.
    """
    # Exact types first, and leaves in place: trees are plain, and most of what they hold are leaves.
    if isinstance(value, dict):
        return value.cut(names, once) if type(value) is Shared else _members(value, names, once)
    if isinstance(value, list):
        if not value or type(value[0]) in _LEAVES:
            return value
        items = [named(item, names, once) if isinstance(item, dict) else item for item in value]
        # The last of several that are equal stays: what stands for the unlisted has to end the list.
        distinct = not once or len(items) < 2
        return items if distinct else list({repr(item): item for item in items[::-1]}.values())[::-1]
    return named(value(), names, once) if callable(value) else value


def _members(tree: Tree, names: frozenset[str], once: bool) -> dict[str, Value]:
    return {
        key: held if type(held) in _LEAVES else named(held, names, once)
        for key, held in tree.items()
        if key in names
    }
