"""What was seen of one server from outside of the protocol, and the one reason that a failure is given."""

from dataclasses import field

from anyio.abc import Process

from mcpaudit.dataclass import dataclass
from mcpaudit.live.limits import MAX_JUNK, MAX_MESSAGES, MAX_TOOLS, MAX_TOTAL, TAIL
from mcpaudit.model.live import Outcome


class NotListed(Exception):  # noqa: N818  # an outcome of its own and no fault of mcpaudit
    """Says why a server's tools are not listed."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        self.outcome, self.reason = outcome, reason
        super().__init__(reason)


@dataclass(slots=True)
class Watch:
    """Counts what one server sends, and remembers what explains a failure."""

    problem: NotListed | None = None
    """The first bound that it broke."""
    statuses: list[int] = field(default_factory=list)
    """HTTP statuses, in order."""
    challenge: bool = False
    """Whether a refusal came with `WWW-Authenticate`."""
    junk: int = 0
    """Lines on standard output that are no message."""
    messages: int = 0
    received: int = 0
    complained: int = 0
    """Bytes on standard error."""
    tail: bytes = b""
    """The end of its standard error."""
    process: Process | None = None
    """The server, or what launches it, where it was started."""
    kept: list[str] | None = None
    """All messages, where somebody wants to look into them."""
    code: int | None = None
    """Its exit code, where it ended by itself."""
    ended: str = ""
    """What it took to end it: `closed` its input, `SIGTERM` or `SIGKILL`; empty where nothing was started."""
    left: bool = False
    """Whether it ended and left processes behind."""
    exit: int | None = None
    """Its exit code in the end."""

    def fail(self, outcome: Outcome, reason: str) -> NotListed:
        """Keep the first problem, and give it back to be raised."""
        self.problem = self.problem or NotListed(outcome, reason)
        return self.problem

    def receive(self, size: int) -> None:
        """Count bytes of its output."""
        self.received += size
        if self.received > MAX_TOTAL:
            raise self.fail("over-limit", f"it sent over {MAX_TOTAL // 2**20} MiB")

    def message(self, result: object) -> None:
        """Count a message, and the tools in its result: the SDK takes seconds to check a hundred thousand."""
        self.messages += 1
        if self.messages > MAX_MESSAGES:
            raise self.fail("over-limit", f"it sent over {MAX_MESSAGES} messages")
        tools = result.get("tools") if isinstance(result, dict) else None
        if isinstance(tools, list) and len(tools) > MAX_TOOLS:
            raise self.fail("over-limit", f"its list has over {MAX_TOOLS} tools")

    def no_message(self) -> None:
        """Count a line that is no message."""
        self.junk += 1
        if self.junk > MAX_JUNK:
            raise self.fail("junk", f"over {MAX_JUNK} lines on its standard output are no MCP messages")

    def complain(self, chunk: bytes) -> None:
        """Keep the end of its standard error."""
        self.complained += len(chunk)
        self.tail = (self.tail + chunk)[-TAIL:]
        if self.complained > MAX_TOTAL:
            raise self.fail("over-limit", f"it wrote over {MAX_TOTAL // 2**20} MiB to its standard error")
