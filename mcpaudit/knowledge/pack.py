"""What is known of providers: their resources, scopes, credentials and servers, and how to look it up."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack_reader import (
    Bound,
    CredentialKind,
    Grant,
    Kind,
    Outline,
    Pack,
    Reach,
    Scope,
    Switch,
    complete,
    outline,
)
from mcpaudit.model.glob import globbed
from mcpaudit.shipped import PACKAGE

__all__ = [
    "Bound",
    "CredentialKind",
    "Grant",
    "Kind",
    "KindMatch",
    "Pack",
    "Packs",
    "Reach",
    "Scope",
    "Switch",
]

_DOCKER_HUB = ("oci:docker.io/library/", "oci:docker.io/", "oci:index.docker.io/")


@dataclass(frozen=True, slots=True)
class KindMatch:
    """A kind of resource that a tool's name speaks of, and the noun that says so."""

    provider: str
    kind: str
    noun: str


class Packs:
    """All packs together, indexed for the questions that an audit asks."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self._outlines = {head.provider: head for head in sorted(outlines, key=lambda head: head.provider)}
        heads = self._outlines.values()
        self._packs: dict[str, Pack] = {}
        self._nouns: dict[str, dict[tuple[str, ...], str]] = {}
        self._servers = _Globs((plain(glob), head.provider) for head in heads for glob in head.servers)
        self._hosts = _Globs((host, head.provider) for head in heads for host in head.hosts)
        self._names: dict[str, list[tuple[str, int]]] = defaultdict(list)
        """The providers that go by a name, and its rank among theirs."""
        self._variables: dict[str, set[str]] = defaultdict(set)
        self._prefixes: tuple[tuple[str, str, str], ...] = ()
        for head in heads:
            for rank, name in enumerate((head.provider, *head.aliases)):
                self._names[name].append((head.provider, rank))
            for name in (name for credential in head.credentials for name in credential.env):
                self._variables[name].add(head.provider)

    @staticmethod
    @cache
    def shipped() -> "Packs":
        """The packs that come with mcpaudit."""
        return Packs.load(PACKAGE / "knowledge/packs")

    @classmethod
    def load(cls, folder: Path) -> "Packs":
        """The packs in a folder, one per `.yaml` file."""
        texts = (file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".yaml"))
        return cls(map(outline, texts))

    def get(self, provider: str) -> Pack | None:
        """The pack of a provider."""
        if provider not in self._packs and provider in self._outlines:
            self._packs[provider] = complete(self._outlines[provider])
        return self._packs.get(provider)

    def providers(self) -> tuple[str, ...]:
        """All provider ids, sorted."""
        return tuple(self._outlines)

    def servers(self) -> tuple[str, ...]:
        """The servers that packs name in full."""
        return self._servers.names()

    def lineage(self, provider: str, kind: str) -> tuple[str, ...]:
        """The kinds that contain a kind, nearest first."""
        pack = self.get(provider)
        found: list[str] = []
        while pack and kind in pack.kinds and (kind := pack.kinds[kind].parent) and kind not in found:
            found.append(kind)
        return tuple(found)

    def labels(self, provider: str, kind: str) -> frozenset[str]:
        """A kind's labels with those of the kinds that contain it; for the kind `""`, those of all kinds."""
        pack = self.get(provider)
        if pack is None:
            return frozenset()
        names = (kind, *self.lineage(provider, kind)) if kind else tuple(pack.kinds)
        return frozenset().union(*(pack.kinds[name].labels for name in names if name in pack.kinds))

    def kinds_for(self, words: Sequence[str], providers: Sequence[str]) -> tuple[KindMatch, ...]:
        """The kind that a tool name's words mean, for each provider that knows one of them.

        The noun of most words wins, then the last in the name.
        """
        found = (
            (provider, self._best(words, self._nouns_of(provider))) for provider in dict.fromkeys(providers)
        )
        return tuple(KindMatch(provider, *best) for provider, best in found if best)

    def switches(self, server_id: str) -> tuple[Switch, ...]:
        """What can limit a server."""
        packs = self._packs_of(server_id)
        return tuple(item for pack in packs for item in pack.switches if _fits(item, server_id))

    def bounds(self, server_id: str) -> tuple[Bound, ...]:
        """Where a server's entry says what it reaches."""
        packs = self._packs_of(server_id)
        return tuple(item for pack in packs for item in pack.bounds if _fits(item, server_id))

    def default_kind(self, server_id: str) -> tuple[str, str] | None:
        """The provider and kind that a server's tools touch where their names do not say it."""
        # A pack names single servers before `*`, which stands for all that it lists.
        for pack in self._packs_of(server_id):
            for glob, kind in sorted(pack.tools, key=lambda item: item[0] == "*"):
                if globbed(plain(server_id), plain(glob)):
                    return pack.provider, kind
        return None

    def reaches(self, provider: str) -> tuple[Reach, ...]:
        """What comes along with a provider's data."""
        pack = self.get(provider)
        return pack.reaches if pack else ()

    def covers(self, provider: str, kind: str) -> tuple[str, ...]:
        """Patterns over other resources that a universal kind contains."""
        pack = self.get(provider)
        return pack.covers.get(kind, ()) if pack else ()

    def provider_of_server(self, server_id: str) -> tuple[str, ...]:
        """The providers whose packs list a server."""
        return self._servers.matching(plain(server_id))

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The providers whose id or alias is one of the words, each with the first word that says so."""
        found: dict[str, tuple[int, str]] = {}
        for word in words:
            for provider, rank in self._names.get(word, ()):
                found[provider] = min(found.get(provider, (rank, word)), (rank, word))
        return tuple((provider, found[provider][1]) for provider in sorted(found))

    def provider_of_variable(self, name: str) -> str:
        """The one provider whose credentials stand in a variable; empty where none or several do."""
        found = self._variables.get(name, set())
        return next(iter(found)) if len(found) == 1 else ""

    def provider_of_host(self, host: str) -> tuple[str, ...]:
        """The providers that a host belongs to: those that name it, else those with a pattern for it."""
        plain = host.lower().rstrip(".")
        return self._hosts.exact(plain) or self._hosts.matching(plain)

    def credential_kind(self, provider: str, kind_id: str, variable: str) -> CredentialKind | None:
        """A provider's credential by its id, else by the variable that holds it."""
        head = self._outlines.get(provider)
        listed = head.credentials if head else ()
        by_id = (item for item in listed if item.id == kind_id)
        by_variable = (item for item in listed if variable in item.env)
        return next(by_id, None) or next(by_variable, None)

    def prefixes(self) -> tuple[tuple[str, str, str], ...]:
        """How secrets begin: prefix, provider and credential id, longest first."""
        listed = ((head.provider, item) for head in self._outlines.values() for item in head.credentials)
        found = ((prefix, provider, item.id) for provider, item in listed for prefix in item.prefix)
        if not self._prefixes:
            self._prefixes = tuple(sorted(found, key=lambda row: (-len(row[0]), row)))
        return self._prefixes

    def _packs_of(self, server_id: str) -> tuple[Pack, ...]:
        return tuple(pack for one in self.provider_of_server(server_id) if (pack := self.get(one)))

    def _nouns_of(self, provider: str) -> dict[tuple[str, ...], str]:
        if provider not in self._nouns:
            pack = self.get(provider)
            kinds = pack.kinds.values() if pack else ()
            self._nouns[provider] = {
                tuple(noun.split("_")): kind.name for kind in kinds for noun in kind.nouns
            }
        return self._nouns[provider]

    @staticmethod
    def _best(words: Sequence[str], nouns: dict[tuple[str, ...], str]) -> tuple[str, str] | None:
        for length in range(min(len(words), max(map(len, nouns), default=0)), 0, -1):
            for start in range(len(words) - length, -1, -1):
                *head, last = words[start : start + length]
                for form in _singulars(last):
                    noun = (*head, form)
                    if noun in nouns:
                        return nouns[noun], "_".join(noun)
        return None


