"""What came of calling a tool: an answer, an empty one, an error, or nothing at all."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import mcp_types as types
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter

from mcpaudit.dataclass import dataclass
from mcpaudit.live.listing import Changes
from mcpaudit.live.probe.choice import Call
from mcpaudit.live.probe.tested import Seen
from mcpaudit.live.reasons import LOGIN, is_closed
from mcpaudit.live.talk import SELF, Talk, Way, talk
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed, Watch
from mcpaudit.model.probe import Check, Verdict
from mcpaudit.parsing.document import Json

Kind = Literal["answer", "empty", "words", "error", "hang", "closed", "refused", "other"]
_OBJECT: TypeAdapter[Any] = TypeAdapter(dict[str, Any])
_NOTHING = re.compile(
    r"(?i)\s*(\[\s*\]|\{\s*\}|null|none|\"\"|undefined|(no|0)\s[\w\s,-]{0,60}?(found|available|results?|exists?|yet)\W*)?\s*"
)
_WORDS = re.compile(
    r"(?i)\b(401|403|unauthori[sz]ed|forbidden|not authenticated|authentication|access denied|"
    r"permission denied|(invalid|bad|missing|expired|revoked)[ _-](api[ _-]?)?(token|key|credentials?|grant)|"
    r"token (is |has )?(invalid|expired)|error|failed|exception|refused|unreachable|timed? ?out)\b"
)
_DENIED = re.compile(r"(?i)\b(401|403|unauthori[sz]ed|forbidden)\b")
_UNREACHED = re.compile(
    r"(?i)\b(fetch failed|E?NOTFOUND|ECONN(REFUSED|RESET)|EAI_AGAIN|E?TIMEDOUT|E?(NET|HOST)UNREACH|"
    r"getaddrinfo|name resolution|name or service not known|connection refused|network is unreachable|"
    r"no route to host|(connect|connection) timed? ?out|max retries exceeded)\b"
)
_SHORT = 600
"""A text that is longer is data, whatever words stand in it."""
_TRACE = re.compile(rb"Traceback \(most recent call last\)|\n\s+at .+:\d+|panic: |core dumped")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call."""

    kind: Kind
    says: str
    milliseconds: int | None = None
    result: str = ""
    """The whole answer in one fixed writing, to be compared and never shown."""

    @property
    def good(self) -> bool:
        """Whether it is an answer as of a tool that is well."""
        return self.kind in ("answer", "empty")


@dataclass(slots=True)
class Caller:
    """Calls a tool on a connection, and keeps what came of it."""

    call: Call
    outcome: Outcome | None = None
    began: float = 0.0

    async def ask(self, client: Client, changes: Changes) -> None:
        """Call it once."""
        del changes
        self.outcome = await called(client, self.call)

    def came(self, talk: Talk) -> Outcome:
        """The outcome, also where the connection was over before there was one."""
        if self.outcome is None:
            return of_failure(talk.failure, talk.watch)
        refused = [one for one in talk.watch.statuses if one in LOGIN]
        if self.outcome.kind == "error" and refused:
            return replace(self.outcome, kind="refused", says=_challenged(refused[0], talk.watch))
        return self.outcome


async def called(client: Client, call: Call) -> Outcome:
    """Call a tool; errors of the server are outcomes, the end of the connection is raised."""
    params = types.CallToolRequestParams(name=call.tool, arguments=call.arguments)
    began = time.monotonic()
    try:
        result: dict[str, Any] = await client.session.send_request(
            types.CallToolRequest(params=params), _OBJECT
        )
    except MCPError as error:
        if is_closed(error):
            raise
        return Outcome("error", f"a JSON-RPC error: {error.message}", _since(began))
    return of_result(result, _since(began))


def _since(began: float) -> int:
    return round(1000 * (time.monotonic() - began))


def of_result(result: Mapping[str, Json], milliseconds: int | None = None) -> Outcome:
    """What the result of a call is."""
    whole = json.dumps({name: held for name, held in result.items() if name != "_meta"}, sort_keys=True)
    text = "\n".join(_texts(result))
    if result.get("isError") is True:
        return Outcome("error", f"an error (isError): {text[:200]}", milliseconds, whole)
    if result.get("resultType", "complete") != "complete":
        return Outcome("other", "it asks for more input", milliseconds, whole)
    if _empty(result, text):
        return Outcome("empty", "an empty result, and no error", milliseconds, whole)
    if len(text) <= _SHORT and _WORDS.search(text):
        says = "it says so in words alone, and does not set `isError`"
        return Outcome("words", says, milliseconds, whole)
    return Outcome("answer", "a result, and no error", milliseconds, whole)


def _texts(result: Mapping[str, Json]) -> Iterator[str]:
    content = result.get("content")
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and isinstance(text := block.get("text"), str):
            yield text


def _empty(result: Mapping[str, Json], text: str) -> bool:
    content, held = result.get("content"), result.get("structuredContent")
    if held is not None:
        return not _filled(held)
    if isinstance(content, list) and any(not isinstance(one, dict) or "text" not in one for one in content):
        return False
    return _NOTHING.fullmatch(text) is not None


def _filled(value: Json) -> bool:
    """Whether any text, number or truth stands in it."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return any(map(_filled, inner))
    return value not in (None, "", 0, False)


def of_failure(failure: NotListed | None, watch: Watch) -> Outcome:
    """What the end of a connection is, as the outcome of what was asked on it."""
    if failure is None:
        return Outcome("other", "nothing was asked")
    if failure.outcome == "login":
        status = next((one for one in watch.statuses if one in LOGIN), 401)
        return Outcome("refused", _challenged(status, watch))
    if failure.outcome in ("no-answer", "junk"):
        return Outcome("hang", failure.reason)
    if failure.outcome == "exited":
        told = watch.tail.strip() and not _TRACE.search(watch.tail)
        if told and watch.code:
            return Outcome("refused", f"{failure.reason}, and says why on standard error")
        return Outcome("closed", failure.reason)
    if failure.outcome == "unreachable":
        return Outcome("closed", failure.reason)
    if failure.outcome in ("refused", "over-limit"):
        return Outcome("error", failure.reason)
    return Outcome("other", failure.reason)


def _challenged(status: int, watch: Watch) -> str:
    named = "with" if watch.challenge else "without"
    return f"HTTP status {status} {named} WWW-Authenticate"


async def call_once(
    launch: Launch, way: Way, env: Mapping[str, str], call: Call, seconds: float
) -> tuple[Outcome, Talk]:
    """Connect, call the tool, and end it."""
    caller = Caller(call)
    done = await talk(launch, way, env, caller.ask, seconds, info=SELF)
    return caller.came(done), done


def refusal_of(check: Check, outcome: Outcome, tool: str) -> Seen:
    """The outcome of a call that should have been refused."""
    verdicts: dict[Kind, Verdict] = {
        "answer": "silent-success",
        "empty": "silent-empty",
        "words": "clear-refusal",
        "error": "clear-refusal",
        "refused": "clear-refusal",
        "hang": "hang",
        "closed": "crash",
        "other": "cannot-test",
    }
    told = f"{outcome.says} {outcome.result}"
    if outcome.kind in ("words", "error") and _UNREACHED.search(told) and not _DENIED.search(told):
        # Nobody looked at the credential: that it did not work is no refusal.
        says = f"what it works with was not reached: {outcome.says}"
        return Seen(check, "cannot-test", says, outcome.milliseconds, tool=tool)
    return Seen(check, verdicts[outcome.kind], outcome.says, outcome.milliseconds, tool=tool)
