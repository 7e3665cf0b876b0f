"""What a tool does to its own kind of thing: its words and its schema weighed against each other."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpaudit.knowledge.lexicon import DATABASE, Phrase, lexicon
from mcpaudit.knowledge.prose import from_description, phrases_in
from mcpaudit.knowledge.verb import Reading, from_choices
from mcpaudit.knowledge.words import Input, foreign_script
from mcpaudit.model.action import EVERYTHING, OBSERVING, Actions, changes
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Hints

Target = tuple[str, str]
_READ: Actions = frozenset({"read"})
_CONTROL: Actions = frozenset({"share", "admin"})
_SEND: Actions = frozenset({"send"})
_DESTROYING: Actions = frozenset({"write", "delete"})
_TELLING: tuple[tuple[str, Actions], ...] = (
    ("content", frozenset({"write"})),
    ("change", frozenset({"write"})),
    ("paging", frozenset({"list", "read"})),
)
_ADDING: tuple[tuple[str, Actions], ...] = (
    ("destroys", frozenset({"delete"})),
    ("adds", frozenset({"create"})),
    ("grants", frozenset({"share"})),
)
_ANY_METHOD = ("get", "post", "put", "patch", "delete")
_NOT_ENGLISH = "its description is not in English and was not read"


class Act(NamedTuple):
    """Actions with their certainty and grounds, before it is settled what they are done to."""

    # A named tuple, because several are made for every tool of a catalog.
    actions: Actions
    certainty: Certainty
    evidence: tuple[str, ...]
    target: Target | None = None
    settles: bool = False
    """Whether the target is what the whole tool is about."""


def own_acts(
    own: Reading | None, text: str, title: str, fields: Sequence[Input], found: Sequence[Phrase]
) -> Iterator[Act]:
    """What is done to the tool's own kind of thing, by the rules in their order."""
    # Single English words in a text of another script are options and names, and command nothing.
    foreign = foreign_script(text)
    told = (None if foreign else from_description(text)) or from_description(title)
    observes = own is not None and own.sure and own.observes
    phrases = [one for one in found if not one.on and not (one.weak and observes)]
    reads_only = any(phrase.reads_only for phrase in phrases) or _said_of(fields)
    note = (_NOT_ENGLISH,) if told is None and foreign else ()
    done: Actions = frozenset()
    # What a description calls a query is one where a statement is handed over.
    states = told is None or not told.actions >= DATABASE or bool(_takes_statement(text, fields))
    for reading in _agreed(own, told, _chosen(own, text, fields), states=states):
        limited = reading.settled and reading.actions >= DATABASE
        actions = _READ if reads_only and limited else reading.actions
        done |= actions
        certainty = Certainty.POSSIBLE if limited and not reads_only else reading.certainty
        yield Act(actions, certainty, (*reading.evidence, *note))
    if (sql := _statement(own, text, fields)) and not reads_only:
        done |= DATABASE
        # `execute_sql(sql)` runs whatever it is given; a `query` may be limited to questions.
        runs = own is not None and own.verb in lexicon().parameters["database_runs"]
        certainty = Certainty.CERTAIN if runs else Certainty.POSSIBLE
        yield Act(DATABASE, certainty, (f"its parameter `{sql}` takes a statement for the database",))
    for phrase in phrases:
        says_more = not phrase.actions <= (done | OBSERVING) or not done
        if says_more and not (phrase.unless_changing and changes(done)):
            done |= phrase.actions
            yield Act(phrase.actions, Certainty.POSSIBLE, (phrase.says,))
    if told_of := _tells(own, fields, done):
        done |= _SEND
        yield Act(_SEND, Certainty.POSSIBLE, (f"its parameter `{told_of}` says whom it tells",))
    yield from _by_schema(fields, done, note)


def claimed(hints: Hints, text: str) -> Iterator[Act]:
    """Nothing was worked out: the claims are noted, and all the rest stays possible but unknown."""
    if hints.read_only:
        yield Act(_READ, Certainty.POSSIBLE, ("its server claims that it only reads",))
    elif hints.destructive:
        yield Act(_DESTROYING, Certainty.POSSIBLE, ("its server claims that it destroys",))
    why = "nothing in its name, description or schema tells what it does"
    if foreign_script(text):
        why = f"nothing in its name or schema tells what it does; {_NOT_ENGLISH}"
    yield Act(EVERYTHING, Certainty.UNKNOWN, (why,))


def _agreed(
    own: Reading | None, told: Reading | None, chosen: Reading | None, *, states: bool
) -> Iterator[Reading]:
    """Name, description and choices weighed against each other; `states` where a statement is handed over."""
    lex = lexicon()
    # `check_permissions` with an `operation` asks about that operation and does not do it.
    asks = own is not None and own.settled and own.observes
    if chosen and not asks:
        yield chosen
    if own is None or not own.sure:
        yield from _weak(own, told, chosen)
        return
    if told is None or not told.sure:
        yield own
        return
    if own.verb in lex.sets["general"] and changes(told.actions) and told.verb not in lex.sets["light"]:
        yield told._replace(actions=told.actions | (own.actions & _CONTROL))
        return
    if told.verb == own.verb and told.settled and not own.settled:
        # `publish`, and the description says what: a message.
        yield told._replace(evidence=own.evidence + told.evidence)
        return
    yield own
    light = told.verb in lex.sets["light"] and not told.settled
    light |= changes(own.actions) and told.verb in lex.sets["postal"]
    light |= told.actions >= DATABASE and not changes(own.actions) and not states
    if changes(told.actions) and not light and not told.actions <= own.actions:
        yield told._replace(certainty=Certainty.POSSIBLE)


