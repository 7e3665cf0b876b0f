"""What the words of a tool's name, and of the choices that it offers, say that it does."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpaudit.knowledge.lexicon import lexicon, verb_of
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import ACTIONS, Actions, changes, in_order
from mcpaudit.model.certainty import Certainty

_READ: Actions = frozenset({"list", "read"})
_Hit = tuple[int, str, Actions]


class Reading(NamedTuple):
    """What one source says that a tool does."""

    # A named tuple, because several are made for every tool of a catalog.
    actions: Actions
    certainty: Certainty
    evidence: tuple[str, ...]
    """Sentences that quote words of the lexicon only."""
    verb: str = ""
    object: tuple[str, ...] = ()
    """The words that the verb is done to."""
    settled: bool = False
    """Whether the verb is known to do just this to this object: `run a search` runs nothing."""

    several: bool = False
    """Whether it lists more verbs than one."""

    @property
    def sure(self) -> bool:
        return self.certainty is Certainty.CERTAIN


def from_name(name: Sequence[str], ignored: frozenset[str] = frozenset()) -> Reading | None:
    """What the words of a name say; `ignored` are the server's own words, which stand before the verb."""
    lex = lexicon()
    start = _after_prefix(name, ignored)
    found = [(i, *hit) for i, word in enumerate(name) if i >= start and (hit := verb_of(word))]
    last = len(name) - 1
    if name and name[last] in lex.agents:
        verb = lex.agents[name[last]]
        found.append((last, verb, lex.verbs[verb]))
    head = _head(found, start, last, bool(name) and name[last] in lex.agents)
    if head is None:
        return _observed(name)
    at, verb, actions = head
    thing = _object(name, at, start)
    noun = verb in lex.sets["nouns"] and (at != start or (verb in lex.sets["things"] and not thing))
    # `unwatch` undoes what `watch` does; whether that deletes, its description tells better.
    weak = noun or verb in lex.sets["unsure"] or verb not in lex.verbs
    instead = lex.instead(verb, thing)
    if start and name[start - 1] == "api":
        # `API-post-page`: the method of a request, and no message that is posted.
        instead = lex.http.get(verb, instead)
    if instead is not None:
        actions, weak = instead, False
    more = tuple(_also(found, name, at, actions, settled=instead is not None))
    actions = actions.union(*(done for _, done in more))
    if changes(actions):
        actions |= lex.added(verb, thing)
    place = "starts with" if at == start else "ends with" if at == last else "contains"
    evidence = (
        f"its name {place} the verb `{verb}`",
        *(f"its name adds the verb `{other}`" for other, _ in more),
    )
    certainty = Certainty.POSSIBLE if weak else Certainty.CERTAIN
    return Reading(actions, certainty, evidence, verb, thing, instead is not None)


def _after_prefix(name: Sequence[str], ignored: frozenset[str]) -> int:
    lex = lexicon()
    start = 0
    while start < len(name) - 1:
        word = name[start]
        version = word[0] == "v" and word[1:].isdigit()
        if not version and word not in lex.sets["prefixes"] and (word not in ignored or word in lex.verbs):
            break
        start += 1
    return start


def _head(found: Sequence[_Hit], start: int, last: int, agent: bool) -> _Hit | None:
    """The verb that the name turns on: the first word, unless that may be a noun and a plain verb follows."""
    lex = lexicon()
    first = next((hit for hit in found if hit[0] == start), None)
    plain = [hit for hit in found if hit[1] not in lex.sets["nouns"] or (agent and hit[0] == last)]
    later = [hit for hit in plain if hit[0] > start]
    ending = next((hit for hit in reversed(later) if hit[0] == last), None)
    if (
        first
        and not (first[1] in lex.sets["nouns"] and ending)
        and not (first[1] in lex.sets["things"] and later)
    ):
        return first
    return ending or next(iter(later), None) or next((hit for hit in found if hit[0] == last), None)


def _object(name: Sequence[str], at: int, start: int) -> tuple[str, ...]:
    stops = lexicon().sets["prepositions"]
    after = name[at + 1 :] or name[start:at]
    end = next((i for i, word in enumerate(after) if i and word in stops), len(after))
    return tuple(after[:end])


def _also(
    found: Sequence[_Hit], name: Sequence[str], at: int, actions: Actions, *, settled: bool
) -> Iterator[tuple[str, Actions]]:
    """Further verbs of a name: `create_or_update_file`, `lock_unlock_settings`."""
    lex = lexicon()
    for i, verb, done in found:
        plain = verb not in lex.sets["nouns"]
        joined = i > at and name[i - 1] in lex.sets["connectors"] and (plain or i == at + 2)
        beside = i == at + 1 and plain and changes(done) and changes(actions) and not settled
        if joined or beside:
            yield verb, done


def _observed(name: Sequence[str]) -> Reading | None:
    """A name without any verb whose last word is something to look at: `pods_log`."""
    if not name or name[-1] not in lexicon().sets["observing_nouns"]:
        return None
    return Reading(
        _READ, Certainty.POSSIBLE, (f"its name ends with `{name[-1]}`, a thing to look at",), "", tuple(name)
    )


def from_choices(values: Iterable[str]) -> Reading | None:
    """What the values of an `action` parameter say, taken together."""
    found: dict[str, Actions] = {}
    offered = list(dict.fromkeys(value.lower() for value in values))
    http = lexicon().http
    if offered and all(value in http for value in offered):
        actions: Actions = frozenset().union(*(http[value] for value in offered))
        named = ", ".join(f"`{value.upper()}`" for value in sorted(offered))
        return Reading(actions, Certainty.CERTAIN, (f"it offers a choice of the methods {named}",))
    said = 0
    for value in offered:
        reading = from_name(words(value))
        if reading is not None:
            said += 1
            key = reading.verb or reading.object[-1]
            found[key] = found.get(key, frozenset()) | reading.actions
    # A list of states or topics with a verb among them is a filter and no choice of actions.
    if 2 * said < len(offered) or not any(verb_of(key) for key in found):
        return None
    return Reading(
        frozenset().union(*found.values()),
        Certainty.CERTAIN,
        (f"it offers a choice of {listed(found)}",),
    )


def listed(found: dict[str, Actions]) -> str:
    """Verbs in the order of what they do, mildest first."""
    order = sorted(found, key=lambda verb: ([*map(ACTIONS.index, in_order(found[verb]))], verb))
    return ", ".join(f"`{verb}`" for verb in order)
