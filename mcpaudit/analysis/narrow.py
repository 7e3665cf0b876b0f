"""Roots of a server that stays, held against what a profile needs below them: the narrowest that would do."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from mcpaudit.access.bounds import Reachable
from mcpaudit.access.paths import HOST
from mcpaudit.analysis.facts import Facts
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import MASK
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Need, Profile
from mcpaudit.model.pattern import Match
from mcpaudit.model.place import Place
from mcpaudit.model.plan import Narrow
from mcpaudit.model.server import Argument, Installation
from mcpaudit.parsing.document import value_at

_Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Root:
    word: Argument
    named: Reachable


def narrower(facts: Facts, profile: Profile, one: Installation) -> tuple[Narrow, ...]:
    """The roots in the entry that can be narrower, or go: a root that holds more than is needed below it.

    Nothing is said where the need is as wide as the root, or where a word has variables that are not known.
    """
    roots = list(_roots(facts, one))
    needs = {root.word.place: _needed(profile.needs, root) for root in roots}
    used = [root for root in roots if needs[root.word.place]]
    found: list[Narrow] = []
    for root in roots:
        wanted = needs[root.word.place]
        if wanted:
            rest = _shared(wanted)
            raw = _raw(facts, root.word.place)
            if rest and raw:
                mark = "\\" if "\\" in raw and "/" not in raw else "/"
                ends = [text.rstrip("/\\") + mark + mark.join(rest) for text in (raw, root.word.text)]
                found.append(Narrow(root.word.place, root.word.text, ends[0], ends[1]))
        elif used and _stands_alone(one, root.word):
            found.append(Narrow(root.word.place, root.word.text, "", ""))
    return tuple(found)


def _roots(facts: Facts, one: Installation) -> Iterator[_Root]:
    """The folders that words of the entry name, each by one word that is wholly known."""
    words = {word.place: word for word in (*one.entry.args, *(word for _, word in one.entry.own_env()))}
    for named in facts.access.bounds[one.id].named:
        resource, word = named.resource, words.get(named.place)
        if word is None or not word.known or MASK in word.text or named.certainty is not Certainty.CERTAIN:
            continue
        if (resource.provider, resource.tenant, resource.kind) == ("local", HOST, "file"):
            yield _Root(word, named)


def _stands_alone(one: Installation, word: Argument) -> bool:
    """Whether a word can go without leaving a flag behind that waits for it."""
    words = one.entry.server_args()
    at = words.index(word) if word in words else -1
    flag = at > 0 and words[at - 1].text.startswith("-") and "=" not in words[at - 1].text
    return at >= 0 and not flag and not word.text.startswith("-")


def _needed(needs: Sequence[Need], root: _Root) -> list[_Path]:
    """For each need that the root meets, the way from the root down to it; empty for the root itself."""
    found: list[_Path] = []
    resource = root.named.resource
    for need in needs:
        pattern = need.resource
        if pattern.match(resource) is Match.NONE:
            continue
        start = tuple(takewhile(lambda part: "*" not in part, pattern.path))
        # A need without a wildcard may be a file, and a root is a folder.
        start = start if len(start) < len(pattern.path) else start[:-1]
        below = [
            start[len(path) :] for path in (resource.path, *resource.aliases) if start[: len(path)] == path
        ]
        found.append(max(below, key=len, default=()))
    return found


def _shared(paths: Sequence[_Path]) -> _Path:
    """The folder that holds all of them."""
    parts = zip(*paths, strict=False)
    return tuple(part[0] for part in takewhile(lambda part: len(set(part)) == 1, parts))


def _raw(facts: Facts, place: Place) -> str:
    """The word as the file has it, variables and all."""
    document = facts.collected.documents.get(place.file)
    value = value_at(document.data, place.route) if document else None
    return value if isinstance(value, str) else ""
