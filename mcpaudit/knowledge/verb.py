"""What the words of a tool's name, and of the choices that it offers, say that it does."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpaudit.knowledge.lexicon import inflected, lexicon, verb_of
from mcpaudit.knowledge.words import words
from mcpaudit.model.action import ACTIONS, OBSERVING, Actions, changes, in_order
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

    @property
    def observes(self) -> bool:
        """Whether it only looks; what sends changes nothing either, but does more than look."""
        return self.actions <= OBSERVING


def from_name(name: Sequence[str], ignored: frozenset[str] = frozenset()) -> Reading | None:
    """What the words of a name say; `ignored` are the server's own words, which stand before the verb."""
    lex = lexicon()
    start = _after_prefix(name, ignored)
    if len(name) > start + 1:
        if name[start] in lex.sets["asks"]:
            return Reading(_READ, Certainty.CERTAIN, (f"its name asks `{name[start]}`",), "ask", tuple(name))
        if name[start + 1] == "to" and verb_of(name[start]) is None:
            said = ("its name says that it makes one thing from another",)
            return Reading(lex.verbs["convert"], Certainty.POSSIBLE, said, "convert", tuple(name))
    found = [(i, *hit) for i, word in enumerate(name) if i >= start and (hit := verb_of(word))]
    last = len(name) - 1
    if name and name[last] in lex.agents:
        verb = lex.agents[name[last]]
        found.append((last, verb, lex.verbs[verb]))
    head = _head(found, name, start, bool(name) and name[last] in lex.agents)
    if head is None:
        return _observed(name)
    at, verb, actions = head
    if verb in lex.sets["things"] and at == start and name[last] in lex.sets["told"]:
        return _observed(name)
    thing = _object(name, at, start)
    noun = verb in lex.sets["nouns"] and (at != start or (verb in lex.sets["things"] and not thing))
    # `unwatch` undoes what `watch` does; whether that deletes, its description tells better.
    bare = verb in lex.sets["light"] and not thing
    weak = noun or bare or verb in lex.sets["unsure"] or verb not in lex.verbs
    instead = lex.instead(verb, thing)
    if start and name[start - 1] == "api":
        # `API-post-page`: the method of a request, and no message that is posted.
        instead = lex.http.get(verb, instead)
    if instead is not None:
        actions, weak = instead, False
    more = tuple(_also(found, name, at, actions, settled=instead is not None))
    actions = actions.union(*(done for _, done in more))
    own = actions
    actions |= lex.added(verb, own, thing)
    if len(thing) < last - at:  # `add_key_to_role`
        actions |= lex.added(verb, own, name[at + 1 :])
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


def _head(found: Sequence[_Hit], name: Sequence[str], start: int, agent: bool) -> _Hit | None:
    """The verb that the name turns on: the first word, unless that may be a noun and a plain verb follows."""
    lex = lexicon()
    last = len(name) - 1
    first = next((hit for hit in found if hit[0] == start), None)
    plain = [hit for hit in found if hit[1] not in lex.sets["nouns"] or (agent and hit[0] == last)]
    later = [hit for hit in plain if hit[0] > start]
    # `deploy_folder_or_zip`: what is joined to another word is no verb of its own.
    joined = name[last - 1 : last] and name[last - 1] in lex.sets["connectors"]
    ending = None if joined else next((hit for hit in reversed(later) if hit[0] == last), None)
    if first and ending and ending[1] in lex.sets["states"] and first[1] in lex.sets["markers"]:
        return first
    if (
        first
        and not (first[1] in lex.sets["nouns"] and ending)
        and not (first[1] in lex.sets["things"] and later)
    ):
        return first
    # `crm_update_deal` has its verb in the middle; the last word of `silence_alert` is no verb.
    others = [hit for hit in found if hit[0] > start]
    acting = [hit for hit in others if hit[1] not in lex.sets["things"]]
    closing = [hit for hit in others if hit[0] == last and _acts_at_end(hit, name[start:last])]
    doing = [hit for hit in closing if hit in acting]
    return ending or next((hits[0] for hits in (later, doing, acting, closing) if hits), None)


def _acts_at_end(hit: _Hit, before: Sequence[str]) -> bool:
    """Whether a last word is a verb; `message` and `alert` are things there, and `port_forward` forwards."""
    return "send" not in hit[2] or lexicon().instead(hit[1], before) is not None


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
    runs = name[at] in lex.sets["light"]
    for i, verb, done in found:
        plain = verb not in lex.sets["nouns"]
        joined = i > at and name[i - 1] in lex.sets["connectors"] and (plain or i == at + 2)
        # What is run may be named by a verb of its own: `run_rollback_pipeline`.
        beside = i == at + 1 and plain and changes(done) and changes(actions) and not (settled or runs)
        if joined or beside:
            yield verb, done


def _observed(name: Sequence[str]) -> Reading | None:
    """A name without any verb whose last word is made of one, or something to look at: `pods_log`."""
    lex = lexicon()
    if not name:
        return None
    made = lex.nominals.get(name[-1]) if len(name) > 1 else None
    hit = verb_of(made) if made else inflected(name[-1]) if name[-1].endswith("ing") else None
    if hit:
        said = (f"its name ends with a form of the verb `{hit[0]}`",)
        return Reading(hit[1], Certainty.POSSIBLE, said, hit[0], tuple(name[:-1]))
    if name[-1] not in lex.sets["observing_nouns"]:
        return None
    return Reading(
        _READ, Certainty.POSSIBLE, (f"its name ends with `{name[-1]}`, a thing to look at",), "", tuple(name)
    )


def from_choices(values: Iterable[str]) -> Reading | None:
    """What the values of an `action` parameter say, taken together."""
    found: dict[str, Actions] = {}
    offered = list(dict.fromkeys(value.lower() for value in values))
    http = lexicon().http
    if offered and http.keys() >= set(offered):
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
