"""What a server says when what stands behind it is gone: its addresses lead to where nobody listens."""

import re
import socket
from dataclasses import replace

from mcpaudit.live.environment import environment
from mcpaudit.live.limits import PATIENCE
from mcpaudit.live.probe.choice import Call
from mcpaudit.live.probe.outcome import Outcome, call_once
from mcpaudit.live.probe.tested import Seen, Terms, Work
from mcpaudit.live.values import Launch
from mcpaudit.model.probe import Verdict

_ADDRESS = re.compile(
    r"(?P<before>[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@\s]*@)?)(?:\[[^\]]*\]|[^/:?#\s]+)(?::\d+)?"
)
_HOST = re.compile(r"(?i)(?:^|_)(?:HOST|HOSTNAME|SERVER|ENDPOINT|ADDR|ADDRESS)$")
_PORT = re.compile(r"(?i)(?:^|_)PORT$")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


async def backend_down(work: Work, terms: Terms) -> Seen:
    """Call the tool twice as it is, then without its backend, and compare."""
    call = work.call
    if call is None:
        return Seen("backend-down", "cannot-test", "no tool is proved to only read: give --call")
    with socket.socket() as taken:
        # The port is held and nobody listens at it, so that every connection is refused.
        taken.bind(("127.0.0.1", 0))
        without = _without_backend(work.launch, taken.getsockname()[1])
        one = await _called(work, work.launch, call, terms)
        two = await _called(work, work.launch, call, terms)
        gone = await _called(work, without, call, terms)
    return _seen(one, two, gone, call)


async def _called(work: Work, launch: Launch, call: Call, terms: Terms) -> Outcome:
    seconds = min(PATIENCE, terms.seconds) if launch is not work.launch else terms.seconds
    async with environment(launch, terms.env, share_home=terms.share_home) as env:
        return (await call_once(launch, work.way, env, call, seconds))[0]


def _seen(one: Outcome, two: Outcome, gone: Outcome, call: Call) -> Seen:
    verdict: Verdict = "cannot-test"
    says = f"without its backend: {gone.says}"
    if not one.good:
        says = f"the tool gave no result to begin with: {one.says}"
    elif gone.kind in ("error", "words", "refused", "closed"):
        verdict = "pass"
    elif gone.kind == "hang":
        verdict = "hang"
    elif one.result != two.result:
        says = "its answers differ each time"
    elif gone.result == one.result:
        says = "the same answer: it asks no backend that its entry names, or serves what it has kept"
    elif gone.kind == "empty":
        verdict = "silent-empty"
    elif gone.kind == "answer":
        verdict, says = "silent-success", "another result, and no error, without its backend"
    return Seen("backend-down", verdict, says, gone.milliseconds, tool=call.tool)


def _without_backend(launch: Launch, port: int) -> Launch:
    """The entry with each of its addresses replaced by one where nobody listens, and such a proxy."""
    here = f"127.0.0.1:{port}"
    env = {name: _moved(name, text, port) for name, text in launch.env}
    proxies = dict.fromkeys(_PROXIES, f"http://{here}")
    words = (*launch.command[:1], *(_ADDRESS.sub(rf"\g<before>{here}", word) for word in launch.command[1:]))
    return replace(launch, command=words, env=tuple(sorted((proxies | env).items())))


def _moved(name: str, text: str, port: int) -> str:
    if _PORT.search(name) and text.isdigit():
        return str(port)
    if _HOST.search(name) and "://" not in text:
        return "127.0.0.1"
    return _ADDRESS.sub(rf"\g<before>127.0.0.1:{port}", text)
