"""One client's facts: in words for a terminal, and the parts that the page in `docs` is made of as well."""

from collections.abc import Mapping
from pathlib import Path

from mcpaudit.clients.client import AgentConfig, Decide
from mcpaudit.clients.outcome import client_of
from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.client_facts import PLATFORMS, ClientFacts, Read, Source
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import MODES, Mode
from mcpaudit.model.manifest import Hints, Tool
from mcpaudit.model.place import Place
from mcpaudit.model.server import Agent, Installation, Server
from mcpaudit.model.site import Platform, Site
from mcpaudit.report.page import Page

PLATFORM_TITLES: Mapping[Platform, str] = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}
_READ_ONLY = Hints(read_only=True)
# All claims that a client's decision may hang on; what it believes of them is found by asking it.
_CLAIMS = {
    "`readOnlyHint: true`": _READ_ONLY,
    "`destructiveHint: true`": Hints(destructive=True),
    "`destructiveHint: false` with `openWorldHint: false`": Hints(destructive=False, open_world=False),
}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a client does with a server's tool that no rule names, as its own `decide` answers."""

    plain: Mapping[Mode, str]
    """By mode, where the server claims nothing: `ask`, or `ask, not certain`."""
    read_only: Mapping[Mode, str]
    """The same, where the server claims that the tool only reads."""
    believed: tuple[str, ...]
    """The server's claims that change a decision."""


def defaults(client: str) -> Defaults:
    """What a client decides where no file says anything."""
    decide = client_of(client).decide
    plain = _outcomes(client, decide, Hints())
    believed = [name for name, hints in _CLAIMS.items() if _outcomes(client, decide, hints) != plain]
    return Defaults(plain, _outcomes(client, decide, _READ_ONLY), tuple(believed))


def _outcomes(client: str, decide: Decide, hints: Hints) -> Mapping[Mode, str]:
    config = AgentConfig(Agent(client, client, client))
    one = Installation(client, client, "server", Server("npm:server"), "user", Place("file"))
    found: dict[Mode, str] = {}
    for mode in MODES:
        decision = decide(config, one, Tool("tool", (), hints), mode)
        unsure = decision.certainty is Certainty.POSSIBLE
        found[mode] = decision.verdict.value + (", not certain" if unsure else "")
    return found


def shown_paths(read: Read) -> dict[Platform, str]:
    """Where a file lies, by platform, as reports name it; on Windows with the drive."""
    found = {}
    for platform in PLATFORMS:
        if platform in read.paths:
            site = Site(Path("project"), Path("home"), Path("root"), platform)
            located = site.locate(read.paths[platform])
            name = located[1] if located else read.paths[platform]
            found[platform] = f"C:{name}" if platform == "windows" and name.startswith("/") else name
    return found


def client_page(page: Page, facts: ClientFacts) -> None:
    """Write all that is known of a client; sources are numbered, and listed at the end."""
    numbers = {source: number for number, source in enumerate(facts.sources.values(), 1)}
    page.write(f"{facts.title} ({facts.id})")
    page.heading("A tool of a server that no rule names")
    _defaults(page, defaults(facts.id))
    page.heading("What is read")
    for read in facts.reads:
        paths = shown_paths(read)
        if len(paths) == len(PLATFORMS) and len(set(paths.values())) == 1:
            page.write(next(iter(paths.values())), 2, hang=4)
        else:
            for platform, path in paths.items():
                page.write(f"{path} ({PLATFORM_TITLES[platform]})", 2, hang=4)
        page.write(f"{read.level}: {read.holds} [{numbers[read.source]}]", 6)
    for heading, listed in facts.sections:
        page.heading(heading)
        for fact in listed:
            page.write(f"- {fact.text} [{numbers[fact.source]}]", 2, hang=4)
    page.heading("Sources")
    for source, number in numbers.items():
        page.write(f"[{number}] {in_words(source)}", 2, hang=6)


def in_words(source: Source) -> str:
    """A source with its date."""
    return f"{source.title}, {source.date}"


def _defaults(page: Page, found: Defaults) -> None:
    for mode in MODES:
        page.write(f"{mode}: {outcome(found, mode)}", 2, hang=4)
    claims = " and ".join(found.believed)
    believes = f"It believes the server's own {claims}." if claims else "It believes no claim of the server."
    page.write(believes, 2)


def outcome(found: Defaults, mode: Mode) -> str:
    """One mode's outcome, and what the claim to only read makes of it where that differs."""
    plain, read_only = found.plain[mode], found.read_only[mode]
    return plain if plain == read_only else f"{plain}; with `readOnlyHint: true` {read_only}"
