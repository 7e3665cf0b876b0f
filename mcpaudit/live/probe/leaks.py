"""Whether what one request sent comes out of another: canaries in arguments and in the client's name.

The first session calls a tool with a canary. Then everything is looked at that the server offers to anybody:
its lists, resources and prompts, the same tool with another argument, and its errors.
"""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import field, replace
from typing import Any

import mcp_types as types
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter

from mcpaudit import __version__
from mcpaudit.dataclass import dataclass
from mcpaudit.live.environment import environment
from mcpaudit.live.listing import Changes
from mcpaudit.live.probe.choice import FILLER, Call
from mcpaudit.live.probe.outcome import called, of_failure
from mcpaudit.live.probe.tested import Seen, Terms, Work
from mcpaudit.live.reasons import is_closed
from mcpaudit.live.redaction import written
from mcpaudit.live.talk import talk
from mcpaudit.live.watch import Watch
from mcpaudit.model.probe import Check

_OBJECT: TypeAdapter[Any] = TypeAdapter(dict[str, Any])
_READ = 5
"""So many resources are read, and so many prompts taken."""


async def leaks(work: Work, terms: Terms) -> tuple[Seen, ...]:
    """Leave canaries in one session, and look for them in its next requests and in another session."""
    call = work.telling
    leaver = _Session(_filled(call), call, _canary(), _canary())
    finder = _Session(None, call, "", "mcpaudit")
    async with environment(work.launch, terms.env, share_home=terms.share_home) as env:
        one = await talk(
            work.launch, work.way, env, leaver.ask, terms.seconds, info=leaver.info, watch=leaver.watch
        )
        two = await talk(
            work.launch, work.way, env, finder.ask, terms.seconds, info=finder.info, watch=finder.watch
        )
    tool, state = call.tool if call else "", f"; its source keeps {work.state}" if work.state else ""
    if one.failure is not None:
        why = of_failure(one.failure, one.watch).says
        return Seen("other-request", "cannot-test", why), Seen("other-session", "cannot-test", why)
    found = [Seen("other-request", "cannot-test", f"no tool is known that takes a text{state}")]
    if call is not None and call.texts:
        found = [_seen("other-request", leaver.where((leaver.argument,)), state, tool)]
    if two.failure is not None and not finder.heard:
        return (*found, Seen("other-session", "cannot-test", of_failure(two.failure, two.watch).says))
    where = finder.where((leaver.argument, leaver.name))
    return (*found, _seen("other-session", where, state, tool))


def _seen(check: Check, where: str, state: str, tool: str) -> Seen:
    if not where:
        return Seen(check, "pass", f"no canary came back{state}", tool=tool)
    other = check.removeprefix("other-")
    return Seen(check, "leak", f"what another {other} sent is in {where}{state}", tool=tool)


def _canary() -> str:
    return f"canary-{secrets.token_hex(8)}"


def _filled(call: Call | None) -> Callable[[str], Call] | None:
    """The call with a canary in every text."""
    if call is None:
        return None
    return lambda canary: replace(call, arguments={**call.arguments, **dict.fromkeys(call.texts, canary)})


@dataclass
class _Session:
    """One connection: what it sends, and where it heard what."""

    first: Callable[[str], Call] | None
    """The call that leaves a canary; `None` for the session that looks for it."""
    call: Call | None
    argument: str
    name: str
    watch: Watch = field(default_factory=lambda: Watch(kept=[]))
    heard: list[tuple[str, int]] = field(default_factory=list)
    """What was asked, and how many messages had come before that."""
    end: int = 0
    """How many had come when all was asked."""

    @property
    def info(self) -> types.Implementation:
        """What it calls itself."""
        return types.Implementation(name=self.name, version=__version__)

    async def ask(self, client: Client, changes: Changes) -> None:
        """Leave the canary, if it has one, then look at all that the server offers."""
        del changes
        if self.first is not None:
            await _try(called(client, self.first(self.argument)))
        async for label in self._around(client):
            self.heard.append((label, len(self.watch.kept or ())))
        self.end = len(self.watch.kept or ())
        if self.first is not None:
            # Once more: what a server keeps of its last request alone is to be the canary.
            await _try(called(client, self.first(self.argument)))

    async def _around(self, client: Client) -> AsyncIterator[str]:
        """Each step's name before it is taken."""
        session = client.session

        async def send(request: Any) -> dict[str, Any]:
            return await _try(session.send_request(request, _OBJECT)) or {}

        yield "its list of tools"
        await send(types.ListToolsRequest())
        yield "its list of resources"
        resources = (await send(types.ListResourcesRequest())).get("resources")
        yield "its list of prompts"
        prompts = (await send(types.ListPromptsRequest())).get("prompts")
        yield "a resource"
        for one in _objects(resources)[:_READ]:
            params = types.ReadResourceRequestParams(uri=str(one.get("uri", "")))
            await send(types.ReadResourceRequest(params=params))
        yield "a prompt"
        free = [one for one in _objects(prompts) if not _needs(one)]
        for one in free[:_READ]:
            prompt = types.GetPromptRequestParams(name=str(one.get("name", "")))
            await send(types.GetPromptRequest(params=prompt))
        yield "an error"
        unknown = types.CallToolRequestParams(name=f"{FILLER}-unknown", arguments={})
        await send(types.CallToolRequest(params=unknown))
        yield "the result of a tool"
        if self.call is not None:
            texts = {name: FILLER for name in self.call.texts if name in self.call.arguments}
            call = replace(self.call, arguments={**self.call.arguments, **texts})
            await _try(called(client, call))

    def where(self, canaries: tuple[str, ...]) -> str:
        """In the answer to what a canary came back first; empty where none did."""
        forms = {form for canary in canaries if canary for form in written(canary)}
        kept = self.watch.kept or []
        ends = [start for _, start in self.heard[1:]] + [self.end or len(kept)]
        for (label, start), end in zip(self.heard, ends, strict=True):
            if any(form in message for message in kept[start:end] for form in forms):
                return label
        return ""


async def _try(asked: Awaitable[Any]) -> Any:
    """What came of a request; nothing where it was an error."""
    try:
        return await asked
    except MCPError as error:
        if is_closed(error):
            raise
        return None


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _needs(prompt: dict[str, Any]) -> bool:
    return any(one.get("required") for one in _objects(prompt.get("arguments")))
