"""What a tool can do, and to what, worked out from its name, its description and its schema."""

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Protocol

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.acts import Act, Target, claimed, own_acts
from mcpaudit.knowledge.api_call import from_call
from mcpaudit.knowledge.beside import FILE, acts_beside
from mcpaudit.knowledge.code import acts_of_code, beside_of_code, providers_by_code
from mcpaudit.knowledge.named import providers_named
from mcpaudit.knowledge.prose import phrases_in
from mcpaudit.knowledge.verb import Reading, from_name
from mcpaudit.knowledge.words import inputs, words
from mcpaudit.model.action import Actions
from mcpaudit.model.certainty import Certainty, weakest
from mcpaudit.model.manifest import Evidence, Hints, Parameter, Tool, Touch
from mcpaudit.parsing.document import Json

UNKNOWN: Target = ("unknown", "")
_UNSETTLED = ((UNKNOWN,), (("local", ""),))
_SEARCH = frozenset({"search"})
NOTHING = "none"
"""The provider of what acts on nothing that outlasts the call."""
_CLAIMS_NOTHING = Hints()
_HERE = (UNKNOWN[0], FILE[0], NOTHING)
_STAND_INS = frozenset({"all", "it", "one", "that", "them", "these", "this"})
"""Words that stand for a noun and name none."""


@dataclass(frozen=True, slots=True)
class RawTool:
    """A tool as a server describes it."""

    name: str
    title: str = ""
    description: str = ""
    input_schema: dict[str, Json] = field(default_factory=dict)
    annotations: dict[str, Json] = field(default_factory=dict)
    code: tuple[Evidence, ...] = ()
    """What its handler reaches, where the server's source was read."""


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

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The providers that the words name, each with the word that does."""

    def provider_of_host(self, host: str) -> tuple[str, ...]:
        """The providers that a host belongs to."""

    def default_kind(self, server_id: str) -> Target | None:
        """What a server's tools act on where their words do not tell."""


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
    providers = providers or providers_by_code(raw.code, packs)
    name = words(raw.name)
    own = from_name(name, frozenset(words(server)))
    own = from_call(name, raw.description, server, providers, own) or own
    hints = _hints(raw.annotations)
    phrases = phrases_in(raw.description)
    acts = list(own_acts(own, raw.description, raw.title, fields, phrases))
    done: Actions = frozenset().union(*(act.actions for act in acts))
    if len(providers) != 1:
        providers = providers_named(name, raw.description, own, server, providers, packs)
    targets, guessed = _targets(name, own, server, providers, packs)
    foreign = next((provider for provider, _ in targets if provider not in _HERE), "")
    extra = list(acts_beside(own, raw.description, fields, phrases, foreign, done))
    acts = acts or list(claimed(hints, raw.description))
    if raw.code:
        acts += acts_of_code(raw.code, done)
        extra += beside_of_code(raw.code, own, fields, foreign, done)
    if _SEARCH.issuperset(provider for provider, _ in targets) or targets in _UNSETTLED:
        # A tool of no provider that runs a command, fetches a URL or takes a path acts on that, and
        # not besides on something unknown; a URL or a place to save that it only mentions does not settle it.
        targets = tuple(dict.fromkeys(act.target for act in extra if act.target and act.settles)) or targets
    if guessed:
        acts = [_doubted(act, targets[0]) for act in acts]
    parameters = tuple(Parameter(i.name, i.type, i.values, i.required) for i in fields if not i.depth)
    return Tool(raw.name, _touches(acts, extra, targets), hints, parameters, raw.title)


def _targets(
    name: Sequence[str], own: Reading | None, server: str, providers: Sequence[str], packs: Packs
) -> tuple[tuple[Target, ...], bool]:
    """What the tool acts on, and whether that is only what its server is mostly about."""
    if providers:
        matches = packs.kinds_for(own.object, providers) if own and own.object else ()
        matches = matches or packs.kinds_for(name, providers)
        if matches:
            return tuple(dict.fromkeys((match.provider, match.kind) for match in matches)), False
    default = packs.default_kind(server)
    if default:
        # A bare verb speaks of what the server is about; `get-current-time` names something else.
        names_another = own is None or not set(own.object) <= _STAND_INS
        return (default,), names_another and default[0] != NOTHING
    if providers and (matches := packs.kinds_for(words(server), providers[:1])):
        # `excel-tools` works on files, whatever its tools are called.
        return tuple((match.provider, match.kind) for match in matches), False
    return (((providers[0], ""),) if providers else (UNKNOWN,)), False


def _doubted(act: Act, target: Target) -> Act:
    """What may as well be done to something else, of which nothing is known."""
    why = f"nothing in its name says what it acts on; its server is about {':'.join(target)}"
    return act._replace(certainty=weakest(act.certainty, Certainty.POSSIBLE), evidence=(*act.evidence, why))


def _touches(acts: Sequence[Act], extra: Sequence[Act], targets: Sequence[Target]) -> tuple[Touch, ...]:
    """The acts on their targets, one touch for each target and certainty."""
    grouped: dict[tuple[Target, Certainty], list[Act]] = {}
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
    if not annotations:
        return _CLAIMS_NOTHING

    def claim(key: str) -> bool | None:
        value = annotations.get(key)
        return value if isinstance(value, bool) else None

    return Hints(
        claim("readOnlyHint"), claim("destructiveHint"), claim("idempotentHint"), claim("openWorldHint")
    )
