"""What one server answered, and the list as the file that `--manifests` reads."""

import json
from dataclasses import field

from mcp.client import Client

from mcpaudit.dataclass import dataclass
from mcpaudit.live.listing import Changes, tools_of
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.watch import NotListed
from mcpaudit.model.gap import Gap
from mcpaudit.model.live import Listing
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.reader import parse


@dataclass(slots=True)
class Answer:
    """What a server said, as it said it."""

    tools: list[dict[str, Json]] = field(default_factory=list)
    protocol: str = ""
    name: str = ""
    version: str = ""
    notes: list[str] = field(default_factory=list)

    async def take(self, client: Client, changes: Changes) -> None:
        """Take what a connected server says of itself, and its list."""
        info = client.server_info
        self.protocol = client.protocol_version
        self.name, self.version = (info.name, info.version) if info else ("", "")
        self.tools = await tools_of(client, changes)


@dataclass(frozen=True, slots=True)
class Asked:
    """One server's row, and its list where there is one."""

    row: Listing
    document: Document | None = None
    """What `--save` writes, read back as an audit will read it."""


def document_of(answer: Answer, redaction: Redaction, shown: str) -> tuple[Document, bool]:
    """The list as a document without secrets, and whether it held any; raises NotListed if it is none."""
    whole: dict[str, Json] = {
        "serverInfo": {"name": answer.name, "version": answer.version},
        "version": answer.version,
        "protocolVersion": answer.protocol,
        "tools": list(answer.tools),
    }
    try:
        clean = redaction.json(whole)
        text = json.dumps(clean, indent=1, ensure_ascii=True, allow_nan=False)
    except (ValueError, RecursionError):
        raise NotListed("refused", "its list holds a number that JSON does not know") from None
    found = parse(f"{text}\n".encode(), shown, "json")
    if isinstance(found, Gap):
        raise NotListed("over-limit", f"its list is not one that an audit reads: {found.reason}")
    return found, clean != whole
