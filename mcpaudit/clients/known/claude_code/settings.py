"""Claude Code's settings files and folders: which are read, and which the client throws away whole.

Sources: the settings schema in @anthropic-ai/claude-code 2.1.330 and that client's own `mcp list`,
observed in November 2026.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.reading import Reading
from mcpaudit.model.gap import Gap
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

ID, TITLE = "claude-code", "Claude Code"
MANAGED = {
    "linux": "/etc/claude-code/",
    "macos": "/Library/Application Support/ClaudeCode/",
    "windows": "/Program Files/ClaudeCode/",
}
SETTINGS = (
    ("local", "{project}/.claude/settings.local.json"),
    ("project", "{project}/.claude/settings.json"),
    ("user", "{home}/.claude/settings.json"),
)
# What the schema says of the keys that decide here; one wrong type drops the file (observed for one key).
_TYPES: tuple[tuple[type, str, tuple[str, ...]], ...] = (
    (
        bool,
        "true or false",
        (
            "enableAllProjectMcpServers",
            "allowManagedMcpServersOnly",
            "allowManagedPermissionRulesOnly",
        ),
    ),
    (
        list,
        "a list",
        # Others are allowed to be no lists: they are passed over then (observed for `deniedMcpServers`).
        ("enabledMcpjsonServers", "disabledMcpjsonServers"),
    ),
    (dict, "an object", ("permissions", "enabledPlugins", "env", "hooks")),
)
_PERMISSIONS: tuple[tuple[type, str, tuple[str, ...]], ...] = (
    (list, "a list", ("allow", "ask", "deny", "additionalDirectories")),
    (str, "a string", ("defaultMode", "disableBypassPermissionsMode")),
)

Layer = tuple[str, Node]
"""The level of a settings file, and its root."""


def settings_files(reading: Reading) -> Iterator[Layer]:
    """Settings files from the strongest to the weakest, without those that the client ignores."""
    role = f"{TITLE} settings"
    managed = MANAGED[reading.site.platform]
    # Drop-in files merge (observed); that the last in alphabetical order is the strongest is not verified.
    for path, shown in reversed(list(names_in(reading, managed + "managed-settings.d", ID))):
        if path.suffix == ".json":
            yield from _layer(reading, "managed", reading.open(path, shown, "json", role, ID))
    for level, template in (("managed", managed + "managed-settings.json"), *_own(reading.site)):
        yield from _layer(reading, level, reading.file(template, "json", role, ID))


def _own(site: Site) -> Iterator[tuple[str, str]]:
    """The settings of a folder and its user; the git root's local ones count in sub-folders (observed)."""
    root = git_root(site)
    for level, template in SETTINGS:
        yield level, template
        if level == "local" and root and site.project and root != site.project:
            up = "../" * len(site.project.relative_to(root).parts)
            yield level, template.replace("{project}/", "{project}/" + up)


def _layer(reading: Reading, level: str, root: Node | None) -> Iterator[Layer]:
    if root is None or dropped(reading, root) or _mistyped(reading, root):
        return
    if (servers := root.child("mcpServers")) is not None:
        reason = "Claude Code reads no servers from its settings files; these entries do nothing"
        reading.gaps.append(Gap("ignored", servers.place, reason, ID))
    yield level, root


def dropped(reading: Reading, root: Node) -> bool:
    """Claude Code drops a settings or servers file with a comment or trailing comma as a whole (observed)."""
    for oddity in root.document.irregularities:
        if oddity.kind in ("comment", "trailing-comma"):
            what = "a comment" if oddity.kind == "comment" else "a trailing comma"
            reason = f"Claude Code ignores this whole file because of {what}"
            _once(reading, Gap("ignored", root.place, reason, ID, oddity.line, oddity.column))
            return True
    return False


def _mistyped(reading: Reading, root: Node) -> bool:
    """Claude Code drops a settings file with a wrong-typed key as a whole, without a message (observed)."""
    permissions = root.child("permissions")
    for owner, types in ((root, _TYPES), (permissions, _PERMISSIONS)):
        for kind, called, keys in types:
            for key in keys:
                node = owner.child(key) if owner else None
                # Null is a wrong type, too; of the list of servers also one that holds anything but strings,
                # but not of the rules (all observed).
                names = owner is root and isinstance(node.value, list) if node else False
                if node is not None and (
                    not isinstance(node.value, kind)
                    or (names and not all(isinstance(one.value, str) for one in node.elements()))
                ):
                    name = ".".join(map(str, node.route))
                    reason = f"Claude Code ignores this whole file because `{name}` is not {called}"
                    _once(reading, Gap("ignored", node.place, reason, ID))
                    return True
    return False


def _once(reading: Reading, gap: Gap) -> None:
    if gap not in reading.gaps:
        reading.gaps.append(gap)


def project_record(site: Site, user: Node | None) -> Node | None:
    """What `~/.claude.json` keeps for the project: by its git root, else by its own path (observed)."""
    folder = git_root(site) or site.project
    return user.at("projects", str(site.told(folder))) if user and folder else None


def git_root(site: Site) -> Path | None:
    """The nearest folder from the project upwards that has a `.git` entry."""
    own = (site.project, *site.project.parents) if site.project else ()
    return next((folder for folder in own if os.path.lexists(folder / ".git")), None)


def server_files(site: Site) -> Iterator[tuple[Path, str]]:
    """`.mcp.json` of the project and of every folder above it, the nearest first (observed).

    The client goes up to the root of the file system, also above the git root. Here that is the root of the
    audited machine or the home, where the project lies below one; a project that was copied from elsewhere,
    or one that is audited without its home, ends at its git root.
    """
    project = site.project
    if project is None:
        return
    tops = (site.system_root, site.home) if site.home else ()
    top = next((one for one in tops if one and project.is_relative_to(one)), git_root(site) or project)
    for height, folder in enumerate((project, *project.parents)):
        if not folder.is_relative_to(top):
            return
        below_home = height and site.home and folder.is_relative_to(site.home)
        shown = site.shorten(str(folder)) if below_home else "/".join([".."] * height)
        yield folder / ".mcp.json", f"{shown}/.mcp.json" if shown else ".mcp.json"
