"""The SBOM of mcpaudit itself, from its locks: CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).

It goes into the wheel, where PEP 770 wants it (`.dist-info/sboms/`). The packages are those that were locked
and tested; without the lock, pip may choose others within the bounds of pyproject.toml. It holds no time and
nothing of the machine: the same locks give the same bytes.
"""

import hashlib
import json
import re
import tomllib
import uuid
from pathlib import Path

import yaml

from tools.supply.lock import SELF, Locked, names_of, read_lock, within
from tools.table_text import FOLDER as TABLES
from tools.table_text import header

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = "sbom/mcp-reach-audit.cdx.json"
VENDOR = ROOT / "reports/templates/vendor"

Value = str | int | list["Value"] | dict[str, "Value"]
Entry = dict[str, Value]


def pages() -> dict[str, str]:
    """The SBOM by its path."""
    return {FILE: json.dumps(bom(), indent=1, ensure_ascii=False) + "\n"}


def licences() -> dict[str, str]:
    """The licence of each package, as an SPDX expression."""
    rows = yaml.safe_load((Path(__file__).parent / "licences.yaml").read_text(encoding="utf-8"))
    return {name: expression for expression, names in rows.items() for name in names}


def shipped() -> tuple[tuple[Locked, bool], ...]:
    """The locked packages that users may have, and whether only an extra brings them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    run, development = read_lock(ROOT / "requirements.lock"), read_lock(ROOT / "requirements-dev.lock")
    always = {one.name for one in run}
    wanted = always | within(names_of(extras), development)
    return tuple((one, one.name not in always) for one in development if one.name in wanted)


def bom() -> Entry:
    """The whole document."""
    root, packages, inside = _root(), shipped(), [_cytoscape(), *_tables()]
    components: list[Value] = [*(_package(one, optional) for one, optional in packages), *inside]
    refs = sorted(str(one["bom-ref"]) for one in components if isinstance(one, dict))
    document: Entry = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"lifecycles": [{"phase": "pre-build"}], "component": root},
        "components": components,
        "dependencies": _dependencies(root, packages, inside),
        # All packages are listed; what was compiled into them is their makers' to say.
        "compositions": [
            {"aggregate": "complete", "dependencies": [root["bom-ref"], *refs]},
            {"aggregate": "unknown", "assemblies": [ref for ref in refs if ref.startswith("pkg:pypi/")]},
        ],
    }
    content = json.dumps(document, sort_keys=True)
    return {**document, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}"}


def _root() -> Entry:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    purl = f"pkg:pypi/{SELF}@{project['version']}"
    return {
        "type": "application",
        "bom-ref": purl,
        "name": SELF,
        "version": project["version"],
        "description": project["description"],
        "licenses": _licence(project["license"]),
        "purl": purl,
    }


def _package(locked: Locked, optional: bool) -> Entry:
    """One package; its hashes are those of all its files in the index, as CycloneDX's own tool does."""
    entry: Entry = {
        "type": "library",
        "bom-ref": locked.purl,
        "name": locked.name,
        "version": locked.version,
        "scope": "optional" if optional else "required",
        "licenses": _licence(licences()[locked.name]),
        "purl": locked.purl,
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"https://pypi.org/simple/{locked.name}/",
                "hashes": [{"alg": "SHA-256", "content": one} for one in locked.hashes],
            }
        ],
    }
    if locked.marker:
        entry["properties"] = [{"name": "mcpaudit:marker", "value": locked.marker}]
    return entry


def _cytoscape() -> Entry:
    """The one library that lies inside the wheel."""
    told = re.search(r"Cytoscape\.js ([\d.]+), MIT licence", (VENDOR / "README.txt").read_text("utf-8"))
    assert told is not None, "reports/templates/vendor/README.txt names version and licence"
    purl = f"pkg:npm/cytoscape@{told[1]}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": "cytoscape",
        "version": told[1],
        "scope": "required",
        "hashes": _digest(VENDOR / "cytoscape.min.js"),
        "licenses": _licence("MIT"),
        "purl": purl,
    }


def _tables() -> list[Entry]:
    """The tables of providers' actions, derived from other people's data."""
    found: list[Entry] = []
    for path in sorted(TABLES.glob("*.txt")):
        told = header(path.name)
        found.append(
            {
                "type": "data",
                "bom-ref": f"table:{path.name}",
                "name": f"mcpaudit/knowledge/tables/{path.name}",
                "version": told["date"],
                "description": f"{told['what']}; {told['source']}",
                "scope": "required",
                "hashes": _digest(path),
                "licenses": _licence(told["licence"]),
                "externalReferences": [{"type": "source-distribution", "url": told["url"]}],
            }
        )
    return found


def _dependencies(root: Entry, packages: tuple[tuple[Locked, bool], ...], inside: list[Entry]) -> list[Value]:
    needs: dict[str, set[str]] = {str(root["bom-ref"]): {str(one["bom-ref"]) for one in inside}}
    needs.update({str(one["bom-ref"]): set() for one in inside})
    refs: dict[str, list[str]] = {SELF: [str(root["bom-ref"])]}
    for one, _ in packages:
        refs.setdefault(one.name, []).append(one.purl)
        needs[one.purl] = set()
    for one, _ in packages:
        for needer in one.needed_by:
            # What only development needs is left out.
            for ref in refs.get(needer, []):
                needs[ref].add(one.purl)
    return [{"ref": ref, "dependsOn": [*sorted(needs[ref])]} for ref in sorted(needs)]


def _licence(expression: str) -> list[Value]:
    if " " in expression:
        return [{"expression": expression, "acknowledgement": "declared"}]
    return [{"license": {"id": expression, "acknowledgement": "declared"}}]


def _digest(path: Path) -> list[Value]:
    return [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]
