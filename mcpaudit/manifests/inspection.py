"""A server looked at before it is installed: what its tools are and what they can do."""

import tempfile
from pathlib import Path

from mcpaudit.errors import UsageError
from mcpaudit.knowledge.capability import RawTool, infer
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import providers_of
from mcpaudit.knowledge.scopes import allowance
from mcpaudit.manifests.archive import ENDINGS, ArchiveError, unpacked
from mcpaudit.manifests.extraction import FoundTool
from mcpaudit.manifests.formats import read_offer
from mcpaudit.manifests.offer import Offer
from mcpaudit.manifests.source import read_source
from mcpaudit.manifests.tool_secrets import tools_of, without_secrets
from mcpaudit.model.gap import Gap
from mcpaudit.model.inspection import InspectedScope, InspectedTool, Inspection
from mcpaudit.model.report_access import TouchRow
from mcpaudit.model.server import Package, Server

_ECOSYSTEMS = {"javascript": "npm", "python": "pypi"}


def inspect(target: Path, packs: Packs) -> Inspection:
    """Look at a folder, a source file, an archive, a bundle or a saved list; raises UsageError for others."""
    if not target.exists():
        raise UsageError(f"there is nothing at {target}")
    if target.is_dir():
        return _of_source(target, target.name, packs)
    if target.name.endswith((".mcpb", ".dxt")) or not target.name.endswith(ENDINGS):
        return _of_file(target, packs)
    with tempfile.TemporaryDirectory(prefix="mcpaudit-") as scratch:
        try:
            root = unpacked(target, Path(scratch) / "unpacked")
        except ArchiveError as error:
            raise UsageError(f"{target}: {error}") from error
        return _of_source(root, target.name, packs)


def _of_file(target: Path, packs: Packs) -> Inspection:
    if target.suffix in (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx", ".go"):
        return _of_source(target, target.name, packs)
    offer = read_offer(target, target.name)
    if isinstance(offer, Gap):
        raise UsageError(f"{target}: {offer.reason}")
    return _of_offer(offer, target.stem, packs)


def _of_source(root: Path, shown: str, packs: Packs) -> Inspection:
    found = read_source(root, shown)
    if found is None:
        raise UsageError(
            f"{shown}: no MCP server was found in it (Python, JavaScript, TypeScript and Go are read)"
        )
    name = found.name or shown
    server = _server(_ECOSYSTEMS.get(found.language, ""), name)
    providers = _providers(server, packs)
    return Inspection(
        "source",
        found.complete,
        found.reason,
        name,
        found.version,
        tuple(
            _tool(raw, one, server.id, providers, packs)
            for one in found.tools
            for raw in without_secrets([one.with_code()], packs)
        ),
        found.needs_env,
        _scopes(found.scopes, providers, packs),
        tuple(f"{one.name}: {one.says} ({one.spot})" for one in found.state),
    )


def _of_offer(offer: Offer, name: str, packs: Packs) -> Inspection:
    server = _server("", name)
    providers = _providers(server, packs)
    return Inspection(
        offer.source,
        offer.complete,
        offer.reason,
        name,
        offer.version,
        tuple(_tool(raw, None, server.id, providers, packs) for raw in tools_of(offer, packs)),
        offer.needs_env,
        _scopes(offer.scopes, providers, packs),
    )


def _server(ecosystem: str, name: str) -> Server:
    if ecosystem == "npm":
        return Server(f"npm:{name}", package=Package("npm", name))
    if ecosystem == "pypi":
        return Server(f"pypi:{name}", package=Package("pypi", name))
    return Server(f"path:{name}")


def _providers(server: Server, packs: Packs) -> tuple[str, ...]:
    return tuple(match.provider for match in providers_of(server, (), packs))


def _scopes(names: tuple[str, ...], providers: tuple[str, ...], packs: Packs) -> tuple[InspectedScope, ...]:
    """The scopes with what they allow, those that open most first."""
    found = []
    for name in names:
        known = allowance(name, providers, packs)
        found.append(
            InspectedScope(name, known.provider, known.level, known.by_kind(), known.complete)
            if known
            else InspectedScope(name, "", 0, (), complete=False)
        )
    return tuple(sorted(found, key=lambda one: (-one.level, one.scope)))


def _tool(
    raw: RawTool, found: FoundTool | None, server: str, providers: tuple[str, ...], packs: Packs
) -> InspectedTool:
    tool = infer(raw, server, providers, packs)
    return InspectedTool(
        name=raw.name,
        description=raw.description,
        input_schema=raw.input_schema,
        annotations=raw.annotations,
        latent=found.latent if found else False,
        switch=found.switch if found else "",
        possible=found.possible if found else False,
        touches=tuple(map(TouchRow.of, tool.touches)),
        code=tuple(map(str, raw.code)),
        where=str(found.spot) if found else "",
    )
