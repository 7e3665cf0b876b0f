"""Counts what readers find in logs: names, times and numbers, and nothing else."""

from collections import Counter
from dataclasses import field

from mcpaudit.dataclass import dataclass
from mcpaudit.knowledge.pack import Packs
from mcpaudit.knowledge.secrets import mask
from mcpaudit.model.usage import SCHEMA, Source, ToolUse, Unread, Usage, Window, folder_digest
from mcpaudit.usage.limits import MAX_CALLS, MAX_DAYS, MAX_NAME, MAX_OPEN, MAX_ROWS, MAX_SESSIONS

_Row = tuple[str, str, str, str]
"""Client, server, identity, tool."""
_Covered = tuple[str, str, str, str]
"""Client, server, identity, folder."""


_Names = tuple[str, str, str, str]


def _shown(names: _Names) -> _Names:
    """Names from a log without secrets: models call tools by any name, and anybody names servers."""
    packs = Packs.shipped()
    one, two, three, four = (mask(name, "", packs).text for name in names)
    return one, two, three, four


def _by_name(row: "tuple[_Names, object]") -> _Names:
    return row[0]


@dataclass(slots=True)
class _Count:
    calls: int = 0
    errors: int = 0
    first: str = ""
    last: str = ""


@dataclass(slots=True)
class _Days:
    sessions: set[int] = field(default_factory=set)
    days: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Tally:
    """What all logs of one run come to."""

    since: str = ""
    """A day; what is older is left out."""
    _tools: dict[_Row, _Count] = field(default_factory=dict)
    _windows: dict[_Covered, _Days] = field(default_factory=dict)
    _day_count: int = 0
    _session_count: int = 0
    _known: set[int] = field(default_factory=set)
    """Calls by their ids: a session that was copied or resumed repeats what went before."""
    _files: Counter[tuple[str, str]] = field(default_factory=Counter)
    _records: Counter[tuple[str, str]] = field(default_factory=Counter)
    _unread: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def unread(self, format_id: str, client: str, reason: str, count: int = 1) -> None:
        """Something could not be read."""
        self._unread[format_id, client, reason] += count

    def file(self, format_id: str, client: str) -> None:
        """A file was read."""
        self._files[format_id, client] += 1

    def cover(self, covered: _Covered, days: set[str], sessions: set[int]) -> bool:
        """On these days calls would have shown; false where that is more than is counted."""
        if covered not in self._windows and len(self._windows) >= MAX_ROWS:
            return False
        window = self._windows.setdefault(covered, _Days())
        fresh = days - window.days
        if self._day_count + len(fresh) > MAX_DAYS:
            return False
        self._day_count += len(fresh)
        window.days |= fresh
        if self._session_count < MAX_SESSIONS:
            before = len(window.sessions)
            window.sessions |= sessions
            self._session_count += len(window.sessions) - before
        return True

    def usage(self) -> Usage:
        """What was counted, sorted."""
        return Usage(
            SCHEMA,
            self.since,
            tuple(
                ToolUse(*row, one.calls, one.errors, one.first, one.last)
                for row, one in sorted(((_shown(row), one) for row, one in self._tools.items()), key=_by_name)
            ),
            tuple(
                Window(*covered, len(one.sessions), tuple(sorted(one.days)))
                for covered, one in sorted(
                    ((_shown(covered), one) for covered, one in self._windows.items()), key=_by_name
                )
            ),
            tuple(
                Source(*which, files, self._records[which]) for which, files in sorted(self._files.items())
            ),
            tuple(Unread(*which, count) for which, count in sorted(self._unread.items())),
        )


