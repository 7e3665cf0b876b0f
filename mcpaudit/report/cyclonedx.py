"""The installation as a CycloneDX 1.6 BOM (https://cyclonedx.org/docs/1.6/json/).

Agents and packages are components; servers are services, their tools services inside of them, and what a tool
does to a resource is a flow of data. An agent depends on the servers that it loads, a server on its package.
Findings are no vulnerabilities of a product, so they stand in the declarations and not where scanners look.
"""

import json
import re
from collections import defaultdict
from typing import Any
from urllib.parse import quote

from mcpaudit.model.action import in_order
from mcpaudit.model.report import Report
from mcpaudit.model.report_access import AccessRow, ToolRow
from mcpaudit.model.report_inventory import PackageRow, ServerRow
from mcpaudit.report.canonical import digest
from mcpaudit.report.cyclonedx_claims import declarations
from mcpaudit.report.escape import visible
from mcpaudit.report.purl import purl
from mcpaudit.report.stable import midnight, stable_uuid

Node = dict[str, Any]

_LONGEST_VERSION = 1024
"""What the schema allows."""
_READING = {"list", "read"}
_HOST = re.compile(r"(https?|wss?)://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(:\d{1,5})?(?=/|$)", re.ASCII)


def render(report: Report) -> str:
    """The BOM; its serial number derives from the report, so the same report is the same BOM."""
    named = digest(report)
    root = _ref("installation", named)
    packages = {row.id: row.package for row in report.servers if row.package}
    standards, claims = declarations(report, root)
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{stable_uuid('bom', named)}",
        "version": 1,
        "metadata": {
            "timestamp": midnight(report.as_of),
            "tools": {"components": [_tool(report)]},
            "component": {"type": "platform", "bom-ref": root, "name": "MCP installation"},
            "properties": _properties(
                ("report-sha256", named),
                ("verdict", report.summary.verdict),
                ("mode", report.run.mode),
                *(("not-read", f"{gap.kind}: {gap.location.file}") for gap in report.coverage.unread),
                *(("tools-not-known", server) for server in report.coverage.without_manifest),
                *(("tools-not-all-known", server) for server in report.coverage.incomplete_manifests),
            ),
        },
        "components": [*_agents(report), *_packages(packages)],
        "services": _services(report),
        "dependencies": _dependencies(report, root, packages),
        "declarations": claims,
        **({"definitions": {"standards": standards}} if standards else {}),
    }
    return json.dumps(bom, ensure_ascii=False, indent=2) + "\n"


def _ref(kind: str, *parts: str) -> str:
    return f"{kind}/{stable_uuid(kind, *parts)}"


def _properties(*pairs: tuple[str, str]) -> list[Node]:
    """Properties in our own part of the names; the schema wants each pair once."""
    shown = dict.fromkeys((f"mcpaudit:{name}", visible(value)) for name, value in pairs if value)
    return [{"name": name, "value": value} for name, value in shown]


def _tool(report: Report) -> Node:
    return {
        "type": "application",
        "name": visible(report.tool.name),
        "version": visible(report.tool.version),
    }


def _agents(report: Report) -> list[Node]:
    return [
        {
            "type": "application",
            "bom-ref": _ref("agent", row.id),
            "name": visible(row.title or row.id),
            "properties": _properties(("agent", row.id), ("client", row.client)),
        }
        for _, row in sorted({row.id: row for row in report.agents}.items())
    ]


def _package_ref(package: PackageRow) -> str:
    return _ref("package", package.ecosystem, package.name, package.version)


def _packages(packages: dict[str, PackageRow]) -> list[Node]:
    """Each artefact once; a version that does not name one artefact is a property and no version."""
    unique = {_package_ref(package): package for package in packages.values()}
    return [
        {
            "type": "container" if package.ecosystem == "oci" else "application",
            "bom-ref": ref,
            "name": visible(package.name),
            **_version(package),
            "purl": purl(package),
            "properties": _properties(
                ("ecosystem", package.ecosystem),
                ("pinned", "true" if package.pinned else "false"),
                ("version-as-written", package.version),
            ),
        }
        for ref, package in sorted(unique.items())
    ]


def _version(package: PackageRow) -> Node:
    shown = visible(package.version)
    return {"version": shown} if package.pinned and len(shown) <= _LONGEST_VERSION else {}


