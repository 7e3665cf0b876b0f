"""Claude Desktop's logs: `mcp-server-NAME.log`, one a server, and `mcp.log` for all of them.

Sources: modelcontextprotocol.io, "Debugging" (where they lie); their lines as users quote them in the issues
of anthropics/claude-code and anthropics/claude-ai-mcp. Until June 2026 a line held the whole message; since
then it holds the method and the id alone (`Message from client: method="tools/call" id=6`), so that the tool
of a call is not known. The logs are rotated, so that older calls go missing.
"""

import json
import re
from typing import BinaryIO

from mcpaudit.usage.lines import lines, part, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.tally import FileTally

_LINE = re.compile(r"(\S{10,35}) ((?:\[[^\]\n]{0,300}\] ){0,3})Message from (client|server): (.*)", re.DOTALL)
_NAME = re.compile(r"\[([^\]]*)\]")
_LEVELS = frozenset({"debug", "error", "info", "silly", "verbose", "warn"})
_SHORT = re.compile(r'(?:method="([^"]{0,100})" ?)?(?:id=(\S{1,100}) ?)?(error|result)?')
_DECODER = json.JSONDecoder()


def read(stream: BinaryIO, tally: FileTally, server: str) -> None:
    """Count the calls of one log; `server` is whose log it is, empty where each line says so."""
    began = ""
    for line in lines(stream, tally, (b"tools/call",)):
        found = _LINE.match(line.decode("utf-8", "replace"))
        if not found:
            continue
        tally.record(moment(found[1]), whole=False)
        named = [one for one in _NAME.findall(found[2]) if one not in _LEVELS]
        name = server or next(iter(named), "")
        method, key, tool, wrong = _message(found[4])
        if not name:
            continue
        # Ids begin anew with each start, and in a log that was rotated the start is not there.
        began = tally.time if method == "initialize" or not began else began
        tally.session = f"{name} {began}"
        key = f"{tally.session} {key}"
        tally.loaded(name)
        if found[3] == "client" and method == "tools/call":
            tally.call(name, tool, key)
        elif found[3] == "server":
            (tally.failed if wrong else tally.done)(key)


def _message(told: str) -> tuple[str, str, str, bool]:
    """The method, id, tool and failure of a message, whole as in older logs or shortened."""
    if not told.startswith("{"):
        short = _SHORT.match(told)
        return (short[1] or "", short[2] or "", "", short[3] == "error") if short else ("", "", "", False)
    try:
        message, _ = _DECODER.raw_decode(told)
    except (ValueError, RecursionError):
        # It was cut short: that it was a call stands at its beginning.
        return "tools/call" if '"method":"tools/call"' in told else "", "", "", False
    wrong = part(message, "error") is not None or part(message, "result", "isError") is True
    tool = text(message, "params", "name") if text(message, "method") == "tools/call" else ""
    return text(message, "method"), str(part(message, "id")), tool, wrong
