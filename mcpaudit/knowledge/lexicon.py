"""The shipped words (`lexicon.yaml`): verbs, what they do to what, telling phrases, telling parameters."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.words import bases
from mcpaudit.model.action import Actions, changes

DATABASE: Actions = frozenset({"read", "create", "write", "delete", "execute"})
"""What a statement may do that nobody limits to reading."""
_WRITE: Actions = frozenset({"write"})
_ALTERING: Actions = frozenset({"create", "write", "delete", "share", "admin"})
_SETS = (
    *(
        "unsure",
        "nouns",
        "things",
        "light",
        "general",
        "postal",
        "tidying",
        "umbrella",
        "asks",
        "states",
        "markers",
        "not_providers",
        "public",
        "machine",
        "told",
        "advice",
        "computed",
        "documentation",
        "undo_prefixes",
        "redo_prefixes",
    ),
    *("observing_nouns", "prefixes", "prepositions", "connectors", "fillers", "clauses", "relatives"),
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A turn of phrase in a description that tells something for sure."""

    pattern: re.Pattern[str]
    actions: Actions
    says: str
    near: tuple[str, ...]
    unless: re.Pattern[str] | None = None
    """What must not be said besides: `read-only by default` is no promise."""
    reads_only: bool = False
    weak: bool = False
    """Whether it counts only where the name does not say that the tool reads."""
    unless_changing: bool = False
    """Whether it counts only where nothing else says that the tool changes something."""
    on: str = ""
    """`provider:kind` where the phrase speaks of another thing than the tool's own."""


@dataclass(frozen=True, slots=True)
class Added:
    """What changing a thing does besides."""

    words: frozenset[str]
    parts: frozenset[str]
    """Pairs of words, first words (`^policy`) and last words (`user$`) of the thing."""
    not_by: frozenset[str]
    """Verbs that change the thing in another way: adding a user to a list makes no user."""
    actions: Actions


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The shipped words, as `lexicon.yaml` has them."""

    verbs: Mapping[str, Actions]
    agents: Mapping[str, str]
    nominals: Mapping[str, str]
    http: Mapping[str, Actions]
    sets: Mapping[str, frozenset[str]]
    with_object: Mapping[str, tuple[tuple[frozenset[str], Actions], ...]]
    """By verb, in order: words or pairs of words one of which it must be done to, and what it does then."""
    object_adds: tuple["Added", ...]
    control: frozenset[str]
    """Every word of those, one of which a thing must have for any to apply."""
    file_calls: Mapping[str, Actions]
    call_verbs: frozenset[str]
    connects: frozenset[str]
    phrases: tuple[Phrase, ...]
    parameters: Mapping[str, frozenset[str]]
    endings: Mapping[str, tuple[str, ...]]
    """Those of the parameters that stand for every name which ends so."""
    said: Mapping[str, re.Pattern[str]]

    def instead(self, verb: str, thing: Sequence[str]) -> Actions | None:
        """What a verb does to this very thing, where that is not what it does to others."""
        rules = self.with_object.get(verb)
        if not rules or not thing:
            return None
        every = {*thing, f"{thing[-1]}$", *map(" ".join, pairwise(thing))}
        return next((do for words, do in rules if not words.isdisjoint(every)), None)

    def added(self, verb: str, actions: Actions, thing: Sequence[str]) -> Actions:
        """What these actions do besides, done to this thing: to change a role is to say who may do what.

        To run a role or to send something to a user changes neither.
        """
        # Most things have none of the words: asking that first is cheap.
        if self.control.isdisjoint(thing) or "send" in actions or _ALTERING.isdisjoint(actions):
            return frozenset()
        every = frozenset(thing)
        parts = {f"{thing[-1]}$", f"^{thing[0]}", *map(" ".join, pairwise(thing))}
        found = (
            one.actions
            for one in self.object_adds
            if verb not in one.not_by and not (one.words.isdisjoint(every) and one.parts.isdisjoint(parts))
        )
        return frozenset().union(*found)


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


def _actions(do: list[str]) -> Actions:
    return DATABASE if do == ["database"] else frozenset(do)


def _by_verb(rules: list[dict[str, Any]]) -> dict[str, tuple[tuple[frozenset[str], Actions], ...]]:
    found: dict[str, tuple[tuple[frozenset[str], Actions], ...]] = {}
    for rule in rules:
        for verb in rule["verbs"]:
            found[verb] = (*found.get(verb, ()), (frozenset(rule["words"]), _actions(rule["do"])))
    return found


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon, read once."""
    data = shipped.table("knowledge/lexicon.yaml")
    parameters = data["parameters"]
    return Lexicon(
        verbs={word: frozenset(group["do"]) for group in data["verbs"] for word in group["words"]},
        agents=data["agents"],
        nominals=data["nominals"],
        http={method: frozenset(do) for method, do in data["http"].items()},
        sets={key: frozenset(data[key]) for key in _SETS},
        with_object=_by_verb(data["with_object"]),
        object_adds=tuple(
            Added(
                frozenset(rule.get("words", ())),
                frozenset(rule.get("parts", ())),
                frozenset(rule.get("not_by", ())),
                frozenset(rule["do"]),
            )
            for rule in data["object_adds"]
        ),
        control=frozenset(
            word.strip("^$")
            for rule in data["object_adds"]
            for one in (*rule.get("words", ()), *rule.get("parts", ()))
            for word in one.split()
        ),
        file_calls={word: frozenset(rule["do"]) for rule in data["calls"]["files"] for word in rule["words"]},
        call_verbs=frozenset(data["calls"]["verbs"]),
        connects=frozenset(data["calls"]["connects"]),
        phrases=tuple(
            Phrase(
                re.compile(phrase["pattern"]),
                frozenset(phrase["do"]),
                phrase["says"],
                tuple(phrase["near"]),
                re.compile(phrase["unless"]) if "unless" in phrase else None,
                phrase.get("reads_only", False),
                phrase.get("weak", False),
                phrase.get("unless_changing", False),
                phrase.get("on", ""),
            )
            for phrase in data["phrases"]
        ),
        parameters={key: frozenset(value) for key, value in parameters.items() if isinstance(value, list)},
        endings={key: tuple(value) for key, value in parameters.items() if key.endswith(("_like", "_start"))},
        said={key: re.compile(value) for key, value in parameters.items() if isinstance(value, str)},
    )
