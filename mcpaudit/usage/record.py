"""mcpaudit's own records: `model/record.py` says what stands in them.

One file may hold several recordings, one after the other, and one recording may go on in several files.
"""

from typing import BinaryIO

from mcpaudit.model.record import FORMAT
from mcpaudit.usage.limits import MAX_NAME
from mcpaudit.usage.lines import Record, part, records, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.tally import FileTally

UNFINISHED = "a recording without its last line: it may be cut short"
LOST = "messages that could not be recorded"
LONG = "a message to the server that was too long to be read"


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one file."""
    server = name = ""
    ended = True
    for record in records(stream, tally, b"tools/call", FORMAT.encode()):
        if record.get("format") == FORMAT:
            if not ended:
                tally.unread(UNFINISHED)
            server, name, client = (text(record, key) for key in ("server", "name", "client"))
            if max(len(server), len(client)) > MAX_NAME:
                tally.unread("a recording with a header that is too long")
                return
            tally.client = client
            session = f"{server} {text(record, 'recording')}"
            tally.record(moment(record.get("started")), session=session, whole=False)
        elif not name:
            tally.unread("a recording that does not begin with its header")
            return
        else:
            tally.record(moment(record.get("time")), whole=False)
        ended = record.get("end") in ("closed", "rotated")
        tally.loaded(name, server)
        if record.get("method") == "tools/call":
            _call(record, tally, name, server)
        elif "lost" in record:
            tally.unread(LOST)
        elif record.get("error") == "long" and record.get("direction") == "to-server":
            tally.unread(LONG)
    if not ended:
        tally.unread(UNFINISHED)


def _call(record: Record, tally: FileTally, name: str, server: str) -> None:
    """A call, or what came of one."""
    number = part(record, "request" if record.get("response") is True else "number")
    key = f"{tally.session} {number}"
    if record.get("response") is not True:
        tally.call(name, text(record, "tool"), key, identity=server)
    elif number is not None:
        (tally.failed if text(record, "error") else tally.done)(key)