def _weak(own: Reading | None, told: Reading | None, chosen: Reading | None) -> Iterator[Reading]:
    """The name alone does not decide: the description does, or what the tool offers to choose from."""
    if chosen and (own or (told and told.verb in lexicon().sets["umbrella"])):
        if told and told.sure and told.several:
            yield told._replace(certainty=Certainty.POSSIBLE)
        return
    if told is None:
        if own and not chosen:
            yield own
        return
    agree = own is not None and not own.actions.isdisjoint(told.actions)
    evidence = (own.evidence if own and agree else ()) + told.evidence
    certainty = Certainty.CERTAIN if agree and told.sure else Certainty.POSSIBLE
    yield told._replace(certainty=certainty, evidence=evidence)


def _chosen(own: Reading | None, text: str, fields: Sequence[Input]) -> Reading | None:
    """What a caller may choose that the tool does."""
    lex = lexicon()
    sure = own is not None and own.sure
    actions: list[str] = []
    methods: list[str] = []
    choice, manner = lex.parameters["choice"], lex.parameters["manner"]
    for item in fields:
        if item.key in choice or (not sure and item.key in manner):
            offered = item.values or _quoted(item)
            if not offered and item.key in lex.parameters["http_methods"] and takes_method(fields, text):
                offered = _ANY_METHOD
            (methods if offered and lex.http.keys() >= set(map(str.lower, offered)) else actions).extend(
                offered
            )
    if methods and not actions and (own is None or not sure or _requests(own)):
        return from_choices(methods)
    return from_choices(actions) if actions else None


def _quoted(item: Input) -> Sequence[str]:
    """The words that a parameter takes, as its description quotes or lists them where there is no enum."""
    lex = lexicon()
    if item.free and item.key in lex.parameters["runs"]:
        return ()
    low = item.description.lower()
    found = lex.said["quoted"].findall(low)
    if len(set(found)) > 1:
        return found
    match = lex.said["listed"].search(low)
    return lex.said["item"].findall(match[1]) if match else ()


def takes_method(fields: Sequence[Input], text: str) -> bool:
    """Whether the caller names any method of HTTP and the path that it is used on."""
    parameters = lexicon().parameters
    if "http method" in text.lower():
        return any(item.key in parameters["http_methods"] and item.free for item in fields)
    free = [item.key for item in fields if item.free and not item.depth]
    return not (parameters["http_methods"].isdisjoint(free) or parameters["requested"].isdisjoint(free))


def _requests(own: Reading) -> bool:
    """Whether the name says that it makes any request; `update_member` updates by whatever method."""
    lex = lexicon()
    return (
        own.verb in lex.sets["light"]
        or own.verb == "proxy"
        or not lex.parameters["requests"].isdisjoint(own.object)
    )


def _said_of(fields: Sequence[Input]) -> bool:
    """Whether the schema says of a statement that it can only read."""
    keys = lexicon().parameters["statement"]
    texts = [item.description for item in fields if item.key in keys and "only" in item.description]
    return any(phrase.reads_only for text in texts for phrase in phrases_in(text))


def _statement(own: Reading | None, text: str, fields: Sequence[Input]) -> str:
    """The parameter that takes a statement for a database engine; empty where the name says that it reads."""
    lex = lexicon()
    if own and own.sure and (own.settled or own.verb not in lex.parameters["database_verbs"]):
        return ""
    return _takes_statement(text, fields)


def _takes_statement(text: str, fields: Sequence[Input]) -> str:
    """The parameter that takes a statement for a database engine; empty where there is none."""
    lex = lexicon()
    for item in fields:
        if item.free and item.key in lex.parameters["database"]:
            return item.key
        maybe = item.free and item.key in lex.parameters["database_if_said"]
        if maybe and lex.said["database_said"].search(f"{item.description} {text[:400]}".lower()):
            return item.key
    return ""


def _tells(own: Reading | None, fields: Sequence[Input], done: Actions) -> str:
    """The parameter by which a tool also tells people of what it does; empty where there is none."""
    parameters = lexicon().parameters
    if "send" in done or not changes(done):
        return ""
    keys = [item.key for item in fields if not item.depth]
    drafts = own is not None and (own.verb == "draft" or not parameters["unsent"].isdisjoint(own.object))
    for key in keys:
        if key in parameters["notifies"] and not drafts:
            return key
    to = next((key for key in keys if key in parameters["addressees"]), "")
    return to if to and not drafts and not parameters["said_to_them"].isdisjoint(keys) else ""


def _by_schema(fields: Iterable[Input], done: Actions, note: tuple[str, ...]) -> Iterator[Act]:
    """What parameters tell: all of it where nothing else does, else what they add to a change."""
    if done and not changes(done):
        return
    parameters = lexicon().parameters
    for rule, actions in _ADDING if done else _TELLING:
        if actions <= done or (rule == "grants" and "write" not in done):
            continue
        for item in fields:
            opens = rule == "grants" and item.key in parameters["publishes"] and "public" in item.values
            if opens or item.key in parameters[rule]:
                yield Act(actions, Certainty.POSSIBLE, (f"it has a parameter `{item.key}`", *note))
                break
