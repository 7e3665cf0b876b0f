"""The machine whose files are audited: every path, variable and platform rule comes from here."""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Literal

from mcpaudit.dataclass import dataclass

Platform = Literal["linux", "macos", "windows"]


@dataclass(frozen=True, slots=True)
class Site:
    """Where one machine's files lie, as arguments, so that one machine can audit another's."""

    project: Path | None
    home: Path | None
    """`None` where user-level files are not to be read."""
    system_root: Path | None = None
    """What stands for `/` (or the system drive); `None` where system files are not to be read."""
    platform: Platform = "linux"
    env: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[tuple[str, str], ...] = ()
    """Beginnings of templates, and the absolute paths on that machine which take their place."""
    copy_of: Path | None = None
    """The folder that `project` is a copy of, as of a git revision: files go by their names there."""
    veil: Callable[[str], str] = field(default=str, compare=False, repr=False)
    """Masks the name of a file that has a secret in it."""
    below: str = ""
    """`project` below the root of the repository that it lies in, which code hosts name files from."""

    def told(self, path: Path) -> Path:
        """A real path as configurations name it: of a copied project and what lies above, the original's."""
        if self.project is None or self.copy_of is None:
            return path
        if path.is_relative_to(self.project):
            return self.copy_of / path.relative_to(self.project)
        if self.project.is_relative_to(path):
            height = len(self.project.relative_to(path).parts)
            return (self.copy_of, *self.copy_of.parents)[min(height, len(self.copy_of.parents))]
        return path

    def copied(self, path: str) -> str:
        """Where a file lies that is named as the original's; any other path as it is."""
        if self.project is not None and self.copy_of is not None:
            base = str(self.copy_of)
            if path == base or path.startswith(f"{base}/"):
                return str(self.project) + path[len(base) :]
        return path

    @property
    def folder(self) -> str:
        """The audited folder as configurations name it; empty where there is none."""
        return str(self.told(self.project)) if self.project else ""

    def opened(self, folder: Path | None) -> "Site":
        """The same machine with another folder as the audited one."""
        original = self.told(folder) if folder is not None and self.copy_of is not None else None
        return replace(self, project=folder, copy_of=original)

    def locate(self, template: str) -> tuple[Path, str] | None:
        """The real path for a template, and the name that reports show for it.

        Templates start with `{project}`, `{home}`, `{appdata}`, `{userdata}` (where VS Code and its kin keep
        user files), `{programdata}`, or `/`. `None` where that part of the machine is not audited, and for
        the name of a variable, which is no path.
        """
        found = self._located(template)
        return (found[0], self.veil(found[1])) if found else None

    def _located(self, template: str) -> tuple[Path, str] | None:
        for start, target in self.moved:
            if template.startswith(start):
                return self._absolute(target + template[len(start) :])
        token, _, rest = template.partition("/")
        if token == "{project}":
            return (self.project / rest, rest) if self.project else None
        if token == "{programdata}":
            below = f"ProgramData/{rest}"
            return (self.system_root / below, f"C:/{below}") if self.system_root else None
        if not token:
            return self._absolute(template)
        folders = {"{home}": "", "{appdata}": "AppData/Roaming/", "{userdata}": _USERDATA[self.platform]}
        if token not in folders:
            return None
        folder = folders[token]
        return (self.home / (folder + rest), f"~/{folder}{rest}") if self.home else None

    def _absolute(self, path: str) -> tuple[Path, str] | None:
        path = self.copied(path)
        real = self.system_root / path.lstrip("/") if self.system_root else Path(path)
        short = self.shorten(str(real))
        if short == str(real):
            return (real, path) if self.system_root else None
        return real, short.removeprefix("./")

    def shorten(self, path: str) -> str:
        """A path as reports show it: relative to the project, `~/...`, or unchanged."""
        anchors = [(str(base), mark) for base, mark in ((self.home, "~"), (self.project, ".")) if base]
        anchors += [(str(self.copy_of), ".")] if self.copy_of else []
        for base, mark in sorted(anchors, key=lambda anchor: -len(anchor[0])):
            if path == base or path.startswith(f"{base}/"):
                return mark + path[len(base) :]
        return path


_USERDATA = {
    "linux": ".config/",
    "macos": "Library/Application Support/",
    "windows": "AppData/Roaming/",
}
