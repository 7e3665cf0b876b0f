"""What a tool can do, and to what, worked out from its name, its description and its schema."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mcpaudit.knowledge.api_call import from_call
from mcpaudit.knowledge.verb import (
    DATABASE,
    Phrase,
    Reading,
    from_choices,
    from_description,
    from_name,
    lexicon,
    phrases_in,
)
from mcpaudit.knowledge.words import Input, inputs, words
from mcpaudit.model.action import EVERYTHING, Actions, changes
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Hints, Parameter, Tool, Touch
from mcpaudit.parsing.document import Json

Target = tuple[str, str]
EXEC, FILE, WEB, UNKNOWN = ("local", "exec"), ("local", "file"), ("web", "http"), ("unknown", "")
_READ: Actions = frozenset({"read"})
_DESTROYING: Actions = frozenset({"write", "delete"})


@dataclass(frozen=True, slots=True)
class RawTool:
    """A tool as a server describes it."""

    name: str
    title: str = ""
    description: str = ""
    input_schema: dict[str, Json] = field(default_factory=dict)
    annotations: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """The tools of a list, and how many of its items were no tools."""

    tools: tuple[RawTool, ...]
    skipped: int = 0


class KindMatch(Protocol):
    """A kind of thing that words speak of."""

    @property
    def provider(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def noun(self) -> str: ...


class Packs(Protocol):
    """What inference asks of the provider packs."""

    def kinds_for(self, words: Sequence[str], providers: Sequence[str]) -> Sequence[KindMatch]:
        """The kinds of the given providers that the words name."""

    def default_kind(self, server_id: str) -> Target | None:
        """What a server's tools act on where their words do not tell."""


@dataclass(frozen=True, slots=True)
class _Act:
    """Actions with their certainty and grounds, before it is settled what they are done to."""

    actions: Actions
    certainty: Certainty
    evidence: tuple[str, ...]
    target: Target | None = None
    settles: bool = False
    """Whether the target is what the whole tool is about."""


def read_listing(document: Json) -> Listing | None:
    """The tools of a `tools/list` answer, bare or wrapped; `None` where the document is no such list."""
    inner = document.get("result", document) if isinstance(document, dict) else document
    items = inner.get("tools") if isinstance(inner, dict) else inner
    if not isinstance(items, list):
        return None
    tools = tuple(tool for item in items if (tool := _raw(item)))
    return Listing(tools, len(items) - len(tools))


def parse_tools_list(document: Json) -> tuple[RawTool, ...] | None:
    """The usable tools of a `tools/list` answer; `read_listing` also counts the unusable ones."""
    listing = read_listing(document)
    return listing.tools if listing else None


def _raw(item: Json) -> RawTool | None:
    name = item.get("name") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(name, str) or not name.strip():
        return None
    title, text = item.get("title"), item.get("description")
    schema, hints = item.get("inputSchema", item.get("input_schema")), item.get("annotations")
    return RawTool(
        name,
        title if isinstance(title, str) else "",
        text if isinstance(text, str) else "",
        schema if isinstance(schema, dict) else {},
        hints if isinstance(hints, dict) else {},
    )


def infer(raw: RawTool, server: str, providers: Sequence[str], packs: Packs) -> Tool:
    """The tool with what it touches, as far as its own words show; its annotations stay claims."""
    fields = inputs(raw.input_schema)
    name = words(raw.name)
    own = from_name(name, frozenset(words(server)))
    own = from_call(name, raw.description, server, providers, own) or own
    hints = _hints(raw.annotations)
    phrases = phrases_in(raw.description)
    acts = list(_acts(raw, own, fields, phrases))
    done: Actions = frozenset().union(*(act.actions for act in acts))
    targets = _targets(name, own, server, providers, packs)
    foreign = next((provider for provider, _ in targets if provider not in (UNKNOWN[0], FILE[0])), "")
    extra = list(_elsewhere(raw, own, fields, foreign, done))
    extra += (
        _Act(one.actions, Certainty.POSSIBLE, (one.says,), _target(one.on)) for one in phrases if one.on
    )
    acts = acts or list(_claimed(hints))
    if targets == (UNKNOWN,):
        # A tool of no provider that runs a command, fetches a URL or takes a path acts on that, and
        # not besides on something unknown; a URL or a place to save that it only mentions does not settle it.
        targets = tuple(dict.fromkeys(act.target for act in extra if act.target and act.settles)) or targets
    parameters = tuple(Parameter(i.name, i.type, i.values, i.required) for i in fields if not i.depth)
    return Tool(raw.name, _touches(acts, extra, targets), hints, parameters, raw.title)


