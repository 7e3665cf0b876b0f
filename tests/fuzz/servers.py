"""Targets: what servers are made of: saved lists, bundles, archives, source in each language, metadata."""

import io
import zipfile
from pathlib import Path

from mcpaudit.errors import UsageError
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.formats import read_offer
from mcpaudit.manifests.inspection import inspect
from mcpaudit.manifests.on_disk import read_catalogs
from mcpaudit.manifests.supplied import read_folder
from mcpaudit.model.gap import Gap
from mcpaudit.model.site import Site
from mcpaudit.report.inspection import as_json, as_text
from tests.fuzz.target import Target, told

_PACKS = Packs.shipped()


def _looked_at(path: Path) -> None:
    """Inspect and show it, as `mcpaudit inspect` does."""
    try:
        found = inspect(path, _PACKS)
    except UsageError as error:
        assert str(error).strip()
        return
    assert as_text(found, width=100, colour=False)
    assert as_json(found)


def _inspected(name: str, shape: str, file: str) -> Target:
    def run(raw: bytes, folder: Path) -> None:
        (folder / file).write_bytes(raw)
        _looked_at(folder / file)

    return Target(name, shape, run)


def _among(name: str, shape: str, file: str, others: dict[str, str]) -> Target:
    """A folder of source of which the bytes are one file."""

    def run(raw: bytes, folder: Path) -> None:
        for other, text in {**others, file: ""}.items():
            path = folder / "server" / other
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (folder / "server" / file).write_bytes(raw)
        _looked_at(folder / "server")

    return Target(name, shape, run)


def _offered(name: str, file: str) -> Target:
    """A file of `--manifests`, beside one that is good."""

    def run(raw: bytes, folder: Path) -> None:
        (folder / file).write_bytes(raw)
        (folder / "kept.json").write_text('{"tools": [{"name": "kept"}]}', encoding="utf-8")
        found = read_folder(folder, _PACKS)
        assert [tool.name for tool in found.offers["kept"].tools] == ["kept"]
        for gap in found.gaps:
            told(gap, folder.name)
        one = read_offer(folder / file, file)
        assert isinstance(one, Gap) == bool(found.gaps)

    return Target(name, Path(file).suffix[1:], run)


def _bundled(raw: bytes, folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("manifest.json", raw)
    (folder / "x.mcpb").write_bytes(packed.getvalue())
    _looked_at(folder / "x.mcpb")


def _catalog(raw: bytes, folder: Path) -> None:
    catalogs = folder / ".docker/mcp/catalogs"
    catalogs.mkdir(parents=True, exist_ok=True)
    (catalogs / "x.yaml").write_bytes(raw)
    (catalogs / "kept.yaml").write_text("registry: {kept: {tools: [{name: kept}]}}", encoding="utf-8")
    found = read_catalogs(Site(None, folder))
    assert "~/.docker/mcp/catalogs/kept.yaml" in found.documents
    for gap in found.gaps:
        told(gap, "~/.docker/mcp/catalogs/x.yaml")


_PYTHON = """from mcp.server.fastmcp import FastMCP
mcp = FastMCP("kept")
@mcp.tool()
def kept(): ...
"""
_SCRIPT = """import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
const server = new McpServer({name: "kept", version: "1"});
server.tool("kept", {}, async () => ({content: []}));
"""

TARGETS = (
    _offered("manifest.json", "x.json"),
    _offered("manifest.yaml", "x.yaml"),
    Target("bundle-manifest", "json", _bundled),
    Target("docker-catalog", "yaml", _catalog),
    _inspected("bundle.mcpb", "zip", "x.mcpb"),
    _inspected("archive.zip", "zip", "x.zip"),
    _inspected("archive.tar", "tar", "x.tar"),
    _inspected("archive.tgz", "gzip", "x.tgz"),
    _inspected("source.py", "python", "server.py"),
    _inspected("source.js", "javascript", "server.js"),
    _inspected("source.ts", "javascript", "server.ts"),
    _inspected("source.go", "go", "server.go"),
    _among("package.json", "json", "package.json", {"index.js": _SCRIPT}),
    _among("pyproject.toml", "toml", "pyproject.toml", {"server.py": _PYTHON}),
    _among("wheel-metadata", "lines", "x.dist-info/METADATA", {"server.py": _PYTHON}),
    _among("wheel-entry-points", "lines", "x.dist-info/entry_points.txt", {"server.py": _PYTHON}),
    _among("go.mod", "lines", "go.mod", {"main.go": "package main\nfunc main() {}\n"}),
    _among("module.py", "python", "other.py", {"server.py": f"from other import *\n{_PYTHON}"}),
    _among(
        "module.js", "javascript", "other.js", {"index.js": f'import * as o from "./other.js";\n{_SCRIPT}'}
    ),
)
