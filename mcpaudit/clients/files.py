"""What clients do with files: which folders they look in, and which files they throw away or stop at."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from mcpaudit.clients.reading import Reading
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Place
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document, Irregularity, Oddity
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.presence import is_folder, is_there

STRICT: tuple[Oddity, ...] = ("comment", "trailing-comma", "bom")
COMMA: tuple[Oddity, ...] = ("trailing-comma",)
MARK: tuple[Oddity, ...] = ("bom",)
_WHAT = {"comment": "a comment", "trailing-comma": "a trailing comma", "bom": "a byte order mark"}


def folders(site: Site, parents_without_git: bool = False) -> list[str]:
    """Templates of the audited folder and those above it up to the git root, nearest first.

    Outside a repository it is that folder alone, or with `parents_without_git` all above it as well. The
    home is left out: what stands there is the user's.
    """
    if site.project is None:
        return []
    chain = [site.project, *site.project.parents]
    top = next((at for at, folder in enumerate(chain) if is_there(folder / ".git")), None)
    if top is None:
        top = len(chain) - 1 if parents_without_git else 0
    return ["{project}/" + "../" * at for at, one in enumerate(chain[: top + 1]) if one != site.home]


def in_folder(template: str, folder: str) -> str:
    """A template of a project's file, for one of the `folders`."""
    return template.replace("{project}/", folder)


def covers(folder: str, project: Path | None) -> bool:
    """Whether a folder by its absolute path is the audited one or lies above it."""
    return project is not None and Path(folder) in (project, *project.parents)


def accepted(
    reading: Reading, root: Node | None, title: str, client: str, rejects: Collection[Oddity]
) -> Node | None:
    """The file, unless it has what its client throws the whole file away for; then that is a gap."""
    oddity = _oddity(root.document, rejects) if root else None
    if root is None or oddity is None:
        return root
    reason = f"{title} ignores this whole file because of {_WHAT[oddity.kind]}"
    gap = Gap("ignored", root.place, reason, client, oddity.line, oddity.column)
    if gap not in reading.gaps:
        reading.gaps.append(gap)
    return None


def stopped(
    reading: Reading, templates: Iterable[str], title: str, client: str, rejects: Collection[Oddity] = ()
) -> str:
    """Why the client does not start: one of these files is malformed or has what the client stops at."""
    reasons = []
    for template in templates:
        gap = reading.unreadable(template)
        found = reading.site.locate(template)
        document = reading.documents.get(found[1]) if found else None
        if document and (oddity := _oddity(document, rejects)):
            gap = Gap("ignored", Place(document.file), _WHAT[oddity.kind], client, oddity.line, oddity.column)
        if gap and gap.kind in ("malformed", "ignored"):
            reasons.append(reading.stops(gap, title))
    return next(iter(reasons), "")


def _oddity(document: Document, rejects: Collection[Oddity]) -> Irregularity | None:
    return next((one for one in document.irregularities if one.kind in rejects), None)


def rejected(installations: Sequence[Installation], reason: str) -> list[Installation]:
    """The installations of a client that does not start; all as they were where there is no reason."""
    if not reason:
        return list(installations)
    return [replace(one, state="rejected", reason=reason) for one in installations]


def moved(reading: Reading, variables: Iterable[str], title: str, client: str) -> None:
    """Record variables that move or add files of a client which are not followed."""
    for name in variables:
        if reading.site.env.get(name) and reading.site.home is not None:
            reason = f"{name} is set, and mcpaudit does not follow it: {title} reads other or more files"
            reading.gaps.append(Gap("not-understood", Place(f"${name}"), reason, client))


def shares(reading: Reading, template: str, *own: str) -> bool:
    """Whether a client loads a file that several clients read: one of its own folders is there, or the home
    was not looked at, so that nothing tells which clients its user has.
    """
    if not there(reading, template):
        return False
    places = [found[0] for one in own if (found := reading.site.locate(one))]
    return reading.site.home is None or any(map(is_folder, places))


def there(reading: Reading, template: str) -> bool:
    """Whether there is such a file, read or not; in a folder that may not be searched there may be."""
    found = reading.site.locate(template)
    if found is None:
        return False
    try:
        return found[1] in reading.instead or found[0].is_file()
    except OSError:
        return True
