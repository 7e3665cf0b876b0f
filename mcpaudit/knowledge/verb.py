"""What a tool's words say that it does: readings of its name, its description and its choices."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import yaml

from mcpaudit.knowledge.words import bases, opening, words
from mcpaudit.model.action import ACTIONS, Actions, changes, in_order
from mcpaudit.model.certainty import Certainty

DATABASE: Actions = frozenset({"read", "create", "write", "delete"})
_READ: Actions = frozenset({"list", "read"})
_WRITE: Actions = frozenset({"write"})
_STOPS = frozenset(",/&.:;!?(\n")
_JOINTS = frozenset({"and", "or", "then", ",", "/", "&"})
_ARTICLES = frozenset({"a", "an", "the"})
_ENDINGS = ("ing", "ed", "s")
_Hit = tuple[int, str, Actions]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source says that a tool does."""

    actions: Actions
    certainty: Certainty
    evidence: tuple[str, ...]
    """Sentences that quote words of the lexicon only."""
    verb: str = ""
    object: tuple[str, ...] = ()
    """The words of the name that the verb is done to."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A turn of phrase in a description that tells something for sure."""

    pattern: re.Pattern[str]
    actions: Actions
    says: str
    near: tuple[str, ...]
    reads_only: bool = False
    weak: bool = False
    """Whether it counts only where the name does not say that the tool reads."""
    on: str = ""
    """`provider:kind` where the phrase speaks of another thing than the tool's own."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The shipped words, as `lexicon.yaml` has them."""

    verbs: Mapping[str, Actions]
    agents: Mapping[str, str]
    sets: Mapping[str, frozenset[str]]
    with_object: tuple[tuple[frozenset[str], frozenset[str], Actions], ...]
    object_adds: tuple[tuple[frozenset[str], Actions], ...]
    phrases: tuple[Phrase, ...]
    parameters: Mapping[str, frozenset[str]]
    said: Mapping[str, re.Pattern[str]]


@lru_cache(maxsize=16384)
def verb_of(word: str) -> tuple[str, Actions] | None:
    """The verb that a word is, also with a prefix: `unstar` changes, `resend` does what `send` does."""
    lex = lexicon()
    if word in lex.verbs:
        return word, lex.verbs[word]
    for prefix in lex.sets["undo_prefixes"]:
        base = lex.verbs.get(word.removeprefix(prefix)) if word.startswith(prefix) else None
        if base and changes(base):
            return word, _WRITE | (base & {"share"})
    for prefix in lex.sets["redo_prefixes"]:
        base = lex.verbs.get(word.removeprefix(prefix)) if word.startswith(prefix) else None
        if base and len(word) > len(prefix) + 2:
            return word, base
    return None


@lru_cache(maxsize=16384)
def inflected(word: str) -> tuple[str, Actions] | None:
    """The verb that a word of prose comes from: `deletes`, `copying`."""
    return next((found for base in bases(word) if (found := verb_of(base))), None)


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    text = files("mcpaudit.knowledge").joinpath("lexicon.yaml").read_text("utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    named = {"database": DATABASE}
    parameters = data["parameters"]
    sets = (
        *("unsure", "nouns", "things", "light", "undo_prefixes", "redo_prefixes"),
        *("observing_nouns", "prefixes", "prepositions", "connectors", "fillers"),
    )
    return Lexicon(
        verbs={word: frozenset(group["do"]) for group in data["verbs"] for word in group["words"]},
        agents=data["agents"],
        sets={key: frozenset(data[key]) for key in sets},
        with_object=tuple(
            (
                frozenset(rule["verbs"]),
                frozenset(rule["words"]),
                named.get(rule["do"][0]) or frozenset(rule["do"]),
            )
            for rule in data["with_object"]
        ),
        object_adds=tuple((frozenset(rule["words"]), frozenset(rule["do"])) for rule in data["object_adds"]),
        phrases=tuple(
            Phrase(
                re.compile(phrase["pattern"]),
                frozenset(phrase["do"]),
                phrase["says"],
                tuple(phrase["near"]),
                phrase.get("reads_only", False),
                phrase.get("weak", False),
                phrase.get("on", ""),
            )
            for phrase in data["phrases"]
        ),
        parameters={key: frozenset(value) for key, value in parameters.items() if isinstance(value, list)},
        said={key: re.compile(value) for key, value in parameters.items() if isinstance(value, str)},
    )


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
    weak = noun or verb in lex.sets["unsure"]
    for verbs, nouns, instead in lex.with_object:
        if verb in verbs and not nouns.isdisjoint(thing):
            actions, weak = instead, False
            break
    more = tuple(_also(found, name, at, actions))
    actions = actions.union(*(done for _, done in more))
    if changes(actions):
        actions = actions.union(*(adds for nouns, adds in lex.object_adds if not nouns.isdisjoint(thing)))
    place = "starts with" if at == start else "ends with" if at == last else "contains"
    evidence = (
        f"its name {place} the verb `{verb}`",
        *(f"its name adds the verb `{other}`" for other, _ in more),
    )
    return Reading(actions, Certainty.POSSIBLE if weak else Certainty.CERTAIN, evidence, verb, thing)


def _after_prefix(name: Sequence[str], ignored: frozenset[str]) -> int:
    lex = lexicon()
    start = 0
    while start < len(name) - 1:
        word = name[start]
        if word not in lex.sets["prefixes"] and (word not in ignored or word in lex.verbs):
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
    found: Sequence[_Hit], name: Sequence[str], at: int, actions: Actions
) -> Iterator[tuple[str, Actions]]:
    """Further verbs of a name: `create_or_update_file`, `lock_unlock_settings`."""
    lex = lexicon()
    for i, verb, done in found:
        plain = verb not in lex.sets["nouns"]
        joined = i > at and name[i - 1] in lex.sets["connectors"] and (plain or i == at + 2)
        beside = i == at + 1 and plain and changes(done) and changes(actions)
        if joined or beside:
            yield verb, done


