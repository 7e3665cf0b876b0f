"""What a change does to the files that judge it (configuration, policies, waivers, lock), in sentences."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError
from mcpaudit.manifests.lock.drift import compare
from mcpaudit.manifests.lock.read import read_lock
from mcpaudit.model import lock as locks
from mcpaudit.model.diff import OwnChange
from mcpaudit.model.lock import Lock, Writer
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.limits import MAX_BYTES
from mcpaudit.parsing.reader import parse
from mcpaudit.policy.configuration import FILE, FOLDER, REVIEWS
from mcpaudit.policy.waivers import BASELINE, WAIVERS

_MOST_FILES, _MOST_SENTENCES, _LONGEST = 2_000, 40, 120
# What tells one entry of a list from another, in the files that people write for mcpaudit.
_KEYS = ("finding", "id", "identity", "match", "source", "name")

Sentences = Iterator[str]
Turn = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Two:
    """The folder of the base, and that of the change."""

    before: Path
    after: Path


def own_changes(
    two: Two, policies: Sequence[str], check: Callable[[], None], owners: Callable[[str], tuple[str, ...]]
) -> tuple[OwnChange, ...]:
    """Every changed file, sorted by name.

    `policies` names the files and folders that the configuration uses; `check` raises
    ConfigurationError where the change's own files cannot be used.
    """
    found: dict[str, OwnChange] = {}
    for file in sorted({*_listed(two.before, policies), *_listed(two.after, policies)}):
        was, now = (_content(folder / file) for folder in (two.before, two.after))
        if was == now:
            continue
        how: Turn = "added" if was is None else "removed" if now is None else "changed"
        found[file] = OwnChange(file, how, tuple(_shortened(_sentences(file, two, was, now))), owners(file))
    if not found:
        return ()
    for file, sentences in _broken(two, check).items():
        said = [f"it cannot be used as it is: {one}" for one in sentences]
        if file in found:
            found[file] = OwnChange(file, "broken", (*said, *found[file].sentences), owners(file))
        elif _content(two.before / file) != _content(two.after / file):
            found[file] = OwnChange(file, "broken", tuple(said), owners(file))
    return tuple(found[file] for file in sorted(found))


def _listed(folder: Path, policies: Sequence[str]) -> Iterator[str]:
    """mcpaudit's own files below a folder."""
    yield from (name for name in (FILE, locks.FILE) if os.path.lexists(folder / name))
    for place in (FOLDER, *policies):
        inside = PurePosixPath(os.path.normpath(place).replace(os.sep, "/"))
        if inside.is_absolute() or ".." in inside.parts or not inside.parts:
            continue
        if (folder / inside).is_file():
            yield str(inside)
        count = 0
        for above, folders, names in os.walk(folder / inside):
            if Path(above) == folder / FOLDER:
                # Reviews judge nothing: each is about a state of its own.
                folders[:] = [name for name in folders if name != REVIEWS]
            folders.sort()
            for name in sorted(names):
                count += 1
                if count > _MOST_FILES:
                    return
                yield (Path(above) / name).relative_to(folder).as_posix()


def _content(path: Path) -> bytes | None:
    """A file's bytes; of a link what it says, for it is the link that is reviewed."""
    try:
        if path.is_symlink():
            return b"link: " + os.fsencode(path.readlink())
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except OSError:
        return None


def _broken(two: Two, check: Callable[[], None]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}

    def lock() -> None:
        read_lock(two.after / locks.FILE)

    for one in (check, lock):
        try:
            one()
        except ConfigurationError as error:
            for mistake in error.mistakes:
                found.setdefault(mistake.file, []).append(f"line {mistake.line}: {mistake.message}")
    return found


def _sentences(file: str, two: Two, was: bytes | None, now: bytes | None) -> Sentences:
    if file == locks.FILE:
        yield from _of_lock(two, now is None)
    elif file == f"{FOLDER}/{BASELINE}":
        yield from _of_baseline(*(_entries(one, file, "findings") for one in (was, now)))
    elif file == f"{FOLDER}/{WAIVERS}":
        yield from _of_waivers(*(_entries(one, file, "waivers") for one in (was, now)))
    elif was is None or now is None or not file.endswith((".yaml", ".yml", ".json")):
        return
    else:
        old, new = _data(was, file), _data(now, file)
        if old is not None and new is not None:
            yield from _differences((), old, new)


