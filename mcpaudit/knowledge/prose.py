"""What a tool's description says that it does: its first verb, what it lists, phrases, HTTP methods."""

import re
from collections.abc import Sequence
from functools import cache

from mcpaudit.knowledge.lexicon import Phrase, inflected, lexicon
from mcpaudit.knowledge.verb import Reading, listed
from mcpaudit.knowledge.words import opening, tokens_of
from mcpaudit.model.action import OBSERVING, Actions
from mcpaudit.model.certainty import Certainty

_STOPS = frozenset(",/&.:;!?(\n\u2013\u2014")
_ENDS = frozenset(".:;!?(\n\u2013\u2014")
_JOINTS = frozenset({"and", "or", "then", ",", "/", "&"})
_ARTICLES = frozenset({"a", "an", "the"})
_ENDINGS = ("ing", "ed", "s")
_LONGEST_OBJECT = 8
_LONGEST_TEXT = 1200
# "ALWAYS call when ...", "Use this before ...": said to the model, and not of what the tool does.
_TO_THE_MODEL = frozenset({"call", "use", "invoke", "run", "execute"})
_OF_ITSELF = frozenset({"this", "it"})
# "Queue operations - ...": a heading, whose words command nothing.
_HEADINGS = frozenset(
    {"operations", "operation", "commands", "tool", "tools", "management", "utility", "utilities"}
)
_ENUMERATES = re.compile(
    r"(?:[:(]|\s[-\u2013\u2014]\s|\b(?:(?:including|includes?|with|supports?)(?: operations)?(?: for| to)?"
    r"|such as|operations (?:for|to)|actions)\b:?)\s*([^.\n:]{3,240})"
)
_METHOD = re.compile(
    r"\b(?:[Mm]ak(?:es?|ing) an?|[Ww]raps|via|[Ss]ends? an?|[Pp]erforms? an?)\s+(?:HTTP )?"
    r"(GET|POST|PUT|PATCH|DELETE)\b|\b(GET|POST|PUT|PATCH|DELETE) (?:request to )?/[\w{]"
)


def from_description(text: str) -> Reading | None:
    """What the first verb of a description says, with those that are listed beside it."""
    lex = lexicon()
    if method := _method(text):
        return method
    tokens = opening(text)
    at = _first_verb(tokens)
    if at is None:
        return None
    first = inflected(tokens[at])
    if first is None:
        return None
    verb, actions = first
    if verb in lex.sets["umbrella"] and (told := _enumerated(text)):
        return told
    thing = _object(tokens, at)
    instead = lex.instead(verb, thing)
    more = {} if instead is not None else _more(tokens, at, verb)
    actions = (actions if instead is None else instead).union(*more.values())
    actions |= lex.added(verb, actions, thing)
    weak = instead is None and (
        verb in lex.sets["unsure"] or verb not in lex.verbs or (at > 0 and tokens[at - 1] in _ARTICLES)
    )
    evidence = [f"its description begins with the verb `{verb}`"]
    evidence += [f"its description adds the verb `{other}`" for other in more]
    certainty = Certainty.POSSIBLE if weak else Certainty.CERTAIN
    return Reading(actions, certainty, tuple(evidence), verb, thing, instead is not None, bool(more))


def _method(text: str) -> Reading | None:
    """What the HTTP method does of which a description says that the tool makes such a request."""
    # Searching for a plain word is much cheaper, and most descriptions have none of these.
    speaks = "GET" in text or "POST" in text or "PUT" in text or "PATCH" in text or "DELETE" in text
    match = _METHOD.search(text, 0, _LONGEST_TEXT) if speaks else None
    if match is None:
        return None
    name = (match[1] or match[2]).lower()
    # A POST may do anything that its name says.
    certainty = Certainty.POSSIBLE if name == "post" else Certainty.CERTAIN
    said = (f"its description says that it makes a {name.upper()} request",)
    return Reading(lexicon().http[name], certainty, said, name)


def phrases_in(text: str) -> tuple[Phrase, ...]:
    """The telling phrases of a description."""
    low = text[:_LONGEST_TEXT].lower()
    found = []
    for phrase in lexicon().phrases:
        for near in phrase.near:
            if near in low:
                if phrase.pattern.search(low) and not (phrase.unless and phrase.unless.search(low)):
                    found.append(phrase)
                break
    return tuple(found)


