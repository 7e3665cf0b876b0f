"""What both OSCAL 1.2.1 models share: identifiers, properties, texts, the agents and servers as components.

https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/. Titles and descriptions are Markdown there, and a
property's value may neither be empty nor begin or end with a blank.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from mcpaudit.model.report import Report
from mcpaudit.report.escape import clip, markdown_prose, visible
from mcpaudit.report.stable import midnight, stable_uuid

Node = dict[str, Any]

NAMESPACE = "urn:mcpaudit:oscal"
CATALOG = (
    "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/"
    "NIST_SP-800-53_rev5_catalog.json"
)
_NIST = re.compile(r"nist-800-53:([A-Z]{2})-([1-9]\d?)(?:\(([1-9]\d?)\))?", re.ASCII)
_LONGEST = 4_000


def control_id(control: str) -> str:
    """`nist-800-53:CM-7(1)` as the catalog has it, `cm-7.1`; empty for a control of another framework."""
    found = _NIST.fullmatch(control)
    if not found:
        return ""
    return f"{found[1].lower()}-{found[2]}" + (f".{found[3]}" if found[3] else "")


def control_ids(controls: Iterable[str]) -> list[str]:
    """The controls of the catalog among these, each once, by id."""
    return sorted(set(filter(None, map(control_id, controls))))


def markup(text: str) -> str:
    """A title or description: Markdown on one line, never empty."""
    return markdown_prose(clip(text, _LONGEST)) or "(empty)"


def props(*pairs: tuple[str, str], namespace: str = NAMESPACE, remarks: str = "") -> list[Node]:
    """Properties; a pair without a value is left out, and each stands once."""
    shown = dict.fromkeys((name, visible(value).strip()) for name, value in pairs)
    return [
        {"name": name, "ns": namespace, "value": value, **({"remarks": remarks} if remarks else {})}
        for name, value in shown
        if value
    ]


def other_frameworks(controls: Iterable[str]) -> list[tuple[str, str]]:
    """Controls that the catalog does not have, as properties."""
    return [("supports", control) for control in sorted(set(controls)) if not control_id(control)]


def metadata(report: Report, title: str, named: str) -> Node:
    """The version of the document is the digest of the report."""
    return {
        "title": title,
        "last-modified": midnight(report.as_of),
        "version": named,
        "oscal-version": "1.2.1",
        "props": props(
            ("report-sha256", named),
            ("tool-version", report.tool.version),
            ("verdict", report.summary.verdict),
            ("mode", report.run.mode),
            ("not-read", str(len(report.coverage.unread))),
        ),
    }


def agent_uuid(agent: str) -> str:
    """The component that an agent is."""
    return stable_uuid("oscal-agent", agent)


def server_uuid(server: str) -> str:
    """The component that a server is."""
    return stable_uuid("oscal-server", server)


def components(report: Report) -> list[Node]:
    """Agents as software; servers as software or, where they are remote, as services."""
    agents = {row.id: row for row in report.agents}
    servers = {row.id: row for row in report.servers}
    return [
        *(
            {
                "uuid": agent_uuid(name),
                "type": "software",
                "title": markup(row.title or name),
                "description": markup(f"An agent: {row.title or name} in {row.cwd}"),
                "props": props(("agent", name), ("client", row.client)),
            }
            for name, row in sorted(agents.items())
        ),
        *(
            {
                "uuid": server_uuid(name),
                "type": "service" if row.url else "software",
                "title": markup(row.name or name),
                "description": markup(row.purpose or f"An MCP server: {name}"),
                "props": props(
                    ("server", name),
                    ("transport", row.transport),
                    ("owner", row.owner),
                    ("tools-certainty", row.manifest.certainty),
                ),
            }
            for name, row in sorted(servers.items())
        ),
    ]


def written(model: str, body: Node) -> str:
    """The document as text."""
    return json.dumps({model: body}, ensure_ascii=False, indent=2) + "\n"