def _of_lock(two: Two, gone: bool) -> Sentences:
    if gone:
        yield "what is installed is still held against the lock of the base"
    try:
        old, new = (read_lock(folder / locks.FILE) for folder in (two.before, two.after))
    except ConfigurationError:
        return
    none = Lock(locks.FORMAT, Writer("", ""), "repository")
    if new is not None:
        for row in compare(old[0] if old else none, new[0]):
            yield f"{row.server}{f' `{row.tool}`' if row.tool else ''}: {row.sentence}"


def _of_baseline(was: dict[str, dict[str, Json]], now: dict[str, dict[str, Json]]) -> Sentences:
    for how, one, other in (("accepts", now, was), ("no longer accepts", was, now)):
        if more := sorted(one.keys() - other.keys()):
            told = sorted({str(one[key].get("policy")) for key in more})
            yield f"it {how} {len(more)} finding{'s' * (len(more) > 1)} of {', '.join(told)}"
    for key in sorted(was.keys() & now.keys()):
        if was[key] != now[key]:
            yield f"what it says of {key} ({now[key].get('policy')}) is another now"


def _of_waivers(was: dict[str, dict[str, Json]], now: dict[str, dict[str, Json]]) -> Sentences:
    for key in sorted({*was, *now}):
        one = now.get(key) or was[key]
        what = f"{key} ({one.get('policy')})"
        if key not in was:
            who = one.get("approver")
            approved = f"approved by {who}" if who else "not approved yet"
            yield f"it waives {what} until {one.get('expires')}, owned by {one.get('owner')}, {approved}"
        elif key not in now:
            yield f"it no longer waives {what}"
        elif was[key] != now[key]:
            yield from (f"the waiver of {what}: {told}" for told in _differences((), was[key], now[key]))


def _data(raw: bytes, file: str) -> Json:
    found = parse(raw, file, "json" if file.endswith(".json") else "yaml")
    return found.data if isinstance(found, Document) else None


def _entries(raw: bytes | None, file: str, key: str) -> dict[str, dict[str, Json]]:
    """The entries of a list by the finding that they speak of."""
    data = _data(raw, file) if raw is not None else None
    listed = data.get(key) if isinstance(data, dict) else None
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    return {str(row.get("finding")): row for row in rows}


def _differences(route: tuple[str, ...], was: Json, now: Json) -> Sentences:
    """What a reviewer has to see of two trees, leaf by leaf."""
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            if key not in was:
                yield f"`{_at(*route, key)}` is new: {_brief(now[key])}"
            elif key not in now:
                yield f"`{_at(*route, key)}` is gone; it was {_brief(was[key])}"
            else:
                yield from _differences((*route, key), was[key], now[key])
    elif isinstance(was, list) and isinstance(now, list):
        yield from _of_list(route, was, now)
    else:
        yield f"`{_at(*route)}` was {_brief(was)} and is {_brief(now)}"


def _of_list(route: tuple[str, ...], was: list[Json], now: list[Json]) -> Sentences:
    old, new = _by_key(was), _by_key(now)
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            yield f"`{_at(*route)}` no longer has {_brief(old[key])}"
        elif key not in old:
            yield f"`{_at(*route)}` has one entry more: {_brief(new[key])}"
        else:
            yield from _differences((*route, key), old[key], new[key])
    if old == new and was != now:
        yield f"the order of `{_at(*route)}` is another, or an entry stands twice"


def _by_key(listed: list[Json]) -> dict[str, Json]:
    found = {}
    for one in listed:
        key = next((str(one[name]) for name in _KEYS if name in one), "") if isinstance(one, dict) else ""
        found[key or _brief(one)] = one
    return found


def _at(*route: str) -> str:
    return " / ".join(route)


def _brief(value: Json) -> str:
    if isinstance(value, dict):
        text = ", ".join(f"{key}: {_brief(one)}" for key, one in value.items())
        text = f"{{{text}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(map(_brief, value))}]"
    else:
        text = "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _shortened(sentences: Sentences) -> Sentences:
    for number, sentence in enumerate(sentences):
        if number == _MOST_SENTENCES:
            yield "and more; look at the file itself"
            return
        yield sentence
