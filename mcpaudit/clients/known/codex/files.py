"""Which configuration files count for Codex, the strongest first, and whether the user trusts their folder.

Sources: Codex 0.169.0's own server listing, observed (order of the files, walk from the git root, trust);
openai/codex codex-rs/core/src/config_loader for the path of `managed_config.toml`, which was not observed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mcpaudit.clients.reading import Reading
from mcpaudit.dataclass import dataclass
from mcpaudit.model.gap import Gap
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_there

ID, TITLE = "codex", "Codex"
SYSTEM = {"linux": "/etc/codex/", "macos": "/etc/codex/", "windows": "{programdata}/OpenAI/Codex/"}
USER = "{home}/.codex/config.toml"
PROJECT = "{project}/.codex/config.toml"
LEVELS = ("managed", "project", "user", "system", "plugin")

Trust = Literal["trusted", "untrusted", "undecided"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One file that is there: its level, its content where it could be read, and the trust in its folder."""

    level: str
    root: Node | None
    broken: Gap | None = None
    trust: Trust = "trusted"


def layers(reading: Reading) -> list[Layer]:
    """Every file of the site, the strongest first: managed, deepest folder, ..., git root, user, system."""
    system = SYSTEM[reading.site.platform]
    managed = "{home}/.codex/" if reading.site.platform == "windows" else system
    user = _layer(reading, "user", USER)
    found = [
        _layer(reading, "managed", f"{managed}managed_config.toml"),
        *_folders(reading, user.root if user else None),
        user,
        _layer(reading, "system", f"{system}config.toml"),
    ]
    return [layer for layer in found if layer]


def _layer(reading: Reading, level: str, template: str, trust: Trust = "trusted") -> Layer | None:
    root = reading.file(template, "toml", f"{TITLE} {level} configuration", ID)
    broken = reading.unreadable(template)
    return Layer(level, root, broken, trust) if root or broken else None


def _folders(reading: Reading, user: Node | None) -> Iterator[Layer | None]:
    """The files of the audited folder and of those above it up to the git root."""
    project = reading.site.project
    if project is None:
        return
    chain = [project, *project.parents]
    top = next((at for at, folder in enumerate(chain) if is_there(folder / ".git")), 0)
    for depth, folder in enumerate(chain[: top + 1]):
        # The user's own folder is not a project's; its file is read once, as the user's.
        if folder != reading.site.home:
            template = PROJECT.replace("{project}/", "{project}/" + "../" * depth)
            yield _layer(
                reading, "project", template, _trust(user, *map(reading.site.told, (folder, chain[top])))
            )


def trust(reading: Reading) -> Trust:
    """The user's trust in the audited folder, whether or not it has a file of its own."""
    project = reading.site.project
    if project is None:
        return "undecided"
    chain = [project, *project.parents]
    top = next((folder for folder in chain if is_there(folder / ".git")), project)
    user = reading.file(USER, "toml", f"{TITLE} user configuration", ID)
    return _trust(user, *map(reading.site.told, (project, top)))


def _trust(user: Node | None, folder: Path, git_root: Path) -> Trust:
    """A folder's own record, else that of its git root; a record of what lies above it does not count."""
    for one in (folder, git_root):
        record = user.at("projects", str(one)) if user else None
        said = record.text("trust_level") if record else ""
        if said:
            return "trusted" if said == "trusted" else "untrusted"
    return "undecided"