def _acts(
    raw: RawTool, own: Reading | None, fields: Sequence[Input], found: Sequence[Phrase]
) -> Iterator[_Act]:
    """What is done to the tool's own kind of thing, by the rules in their order."""
    told = from_description(raw.description) or from_description(raw.title)
    observes = own is not None and own.certainty is Certainty.CERTAIN and not changes(own.actions)
    phrases = [one for one in found if not one.on and not (one.weak and observes)]
    reads_only = any(phrase.reads_only for phrase in phrases)
    chosen = from_choices(_choices(fields))
    fired = False
    for reading in _agreed(own, told, chosen):
        fired = True
        actions = _READ if reads_only and reading.actions == DATABASE else reading.actions
        certainty = (
            Certainty.POSSIBLE if reading.actions == DATABASE and not reads_only else reading.certainty
        )
        yield _Act(actions, certainty, reading.evidence)
    if (sql := _database(raw, own, fields)) and not reads_only:
        fired = True
        # `execute_sql(sql)` runs whatever it is given; a `query` may be limited to questions.
        runs = own is not None and own.verb in lexicon().parameters["database_runs"]
        certainty = Certainty.CERTAIN if runs else Certainty.POSSIBLE
        yield _Act(DATABASE, certainty, (f"its parameter `{sql}` takes a statement for the database",))
    for phrase in phrases:
        if changes(phrase.actions) or not fired:
            fired = True
            yield _Act(phrase.actions, Certainty.POSSIBLE, (phrase.says,))
    if not fired:
        yield from _by_schema(fields)


def _agreed(own: Reading | None, told: Reading | None, chosen: Reading | None) -> Iterator[Reading]:
    """Name, description and choices weighed against each other."""
    sure = Certainty.CERTAIN
    weak_name = own is None or own.certainty is not sure
    if chosen:
        yield chosen
    if own and (not weak_name or not (told or chosen)):
        yield own
    if told and weak_name and not (chosen and own):
        agree = own is not None and not own.actions.isdisjoint(told.actions)
        evidence = (own.evidence if own and agree else ()) + told.evidence
        certainty = sure if agree and told.certainty is sure else Certainty.POSSIBLE
        yield Reading(told.actions, certainty, evidence, told.verb)
    light = told is not None and told.verb in lexicon().sets["light"]
    raises = told is not None and told.certainty is sure and changes(told.actions)
    if told and own and raises and not weak_name and not light and not changes(own.actions):
        yield Reading(told.actions, Certainty.POSSIBLE, told.evidence, told.verb)


def _choices(fields: Sequence[Input]) -> Iterator[str]:
    lex = lexicon()
    for item in fields:
        if item.key in lex.parameters["choice"]:
            # Where there is no enum, the description often quotes the words that it takes.
            yield from item.values or lex.said["quoted"].findall(item.description.lower())


def _database(raw: RawTool, own: Reading | None, fields: Sequence[Input]) -> str:
    """The parameter that takes a statement for a database engine; empty where the name says that it reads."""
    lex = lexicon()
    if own and own.certainty is Certainty.CERTAIN and own.verb not in lex.parameters["database_verbs"]:
        return ""
    for item in fields:
        if item.free and item.key in lex.parameters["database"]:
            return item.key
        text = f"{item.description} {raw.description[:400]}".lower()
        maybe = item.free and item.key in lex.parameters["database_if_said"]
        if maybe and lex.said["database_said"].search(text):
            return item.key
    return ""


def _by_schema(fields: Iterable[Input]) -> Iterator[_Act]:
    lex = lexicon()
    for rule, actions in (("content", {"write"}), ("change", {"write"}), ("paging", {"list", "read"})):
        for item in fields:
            if item.key in lex.parameters[rule]:
                yield _Act(frozenset(actions), Certainty.POSSIBLE, (f"it has a parameter `{item.key}`",))
                break


def _claimed(hints: Hints) -> Iterator[_Act]:
    """Nothing was worked out: the claims are noted, and all the rest stays possible but unknown."""
    if hints.read_only:
        yield _Act(_READ, Certainty.POSSIBLE, ("its server claims that it only reads",))
    elif hints.destructive:
        yield _Act(
            frozenset({"write", "delete"}), Certainty.POSSIBLE, ("its server claims that it destroys",)
        )
    yield _Act(
        EVERYTHING, Certainty.UNKNOWN, ("nothing in its name, description or schema tells what it does",)
    )


