"""Words of an entry that would be safer otherwise: a port for this machine alone, a pinned package."""

import re
from collections.abc import Mapping

from mcpaudit.analysis.launch import bound_locally
from mcpaudit.model.manifest import Manifest
from mcpaudit.model.server import Argument, Installation, Package
from mcpaudit.model.supposition import Reword
from mcpaudit.parsing.document import Document, value_at

Words = tuple[tuple[Reword, ...], str]
"""The words as they would read, and why others cannot be changed."""

_NPM = re.compile(r"((?:@[^/@]+/)?[^@/]+)(?:@.*)?")
_PYPI = re.compile(r"([A-Za-z0-9._-]+)(\[[^\]]*\])?(?:(?:[=<>~!]=?|===|@).*)?")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!-]*")


def bound(one: Installation, documents: Mapping[str, Document]) -> Words:
    """What makes a server listen on this machine alone."""
    found, reason = [], ""
    for word, text in bound_locally(one):
        if _as_written(word, documents):
            found.append(Reword(one.id, word.place, text, text))
        else:
            reason = f"`{word.text}` is not written like this in {word.place.file}"
    if not found:
        reason = reason or "that takes more than another word in the entry"
    return tuple(found), reason


def pinned(one: Installation, manifest: Manifest, documents: Mapping[str, Document]) -> Words:
    """What makes a launcher fetch the version that the lock holds."""
    package, version = one.server.package, manifest.version
    if package is None or package.pinned:
        return (), ""
    if manifest.source != "lock" or not version:
        return (), "mcpaudit.lock does not say which version was reviewed"
    if not _VERSION.fullmatch(version) or not Package(package.ecosystem, package.name, version).pinned:
        return (), f"the version of mcpaudit.lock, {version}, does not name one artefact"
    at = one.entry.package_argument
    word = one.entry.args[at] if 0 <= at < len(one.entry.args) else None
    text = _with_version(word.text, package, version) if word else ""
    if word is None or not text or not _as_written(word, documents):
        return (), f"the entry of `{one.name}` does not name its package in a word of its own"
    return (Reword(one.id, word.place, text, text),), ""


def _with_version(word: str, package: Package, version: str) -> str:
    if package.ecosystem == "npm" and (npm := _NPM.fullmatch(word)) and npm[1] == package.name:
        return f"{package.name}@{version}"
    pypi = _PYPI.fullmatch(word) if package.ecosystem == "pypi" else None
    if pypi and _normal(pypi[1]) == _normal(package.name):
        return f"{pypi[1]}{pypi[2] or ''}=={version}"
    return ""


def _normal(name: str) -> str:
    """Names of Python packages as indexes compare them; source: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _as_written(word: Argument, documents: Mapping[str, Document]) -> bool:
    """Whether the file has the word as it is: no variable in it, and not a part of a longer text."""
    document = documents.get(word.place.file)
    return document is not None and value_at(document.data, word.place.route) == word.text
