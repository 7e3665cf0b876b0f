"""Where the source of a server lies on the audited machine: caches of npx and uvx, node_modules, venvs.

Sources: docs.npmjs.com (npx keeps what it fetched below `_npx` in npm's cache; global packages below a
prefix), docs.astral.sh/uv (tools and cache folders), pipx.pypa.io (its environments). Nothing is looked for
outside the audited home, project and system root.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.model.server import Server
from mcpaudit.model.site import Site
from mcpaudit.parsing.reader import regular_bytes

_NPM_NAME = re.compile(r"(@[\w.~-]+/)?[\w.~-]+")
_NODE = (
    "{project}/node_modules",
    "{home}/node_modules",
    "{home}/.bun/install/global/node_modules",
    "{home}/.npm-global/lib/node_modules",
    "{appdata}/npm/node_modules",
    "/usr/local/lib/node_modules",
    "/usr/lib/node_modules",
    "/opt/homebrew/lib/node_modules",
)
# Folders of which each sub-folder may hold one: what npx fetched, and the versions of nvm.
_MANY_NODE = (
    ("{home}/.npm/_npx", "node_modules"),
    ("{home}/AppData/Local/npm-cache/_npx", "node_modules"),
    ("{home}/.nvm/versions/node", "lib/node_modules"),
)
_ENVIRONMENTS = ("{project}/.venv", "{project}/venv", "{project}/env")
# Folders of environments, of which one is named after the package.
_OF_TOOLS = (
    "{home}/.local/share/uv/tools",
    "{home}/AppData/Roaming/uv/tools",
    "{home}/.local/share/pipx/venvs",
    "{home}/.local/pipx/venvs",
    "{home}/pipx/venvs",
)
_ARCHIVES = ("{home}/.cache/uv/archive-v0", "{home}/AppData/Local/uv/cache/archive-v0")
_MOST = 5_000
"""Folders of a cache that are looked at; a cache of more is not searched to its end."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A package's files as they lie on the machine."""

    root: Path
    shown: str
    version: str


def installed(server: Server, site: Site) -> Installed | None:
    """The installed package of a server, of the pinned version if one is pinned; `None` for none."""
    package = server.package
    if package is None or package.ecosystem not in ("npm", "pypi"):
        return None
    found = list(_node(package.name, site) if package.ecosystem == "npm" else _python(package.name, site))
    if package.pinned:
        found = [one for one in found if one.version == package.version]
    # Of several the newest: what a launcher without a version would rather start.
    return max(found, key=lambda one: (_order(one.version), one.shown), default=None)


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", version)]


def _node(name: str, site: Site) -> Iterator[Installed]:
    if not _NPM_NAME.fullmatch(name) or ".." in name.split("/"):
        return
    for folder, shown in _node_folders(site):
        root = folder / name
        if (manifest := _json(root / "package.json")) is not None:
            yield Installed(root, f"{shown}/{name}", str(manifest.get("version") or ""))


def _node_folders(site: Site) -> Iterator[tuple[Path, str]]:
    for template in _NODE:
        if (found := site.locate(template)) is not None:
            yield found
    for template, inside in _MANY_NODE:
        for folder, shown in _folders(site, template):
            yield folder / inside, f"{shown}/{inside}"


def _python(name: str, site: Site) -> Iterator[Installed]:
    wanted = _normal(name)
    for folder, shown in _site_packages(site, wanted):
        for info in _names(folder):
            if not info.endswith(".dist-info"):
                continue
            distribution, _, version = info.removesuffix(".dist-info").rpartition("-")
            if _normal(distribution) == wanted:
                for package in _packages(folder, info):
                    yield Installed(folder / package, f"{shown}/{package}", version)


def _site_packages(site: Site, wanted: str) -> Iterator[tuple[Path, str]]:
    environments = [found for one in _ENVIRONMENTS if (found := site.locate(one)) is not None]
    for template in _OF_TOOLS:
        environments += [one for one in _folders(site, template) if _normal(one[0].name) == wanted]
    for folder, shown in environments:
        yield folder / "Lib/site-packages", f"{shown}/Lib/site-packages"
        for name in _names(folder / "lib"):
            if name.startswith("python"):
                yield folder / "lib" / name / "site-packages", f"{shown}/lib/{name}/site-packages"
    for template in _ARCHIVES:
        for folder, shown in _folders(site, template):
            yield folder, shown


def _packages(folder: Path, info: str) -> list[str]:
    """The importable folders and files of a distribution, by its own record."""
    try:
        record = regular_bytes(folder / info / "RECORD").decode("utf-8", "replace")
    except OSError:
        return []
    paths = [line.split(",", 1)[0].strip('"') for line in record.splitlines()]
    tops = dict.fromkeys(path.split("/", 1)[0] for path in paths if path.endswith(".py"))
    return [top for top in tops if not top.endswith((".dist-info", ".data")) and top not in ("", "..", ".")]


def _folders(site: Site, template: str) -> Iterator[tuple[Path, str]]:
    found = site.locate(template)
    if found is not None:
        for name in _names(found[0])[:_MOST]:
            yield found[0] / name, f"{found[1]}/{name}"


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:
        return []


def _normal(name: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _json(path: Path) -> dict[str, object] | None:
    try:
        value: object = json.loads(regular_bytes(path, 4_000_000).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
