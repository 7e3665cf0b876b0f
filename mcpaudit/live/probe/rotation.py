"""Whether a login can be renewed, and whether a running server takes a new token up.

Sources: RFC 9728 (protected resource metadata), RFC 8414 (authorization server metadata; without
`grant_types_supported` refresh tokens are not offered), MCP 2025-11-25, "Authorization".
"""

import subprocess
from collections.abc import Mapping, Sequence

import anyio
from mcp.client import Client
from mcp.shared.exceptions import MCPError

from mcpaudit.live.environment import environment
from mcpaudit.live.listing import Changes
from mcpaudit.live.probe.choice import Call
from mcpaudit.live.probe.credentials import holds_credential
from mcpaudit.live.probe.metadata import found_at, login_addresses, origin, resource_addresses
from mcpaudit.live.probe.outcome import Kind, Outcome, call_once, called
from mcpaudit.live.probe.tested import Rotation, Seen, Terms, Work
from mcpaudit.live.talk import talk
from mcpaudit.live.values import Launch
from mcpaudit.model.probe import Verdict
from mcpaudit.parsing.document import Json


async def rotation(work: Work, terms: Terms) -> tuple[Seen, ...]:
    """The metadata of its login, the tokens that are stored for it, and a rotation if there is a command."""
    seen: list[Seen] = []
    if work.launch.remote:
        seen += await _metadata(work, terms)
    if work.stored is not None:
        seen.append(work.stored)
    if terms.rotation is not None and work.reached:
        seen.append(await _rotated(work, terms, terms.rotation))
    return tuple(seen)


async def _metadata(work: Work, terms: Terms) -> Sequence[Seen]:
    url, seconds = work.launch.url, terms.seconds
    held = await found_at(resource_addresses(url), seconds)
    servers = held.get("authorization_servers") if held else None
    named = [one for one in servers if isinstance(one, str)] if isinstance(servers, list) else []
    if held is None:
        verdict: Verdict = "cannot-test" if work.reached else "fail"
        says = "it gives out no metadata of a login (RFC 9728)"
        one = Seen("resource-metadata", verdict, says if work.reached else f"it asks for a login, and {says}")
        if work.reached:
            return (one,)
    else:
        says = f"its login is at {', '.join(map(origin, named)) or 'no server that it names'}{_scopes(held)}"
        one = Seen("resource-metadata", "pass" if named else "fail", says)
    issuer = named[0] if named else origin(url)
    if origin(issuer) != origin(url) and origin(issuer) not in terms.contact:
        says = f"its login is at {origin(issuer)}, which is not configured: allow it with --contact"
        return one, Seen("login-metadata", "cannot-test", says)
    login = await found_at(login_addresses(issuer), seconds)
    if login is None:
        return one, Seen("login-metadata", "fail", "its login gives out no metadata (RFC 8414)")
    grants = login.get("grant_types_supported")
    offered = isinstance(grants, list) and "refresh_token" in grants
    says = "refresh tokens are offered" if offered else "its login offers no refresh tokens"
    return one, Seen("login-metadata", "pass" if offered else "fail", f"{says}{_scopes(login)}")


def _scopes(held: Mapping[str, Json]) -> str:
    scopes = held.get("scopes_supported")
    named = [one for one in scopes if isinstance(one, str)] if isinstance(scopes, list) else []
    return f"; scopes: {', '.join(sorted(named)[:8])}" + " and more" * (len(named) > 8) if named else ""