class _Globs:
    """Providers by exact name or by pattern, in the order in which they were given."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, list[str]] = defaultdict(list)
        self._patterns: list[tuple[str, str, str]] = []
        self._matched: dict[str, tuple[str, ...]] = {}
        for glob, provider in items:
            if "*" in glob:
                self._patterns.append((glob[: glob.index("*")], glob, provider))
            else:
                self._exact[glob].append(provider)

    def names(self) -> tuple[str, ...]:
        """What is named in full."""
        return tuple(self._exact)

    def exact(self, name: str) -> tuple[str, ...]:
        """The providers under exactly this name."""
        return tuple(dict.fromkeys(self._exact.get(name, ())))

    def matching(self, name: str) -> tuple[str, ...]:
        """The providers whose name or pattern fits."""
        found = self._matched.get(name)
        if found is None:
            # Comparing the literal beginning first spares compiling patterns that cannot fit.
            fitting = [
                provider
                for start, glob, provider in self._patterns
                if name.startswith(start) and globbed(name, glob)
            ]
            found = tuple(dict.fromkeys((*self._exact.get(name, ()), *fitting)))
            self._matched[name] = found
        return found


def _fits(item: Switch | Bound, server_id: str) -> bool:
    return globbed(plain(server_id), plain(item.server))


def plain(name: str) -> str:
    """A server's id as its index takes it: names of PyPI have no capitals and one sort of separator."""
    lowered = name.lower()
    if lowered.startswith("pypi:"):
        return lowered.replace("_", "-").replace(".", "-")
    for start in _DOCKER_HUB:
        if lowered.startswith(start):
            return "oci:" + lowered.removeprefix(start)
    return lowered


def _singulars(word: str) -> Iterator[str]:
    yield word
    if len(word) > 3 and word.endswith("ies"):
        yield word[:-3] + "y"
    if len(word) > 2 and word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    if len(word) > 3 and word.endswith("es"):
        yield word[:-2]
