"""Which repositories the work trees of the audited machine are clones of."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import field

from mcpaudit.access.machine import Machine
from mcpaudit.access.remotes import remote
from mcpaudit.dataclass import dataclass
from mcpaudit.model.resource import UNKNOWN, Resource

_SECTION = re.compile(r'\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')
_SETTING = re.compile(r"([A-Za-z][\w-]*)\s*=\s*(.*)")
_MAX_REMOTES = 16


@dataclass(slots=True)
class Clones:
    """Reads git's own configuration, as far as it is here; git itself is never run."""

    machine: Machine
    _own: dict[str, str] | None = field(default=None)

    def of(self, folder: Resource) -> Iterator[tuple[str, Resource]]:
        """The remotes of a work tree by name, each as the repository that it is (gitrepository-layout)."""
        spelled = next((way for way in folder.aliases if way[:1] not in (("~",), (".",))), folder.path)
        if UNKNOWN in spelled or folder.tenant != "host":
            return
        text = self.machine.text(self._config("/" + "/".join(spelled)))
        remotes, instead = _read(text)
        for name, address in sorted(remotes.items())[:_MAX_REMOTES]:
            found = remote(address, {**self._users(), **instead})
            if found is not None:
                yield name, found

    def _config(self, folder: str) -> str:
        """A linked work tree and a submodule have a file `.git` that says where the rest lies."""
        pointer = self.machine.text(f"{folder}/.git")
        if not pointer.startswith("gitdir:"):
            return f"{folder}/.git/config"
        real = posixpath.normpath(posixpath.join(folder, pointer.partition(":")[2].strip()))
        common = self.machine.text(f"{real}/commondir").strip()
        return posixpath.normpath(posixpath.join(real, common, "config"))

    def _users(self) -> dict[str, str]:
        """What the user's own configuration puts in place of addresses."""
        if self._own is None:
            home = self.machine.site.home
            self._own = _read(self.machine.text(f"{home}/.gitconfig"))[1] if home else {}
        return self._own


def _read(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The remotes of a git configuration, and its `url.<base>.insteadOf` with their bases."""
    remotes: dict[str, str] = {}
    instead: dict[str, str] = {}
    section, name = "", ""
    for raw in text.splitlines():
        line = raw.strip()
        if head := _SECTION.match(line):
            section, name = head[1].lower(), re.sub(r"\\(.)", r"\1", head[2] or "")
            line = line[head.end() :].strip()
        setting = _SETTING.match(line)
        if setting is None:
            continue
        key, value = setting[1].lower(), re.sub(r"\s+[#;].*", "", setting[2]).strip().strip('"')
        if (section, key) == ("remote", "url"):
            remotes.setdefault(name, value)
        elif (section, key) == ("url", "insteadof"):
            instead.setdefault(value, name)
    return remotes, instead
