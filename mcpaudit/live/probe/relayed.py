"""How failures on the way to a remote server show, and whether it is well again afterwards.

A relay on this machine stands between; it only ever talks to the configured server, holds no credential of
its own, and spoils one answer at a time.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import anyio
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from mcpaudit.live.limits import PATIENCE
from mcpaudit.live.listing import Changes
from mcpaudit.live.probe.relay import Fault, relay
from mcpaudit.live.probe.tested import Seen, Terms, Work
from mcpaudit.live.talk import talk

_FAULTS: tuple[Fault, ...] = (
    "stalled", "slow", "half-closed", "large-answer", "malformed-answer", "wrong-id", "backend-down",
)  # fmt: skip


async def relayed(work: Work, terms: Terms, life: Callable[[Client], Awaitable[None]]) -> tuple[Seen, ...]:
    """Spoil one answer in each way, on a connection of its own."""
    if work.way.by != "http":
        return tuple(Seen(fault, "cannot-test", "the older transport is not relayed") for fault in _FAULTS)
    return tuple([await _spoilt(work, terms, fault, life) for fault in _FAULTS])


async def _spoilt(work: Work, terms: Terms, fault: Fault, life: Callable[[Client], Awaitable[None]]) -> Seen:
    patience = min(PATIENCE, terms.seconds) / 2
    usual = shown = after = ""

    with relay(work.launch.url, terms.seconds) as between:
        launch = replace(work.launch, url=between.url)

        async def ask(client: Client, changes: Changes) -> None:
            nonlocal usual, shown, after
            del changes
            usual = await _state(client, life, terms.seconds)
            between.fault = fault
            shown = await _state(client, life, patience)
            between.fault = ""
            after = await _state(client, life, terms.seconds)

        done = await talk(launch, work.way, {}, ask, 2 * terms.seconds + patience)
        if not usual:
            assert done.failure is not None
            return Seen(fault, "fail", f"it could not be reached for this: {done.failure.reason}")
        if after != usual:
            again = list[str]()

            async def once(client: Client, changes: Changes) -> None:
                del changes
                again.append(await _state(client, life, terms.seconds))

            between.fault = ""
            await talk(launch, work.way, {}, once, terms.seconds)
            if again != [usual]:
                why = done.failure.reason if done.failure else "it does not answer any more"
                return Seen(fault, "fail", f"it is not well again afterwards: {why}")
    how = (
        "only a time limit of its client shows it"
        if shown == "nothing"
        else f"it shows as {shown or 'the end of the connection'}"
    )
    how = "it is answered all the same" if shown == usual else how
    later = "the session goes on" if after == usual else "a new session is well"
    return Seen(fault, "pass", f"{how}; {later}")


async def _state(client: Client, life: Callable[[Client], Awaitable[None]], patience: float) -> str:
    with anyio.move_on_after(patience):
        try:
            await life(client)
        except MCPError as error:
            return f"an error ({error.code})"
        except Exception as error:  # the SDK has many, by what was spoilt
            return f"an error ({type(error).__name__})"
        return "an answer"
    return "nothing"
