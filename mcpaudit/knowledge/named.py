"""Which provider a tool's own words name, where its server does not tell."""

import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from mcpaudit.knowledge.lexicon import lexicon
from mcpaudit.knowledge.verb import Reading
from mcpaudit.knowledge.words import words

# Of so many systems a server is no server of any one.
_HUB = 3
_OPENING = 300
# Beginning with a plain character, it is found far quicker than a whole host.
_DOMAIN = re.compile(r"\.(?:com|org|net|io|dev|gov|ai|app|so|us)\b")
_WEB_SEARCH = re.compile(r"\bsearch(?:es|ing)? (?:the )?(?:web|internet)\b")
# What is official is written for the public; documents of one's own are called so by nobody.
_OFFICIAL = re.compile(r"\bofficial\b[^.\n]{0,60}\b(?:docs|documentation)\b")
_HOST = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|gov|ai|app|so|us)\b")


class Naming(Protocol):
    """What is asked of the provider packs."""

    def named_in(self, words: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The providers that the words name, each with the word that does."""

    def provider_of_host(self, host: str) -> tuple[str, ...]:
        """The providers that a host belongs to."""

    def default_kind(self, server_id: str) -> tuple[str, str] | None:
        """What a server's tools act on where their words do not tell."""


def providers_named(
    name: Sequence[str], text: str, own: Reading | None, server: str, providers: Sequence[str], packs: Naming
) -> Sequence[str]:
    """The providers of a tool: its server's; of many, or for want of any, the one that its own words name."""
    if providers and (len(providers) < _HUB or packs.default_kind(server)):
        return providers
    lex = lexicon()
    if providers:
        # A server of many systems: what names none of them is its own, or that of one without a pack.
        return [provider for provider, _ in packs.named_in(name) if provider in providers]
    first = [word for word in name[:1] if word not in lex.sets["not_providers"]]
    if first and (found := packs.named_in(first)):
        return [provider for provider, _ in found]
    machine = lex.sets["machine"]
    if not (machine.isdisjoint(name) and machine.isdisjoint(words(server))):
        return ("local",)
    if own is not None and own.observes:
        if not lex.sets["public"].isdisjoint(name):
            return ("search",)
        if not lex.sets["advice"].isdisjoint(name[-1:]):
            return ("none",)
    start = text[:_OPENING].lower()
    if own is not None and own.observes:
        documented = not lex.sets["documentation"].isdisjoint(name[-1:])
        searches = "search" in start and _WEB_SEARCH.search(start)
        if searches or (documented and _OFFICIAL.search(start)):
            return ("search",)
        computed = lex.sets["computed"]
        if not (computed.isdisjoint(name) and computed.isdisjoint(words(server))):
            return ("none",)
    hosts = _HOST.findall(start) if _DOMAIN.search(start) else ()
    return [provider for host in dict.fromkeys(hosts) for provider in packs.provider_of_host(host)][:1]
