"""The one reason why a server is not listed, out of all that was seen of it."""

from collections.abc import Iterator

import httpx2
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT
from pydantic import ValidationError

from mcpaudit.live.watch import NotListed, Watch

_CLOSED = "Connection closed"
LOGIN = (401, 403, 407)


def reason(watch: Watch, error: Exception | None, seconds: float) -> NotListed:
    """Why there is no list: bounds before protocol, and what the server did before what followed from it."""
    leaves = list(_leaves(error)) if error else []
    own = [one for one in leaves if isinstance(one, NotListed)]
    if watch.problem or own:
        return watch.problem or own[0]
    if login := [one for one in watch.statuses if one in LOGIN]:
        return NotListed("login", f"it asks for a login (HTTP status {login[0]})")
    closed = any(map(is_closed, leaves))
    if watch.code is not None and (closed or not leaves):
        return NotListed("exited", f"it exited with code {watch.code} and no answer{_junk(watch)}")
    late = any(isinstance(one, MCPError) and one.code == REQUEST_TIMEOUT for one in leaves)
    if not leaves or late or any(isinstance(one, httpx2.TimeoutException) for one in leaves):
        if watch.junk:
            return NotListed("junk", f"it writes what is no MCP message, and gave no answer{_junk(watch)}")
        return NotListed("no-answer", f"it gave no answer within {seconds:g} s")
    for one in leaves:
        if found := _said(one, watch):
            return found
    if closed:
        return NotListed("exited", f"it closed the connection without an answer{_junk(watch)}")
    return NotListed("refused", f"the connection failed ({type(leaves[0]).__name__})")


def is_closed(error: Exception) -> bool:
    """Whether the connection ended; the SDK says so by a code that servers use for errors of their own."""
    return isinstance(error, MCPError) and (error.code, error.message) == (CONNECTION_CLOSED, _CLOSED)


def _said(error: Exception, watch: Watch) -> NotListed | None:
    if isinstance(error, MCPError) and not is_closed(error):
        bad = [one for one in watch.statuses if one >= 300]
        status = f" (HTTP status {bad[-1]})" if bad else ""
        return NotListed("refused", f"it answered with an error{status}: {error.message}")
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"][-4:]))
        return NotListed("refused", f"its answer is not what MCP says, at {where}: {first['msg']}")
    if isinstance(error, httpx2.HTTPStatusError):
        return NotListed("refused", f"it answered with HTTP status {error.response.status_code}")
    if isinstance(error, httpx2.SSEError):
        return NotListed("over-limit", "one of its events is not one, or too large")
    if isinstance(error, httpx2.TransportError | httpx2.InvalidURL | OSError):
        return NotListed("unreachable", f"it cannot be reached: {str(error) or type(error).__name__}")
    return None


def _junk(watch: Watch) -> str:
    number = f"{watch.junk} lines" if watch.junk > 1 else "one line"
    return f" ({number} on its standard output that no client understands)" if watch.junk else ""


def _leaves(error: BaseException) -> Iterator[Exception]:
    """The errors in a group of groups, in order."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    elif isinstance(error, Exception):
        yield error