def _first_verb(tokens: Sequence[str]) -> int | None:
    lex = lexicon()
    unknown = 0
    clause = False
    for i, token in enumerate(tokens[:40]):
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        if token in _STOPS:
            unknown = 0
            clause = False
        elif clause or token in lex.sets["clauses"]:
            # "Call before creating a site": what comes then is done by others.
            clause = True
        elif token in _TO_THE_MODEL and (following in _OF_ITSELF or following in lex.sets["clauses"]):
            continue
        elif token in lex.sets["fillers"]:
            # `provide` says nothing, unless what it provides is advice.
            hit = inflected(token)
            if hit and hit[0] in lex.with_object and lex.instead(hit[0], _object(tokens, i)) is not None:
                return i
        elif token.endswith("ed") and token not in lex.verbs:
            # `shared with` tells of a state and commands nothing.
            unknown += 1
        elif hit := inflected(token):
            noun = hit[0] in lex.sets["nouns"]
            heads = noun and not _HEADINGS.isdisjoint(tokens[i + 1 : i + 4])
            if not noun or not (unknown or heads or following == "of"):
                return i
            unknown += 1
        else:
            unknown += 1
            if unknown > 2 and i > 8:
                return None
    return None


def _object(tokens: Sequence[str], at: int) -> tuple[str, ...]:
    """The words after a verb, and those listed beside it, as far as they tell what it is done to."""
    ends, prepositions = _ends_of_object(), lexicon().sets["prepositions"]
    found: list[str] = []
    for i in range(at + 1, min(len(tokens), at + 1 + _LONGEST_OBJECT)):
        token = tokens[i]
        if not found and (token in _JOINTS or (tokens[i - 1] in _JOINTS and inflected(token))):
            continue
        if token in ends or (found and token in prepositions):
            break
        if token not in _ARTICLES:
            found.append(token)
    return tuple(found)


@cache
def _ends_of_object() -> frozenset[str]:
    return _STOPS | _JOINTS | lexicon().sets["clauses"] | lexicon().sets["relatives"]


def _more(tokens: Sequence[str], at: int, verb: str) -> dict[str, Actions]:
    """The verbs that are listed beside the first: "Create, update or delete an issue"."""
    lex = lexicon()
    found: dict[str, Actions] = {}
    if _JOINTS.isdisjoint(tokens):
        return found
    ending, looks = _ending(tokens[at]), verb in lex.verbs and lex.verbs[verb] <= OBSERVING
    for i in range(at + 1, len(tokens)):
        token, before = tokens[i], tokens[i - 1]
        if token in _ENDS or token in lex.sets["clauses"] or token in lex.sets["relatives"]:
            break
        # `Get created and updated dates` lists no verbs: those stand in the form of the first.
        if before not in _JOINTS or _ending(token) != ending or (hit := inflected(token)) is None:
            continue
        # `Retrieves and formats`: what is done with an answer changes nothing.
        if looks and hit[0] in lex.sets["tidying"]:
            continue
        beside = tokens[at + 1] in _JOINTS and all(
            other in _JOINTS or inflected(other) for other in tokens[at:i]
        )
        # In `Get the steps, variables, and build statistics` it stands in a list of things.
        last = before in ("and", "or") and tokens[i - 2] == "," and _item_commands(tokens, i - 2, at)
        # `Get view and edit restrictions`: two words that say which.
        paired = i - 2 > at and tokens[i - 3] not in _JOINTS and inflected(tokens[i - 2]) is not None
        if beside or (not paired and before != "/" and (last or hit[0] not in lex.sets["nouns"])):
            found[hit[0]] = hit[1]
    found.pop(verb, None)
    return found


def _item_commands(tokens: Sequence[str], end: int, at: int) -> bool:
    """Whether the item of a list that ends here begins with a verb in the form of the first."""
    start = next((i for i in range(end - 1, at, -1) if tokens[i] in _JOINTS), at - 1) + 1
    return start == at or (
        _ending(tokens[start]) == _ending(tokens[at]) and inflected(tokens[start]) is not None
    )


def _enumerated(text: str) -> Reading | None:
    """The verbs that a tool lists which says that it manages: "Manage stashes: list, save or remove them"."""
    lex = lexicon()
    for match in _ENUMERATES.finditer(text[:_LONGEST_TEXT]):
        found: dict[str, Actions] = {}
        tokens = tokens_of(match[1])
        for i, token in enumerate(tokens):
            starts = not i or tokens[i - 1] in _JOINTS or tokens[i - 1] in "()"
            if starts and (hit := inflected(token)):
                thing = _object(tokens, i)
                instead = lex.instead(hit[0], thing)
                done = hit[1] if instead is None else instead
                done |= lex.added(hit[0], done, thing)
                found[hit[0]] = found.get(hit[0], frozenset()) | done
        if len(found) > 1 and not found.keys() <= lex.sets["umbrella"]:
            actions: Actions = frozenset().union(*found.values())
            said = (f"its description lists {listed(found)}",)
            return Reading(actions, Certainty.CERTAIN, said, "manage", several=True)
    return None


def _ending(word: str) -> str:
    return next((ending for ending in _ENDINGS if word.endswith(ending)), "")
