"""Asks servers for their tools: several at once, each within its own time and bounds."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import anyio.to_thread
from mcp.client import Client

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.secrets import KnowsSecrets
from mcpaudit.live.answer import Answer, Asked, document_of
from mcpaudit.live.environment import environment
from mcpaudit.live.limits import TAIL
from mcpaudit.live.listing import Changes, repeated
from mcpaudit.live.parallel import for_each
from mcpaudit.live.redaction import Redaction
from mcpaudit.live.talk import impossible, reach
from mcpaudit.live.values import Launch
from mcpaudit.live.watch import NotListed, Watch
from mcpaudit.model.live import Listing
from mcpaudit.report.escape import clip

_LINES, _WIDE = 3, 300


@dataclass(frozen=True, slots=True)
class Terms:
    """How servers are asked."""

    seconds: float
    jobs: int
    share_home: bool
    env: Mapping[str, str]
    """The user's own environment."""
    packs: KnowsSecrets


Tell = Callable[[Asked], None]
"""Told of each server as it is finished."""


def ask_all(launches: Sequence[Launch], terms: Terms, tell: Tell) -> tuple[Asked, ...]:
    """Start or contact every one of these, and give back what they said, in the same order."""
    return for_each(launches, partial(_ask, terms=terms), terms.jobs, tell)


async def _ask(launch: Launch, terms: Terms) -> Asked:
    began = time.monotonic()
    redaction = Redaction.of(launch.secrets, terms.packs)
    answer, watch, failure = await _answer(launch, terms)
    document, shown = None, f"the answer of {launch.names[0]}"
    if failure is None:
        try:
            # In a thread: a large list takes seconds, for which the others are not to wait.
            document, masked = await anyio.to_thread.run_sync(document_of, answer, redaction, shown)
            if masked:
                answer.notes.append("it repeats a secret of its entry in its list; it is masked")
        except NotListed as problem:
            failure = problem
    return Asked(
        Listing(
            server=launch.server,
            names=launch.names,
            transport=launch.transport,
            started=launch.shown,
            outcome=failure.outcome if failure else "listed",
            reason=clip(redaction.message(failure.reason), _WIDE) if failure else "",
            said=said(watch, redaction) if failure else (),
            tools=tuple(redaction.text(str(tool["name"])) for tool in answer.tools) if document else (),
            protocol=clip(redaction.text(answer.protocol), _WIDE),
            own_name=clip(redaction.text(answer.name), _WIDE),
            own_version=clip(redaction.text(answer.version), _WIDE),
            notes=tuple(clip(redaction.text(note), _WIDE) for note in answer.notes),
            seconds=time.monotonic() - began,
        ),
        document,
    )


async def _answer(launch: Launch, terms: Terms) -> tuple[Answer, Watch, NotListed | None]:
    if failure := impossible(launch):
        return Answer(), Watch(), failure
    answer = Answer()

    async def ask(client: Client, changes: Changes) -> None:
        nonlocal answer
        answer = Answer()
        await answer.take(client, changes)

    async with environment(launch, terms.env, share_home=terms.share_home) as env:
        done = await reach(launch, env, ask, terms.seconds)
    if done.failure is None:
        answer.notes += _notes(answer, done.watch)
    return answer, done.watch, done.failure


def _notes(answer: Answer, watch: Watch) -> Iterator[str]:
    if watch.junk:
        lines = "a line" if watch.junk == 1 else f"{watch.junk} lines"
        yield f"it wrote {lines} to its standard output that no client understands"
    if twice := repeated(answer.tools):
        more = f" and {len(twice) - 1} more" if len(twice) > 1 else ""
        yield f"it lists `{clip(twice[0], 80)}`{more} twice; clients differ in which they call"


def said(watch: Watch, redaction: Redaction) -> tuple[str, ...]:
    """The last lines of its standard error."""
    text = watch.tail.decode("utf-8", "replace")
    if len(watch.tail) == TAIL:
        text = text.partition("\n")[2]  # where a line was cut, a secret may have been
    lines = [clip(redaction.message(line).strip(), _WIDE) for line in text.splitlines()]
    return tuple(line for line in lines if line)[-_LINES:]