def _elsewhere(
    raw: RawTool, own: Reading | None, fields: Sequence[Input], foreign: str, done: Actions
) -> Iterator[_Act]:
    """What the tool's inputs reach besides its own kind of thing: the shell, the web, local files.

    `foreign` is a known provider beyond this machine, so that a path or a command may be its own; else empty.
    """
    lex = lexicon()
    sure = own is not None and own.certainty is Certainty.CERTAIN
    executes = "execute" in done
    for item in fields:
        if item.depth > 1 or not item.free:
            continue
        if foreign and item.key in lex.parameters["any_call"]:
            evidence = (f"its parameter `{item.key}` takes any call that the provider knows",)
            yield _Act(EVERYTHING, Certainty.CERTAIN, evidence, (foreign, ""))
        elif item.key in lex.parameters["runs"] and _runs(raw, own, item, executes):
            on_page = item.key in lex.parameters["runs_in_page"] and bool(foreign)
            evidence = (f"its parameter `{item.key}` takes free text that is run",)
            certainty = Certainty.CERTAIN if sure and executes and not foreign else Certainty.POSSIBLE
            yield _Act(frozenset({"execute"}), certainty, evidence, None if on_page else EXEC, settles=True)
        elif item.key in lex.parameters["url"]:
            for_web = own is None or own.verb in lex.parameters["web_verbs"]
            if foreign and not for_web:
                continue  # an address that a provider stores, and does not fetch
            certainty = Certainty.CERTAIN if not foreign or sure else Certainty.POSSIBLE
            evidence = (f"its parameter `{item.key}` takes any address",)
            yield _Act(frozenset({"read", "send"}), certainty, evidence, WEB, settles=for_web)
        elif _is_output(item):
            certainty = Certainty.CERTAIN if item.key in lex.parameters["output"] else Certainty.POSSIBLE
            evidence = ("a parameter says where on this machine it saves",)
            yield _Act(frozenset({"create", "write"}), certainty, evidence, FILE)
        elif item.key in lex.parameters["path"] and not (foreign or item.depth or executes):
            evidence = (f"its parameter `{item.key}` takes any path",)
            yield _Act(done or _READ, Certainty.POSSIBLE, evidence, FILE, settles=True)


def _target(text: str) -> Target:
    provider, _, kind = text.partition(":")
    return provider, kind


def _runs(raw: RawTool, own: Reading | None, item: Input, executes: bool) -> bool:
    """Whether a `command` or `code` is run, and not merely stored, explained or looked up."""
    lex = lexicon()
    decided = own is not None and own.certainty is Certainty.CERTAIN
    if executes and (not decided or (own is not None and "execute" in own.actions)):
        return True
    if not decided and item.key not in lex.parameters["runs_if_said"]:
        return True
    text = item.description if decided else f"{item.description} {raw.description[:200]}"
    return lex.said["runs_said"].search(text.lower()) is not None


def _is_output(item: Input) -> bool:
    lex = lexicon()
    if item.key in lex.parameters["output"]:
        return True
    # `file_path`, `responseFilePath`: either may also be read from, so the description decides.
    like = item.key.endswith(tuple(lex.parameters["output_like"]))
    return like and lex.said["output_said"].search(item.description.lower()) is not None


def _targets(
    name: Sequence[str], own: Reading | None, server: str, providers: Sequence[str], packs: Packs
) -> tuple[Target, ...]:
    if providers:
        matches = packs.kinds_for(own.object, providers) if own and own.object else ()
        matches = matches or packs.kinds_for(name, providers)
        if matches:
            return tuple(dict.fromkeys((match.provider, match.kind) for match in matches))
    default = packs.default_kind(server)
    if default:
        return (default,)
    return ((providers[0], ""),) if providers else (UNKNOWN,)


def _touches(acts: Sequence[_Act], extra: Sequence[_Act], targets: Sequence[Target]) -> tuple[Touch, ...]:
    """The acts on their targets, one touch for each target and certainty."""
    grouped: dict[tuple[Target, Certainty], list[_Act]] = {}
    placed = [(act, target) for target in targets for act in acts]
    placed += [(act, act.target or targets[0]) for act in extra]
    for act, target in placed:
        grouped.setdefault((target, act.certainty), []).append(act)
    touches = []
    for (target, certainty), group in grouped.items():
        actions: Actions = frozenset().union(*(act.actions for act in group))
        if certainty is Certainty.POSSIBLE:
            known = grouped.get((target, Certainty.CERTAIN), ())
            actions -= frozenset().union(*(act.actions for act in known))
        if actions:
            evidence = tuple(dict.fromkeys(line for act in group for line in act.evidence))
            touches.append(Touch(*target, actions, certainty, evidence))
    return tuple(touches)


def _hints(annotations: dict[str, Json]) -> Hints:
    def claim(key: str) -> bool | None:
        value = annotations.get(key)
        return value if isinstance(value, bool) else None

    return Hints(
        claim("readOnlyHint"), claim("destructiveHint"), claim("idempotentHint"), claim("openWorldHint")
    )
