"""Makes the shipped catalog from saved manifests: `python tools/build_catalog.py FOLDER...`

Each folder holds one JSON file a server: `package`, `version`, `source.ecosystem`, `tools` as `tools/list`
sent them, and `declared`. Only facts go into the catalog: names, parameters, hints, inferred actions, needed
variables. Descriptions are read for the inference and are not copied.
"""

import json
import sys
from pathlib import Path

from mcpaudit.knowledge.capability import infer, parse_tools_list
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.provider import providers_of
from mcpaudit.manifests.catalog import file_name, tool_to_json
from mcpaudit.model.server import Package, Server

CATALOG = Path(__file__).parent.parent / "mcpaudit" / "knowledge" / "catalog"


def server_of(manifest: dict) -> Server | None:
    """The identity of a saved manifest's server; `None` where the manifest does not tell it."""
    ecosystem = (manifest.get("source") or {}).get("ecosystem")
    name, version = manifest.get("package") or "", manifest.get("version") or ""
    if ecosystem not in ("npm", "pypi", "oci") or not name:
        return None
    normal = name.lower().replace("_", "-") if ecosystem == "pypi" else name.lower()
    return Server(f"{ecosystem}:{normal}", package=Package(ecosystem, name, version))


def as_text(entry: dict) -> str:
    """One line a tool, so that a new version of a server reads well as a diff."""
    tools = ",\n".join(f"  {json.dumps(tool, ensure_ascii=False, sort_keys=True)}" for tool in entry["tools"])
    head = {key: value for key, value in entry.items() if key != "tools"}
    return json.dumps(head, ensure_ascii=False, sort_keys=True)[:-1] + f', "tools": [\n{tools}\n]}}\n'


def main(folders: list[str]) -> None:
    """Write one catalog file for each saved manifest that lists tools and names its package."""
    packs = Packs.shipped()
    written = []
    for path in sorted(path for folder in folders for path in Path(folder).glob("*.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        server = server_of(manifest)
        raw = parse_tools_list({"tools": manifest.get("tools") or []})
        if server is None or not raw or server.package is None:
            continue
        needs = sorted((manifest.get("declared") or {}).get("env_set_for_start") or [])
        providers = [match.provider for match in providers_of(server, needs, packs)]
        tools = [infer(tool, server.id, providers, packs) for tool in raw]
        entry = {
            "format": 1,
            "server": server.id,
            "version": server.package.version,
            "needs_env": needs,
            "tools": [tool_to_json(tool) for tool in sorted(tools, key=lambda tool: tool.name)],
        }
        target = CATALOG / file_name(server.id)
        target.write_text(as_text(entry), encoding="utf-8")
        written.append(target.name)
    print(f"{len(written)} servers, {sum((CATALOG / name).stat().st_size for name in written) // 1024} KiB")


if __name__ == "__main__":
    main(sys.argv[1:])
