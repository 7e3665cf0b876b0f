"""Which providers a server talks to, judged by evidence and never by the name that the user gave it."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.server import Server

_TOKEN = re.compile(r"[a-z0-9]+")
_CREDENTIAL = frozenset({"key", "token", "secret", "password", "pat", "apikey", "credentials", "url", "host"})
# `AZURE_OPENAI_API_KEY` opens a model and nothing that tools work on.
_OF_MODELS = frozenset({"openai", "ai", "genai", "gemini", "llm", "model"})
_NO_PROVIDERS = frozenset({"local", "none", "search", "web"})


@dataclass(frozen=True, slots=True)
class ProviderMatch:
    """A provider that a server talks to, how sure that is and why."""

    provider: str
    certainty: Certainty
    reason: str
    """A clause: "it is called at mcp.linear.app"."""


def providers_of(server: Server, env_names: Sequence[str], packs: Packs) -> tuple[ProviderMatch, ...]:
    """The providers of a server by the strongest kind of evidence there is; none where there is none."""
    for evidence in (
        _by_id(server, packs),
        _by_host(server, packs),
        _by_variable(env_names, packs),
        _by_word(server, packs),
        _by_beginning(env_names, packs),
    ):
        if found := {match.provider: match for match in reversed([*evidence])}:
            return tuple(found[provider] for provider in sorted(found))
    return ()


def _by_id(server: Server, packs: Packs) -> Iterator[ProviderMatch]:
    what = {"url": "address", "oci": "image"}.get(server.id.partition(":")[0], "package")
    for provider in packs.provider_of_server(server.id):
        pack = packs.get(provider)
        title = pack.title if pack else provider
        yield ProviderMatch(provider, Certainty.CERTAIN, f"its {what} is listed under {title}")


def _by_host(server: Server, packs: Packs) -> Iterator[ProviderMatch]:
    host = _host(server)
    for provider in packs.provider_of_host(host) if host else ():
        yield ProviderMatch(provider, Certainty.CERTAIN, f"it is called at {host}")


def _by_variable(env_names: Sequence[str], packs: Packs) -> Iterator[ProviderMatch]:
    for name in env_names:
        if provider := packs.provider_of_variable(name):
            yield ProviderMatch(provider, Certainty.POSSIBLE, f"it is given {name}")


def _by_word(server: Server, packs: Packs) -> Iterator[ProviderMatch]:
    what, name = _own_name(server)
    for provider, word in packs.named_in(_TOKEN.findall(name.lower())):
        if server.id == f"command:{word}":
            continue  # `docker`, `git`: a launcher, whatever it launches
        yield ProviderMatch(provider, Certainty.POSSIBLE, f"its {what} name says {word}")


def _by_beginning(env_names: Sequence[str], packs: Packs) -> Iterator[ProviderMatch]:
    """Variables that no pack lists and that begin with a provider's name: `NOTION_WORKSPACE_SECRET`."""
    for name in env_names:
        first, *rest = _TOKEN.findall(name.lower()) or ("",)
        if _CREDENTIAL.isdisjoint(rest[-1:]) or not _OF_MODELS.isdisjoint(rest):
            continue
        for provider, _ in packs.named_in((first,)):
            if provider not in _NO_PROVIDERS:
                yield ProviderMatch(provider, Certainty.POSSIBLE, f"it is given {name}")


def _own_name(server: Server) -> tuple[str, str]:
    """The name that the server's author gave it, and what it is the name of."""
    scheme, _, rest = server.id.partition(":")
    if scheme == "oci" and "." in rest.partition("/")[0]:
        # The host of a registry (`docker.io`, `docker.pkg.dev`) is no part of an image's name.
        return "image", rest.partition("/")[2]
    if server.package:
        return "image" if scheme == "oci" else "package", server.package.name
    if scheme in ("npm", "pypi", "mcpb"):
        return "package", rest
    if scheme == "oci":
        return "image", rest
    if scheme == "path":
        return "file", re.split(r"[/\\]", rest.rstrip("/\\"))[-1]
    return ("command", rest) if scheme == "command" else ("", "")


def _host(server: Server) -> str:
    url = server.url or (server.id.removeprefix("url:") if server.id.startswith("url:") else "")
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