def _observed(name: Sequence[str]) -> Reading | None:
    """A name without any verb whose last word is something to look at: `pods_log`."""
    if not name or name[-1] not in lexicon().sets["observing_nouns"]:
        return None
    return Reading(
        _READ, Certainty.POSSIBLE, (f"its name ends with `{name[-1]}`, a thing to look at",), "", tuple(name)
    )


def from_description(text: str) -> Reading | None:
    """What the first verb of a description says, with those that are listed beside it."""
    lex = lexicon()
    tokens = opening(text)
    at = _first_verb(tokens)
    if at is None:
        return None
    first = inflected(tokens[at])
    if first is None:
        return None
    verb, actions = first
    ending = _ending(tokens[at])
    more: dict[str, Actions] = {}
    for i in range(at + 1, len(tokens)):
        if tokens[i] in ".:;!?(\n":
            break
        if tokens[i - 1] in _JOINTS and (hit := inflected(tokens[i])):
            # `Get created and updated dates` lists no verbs: those stand in the form of the first.
            alike = _ending(tokens[i]) == ending
            beside = all(token in _JOINTS or inflected(token) for token in tokens[at:i])
            if alike and (beside or (tokens[i - 1] != "/" and hit[0] not in lex.sets["nouns"])):
                more[hit[0]] = hit[1]
    weak = verb in lex.sets["unsure"] or (at > 0 and tokens[at - 1] in _ARTICLES)
    evidence = [f"its description begins with the verb `{verb}`"]
    evidence += [f"its description adds the verb `{other}`" for other in more if other != verb]
    return Reading(
        actions.union(*more.values()),
        Certainty.POSSIBLE if weak else Certainty.CERTAIN,
        tuple(evidence),
        verb,
    )


def _first_verb(tokens: Sequence[str]) -> int | None:
    lex = lexicon()
    unknown = 0
    for i, token in enumerate(tokens[:24]):
        if token in _STOPS:
            unknown = 0
        elif token in lex.sets["fillers"]:
            continue
        elif token.endswith("ed") and token not in lex.verbs:
            # `shared with` tells of a state and commands nothing.
            unknown += 1
        elif hit := inflected(token):
            if hit[0] not in lex.sets["nouns"] or not (unknown or tokens[i + 1 : i + 2] == ("of",)):
                return i
            unknown += 1
        else:
            unknown += 1
            if unknown > 2 and i > 8:
                return None
    return None


def _ending(word: str) -> str:
    return next((ending for ending in _ENDINGS if word.endswith(ending)), "")


def from_choices(values: Iterable[str]) -> Reading | None:
    """What the values of an `action` parameter say, taken together."""
    found: dict[str, Actions] = {}
    offered = list(values)
    said = 0
    for value in offered:
        reading = from_name(words(value))
        if reading is not None and reading.verb:
            found[reading.verb] = found.get(reading.verb, frozenset()) | reading.actions
            said += 1
    # A list of states or topics with a verb among them is a filter and no choice of actions.
    if not found or 2 * said < len(offered):
        return None
    actions: Actions = frozenset().union(*found.values())
    verbs = ", ".join(
        f"`{verb}`"
        for verb in sorted(found, key=lambda verb: ([*map(ACTIONS.index, in_order(found[verb]))], verb))
    )
    return Reading(actions, Certainty.CERTAIN, (f"it offers a choice of {verbs}",))


def phrases_in(text: str) -> tuple[Phrase, ...]:
    """The telling phrases of a description."""
    low = text[:1200].lower()
    return tuple(
        phrase
        for phrase in lexicon().phrases
        if any(map(low.__contains__, phrase.near)) and phrase.pattern.search(low)
    )
