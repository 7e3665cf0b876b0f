"""Archives from a package index: a small one on this machine, honest and otherwise."""

import hashlib
import io
import json
import tarfile
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mcpaudit.live import fetch as fetching
from mcpaudit.live.fetch import FetchError, fetch
from mcpaudit.live.index import npm_index, python_index
from mcpaudit.model.server import Package
from mcpaudit.model.site import Site
from tests.installation import site_of


def archive() -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as opened:
        info = tarfile.TarInfo("package/index.js")
        info.size = 1
        opened.addfile(info, io.BytesIO(b"1"))
    return raw.getvalue()


TAR = archive()
SHA512 = "sha512-" + b64encode(hashlib.sha512(TAR).digest()).decode()


@dataclass
class Index:
    """What the little index answers, and what it was asked."""

    answers: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""


@contextmanager
def index() -> Iterator[Index]:
    state = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, self.headers.get("Authorization", "")))
            if self.path in state.redirects:
                self.send_response(302)
                self.send_header("Location", state.redirects[self.path])
                self.end_headers()
                return
            body = state.answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def npm(state: Index, integrity: str = SHA512, tarball: str = "") -> None:
    dist = {"tarball": tarball or f"{state.url}x/-/x-1.2.0.tgz", "integrity": integrity}
    metadata = {"dist-tags": {"latest": "1.2.0"}, "versions": {"1.2.0": {"dist": dist}}}
    state.answers["/@acme%2Fx"] = state.answers["/@acme/x"] = json.dumps(metadata).encode()
    state.answers["/x/-/x-1.2.0.tgz"] = TAR


def site(folder: Path, state: Index, npmrc: str = "") -> Site:
    return site_of(
        folder / "site",
        {"~/.npmrc": npmrc or f"registry={state.url}\n"},
        env={"PIP_INDEX_URL": f"{state.url}simple"},
    )


@pytest.mark.parametrize("version", ["1.2.0", "", "latest"])
def test_an_npm_package_is_checked_against_the_hash_of_the_index(tmp_path: Path, version: str) -> None:
    with index() as state:
        npm(state)
        found = fetch(Package("npm", "@acme/x", version), site(tmp_path, state), tmp_path)
    assert (found.version, found.integrity) == ("1.2.0", SHA512)
    assert found.path.read_bytes() == TAR


def test_another_archive_than_the_index_names_is_refused_and_removed(tmp_path: Path) -> None:
    with index() as state:
        npm(state, "sha512-" + b64encode(bytes(64)).decode())
        with pytest.raises(FetchError, match="its hash differs"):
            fetch(Package("npm", "@acme/x", "1.2.0"), site(tmp_path, state), tmp_path)
    assert not list(tmp_path.glob("*.tgz"))


@pytest.mark.parametrize(
    ("version", "says"), [("9.9.9", "no version 9.9.9"), ("^1.2.0", "is a range"), (">=1 <2", "is a range")]
)
def test_a_version_that_is_not_there_or_not_one(tmp_path: Path, version: str, says: str) -> None:
    with index() as state:
        npm(state)
        with pytest.raises(FetchError, match=says):
            fetch(Package("npm", "@acme/x", version), site(tmp_path, state), tmp_path)


def simple(state: Index) -> None:
    files = [
        {"filename": "acme_x-1.0.tar.gz", "url": "../../files/acme_x-1.0.tar.gz", "hashes": {}},
        *(
            {
                "filename": name,
                "url": f"../../files/{name}",
                "hashes": {"sha256": hashlib.sha256(TAR).hexdigest()},
                "yanked": "3.0" in name,
            }
            for name in (
                *("acme_x-1.10.tar.gz", "acme_x-1.10-py3-none-any.whl", "acme_x-1.9-py3-none-any.whl"),
                *(
                    "acme_x-2.0rc1-py3-none-any.whl",
                    "acme_x-3.0-py3-none-any.whl",
                    "acme_x_more-9-py3-none-any.whl",
                ),
            )
        ),
    ]
    state.answers["/simple/acme-x/"] = json.dumps({"files": files}).encode()
    state.answers["/files/acme_x-1.10-py3-none-any.whl"] = TAR
    state.answers["/files/acme_x-1.9-py3-none-any.whl"] = TAR


