"""What the newest signed review of a project is worth on a day, for policies to judge.

It is looked at as `mcpaudit review verify` does, but for what would need another audit: findings are not
judged again, and what has changed since is known by the digests of files.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from mcpaudit.errors import McpauditError
from mcpaudit.model.configuration import Configuration, ReviewTerms
from mcpaudit.model.review import Check, SignOff, State
from mcpaudit.policy.configuration import FOLDER, REVIEWS
from mcpaudit.signoff import statement
from mcpaudit.signoff.chain import chain_check, latest, reviews_of
from mcpaudit.signoff.layout import INPUTS, REPORT, STATEMENT, sha256
from mcpaudit.signoff.own import SIGNERS, own_names
from mcpaudit.signoff.packet import files_check, read_packet
from mcpaudit.signoff.signers import read_signers
from mcpaudit.signoff.standing import standing
from mcpaudit.signoff.votes import ballots

OWN_ROLES = ("configuration of mcpaudit", "lock")
"""What a report calls mcpaudit's own files."""
_NOT_OF_CLIENTS = (*OWN_ROLES, "saved manifest", "usage evidence")


def of_clients(read: Mapping[str, str], roles: Mapping[str, str]) -> dict[str, str]:
    """Digests of clients' files alone: evidence that a command names is no part of what was signed."""
    return {name: digest for name, digest in read.items() if roles.get(name, "") not in _NOT_OF_CLIENTS}


def sign_off(
    project: Path, configuration: Configuration, read: Mapping[str, str], levels: Iterable[str], as_of: date
) -> SignOff | None:
    """`None` where the configuration asks for no sign-off.

    `read` are the digests of clients' files by name, and `levels` the parts of the machine that were read.
    """
    if configuration.review is None:
        return None
    newest = latest(project)
    if newest is None:
        return SignOff("", False, f"nobody has signed a review in {FOLDER}/{REVIEWS}", stale=())
    folder = reviews_of(project) / newest.name
    try:
        files = read_packet(folder)
        state, _ = statement.read(files[STATEMENT], STATEMENT)
        found = _worth(folder, files, state, project, configuration.review, as_of)
    except McpauditError as error:
        return SignOff(newest.name, False, str(error).split("\n")[0], stale=())
    if any(one.outcome == "fails" for one in _whole(files, state)):
        # It is no sign-off at all, which is said once.
        return replace(found, stale=())
    others = _inputs(files[REPORT], read, levels)
    if others is None:
        return found
    return replace(found, stale=(*_own(files, project, configuration), *others))


def _worth(
    folder: Path, files: Mapping[str, bytes], state: State, project: Path, terms: ReviewTerms, as_of: date
) -> SignOff:
    path = project / FOLDER / SIGNERS
    signers = read_signers(path.read_bytes() if path.is_file() else b"", f"{FOLDER}/{SIGNERS}")
    stands = standing(files, ballots(files, state, signers), state, terms, as_of)
    checks = (*_whole(files, state), chain_check(state, (folder.parent,)), *stands.checks)
    wrong = [one.sentence for one in checks if one.outcome == "fails"]
    unsure = [one.sentence for one in checks if one.outcome == "unknown"]
    if wrong or unsure:
        return SignOff(folder.name, False if wrong else None, "; ".join(wrong or unsure))
    who = ", ".join(one.reviewer for one in stands.votes if one.counts)
    return SignOff(folder.name, True, f"signed by {who}", date.fromisoformat(stands.expires))


def _whole(files: Mapping[str, bytes], state: State) -> tuple[Check, Check]:
    return files_check(files), _subjects(files, state)


def _subjects(files: Mapping[str, bytes], state: State) -> Check:
    wrong = [one.name for one in state.subjects if sha256(files.get(one.name, b"")) != one.sha256]
    if wrong:
        return Check("statement", "fails", f"{STATEMENT} is about other files than these", tuple(wrong))
    return Check("statement", "holds", f"{STATEMENT} is about these files")


def _own(files: Mapping[str, bytes], project: Path, configuration: Configuration) -> Iterable[str]:
    """mcpaudit's own files that are others now."""
    was = {name.removeprefix(INPUTS): raw for name, raw in files.items() if name.startswith(INPUTS)}
    for name in sorted({*was, *own_names(project, configuration)}):
        path = project / name
        now = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        if now != was.get(name):
            yield name


def _inputs(raw: bytes, read: Mapping[str, str], levels: Iterable[str]) -> list[str] | None:
    """Files of clients that are others now, in the parts of the machine that both have read.

    The report may be of another version of mcpaudit: `None` where it does not say what was read.
    """
    try:
        report = json.loads(raw)
        both = set(levels) & set(report["coverage"]["levels"])
        rows = [(str(one["file"]), str(one["sha256"]), str(one["role"])) for one in report["inputs"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    was = of_clients({name: digest for name, digest, _ in rows}, {name: role for name, _, role in rows})
    return sorted(name for name in {*was, *read} if _level(name) in both and was.get(name) != read.get(name))


def _level(name: str) -> str:
    """The part of the machine that a file belongs to, by the name that reports show."""
    return "user" if name.startswith("~") else "system" if name.startswith(("/", "C:")) else "project"
