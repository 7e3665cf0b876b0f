"""What stands on the audited machine beside its configuration: symbolic links, and remotes of work trees."""

import os
import stat
from dataclasses import field
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.model.site import Site

_MAX_BYTES = 256 * 1024


@dataclass(slots=True)
class Machine:
    """Looks at files of the audited machine, as far as they are here; it never writes and opens no device."""

    site: Site
    _links: dict[str, str | None] = field(default_factory=dict)

    def link(self, path: str) -> str | None:
        """What the symbolic link at an absolute path says; `None` where there is none to see."""
        if path not in self._links:
            self._links[path] = self._link(path)
        return self._links[path]

    def _link(self, path: str) -> str | None:
        real = self._here(path)
        if real is None:
            return None
        try:
            return str(real.readlink()).replace("\\", "/")
        except (OSError, ValueError):
            return None

    def text(self, path: str) -> str:
        """A small regular file's text; empty where there is none to read."""
        real = self._here(path)
        if real is None:
            return ""
        try:
            if not stat.S_ISREG(real.stat().st_mode):
                return ""
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(real, flags), "rb") as stream:
                return (stream.read(_MAX_BYTES) or b"").decode("utf-8", "replace")
        except (OSError, ValueError):
            return ""

    def _here(self, path: str) -> Path | None:
        """Where an absolute path of the audited machine lies on this one."""
        path = self.site.copied(path)
        for base in (self.site.home, self.site.project):
            if base is not None and f"{path}/".startswith(f"{base}/"):
                return Path(path)
        return self.site.system_root / path.lstrip("/") if self.site.system_root else None