async def _rotated(work: Work, terms: Terms, rotated: Rotation) -> Seen:
    call = work.call
    if call is None:
        return Seen("new-token", "cannot-test", "no tool is proved to only read: give --call")
    if work.launch.remote:
        return await _renewed(work, call, terms, rotated)
    before = after = Outcome("other", "it was not called")
    failed = ""

    async def ask(client: Client, changes: Changes) -> None:
        nonlocal before, after, failed
        del changes
        before = await called(client, call)
        if before.good:
            failed = await _run(rotated, terms.seconds)
        if before.good and not failed:
            after = Outcome("hang", f"it gave no answer within {terms.seconds:g} s")
            with anyio.move_on_after(terms.seconds):
                try:
                    after = await called(client, call)
                except MCPError:
                    after = Outcome("closed", "it ended")

    async with environment(work.launch, terms.env, share_home=terms.share_home) as env:
        done = await talk(work.launch, work.way, env, ask, 3 * terms.seconds)
    why = failed or (f"the tool gave no result to begin with: {before.says}" if not before.good else "")
    if done.failure is not None and not before.good:
        why = done.failure.reason
    if why:
        return Seen("new-token", "cannot-test", why, tool=call.tool)
    again = rotated.again(work.launch)
    async with environment(again, terms.env, share_home=terms.share_home) as env:
        fresh, _ = await call_once(again, work.way, env, call, terms.seconds)
    verdict, says = _verdict(before, after, fresh)
    return Seen("new-token", verdict, says, after.milliseconds, tool=call.tool, secrets=again.secrets)


async def _renewed(work: Work, call: Call, terms: Terms, rotated: Rotation) -> Seen:
    """A remote server gets the token with each request: whether it takes the new one, and still the old one.

    The old one may be good for a while: that is told, not judged.
    """
    if not holds_credential(work.launch):
        says = (
            "its entry holds no credential: its client gives it the token, and that is asked for no new one"
        )
        return Seen("new-token", "cannot-test", says, tool=call.tool)

    async def tried(launch: Launch) -> Outcome:
        return (await call_once(launch, work.way, {}, call, terms.seconds))[0]

    before = await tried(work.launch)
    if not before.good:
        says = f"the tool gave no result to begin with: {before.says}"
        return Seen("new-token", "cannot-test", says, tool=call.tool)
    if failed := await _run(rotated, terms.seconds):
        return Seen("new-token", "cannot-test", failed, tool=call.tool)
    renewed = rotated.again(work.launch)
    if renewed.url != work.launch.url:
        says = "its entry names another address after the rotation, which nobody agreed to"
        return Seen("new-token", "cannot-test", says, tool=call.tool)
    if renewed.headers == work.launch.headers:
        says = "its entry holds the same credential after the rotation"
        return Seen("new-token", "cannot-test", says, tool=call.tool)
    after, old = await tried(renewed), await tried(work.launch)
    later = "it still takes the old one" if old.good else f"it refuses the old one: {old.says}"
    verdict: Verdict
    verdicts: dict[Kind, Verdict] = {"empty": "silent-empty", "hang": "hang", "closed": "crash"}
    if after.good and (after.kind == before.kind or after.kind == "answer"):
        verdict, says = "pass", f"it takes the new token; {later}"
    else:
        verdict, says = (
            verdicts.get(after.kind, "fail"),
            f"it does not take the new token and gives {after.says}; {later}",
        )
    return Seen("new-token", verdict, says, after.milliseconds, tool=call.tool, secrets=renewed.secrets)


def _verdict(before: Outcome, after: Outcome, fresh: Outcome) -> tuple[Verdict, str]:
    if not fresh.good:
        return "cannot-test", f"after the rotation a new process gives no result either: {fresh.says}"
    if after.kind == "hang":
        return "hang", after.says
    if after.kind == "closed":
        return "crash", "it ended after the rotation, where a new process answers"
    if not after.good:
        return "fail", f"it gives an error after the rotation, where a new process answers: {after.says}"
    if after.result == fresh.result:
        return "pass", "it answers as a new process does"
    if after.kind == "empty":
        return "silent-empty", "an empty result after the rotation, where a new process gives more"
    if after.result == before.result:
        return "stale", "the answer of before the rotation, where a new process gives another"
    return "pass", "it answers; its answers differ each time"


async def _run(rotated: Rotation, seconds: float) -> str:
    """Run the user's own command; why that failed, if it did."""
    with anyio.move_on_after(seconds):
        try:
            done = await anyio.run_process(
                rotated.command, stdin=subprocess.DEVNULL, cwd=rotated.folder, check=False
            )
        except OSError as error:
            return f"the rotation command cannot be started: {error.strerror}"
        return f"the rotation command ended with code {done.returncode}" if done.returncode else ""
    return f"the rotation command did not end within {seconds:g} s"
