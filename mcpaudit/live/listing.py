"""Takes the whole list of tools from a connected server, as the server sends it."""

import json
from collections import Counter
from typing import Any

import mcp_types as types
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter

from mcpaudit.live.limits import ATTEMPTS, MAX_LIST, MAX_PAGES, MAX_TOOLS
from mcpaudit.live.watch import NotListed
from mcpaudit.parsing.document import Json

# The SDK checks an answer by the schema of the agreed revision and then hands it on by this type: as an
# object, so that every word stays as it was sent, and no tool is left out for reasons of the SDK alone.
_OBJECT: TypeAdapter[Any] = TypeAdapter(dict[str, Any])
_Tools = list[dict[str, Json]]


class Changes:
    """Notices that a server says, while its list is read, that the list has changed."""

    def __init__(self) -> None:
        self.seen = False

    async def __call__(self, message: object) -> None:
        """Take one message that is no answer."""
        if isinstance(message, types.ToolListChangedNotification):
            self.seen = True


async def tools_of(client: Client, changes: Changes) -> _Tools:
    """The tools in the server's order; raises NotListed where the list is not one."""
    for _ in range(ATTEMPTS):
        changes.seen = False
        tools = await _walk(client)
        if tools is not None and not changes.seen:
            _check_size(tools)
            return tools
    raise NotListed("list-changed", "its list changes while it is read, so that no page fits another")


async def _walk(client: Client) -> _Tools | None:
    """All pages; `None` where the list changed between them."""
    first = await _page(client, None)
    tools, cursor = list(first["tools"]), first.get("nextCursor")
    met: set[str] = set()
    while cursor is not None:
        if cursor in met:
            raise NotListed("repeated-cursor", "its pages lead in a circle: it gave the same cursor twice")
        met.add(cursor)
        if len(met) >= MAX_PAGES:
            raise NotListed("over-limit", f"its list has over {MAX_PAGES} pages")
        try:
            page = await _page(client, cursor)
        except MCPError as error:
            if error.code == types.INVALID_PARAMS:
                return None  # its own cursor does not fit any more
            raise
        tools += page["tools"]
        cursor = page.get("nextCursor")
        if len(tools) > MAX_TOOLS:
            raise NotListed("over-limit", f"its list has over {MAX_TOOLS} tools")
    if not met:
        return tools
    again = await _page(client, None)
    return tools if again["tools"] == first["tools"] else None


async def _page(client: Client, cursor: str | None) -> dict[str, Any]:
    params = types.PaginatedRequestParams(cursor=cursor)
    page: dict[str, Any] = await client.session.send_request(types.ListToolsRequest(params=params), _OBJECT)
    return page


def _check_size(tools: _Tools) -> None:
    if sum(len(json.dumps(tool)) for tool in tools) > MAX_LIST:
        raise NotListed("over-limit", f"its list is over {MAX_LIST >> 20} MiB")


def repeated(tools: _Tools) -> tuple[str, ...]:
    """The names that it lists twice: clients differ in which tool they then call."""
    counted = Counter(str(tool["name"]) for tool in tools)
    return tuple(name for name, number in counted.items() if number > 1)
