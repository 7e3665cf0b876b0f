"""Whether a server says so when its credential is bad; the real one is not used in these runs.

Sources: RFC 9110, 15.5.2 (401 comes with WWW-Authenticate); MCP 2026-07-28, "Authorization: Error Handling"
and "Tools: Error Handling" (JSON-RPC errors, `isError`).
"""

from mcp.client import Client

from mcpaudit.live.environment import environment
from mcpaudit.live.listing import Changes
from mcpaudit.live.probe.credentials import Badness, holds_credential, without_credentials
from mcpaudit.live.probe.outcome import Caller, of_failure, refusal_of
from mcpaudit.live.probe.tested import Seen, Terms, Work
from mcpaudit.live.talk import Asker, Talk, talk
from mcpaudit.live.values import Launch

_CHECKS: tuple[Badness, ...] = ("no-credential", "invalid-credential", "expired-credential")


async def auth(work: Work, terms: Terms) -> tuple[Seen, ...]:
    """Call the tool with no, an invalid and an expired credential."""
    if not holds_credential(work.launch):
        return (Seen("no-credential", "cannot-test", "its entry holds no credential"),)
    return tuple([await _with(work, check, terms) for check in _CHECKS])


async def _with(work: Work, check: Badness, terms: Terms) -> Seen:
    launch = without_credentials(work.launch, check)
    if isinstance(launch, str):
        return Seen(check, "cannot-test", launch)
    # Never the user's home: a login that lies there would be the real one.
    if work.call is None:
        done = await _talk(launch, work, _nothing, terms)
        if done.failure is not None:
            return refusal_of(check, of_failure(done.failure, done.watch), "")
        return Seen(check, "cannot-test", "it lists its tools, and none is proved to only read: give --call")
    caller = Caller(work.call)
    done = await _talk(launch, work, caller.ask, terms)
    return refusal_of(check, caller.came(done), work.call.tool)


async def _talk(launch: Launch, work: Work, ask: Asker, terms: Terms) -> Talk:
    async with environment(launch, terms.env, share_home=False) as env:
        return await talk(launch, work.way, env, ask, terms.seconds)


async def _nothing(client: Client, changes: Changes) -> None:
    """To be connected is enough."""
