"""Fetches the archive of a package from the user's own index, to read its source. Only when it is asked for.

The archive is checked against the hash that the index names, bounded in size and time, and never installed.
Sources: the npm registry's package metadata (`dist.tarball`, `dist.integrity`); PEP 691 (the simple index as
JSON).
"""

import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import quote, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from mcpaudit.dataclass import dataclass
from mcpaudit.live.index import Index, npm_index, python_index
from mcpaudit.model.server import Package
from mcpaudit.model.site import Site

SECONDS = 30
MAX_METADATA, MAX_ARCHIVE = 64 * 2**20, 256 * 2**20
_RANGE = re.compile(r"[\^~<>=|* xX]|latest|next")
_CHUNK = 1 << 20


class FetchError(Exception):
    """A package that was not fetched; the text says why, in a clause."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An archive on disk, checked against its index."""

    path: Path
    version: str
    integrity: str
    """`sha512-BASE64` for npm, `sha256:HEX` for PyPI, as their lock files write it."""
    host: str


@dataclass(frozen=True, slots=True)
class _Archive:
    url: str
    version: str
    algorithm: str
    digest: bytes


def fetch(package: Package, site: Site, folder: Path) -> Fetched:
    """Fetch the archive of a package into a folder; raises FetchError."""
    if package.ecosystem == "npm":
        index = npm_index(package.name, site)
        archive = _npm(package, index)
    elif package.ecosystem == "pypi":
        index = python_index(site)
        archive = _python(package, index)
    else:
        raise FetchError(f"packages of {package.ecosystem} are not fetched")
    path = folder / (urlsplit(archive.url).path.rpartition("/")[2] or "archive")
    same = urlsplit(archive.url).netloc == urlsplit(index.url).netloc
    found = _download(archive.url, path, archive.algorithm, index.authorization if same else "")
    if found != archive.digest:
        path.unlink(missing_ok=True)
        raise FetchError("the archive is not the one that the index names: its hash differs")
    # npm writes it in base64 and pip in hexadecimal digits: as the user's own lock files have it.
    npm = package.ecosystem == "npm"
    integrity = f"{archive.algorithm}-{_base64(found)}" if npm else f"{archive.algorithm}:{found.hex()}"
    return Fetched(path, archive.version, integrity, urlsplit(archive.url).hostname or "")


def _npm(package: Package, index: Index) -> _Archive:
    metadata = _json(index.url + quote(package.name, safe="@"), index, "application/json")
    version = package.version
    if not version or _RANGE.fullmatch(version):
        tags = metadata.get("dist-tags")
        version = str(tags.get(version or "latest") or "") if isinstance(tags, dict) else ""
    elif _RANGE.search(version):
        raise FetchError(f"`{version}` is a range, and which version it means is not worked out")
    versions = metadata.get("versions")
    entry = versions.get(version) if isinstance(versions, dict) else None
    dist = entry.get("dist") if isinstance(entry, dict) else None
    if not isinstance(dist, dict):
        raise FetchError(f"the index has no version {version or package.version or 'latest'} of it")
    url, said = str(dist.get("tarball") or ""), str(dist.get("integrity") or "").split(" ")[0]
    algorithm, _, digest = said.partition("-")
    if algorithm == "sha512":
        return _Archive(url, version, algorithm, b64decode(digest))
    if isinstance(dist.get("shasum"), str):
        return _Archive(url, version, "sha1", bytes.fromhex(str(dist["shasum"])))
    raise FetchError("the index names no hash for it")


def _python(package: Package, index: Index) -> _Archive:
    name = re.sub(r"[-_.]+", "-", package.name).lower()
    url = f"{index.url}{quote(name)}/"
    metadata = _json(url, index, "application/vnd.pypi.simple.v1+json")
    files = metadata.get("files")
    named = [_named(one, name) for one in files if isinstance(one, dict)] if isinstance(files, list) else []
    known = [one for one in named if one is not None]
    if package.version and not package.pinned:
        raise FetchError(f"`{package.version}` is a range, and which version it means is not worked out")
    wanted = package.version or max((one[0] for one in known if _final(one[0])), key=_order, default="")
    # A wheel holds what is installed; a source archive is the next best.
    own = sorted((one for one in known if one[0] == wanted), key=lambda one: not one[1].endswith(".whl"))
    if not own:
        raise FetchError(f"the index has no version {wanted or 'at all'} of it")
    _, _, link, digest = own[0]
    return _Archive(urljoin(url, link), wanted, "sha256", bytes.fromhex(digest))


def _named(entry: Mapping[str, object], name: str) -> tuple[str, str, str, str] | None:
    """Version, file name, link and hash of one file; `None` for one that cannot be used."""
    file, hashes = str(entry.get("filename") or ""), entry.get("hashes")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    if entry.get("yanked") or not isinstance(digest, str):
        return None
    stem = re.sub(r"\.(whl|tar\.gz|zip)$", "", file)
    if stem == file:
        return None
    parts = stem.split("-") if file.endswith(".whl") else list(stem.rpartition("-")[::2])
    matches = len(parts) > 1 and re.sub(r"[-_.]+", "-", parts[0]).lower() == name
    return (parts[1], file, str(entry.get("url") or ""), digest) if matches else None


def _final(version: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)*(\.post\d+)?", version) is not None


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", version)]


def _json(url: str, index: Index, accept: str) -> Mapping[str, object]:
    with _open(url, index.authorization, accept) as answer:
        raw = answer.read(MAX_METADATA + 1)
    if len(raw) > MAX_METADATA:
        raise FetchError("the index answers with more than is read")
    try:
        value: object = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FetchError("the index does not answer in JSON") from error
    if not isinstance(value, dict):
        raise FetchError("the index does not answer as one does")
    return value


def _download(url: str, path: Path, algorithm: str, authorization: str) -> bytes:
    digest, size = hashlib.new(algorithm), 0
    with _open(url, authorization, "*/*") as answer, path.open("wb") as out:
        while chunk := answer.read(_CHUNK):
            size += len(chunk)
            if size > MAX_ARCHIVE:
                raise FetchError("the archive is larger than is read")
            digest.update(chunk)
            out.write(chunk)
    return digest.digest()


class _Redirects(HTTPRedirectHandler):
    """A login is for the host that it was configured for, and no other."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Follow within http and https, without the login where the host changes."""
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise URLError("it leads to no web address")
        new = super().redirect_request(req, fp, code, msg, headers, newurl)
        if new is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            new.remove_header("Authorization")
        return new


def _opener() -> OpenerDirector:
    return build_opener(_Redirects)


def _open(url: str, authorization: str, accept: str) -> IO[bytes]:
    if urlsplit(url).scheme not in ("http", "https"):
        raise FetchError("the index names no web address")
    headers = {"Accept": accept, "User-Agent": "mcpaudit"}
    if authorization:
        headers["Authorization"] = authorization
    try:
        answer: IO[bytes] = _opener().open(Request(url, headers=headers), timeout=SECONDS)
    except (OSError, HTTPException, ValueError) as error:
        raise FetchError(f"{urlsplit(url).hostname}: {error}") from error
    return answer


def _base64(raw: bytes) -> str:
    from base64 import b64encode

    return b64encode(raw).decode()