@dataclass(slots=True)
class FileTally:
    """What one log file adds to the tally."""

    tally: Tally
    format: str
    client: str
    name: str = ""
    """What stands for the session where the log names none."""
    folder: str = ""
    """The digest of the working directory, once the log has told it."""
    session: str = ""
    """Once the log has told it."""
    time: str = ""
    """The time of the last record that had one."""
    _working_in: str = ""
    _first_folder: str = ""
    _windows: dict[tuple[str, str, str], _Days] = field(default_factory=dict)
    """By server, identity and folder."""
    _day_count: int = 0
    _open: dict[str, _Count] = field(default_factory=dict)
    """Calls whose outcome may still come, by id."""

    def close(self) -> None:
        """The whole file was read: what it told only later holds for all of it."""
        self.tally.file(self.format, self.client)
        for (server, identity, folder), own in self._windows.items():
            covered = (self.client, server, identity, folder or self._first_folder)
            if not self.tally.cover(covered, own.days, own.sessions or {hash(self.name)}):
                self.unread("more working directories, servers and days than are counted")

    def unread(self, reason: str) -> None:
        """Something in the file could not be read."""
        self.tally.unread(self.format, self.client, reason)

    def record(self, time: str, *, session: object = None, folder: object = None, whole: bool = True) -> None:
        """A record of that time: on that day calls would have shown, in a `whole` log those of any server."""
        self.tally._records[self.format, self.client] += 1
        if isinstance(session, str) and session:
            self.session = session
        if isinstance(folder, str) and folder and folder != self._working_in:
            self._working_in, self.folder = folder, folder_digest(folder)
            self._first_folder = self._first_folder or self.folder
        if time:
            self.time = time
            if whole:
                self._cover("", "")

    def loaded(self, server: str, identity: str = "") -> None:
        """The log shows that a server was loaded then."""
        if self._sound(server, "x"):
            self._cover(server, identity)

    def call(self, server: str, tool: str, key: str = "", *, identity: str = "") -> None:
        """A tool was called; `key` is the call's own id, by which a copy of its record is known again."""
        if not self._sound(server, tool or "x") or self._left_out:
            return
        if key and self._repeated(key):
            return
        row = (self.client, server, identity, tool)
        count = self.tally._tools.get(row)
        if count is None:
            if len(self.tally._tools) >= MAX_ROWS:
                self.unread(f"more than {MAX_ROWS:,} different tools; calls of the others were not counted")
                return
            count = self.tally._tools[row] = _Count()
        if key:
            if len(self._open) >= MAX_OPEN:
                self._open.pop(next(iter(self._open)))
            self._open[key] = count
        count.calls += 1
        if self.time:
            count.first = min(count.first or self.time, self.time)
            count.last = max(count.last, self.time)

    def failed(self, key: str) -> None:
        """The call of that id failed."""
        if count := self._open.pop(key, None):
            count.errors += 1

    def done(self, key: str) -> None:
        """The call of that id came to an end."""
        self._open.pop(key, None)

    @property
    def _left_out(self) -> bool:
        return bool(self.tally.since and self.time) and self.time < self.tally.since

    def _sound(self, server: str, tool: str) -> bool:
        if 0 < len(server) <= MAX_NAME and 0 < len(tool) <= MAX_NAME:
            return True
        self.unread(f"a name that is empty or longer than {MAX_NAME} characters")
        return False

    def _repeated(self, key: str) -> bool:
        known = hash((self.format, key))
        if known in self.tally._known:
            return True
        if len(self.tally._known) < MAX_CALLS:
            self.tally._known.add(known)
        else:
            self.unread(f"more than {MAX_CALLS:,} calls; a copied session is counted twice from there on")
        return False

    def _cover(self, server: str, identity: str) -> None:
        if not self.time or self._left_out:
            return
        covered = (server, identity, self.folder)
        window = self._windows.get(covered)
        if window is None:
            if len(self._windows) >= MAX_ROWS:
                self.unread("more working directories and servers than are counted")
                return
            window = self._windows[covered] = _Days()
        day = self.time[:10]
        if day not in window.days:
            if self._day_count >= MAX_DAYS:
                self.unread("more days than are counted")
                return
            self._day_count += 1
            window.days.add(day)
        if self.session and len(window.sessions) < MAX_SESSIONS:
            window.sessions.add(hash(self.session))
