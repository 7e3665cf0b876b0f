"""mcpaudit's own records: `model/record.py` says what stands in them."""

from typing import BinaryIO

from mcpaudit.model.record import FORMAT
from mcpaudit.usage.limits import MAX_NAME
from mcpaudit.usage.lines import records, text
from mcpaudit.usage.moment import moment
from mcpaudit.usage.tally import FileTally

UNFINISHED = "a recording without its last line: it may be cut short"


def read(stream: BinaryIO, tally: FileTally) -> None:
    """Count the calls of one recording."""
    server = name = ""
    ended = False
    for record in records(stream, tally, b"tools/call"):
        if record.get("format") == FORMAT:
            server, name, client = (text(record, key) for key in ("server", "name", "client"))
            if max(len(server), len(client)) > MAX_NAME:
                tally.unread("a recording with a header that is too long")
                return
            tally.client, started = client, text(record, "started")
            tally.record(moment(started), session=f"{server} {started}", whole=False)
        elif not name:
            tally.unread("a recording that does not begin with its header")
            return
        else:
            tally.record(moment(record.get("time")), whole=False)
            ended = record.get("end") == "closed"
        tally.loaded(name, server)
        if record.get("method") != "tools/call":
            continue
        key = f"{tally.session} {text(record, 'id')}"
        if record.get("direction") == "to-server":
            tally.call(name, text(record, "tool"), key, identity=server)
        elif record.get("direction") == "to-client":
            (tally.failed if text(record, "error") else tally.done)(key)
    if name and not ended:
        tally.unread(UNFINISHED)
