"""Gemini CLI's settings files and extensions, what stops the client, and which folders it trusts.

Sources: the documentation bundled in npm @google/gemini-cli 0.61.0 (files, variables, extensions);
google-gemini/gemini-cli packages/cli/src/config/settings.ts (the project's own settings have no say in the
check of trust); the client's own listing, observed (the rest). Not applied: it skips a system file in a
folder that others may write (observed), because a copy of another machine keeps no owners.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.files import STRICT, accepted, covers
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.reading import Reading
from mcpaudit.dataclass import dataclass
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_folder

ID, TITLE = "gemini-cli", "Gemini CLI"
SYSTEM = {
    "linux": "/etc/gemini-cli/",
    "macos": "/Library/Application Support/GeminiCli/",
    "windows": "{programdata}/gemini-cli/",
}
USER, PROJECT = "{home}/.gemini/settings.json", "{project}/.gemini/settings.json"
ENABLEMENT = "{home}/.gemini/mcp-server-enablement.json"
TRUSTED = "{home}/.gemini/trustedFolders.json"
LEVELS = ("system", "project", "user", "defaults", "extension")
_STOPS = {"bom": "a byte order mark", "trailing-comma": "a trailing comma"}


@dataclass(frozen=True, slots=True)
class Settings:
    """One settings file that is there: its level, and its content where it could be read."""

    level: str
    root: Node | None
    broken: Gap | None


def settings(reading: Reading) -> list[Settings]:
    """The settings files of the site, the strongest first."""
    found = []
    for level, template in (
        ("system", SYSTEM[reading.site.platform] + "settings.json"),
        ("project", PROJECT),
        ("user", USER),
        ("defaults", SYSTEM[reading.site.platform] + "system-defaults.json"),
    ):
        root = reading.file(template, "json", f"{TITLE} {level} settings", ID)
        broken = reading.unreadable(template)
        if root or broken:
            found.append(Settings(level, root, broken))
    return found


def stopped(reading: Reading, files: list[Settings]) -> str:
    """Why Gemini CLI does not start; observed for the user's and the project's file, read for the others."""
    for one in files:
        if one.broken and one.broken.kind == "malformed":
            return reading.stops(one.broken, TITLE)
        for oddity in one.root.document.irregularities if one.root else ():
            if one.root and oddity.kind in _STOPS:
                place, what = one.root.place, _STOPS[oddity.kind]
                return reading.stops(Gap("malformed", place, what, ID, oddity.line, oddity.column), TITLE)
    return ""


def trusted(reading: Reading, files: list[Settings]) -> bool:
    """Folder trust is on by default; without a decision no server loads, not even the user's (observed)."""
    for one in files:
        section = one.root.at("security", "folderTrust") if one.root and one.level != "project" else None
        if section is not None and (enabled := section.flag("enabled")) is not None:
            if not enabled:
                return True
            break
    folders = reading.file(TRUSTED, "json", f"{TITLE} folder trust", ID)
    if folders is None or reading.site.project is None:
        return False
    longest, verdict = "", ""
    for name, node in folders.items():
        # `TRUST_PARENT` speaks of the folder above the named one; the longest name decides (package).
        covered = Path(name).parent if node.value == "TRUST_PARENT" else Path(name)
        if covers(str(covered), reading.site.told(reading.site.project)) and len(name) > len(longest):
            longest, verdict = name, str(node.value)
    return verdict in ("TRUST_FOLDER", "TRUST_PARENT")


def switched_off(reading: Reading) -> dict[str, Place]:
    """The servers that the user switched off by command, and where that is kept."""
    root = reading.file(ENABLEMENT, "json", f"{TITLE} server switches", ID)
    named = root.items() if root else ()
    return {name: node.place.at("enabled") for name, node in named if node.flag("enabled") is False}


def extensions(reading: Reading) -> Iterator[tuple[Path, Node]]:
    """The user's extensions: their folders and manifests. Which of them are switched off is not read."""
    for folder, shown in folders(reading, "{home}/.gemini/extensions"):
        name = "gemini-extension.json"
        root = reading.open(folder / name, f"{shown}/{name}", "json", f"{TITLE} extension", ID)
        root = accepted(reading, root, TITLE, ID, STRICT)
        # It skips a manifest without a version or a plain name (observed).
        if root is not None and re.fullmatch(r"[A-Za-z0-9-]+", root.text("name")) and root.text("version"):
            yield folder, root


def folders(reading: Reading, template: str) -> Iterator[tuple[Path, str]]:
    """The folders in a folder, by name, with the name that reports show."""
    yield from ((path, shown) for path, shown in names_in(reading, template, ID) if is_folder(path))
