"""A server looked at before it is installed: what its tools are and what they can do."""

import tempfile
from pathlib import Path

from mcpaudit.errors import UsageError
from mcpaudit.knowledge.capability import RawTool, infer
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import providers_of
from mcpaudit.manifests.archive import ENDINGS, ArchiveError, unpacked
from mcpaudit.manifests.extraction import FoundTool
from mcpaudit.manifests.formats import read_offer
from mcpaudit.manifests.offer import Offer
from mcpaudit.manifests.source import read_source
from mcpaudit.model.gap import Gap
from mcpaudit.model.inspection import InspectedTool, Inspection
from mcpaudit.model.report import TouchRow
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
    if target.suffix in (".py", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".tsx"):
        return _of_source(target, target.name, packs)
    offer = read_offer(target, target.name)
    if isinstance(offer, Gap):
        raise UsageError(f"{target}: {offer.reason}")
    return _of_offer(offer, target.stem, packs)


def _of_source(root: Path, shown: str, packs: Packs) -> Inspection:
    found = read_source(root, shown)
    if found is None:
        raise UsageError(
            f"{shown}: no MCP server was found in it (Python, JavaScript and TypeScript are read)"
        )
    name = found.name or shown
    tools = _inferred(
        [(one.with_code(), one) for one in found.tools], _ECOSYSTEMS.get(found.language, ""), name, packs
    )
    return Inspection(
        "source",
        found.complete,
        found.reason,
        name,
        found.version,
        tools,
        found.needs_env,
        found.scopes,
        tuple(f"{one.name}: {one.says} ({one.spot})" for one in found.state),
    )


def _of_offer(offer: Offer, name: str, packs: Packs) -> Inspection:
    tools = _inferred([(raw, None) for raw in offer.tools], "", name, packs)
    return Inspection(
        offer.source, offer.complete, offer.reason, name, offer.version, tools, offer.needs_env, offer.scopes
    )


def _inferred(
    raws: list[tuple[RawTool, FoundTool | None]], ecosystem: str, name: str, packs: Packs
) -> tuple[InspectedTool, ...]:
    server = Server(f"{ecosystem or 'path'}:{name}")
    if ecosystem == "npm":
        server = Server(server.id, package=Package("npm", name))
    elif ecosystem == "pypi":
        server = Server(server.id, package=Package("pypi", name))
    providers = [match.provider for match in providers_of(server, (), packs)]
    return tuple(_tool(raw, found, server.id, providers, packs) for raw, found in raws)


def _tool(
    raw: RawTool, found: FoundTool | None, server: str, providers: list[str], packs: Packs
) -> InspectedTool:
    tool = infer(raw, server, providers, packs)
    return InspectedTool(
        name=raw.name,
        description=raw.description,
        input_schema=raw.input_schema,
        annotations=raw.annotations,
        latent=found.latent if found else False,
        switch=found.switch if found else "",
        touches=tuple(map(TouchRow.of, tool.touches)),
        code=tuple(map(str, raw.code)),
        where=str(found.spot) if found else "",
    )