def _services(report: Report) -> list[Node]:
    rows: dict[str, list[AccessRow]] = defaultdict(list)
    for row in report.access:
        rows[row.server].append(row)
    tools: dict[str, dict[str, ToolRow]] = defaultdict(dict)
    for tool in report.tools:
        tools[tool.server][tool.name] = tool
    servers = {row.id: row for row in report.servers}
    return [_service(servers[name], tools[name], rows[name]) for name in sorted(servers)]


def _service(server: ServerRow, tools: dict[str, ToolRow], rows: list[AccessRow]) -> Node:
    through: dict[str, list[AccessRow]] = defaultdict(list)
    for row in rows:
        through[row.tool].append(row)
    nested = [_nested(tools[name], through[name]) for name in sorted(tools)]
    own = _flows([row for row in rows if row.tool not in tools])
    return {
        "bom-ref": _ref("server", server.id),
        **({"provider": {"name": visible(server.owner)}} if server.owner else {}),
        "name": visible(server.name or server.id),
        **({"description": visible(server.purpose)} if server.purpose else {}),
        **({"endpoints": [_endpoint(server.url)]} if server.url else {}),
        "x-trust-boundary": bool(server.url),
        **({"data": own} if own else {}),
        **({"services": nested} if nested else {}),
        "properties": _properties(
            ("server", server.id),
            ("transport", server.transport),
            ("builtin", "true" if server.builtin else ""),
            ("trusted", "" if server.trusted is None else str(server.trusted).lower()),
            ("tools-source", server.manifest.source),
            ("tools-complete", "true" if server.manifest.complete else "false"),
            ("tools-certainty", server.manifest.certainty),
            ("tools-digest", server.manifest.digest),
            *(("provider", name) for name in server.providers),
            *(("operation", name) for name in server.operations),
        ),
    }


def _endpoint(url: str) -> str:
    """An IRI reference whatever was written: what is no plain address is quoted whole."""
    host = _HOST.match(url)
    start = host.end() if host else 0
    return url[:start] + quote(url[start:], safe="/@!$&'()*+,;=-._~", errors="replace")


def _nested(tool: ToolRow, rows: list[AccessRow]) -> Node:
    flows = _flows(rows)
    return {
        "bom-ref": _ref("tool", tool.server, tool.name),
        "name": visible(tool.name) or "(no name)",
        **({"data": flows} if flows else {}),
        "properties": _properties(
            ("actions", " ".join(tool.actions) or "unknown"),
            ("certainty", tool.certainty),
            *(
                ("decision", f"{one.agent}: {one.interactive}, headless {one.headless}, bypass {one.bypass}")
                for one in tool.decisions
            ),
        ),
    }


def _flows(rows: list[AccessRow]) -> list[Node]:
    """What goes in and out, seen from the server: what it reads goes out to the agent."""
    actions: dict[str, set[str]] = defaultdict(set)
    labels: dict[str, set[str]] = defaultdict(set)
    doubts: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        actions[row.resource].update(row.actions)
        labels[row.resource].update(row.labels)
        doubts[row.resource].add(row.certainty)
    return [
        {
            "flow": _direction(actions[resource]),
            "classification": ", ".join(sorted(map(visible, labels[resource]))) or "unclassified",
            "name": visible(resource) or "(no name)",
            "description": f"{', '.join(in_order(actions[resource])) or 'unknown'}; "
            f"{', '.join(sorted(doubts[resource]))}",
        }
        for resource in sorted(actions)
    ]


def _direction(actions: set[str]) -> str:
    reads, changes = bool(actions & _READING), bool(actions - _READING)
    if reads and changes:
        return "bi-directional"
    return "outbound" if reads else "inbound" if changes else "unknown"


def _dependencies(report: Report, root: str, packages: dict[str, PackageRow]) -> list[Node]:
    known = {row.id for row in report.servers}
    edges: dict[str, set[str]] = {root: {_ref("agent", row.id) for row in report.agents}}
    edges |= {_ref("agent", row.id): set() for row in report.agents}
    edges |= {_package_ref(package): set() for package in packages.values()}
    for server in known:
        edges[_ref("server", server)] = {_package_ref(packages[server])} if server in packages else set()
    for row in report.installations:
        agent = _ref("agent", row.agent)
        # A disabled or rejected entry is no dependency: the agent runs without it.
        if agent in edges and row.server in known and row.state in ("loaded", "pending"):
            edges[agent].add(_ref("server", row.server))
    return [
        {"ref": ref, **({"dependsOn": sorted(targets)} if targets else {})}
        for ref, targets in sorted(edges.items())
    ]
