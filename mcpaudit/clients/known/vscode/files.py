"""Where VS Code keeps servers and settings: editions, profiles, workspace files, dev containers.

Sources: microsoft/vscode-docs (MCP configuration reference, dev containers, enterprise AI settings);
microsoft/vscode, workspaceDotMcpDiscovery.ts (since April 2026: `.mcp.json` of the workspace) and
mcpConfiguration.ts (what `chat.mcp.discovery.enabled` may name).
The folder of profiles, of Insiders and the form in `.code-workspace` files are known from another tool's
source only (snyk/agent-scan). Not read: a remote's own user file, and what extensions bring at run time.
"""

from collections.abc import Iterator

from mcpaudit.clients.files import STRICT, accepted, shares
from mcpaudit.clients.folder_listing import names_in
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.workspaces import other_folders, workspace_files
from mcpaudit.dataclass import dataclass
from mcpaudit.model.place import Place
from mcpaudit.parsing.node import Node

ID, TITLE = "vscode", "VS Code"
WORKSPACE, DEVCONTAINER, BORROWED = "workspace", "devcontainer", "borrowed"
FOLDER = "workspace folder"
SHARED = "{project}/.mcp.json"
SERVERS, SETTINGS = "{project}/.vscode/mcp.json", "{project}/.vscode/settings.json"
USER_SERVERS, USER_SETTINGS = "{userdata}/Code/User/mcp.json", "{userdata}/Code/User/settings.json"
INSIDERS = "{userdata}/Code - Insiders/User/"
PROFILES = "{userdata}/Code/User/profiles"
DEVCONTAINERS = ("{project}/.devcontainer/devcontainer.json", "{project}/.devcontainer.json")
_ACCESS = "chat.mcp.access"
_DISCOVERY = "chat.mcp.discovery.enabled"
# Other clients' files that VS Code reads where that setting says so.
_BORROWED = {
    "claude-desktop": "{userdata}/Claude/claude_desktop_config.json",
    "cursor-global": "{home}/.cursor/mcp.json",
    "cursor-workspace": "{project}/.cursor/mcp.json",
    "windsurf": "{home}/.codeium/windsurf/mcp_config.json",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file that is there, at its level: an object of servers, or settings."""

    level: str
    root: Node
    servers: Node | None
    settings: bool = False
    shared: bool = False
    """Whether other clients read the file as well: then it has no variables."""
    folder: str = ""
    """The template of the workspace folder that it belongs to, where that is not the audited one."""


def sources(reading: Reading) -> tuple[list[Source], bool]:
    """What the site has, the strongest first; whether a file is there that is for MCP servers only."""
    found: list[Source] = []
    seen = False
    for level, template in (
        (WORKSPACE, SERVERS),
        (WORKSPACE, SETTINGS),
        *((DEVCONTAINER, name) for name in DEVCONTAINERS),
        ("user", USER_SERVERS),
        ("user", USER_SETTINGS),
        ("insiders", f"{INSIDERS}mcp.json"),
        ("insiders", f"{INSIDERS}settings.json"),
        *_profiles(reading),
    ):
        settings = template.endswith("settings.json")
        role = "VS Code settings" if settings else f"{TITLE} {level} servers"
        root = reading.file(template, "json", role, ID)
        if template.endswith("/mcp.json"):
            seen = seen or root is not None or reading.unreadable(template) is not None
        if root is not None and level == DEVCONTAINER:
            found.append(Source(level, root, root.at("customizations", "vscode", "mcp", "servers")))
        elif root is not None:
            found.append(Source(level, root, _legacy(root) if settings else root.child("servers"), settings))
    at = sum(source.level == WORKSPACE for source in found)
    found[at:at] = _workspace_files(reading)
    seen = seen or any(source.servers is not None for source in found)
    if seen or shares(reading, SHARED, "{userdata}/Code/", INSIDERS):
        found[at:at] = _shared_file(reading)
        seen = True
    others = list(_other_folders(reading))
    seen = seen or any(not source.shared for source in others)
    return [*found, *others, *_borrowed(reading, found)], seen


def _borrowed(reading: Reading, found: list[Source]) -> Iterator[Source]:
    """The servers of other clients, as far as any settings ask for them: by name, or `true` for all."""
    asked = [node for one in found if one.settings and (node := one.root.child(_DISCOVERY))]
    for name, template in _BORROWED.items():
        if any(node.value is True or node.flag(name) for node in asked):
            root = reading.file(template, "json", f"{TITLE} {BORROWED} servers", ID)
            if (root := accepted(reading, root, TITLE, ID, STRICT)) is not None:
                yield Source(BORROWED, root, root.child("mcpServers"), shared=True)


def _shared_file(reading: Reading) -> Iterator[Source]:
    """`.mcp.json` in the workspace, after `.vscode/mcp.json`: strict JSON, else it is dropped in silence."""
    root = reading.file(SHARED, "json", f"{TITLE} {WORKSPACE} servers", ID)
    root = accepted(reading, root, TITLE, ID, STRICT)
    if root is not None:
        yield Source(WORKSPACE, root, root.child("mcpServers"), shared=True)


def _legacy(settings: Node) -> Node | None:
    return settings.at("mcp", "servers") or settings.child("mcp.servers")


def _profiles(reading: Reading) -> Iterator[tuple[str, str]]:
    for template in (PROFILES, f"{INSIDERS}profiles"):
        for folder, _ in names_in(reading, template, ID):
            for name in ("mcp.json", "settings.json"):
                level = f"profile {folder.name}" + (" (insiders)" if template != PROFILES else "")
                yield level, f"{template}/{folder.name}/{name}"


def _workspace_files(reading: Reading) -> Iterator[Source]:
    for root in workspace_files(reading, ID):
        if (settings := root.child("settings")) is not None:
            yield Source(WORKSPACE, settings, _legacy(settings), True)


def _other_folders(reading: Reading) -> Iterator[Source]:
    """The servers of the other folders of a workspace: each has its own files."""
    for folder in other_folders(reading, ID):
        for name, key in (("%.vscode/mcp.json", "servers"), ("%.mcp.json", "mcpServers")):
            root = reading.file(name.replace("%", folder), "json", f"{TITLE} {FOLDER} servers", ID)
            if key == "mcpServers":
                root = accepted(reading, root, TITLE, ID, STRICT)
            if root is not None:
                yield Source(FOLDER, root, root.child(key), shared=key == "mcpServers", folder=folder)


def access_denied(found: list[Source], level: str) -> tuple[str, Place] | None:
    """Why no server of a level loads: `chat.mcp.access`, the workspace's or that of the user's edition.

    A workspace's servers are off where no edition and profile that has settings admits servers. The values
    of the policy (`off`) are documented, those of the setting (`none`) are not verified.
    """
    settings = [one for one in found if one.settings]
    said = {one.level: one for one in reversed(settings) if _access(one)}
    users = {one.level for one in settings} - {WORKSPACE}
    for names in ({WORKSPACE}, users if level in (WORKSPACE, DEVCONTAINER, BORROWED, FOLDER) else {level}):
        values = {name: _access(said[name]) if name in said else "" for name in sorted(names)}
        if values and all(value in ("none", "off") for value in values.values()):
            first = next(iter(values))
            return f"`{_ACCESS}` is `{values[first]}`", said[first].root.place.at(_ACCESS)
    return None


def _access(source: Source) -> str:
    node = source.root.child(_ACCESS)
    return node.value if node is not None and isinstance(node.value, str) else ""


def registry_only(found: list[Source]) -> Iterator[Node]:
    """Settings that admit the servers of a registry only, which is not on this machine."""
    for one in found:
        node = one.root.child(_ACCESS) if one.settings else None
        if node is not None and node.value in ("registry", "registryOnly"):
            yield node
