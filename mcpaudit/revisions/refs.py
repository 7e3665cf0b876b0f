"""Names of commits: branches, tags and HEAD, as loose files or packed in one.

Source: git's documents `gitrepository-layout` and `gitrevisions` (the order in which a name is looked for).
"""

import re
from functools import cached_property
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import RevisionError
from mcpaudit.parsing.presence import is_file

_ORDER = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
# Git's own rule (git-check-ref-format), narrowed to what cannot leave the folder on any system.
_NAME = re.compile(
    r"(?!.*(?:\.\.|//|@\{|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\/.-][^\x00-\x20\x7f~^:?*\[\\]*(?<![/.])"
)
_MAX_HOPS = 5
_MAX_PACKED = 64 * 2**20


@dataclass(frozen=True)
class Refs:
    """The names of one repository; `own` differs from `common` in a worktree."""

    own: Path
    common: Path
    shown: str
    digits: int
    """Of a full id."""

    def find(self, name: str) -> str | None:
        """The id that a name or a full id stands for; `None` where there is no such name."""
        if re.fullmatch(r"[0-9a-f]+", name) and len(name) == self.digits:
            return name
        if not _NAME.fullmatch(name):
            return None
        for form in _ORDER:
            found = self._follow(form.format(name), 0)
            if found is not None:
                return found
        return None

    def _follow(self, name: str, hops: int) -> str | None:
        if hops > _MAX_HOPS or not _NAME.fullmatch(name):
            raise RevisionError(f"`{name}` leads nowhere")
        text = self._loose(name)
        if text is None:
            return self._packed.get(name)
        if text.startswith("ref:"):
            return self._follow(text.removeprefix("ref:").strip(), hops + 1)
        return text if re.fullmatch(r"[0-9a-f]+", text) and len(text) == self.digits else None

    def _loose(self, name: str) -> str | None:
        for folder in dict.fromkeys((self.own, self.common)):
            path = folder / name
            # A name too long for a file is none; git packs such names.
            if is_file(path):
                with path.open("rb") as stream:
                    return stream.read(4096).decode("utf-8", "replace").strip()
        return None

    @cached_property
    def _packed(self) -> dict[str, str]:
        path = self.common / "packed-refs"
        if not path.is_file():
            return {}
        if path.stat().st_size > _MAX_PACKED:
            raise RevisionError("its list of names is too large")
        rows = (line.split(" ", 1) for line in path.read_text("utf-8", "replace").splitlines())
        return {row[1]: row[0] for row in rows if len(row) == 2 and len(row[0]) == self.digits}
