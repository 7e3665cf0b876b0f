"""Manifests from a server's own source, where that lies on the audited machine; nothing of it is run."""

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from mcpaudit.manifests.extraction import Extraction, FoundTool
from mcpaudit.manifests.installed import Installed, installed
from mcpaudit.manifests.offer import Offer
from mcpaudit.model.server import Installation, Server
from mcpaudit.model.site import Site

Extract = Callable[[Path, str], Extraction | None]

_SCRIPTS = dict.fromkeys((".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx"), "javascript") | {
    ".py": "python",
    ".go": "go",
}
# What shows that a folder is the root of a program, and in which language it is then most likely written.
_ROOTS = (
    ("package.json", "javascript"),
    ("pyproject.toml", "python"),
    ("setup.py", "python"),
    ("go.mod", "go"),
)
_UP = 4
"""How many folders above a script its program's root is looked for."""


def read_source(root: Path, shown: str) -> Extraction | None:
    """What the source in a file or folder offers; `None` where it is no server in a language that is read."""
    for language in _languages(root):
        found = _reader(language)(root, shown)
        if found is not None:
            return found
    return None


def offer_of(installation: Installation, site: Site, known: str) -> Offer | None:
    """What a server offers by its source, if that lies on the machine; `None` where none does.

    `known` is a version whose tools are known already, so that its source need not be read.
    """
    best: tuple[Extraction, Installed, bool] | None = None
    for place, proved in _places(installation.server, site, installation.entry.command):
        if place.version and place.version == known:
            return None
        found = read_source(place.root, place.shown)
        if found is not None and (best is None or len(found.tools) > len(best[0].tools)):
            best = (found, place, proved)
            if found.complete:
                break
    if best is None:
        return None
    found, place, proved = best
    return as_offer(installation, found, place.version or found.version, f"in {place.shown}", proved=proved)


def as_offer(
    installation: Installation,
    found: Extraction,
    version: str,
    where: str,
    *,
    proved: bool,
    integrity: str = "",
) -> Offer:
    """What a reading of source says of one installation; `where` is "in FOLDER" or the like."""
    of = f"its source {version}".rstrip()
    return Offer(
        document=None,
        source="source",
        tools=tuple(one.with_code() for one in found.tools if not one.latent or _enabled(one, installation)),
        complete=found.complete,
        reason=f"{of} {where}" if found.complete else f"{of} {where}; {found.reason}",
        version=version,
        needs_env=found.needs_env,
        scopes=found.scopes,
        proved=proved,
        state=found.state,
        integrity=integrity,
    )


def _enabled(tool: FoundTool, installation: Installation) -> bool:
    """Whether the entry names the switch of a tool that is off by default; its value is not weighed."""
    given = {name for name, _ in installation.entry.env}
    given |= {word.text.partition("=")[0] for word in installation.entry.server_args()}
    return bool(given & set(tool.switch.split(", ")))


def _places(server: Server, site: Site, command: str) -> Iterator[tuple[Installed, bool]]:
    """Where the source may lie, and whether it is proved to be what runs."""
    if (package := installed(server, site)) is not None:
        yield package, bool(server.package and server.package.pinned)
    kind, _, name = server.id.partition(":")
    if kind == "path":
        yield from _local(name, site)
    elif kind == "module" and all(part.isidentifier() for part in name.split(".")):
        for place in _module(name, site, command):
            yield place, False


def _local(name: str, site: Site) -> Iterator[tuple[Installed, bool]]:
    """A script by itself, then the program that it belongs to; a folder as a whole."""
    path = _real(name, site)
    if path is None:
        return
    try:
        is_file, is_folder = path.is_file(), path.is_dir()
    except OSError:  # a name too long, a folder that may not be entered
        return
    if is_file and path.suffix in _SCRIPTS:
        yield Installed(path, name, ""), True
    above = path if is_folder else path.parent
    for folder in (above, *above.parents[:_UP]):
        if folder in (site.home, site.system_root):
            return
        if any((folder / root).is_file() for root, _ in _ROOTS):
            # What was built from source may have been built from another state of it.
            built = is_file and path.suffix not in _SCRIPTS and (folder / "go.mod").is_file()
            yield Installed(folder, site.shorten(str(folder)), ""), not built
            return


def _module(name: str, site: Site, command: str) -> Iterator[Installed]:
    parts = name.split(".")
    folders = [found[0] for one in ("{project}/src/", "{project}/") if (found := site.locate(one))]
    interpreter = _real(command, site) if "/" in command else None
    for environment in (
        *([interpreter.parent.parent] if interpreter else []),
        *(f / ".venv" for f in folders),
    ):
        folders += sorted((environment / "lib").glob("python*/site-packages"))
        folders.append(environment / "Lib/site-packages")
    for folder in folders:
        for root in (folder / parts[0], folder / f"{parts[0]}.py"):
            if root.exists():
                yield Installed(root, site.shorten(str(root)), "")


def _real(name: str, site: Site) -> Path | None:
    """The path behind a name as reports show it."""
    if name.startswith("~/"):
        template = "{home}/" + name[2:]
    else:
        template = name if name.startswith("/") else "{project}/" + name.removeprefix("./")
    found = site.locate(template)
    return found[0] if found else None


def _languages(root: Path) -> list[str]:
    """The languages to try, the likeliest first."""
    if root.is_file():
        return [_SCRIPTS[root.suffix]] if root.suffix in _SCRIPTS else []
    likely = [language for name, language in _ROOTS if (root / name).is_file()]
    return list(dict.fromkeys([*likely, "python", "javascript", "go"]))


def _reader(language: str) -> Extract:
    # Imported here: each brings a parser, and most audits need none.
    module = import_module(f"mcpaudit.manifests.{language}.source")
    extract: Extract = module.extract
    return extract
