"""Files named from the root of the repository, as code hosts know them, also where a folder was audited."""

import re
from dataclasses import fields, is_dataclass, replace
from posixpath import join, normpath
from typing import Any, TypeVar

from mcpaudit.model.diff import Diff
from mcpaudit.model.report import Report

_ELSEWHERE = re.compile(r"^(?:$|[~/\\]|[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://)| itself$")
"""What is no path below the audited folder: the user's and the machine's files, and clients themselves."""
_Told = TypeVar("_Told", Report, Diff)


def rooted(told: _Told) -> _Told:
    """The same with all of its files named from the root of the repository."""
    folder = told.run.folder if isinstance(told, Report) else told.folder
    moved: _Told = _moved(told, folder) if folder else told
    return moved


def from_root(file: str, folder: str) -> str:
    """A file as the root of the repository names it; one that lies outside of it as it is."""
    if _ELSEWHERE.search(file):
        return file
    path = normpath(join(folder, file.replace("\\", "/")))
    return file if path.startswith("../") else path


def _moved(told: Any, folder: str) -> Any:
    if isinstance(told, tuple):
        return tuple(_moved(one, folder) for one in told)
    if not is_dataclass(told) or isinstance(told, type):
        return told
    changed: dict[str, Any] = {}
    for field in fields(told):
        value = getattr(told, field.name)
        if field.name == "file":
            changed[field.name] = from_root(value, folder)
        elif field.name == "credential_files":
            changed[field.name] = tuple(from_root(one, folder) for one in value)
        elif isinstance(value, tuple) or is_dataclass(value):
            changed[field.name] = _moved(value, folder)
    return replace(told, **changed)
