"""Reads what packages offer from their archives, which it fetches from the user's own index; runs nothing."""

import tempfile
from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.live.fetch import FetchError, fetch
from mcpaudit.manifests.archive import ArchiveError, unpacked
from mcpaudit.manifests.offer import Offer
from mcpaudit.manifests.source import as_offer, read_source
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Site


@dataclass(slots=True)
class Packages:
    """The sources of packages, each fetched once."""

    site: Site
    """Whose index is asked: its npm and pip settings."""
    tell: Callable[[str], None]
    """Is told of each package before it is fetched."""
    notes: list[str] = field(default_factory=list)
    """What could not be fetched or read, and why."""

    def offer(self, installation: Installation) -> Offer | None:
        """What the package of a server offers; `None`, with a note, where that cannot be known."""
        package = installation.server.package
        if package is None or package.ecosystem not in ("npm", "pypi"):
            return None
        name = installation.server.id + (f" {package.version}" if package.version else "")
        self.tell(name)
        with tempfile.TemporaryDirectory(prefix="mcpaudit-") as scratch:
            try:
                fetched = fetch(package, self.site, Path(scratch))
                root = unpacked(fetched.path, Path(scratch) / "unpacked")
            except (FetchError, ArchiveError) as error:
                self.notes.append(f"{name} was not fetched: {error}")
                return None
            found = read_source(root, package.name)
        where = f"fetched from {fetched.host}"
        if found is None:
            self.notes.append(f"{name}, {fetched.version} {where}, holds no source of a server that is read")
            return None
        # What was fetched without a pin is what a launcher would start today, and perhaps not tomorrow.
        return as_offer(
            installation, found, fetched.version, where, proved=package.pinned, integrity=fetched.integrity
        )
