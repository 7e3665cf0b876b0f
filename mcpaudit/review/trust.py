"""Whom to believe about keys and terms: a file of one's own, a project, a revision; never the packet."""

from dataclasses import replace
from pathlib import Path

from mcpaudit.errors import UsageError
from mcpaudit.model.configuration import ReviewTerms
from mcpaudit.parsing.reader import named_bytes, parse
from mcpaudit.policy.configuration import FILE, FOLDER, review_terms
from mcpaudit.policy.validation import sound
from mcpaudit.review.verify import Trust
from mcpaudit.revisions.repository import find
from mcpaudit.signoff.own import SIGNERS

_LARGEST = 2**20
_SIGNERS = f"{FOLDER}/{SIGNERS}"


def of_file(path: Path) -> Trust:
    """The signers of a file that the verifier has from elsewhere; UsageError where it cannot be read."""
    return Trust(_read(path), path.as_posix())


def of_project(project: Path, signers: Trust | None = None) -> Trust | None:
    """The signers and the terms of a folder as it is; `None` where it has no signers."""
    configuration = project / FILE
    terms = _terms(_read(configuration), FILE) if configuration.is_file() else ReviewTerms()
    if signers is None and not (project / _SIGNERS).is_file():
        return None
    given = signers or Trust(_read(project / _SIGNERS), _SIGNERS)
    return replace(given, terms=terms)


def of_revision(project: Path, name: str) -> Trust:
    """The signers and the terms of a revision: what a change does to them does not count for the change."""
    with find(project) as repository:
        root = (repository.root or project).resolve()
        under = project.resolve().relative_to(root).as_posix()
        snapshot = repository.read(repository.resolve(name), "" if under == "." else under)
        if _SIGNERS not in snapshot:
            raise UsageError(f"there is no {_SIGNERS} in {name}")
        signers = snapshot[_SIGNERS]
        terms = _terms(snapshot[FILE], f"{name}:{FILE}") if FILE in snapshot else ReviewTerms()
    return Trust(signers, f"{_SIGNERS} in {name}", terms)


def _terms(raw: bytes, shown: str) -> ReviewTerms:
    return review_terms(sound(parse(raw, shown, "yaml"), shown))


def _read(path: Path) -> bytes:
    return named_bytes(path, _LARGEST)
