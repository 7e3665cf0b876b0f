"""Manifests from a server's own source, where that lies on the audited machine; nothing of it is run."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.extraction import Extraction
from mcpaudit.manifests.installed import Installed, installed
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.manifest import Manifest
from mcpaudit.model.server import Server
from mcpaudit.model.site import Site

Extract = Callable[[Path, str], Extraction | None]

_SCRIPTS = dict.fromkeys((".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx"), "javascript") | {
    ".py": "python"
}
# What shows that a folder is the root of a program, and in which language it is then most likely written.
_ROOTS = (("package.json", "javascript"), ("pyproject.toml", "python"), ("setup.py", "python"))
_UP = 4
"""How many folders above a script its program's root is looked for."""


def read_source(root: Path, shown: str) -> Extraction | None:
    """What the source in a file or folder offers; `None` where it is no server in a language that is read."""
    for language in _languages(root):
        found = _reader(language)(root, shown)
        if found is not None:
            return found
    return None


def manifest_of(
    server: Server, site: Site, command: str, providers: Sequence[str], packs: Packs
) -> Manifest | None:
    """The manifest of a server whose source lies on the machine; `None` where none does."""
    best: tuple[Extraction, Installed, bool] | None = None
    for place, proved in _places(server, site, command):
        found = read_source(place.root, place.shown)
        if found is not None and (best is None or len(found.tools) > len(best[0].tools)):
            best = (found, place, proved)
            if found.complete:
                break
    return _manifest(server, *best, providers, packs) if best else None


def _manifest(
    server: Server, found: Extraction, place: Installed, proved: bool, providers: Sequence[str], packs: Packs
) -> Manifest:
    # Imported here: the lexicon is only needed where a manifest is not in the catalog.
    from mcpaudit.knowledge.capability import infer

    version = place.version or found.version
    listed = [one.tool for one in found.tools if not one.latent]
    note = f" {version}" if version else ""
    return Manifest(
        server=server.id,
        source="source",
        complete=found.complete,
        tools=tuple(infer(raw, server.id, providers, packs) for raw in listed),
        reason=f"its source{note} in {place.shown}" + (f"; {found.reason}" if not found.complete else ""),
        version=version,
        certainty=Certainty.CERTAIN if proved else Certainty.POSSIBLE,
        needs_env=found.needs_env,
        scopes=found.scopes,
    )


def _places(server: Server, site: Site, command: str) -> Iterator[tuple[Installed, bool]]:
    """Where the source may lie, and whether it is proved to be what runs."""
    if (package := installed(server, site)) is not None:
        yield package, bool(server.package and server.package.pinned)
    kind, _, name = server.id.partition(":")
    if kind == "path":
        for place in _local(name, site):
            yield place, True
    elif kind == "module" and all(part.isidentifier() for part in name.split(".")):
        for place in _module(name, site, command):
            yield place, False


def _local(name: str, site: Site) -> Iterator[Installed]:
    """A script by itself, then the program that it belongs to; a folder as a whole."""
    path = _real(name, site)
    if path is None:
        return
    if path.is_file() and path.suffix in _SCRIPTS:
        yield Installed(path, name, "")
    above = path if path.is_dir() else path.parent
    for folder in (above, *above.parents[:_UP]):
        if folder in (site.home, site.system_root):
            return
        if any((folder / root).is_file() for root, _ in _ROOTS):
            yield Installed(folder, site.shorten(str(folder)), "")
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
    return list(dict.fromkeys([*likely, "python", "javascript"]))


def _reader(language: str) -> Extract:
    # Imported here: each brings a parser, and most audits need none.
    module = import_module(f"mcpaudit.manifests.{language}.source")
    extract: Extract = module.extract
    return extract