@pytest.mark.parametrize(
    ("version", "file"), [("", "acme_x-1.10-py3-none-any.whl"), ("1.9", "acme_x-1.9-py3-none-any.whl")]
)
def test_a_python_package_as_a_wheel_of_the_newest_final_version(
    tmp_path: Path, version: str, file: str
) -> None:
    with index() as state:
        simple(state)
        found = fetch(Package("pypi", "Acme.X", version), site(tmp_path, state), tmp_path)
    assert found.path.name == file
    assert found.integrity.startswith("sha256:")


def test_the_login_goes_to_its_own_host_only(tmp_path: Path) -> None:
    with index() as state, index() as other:
        npm(state)
        npm(other)
        other_host = other.url.replace("127.0.0.1", "localhost")
        state.redirects["/x/-/x-1.2.0.tgz"] = f"{other_host}x/-/x-1.2.0.tgz"
        host = state.url.partition(":")[2]
        npmrc = f"registry={state.url}\n{host}:_authToken=${{NPM_TOKEN}}\n"
        asking = site(tmp_path, state, npmrc)
        asking = Site(asking.project, asking.home, asking.system_root, "linux", {"NPM_TOKEN": "s3cret"})
        fetch(Package("npm", "@acme/x", "1.2.0"), asking, tmp_path)
        assert {login for _, login in state.asked} == {"Bearer s3cret"}
        assert [login for _, login in other.asked] == [""]


@pytest.mark.parametrize("tarball", ["file:///etc/passwd", "ftp://127.0.0.1/x", "x", ""])
def test_an_index_cannot_lead_to_files_of_the_machine(tmp_path: Path, tarball: str) -> None:
    with index() as state:
        npm(state, tarball=tarball or "data:,x")
        with pytest.raises(FetchError):
            fetch(Package("npm", "@acme/x", "1.2.0"), site(tmp_path, state), tmp_path)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{", b"5", b'{"versions": {"1.2.0": 5}}'])
def test_nonsense_of_an_index_is_a_reason(tmp_path: Path, answer: bytes) -> None:
    with index() as state:
        state.answers["/@acme/x"] = state.answers["/@acme%2Fx"] = answer
        with pytest.raises(FetchError):
            fetch(Package("npm", "@acme/x", "1.2.0"), site(tmp_path, state), tmp_path)


def test_an_archive_that_does_not_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_ARCHIVE", 10)
    with index() as state:
        npm(state)
        with pytest.raises(FetchError, match="larger than is read"):
            fetch(Package("npm", "@acme/x", "1.2.0"), site(tmp_path, state), tmp_path)


def test_an_index_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    with index() as state:
        gone = state.url
    nobody = site_of(tmp_path / "s", {"~/.npmrc": f"registry={gone}\n"})
    with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
        fetch(Package("npm", "x", "1.0.0"), nobody, tmp_path)


def test_the_projects_npmrc_and_a_scope_come_first(tmp_path: Path) -> None:
    files = {
        "~/.npmrc": "registry=https://user.example/\n@acme:registry=https://acme.example/npm/\n# x=y\n",
        ".npmrc": "registry = https://project.example\n",
    }
    own = site_of(tmp_path, files)
    assert npm_index("x", own).url == "https://project.example/"
    assert npm_index("@acme/x", own).url == "https://acme.example/npm/"


def test_a_login_in_an_address_is_taken_out_of_it(tmp_path: Path) -> None:
    own = site_of(
        tmp_path, {"~/.config/pip/pip.conf": "[global]\nindex-url = https://me:p%40ss@i.example/simple\n"}
    )
    found = python_index(own)
    assert found.url == "https://i.example/simple/"
    assert found.authorization == "Basic " + b64encode(b"me:p@ss").decode()
