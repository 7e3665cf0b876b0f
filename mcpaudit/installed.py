"""What is installed as a lock has it, and how that differs from the lock of the project."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mcpaudit import __version__
from mcpaudit.clients.discover import discover
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.on_disk import read_catalogs
from mcpaudit.manifests.resolve import Manifests
from mcpaudit.model.gap import Gap
from mcpaudit.parsing.document import Document
from mcpaudit.request import Request, configuration_of

if TYPE_CHECKING:
    from mcpaudit.manifests.offer import Offer
    from mcpaudit.manifests.resolve import Fetch
    from mcpaudit.manifests.supplied import Supplied
    from mcpaudit.model.drift import Drift
    from mcpaudit.model.lock import Lock


@dataclass(frozen=True, slots=True)
class Installed:
    """What is installed, as a lock, and what of it could not be read."""

    lock: "Lock"
    agents: int
    gaps: tuple[Gap, ...]


def installed(
    request: Request,
    *,
    full: bool = False,
    fetch: "Fetch | None" = None,
    live: "Mapping[str, Offer] | None" = None,
    before: "Lock | None" = None,
) -> Installed:
    """What a lock would hold now; the project's own lock (`before`) is evidence only of live lists.

    `fetch` may ask a package index for the source of what lies nowhere on the machine. `live` is what running
    servers have just answered, by `AGENT/NAME`.
    """
    from mcpaudit.manifests.lock.take import take
    from mcpaudit.model.lock import Scope, Writer

    configuration, _ = configuration_of(request)
    packs = Packs.shipped()
    collected = discover(
        request.site, packs, given=request.given, only=configuration.clients, relays=configuration.relays
    )
    supplied, on_disk = saved_manifests(request, packs), read_catalogs(request.site)
    found = [one for config in collected.agents for one in config.installations]
    manifests = Manifests(packs, supplied, on_disk.offers, site=request.site, fetch=fetch, live=live or {})
    writer = Writer("mcpaudit", __version__)
    scope: Scope = "repository" if request.site.home is None else "machine"
    gaps = [*collected.gaps, *on_disk.gaps]
    if supplied is not None:
        gaps += [*supplied.gaps, *supplied.without_server([(one.agent, one.name) for one in found])]
    lock = take(found, manifests, writer, scope, full=full, before=before)
    return Installed(lock, len(collected.agents), tuple(gaps))


def lock_of(request: Request) -> "tuple[Lock, Document] | None":
    """The project's lock, if it has one; raises ConfigurationError where it cannot be used."""
    path = request.own / "mcpaudit.lock" if request.own else None
    if path is None or not (path.exists() or path.is_symlink()):
        return None
    # Imported here: most projects have no lock.
    from mcpaudit.manifests.lock.read import read_lock

    return read_lock(path)


def drift_from(request: Request, lock: "Lock") -> "tuple[Drift, ...]":
    """What is installed otherwise than the lock says; one of the repository alone says nothing of a home."""
    from mcpaudit.manifests.lock.drift import compare

    site = request.site
    if lock.scope == "repository":
        site = replace(site, home=None, system_root=None)
    return compare(lock, installed(replace(request, site=site), before=lock).lock)


def saved_manifests(request: Request, packs: Packs) -> "Supplied | None":
    """The lists of `--manifests`; raises UsageError where that is no folder."""
    if request.manifests is None:
        return None
    # Imported here: it brings the lexicon, which an audit by the catalog alone does not need.
    from mcpaudit.manifests.supplied import read_folder

    if not request.manifests.is_dir():
        raise UsageError(f"--manifests needs a folder, and {request.manifests} is none")
    return read_folder(request.manifests, packs)
