"""Packs of policies: the same files have the same digest wherever they are, and other files stop the run."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from mcpaudit.audit import audit
from mcpaudit.cli.main import run
from mcpaudit.errors import ConfigurationError, UsageError
from mcpaudit.model.report import Report
from mcpaudit.policy import packs
from mcpaudit.policy.packs import digest, read_pack
from mcpaudit.request import Request
from tests.histories import commit, git, needs_git
from tests.installation import AS_OF, site_of

POLICY = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: any-server, title: There is a server, severity: low}
spec: {for: server, where: "!server.builtin", message: "it is {server.name}", why: W., fix: F.}
"""
FILES = {"own/any-server.yaml": POLICY, "own/any-server.test.yaml": "not: read", "README.md": "Ours.\n"}
SERVER = {"mcpServers": {"crm": {"command": "node", "args": ["/srv/crm.js"]}}}


def pack(folder: Path, files: dict[str, str] = FILES) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def zipped(file: Path, files: dict[str, str] = FILES) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return file


def tarred(file: Path, files: dict[str, str] = FILES) -> Path:
    with tarfile.open(file, "w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return file


def canonical(files: dict[str, str] = FILES) -> str:
    rows = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())]
    return f"sha256:{hashlib.sha256(''.join(rows).encode()).hexdigest()}"


def test_the_same_files_have_the_same_digest_wherever_they_are(tmp_path: Path) -> None:
    folder = pack(tmp_path / "folder")
    pack(folder, {".git/config": "x", ".DS_Store": "x", "own/.cache/a.yaml": "x"})
    (folder / "link.yaml").symlink_to("own/any-server.yaml")
    zipped(tmp_path / "p.zip")
    tarred(tmp_path / "p.tar.gz", dict(reversed(FILES.items())))
    sources = ("folder", "p.zip", "p.tar.gz")
    assert {digest(read_pack(source, tmp_path)) for source in sources} == {canonical()}


@needs_git
def test_a_revision_of_a_repository_is_a_pack(tmp_path: Path) -> None:
    git(pack(tmp_path / "repo"), "init", "-q", "-b", "main")
    first = commit(tmp_path / "repo", {f"policies/{name}": text for name, text in FILES.items()})
    commit(tmp_path / "repo", {"policies/README.md": "Other.\n"})
    for source in (
        f"git+repo@{first}:policies",
        "git+repo@main~1:policies",
        f"git+file://{tmp_path}/repo@{first}:policies",
    ):
        assert digest(read_pack(source, tmp_path)) == canonical()
    assert digest(read_pack("git+repo@main:policies", tmp_path)) != canonical()


def check(folder: Path, source: str, pinned: str) -> Report:
    configuration = f"apiVersion: mcpaudit/v1\npacks:\n  - source: {source}\n    digest: {pinned}\n"
    return audit(Request(site_of(folder, {".mcp.json": SERVER, "mcpaudit.yaml": configuration}), AS_OF))


def test_a_pinned_pack_judges_and_the_report_names_it(tmp_path: Path) -> None:
    project = site_of(tmp_path, {}).project
    assert project is not None
    zipped(project / "acme.zip")
    report = check(tmp_path, "acme.zip", canonical())
    assert "any-server" in [one.policy for one in report.findings]
    assert {one.source for one in report.coverage.policies if one.policy == "any-server"} == {
        "acme.zip/own/any-server.yaml"
    }


def mistakes(folder: Path, source: str, pinned: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        check(folder, source, pinned)
    return [str(one) for one in caught.value.mistakes]


def test_a_pack_that_changed_under_its_pin_stops_the_run(tmp_path: Path) -> None:
    project = site_of(tmp_path, {}).project
    assert project is not None
    pack(project / "acme", {**FILES, "README.md": "Changed.\n"})
    now = canonical({**FILES, "README.md": "Changed.\n"})
    (told,) = mistakes(tmp_path, "acme", canonical())
    assert told.startswith(f"mcpaudit.yaml:4:13: the pack acme is not what was pinned: its digest is {now}")
    assert "look at what has changed in it before you write the new digest here" in told


@pytest.mark.parametrize(
    ("source", "pinned", "told"),
    [
        ("none", canonical(), "mcpaudit.yaml:3:13: there is no folder and no archive at none"),
        (
            "broken.zip",
            canonical(),
            "mcpaudit.yaml:3:13: the pack broken.zip cannot be read: it cannot be unpacked",
        ),
        ("empty", canonical(), "mcpaudit.yaml:3:13: the pack empty holds no policy"),
        ("git+empty@main", canonical(), "the pack git+empty@main cannot be read: there is no"),
        ("git+https://example.com/x@main", canonical(), "nothing is fetched: clone https://example.com/x"),
        ("git+empty", canonical(), "a git pack is named git+REPOSITORY@REVISION"),
        ("empty", "sha256:1", "packs.0.digest does not have the form"),
    ],
)
def test_what_is_wrong_with_a_pack_has_its_place(tmp_path: Path, source: str, pinned: str, told: str) -> None:
    project = site_of(tmp_path, {}).project
    assert project is not None
    (project / "empty").mkdir()
    (project / "broken.zip").write_bytes(b"PK\x03\x04 no more")
    (found,) = mistakes(tmp_path, source, pinned)
    assert told in found


def test_a_mistake_in_a_pack_names_the_pack_and_the_line(tmp_path: Path) -> None:
    project = site_of(tmp_path, {}).project
    assert project is not None
    files = {"a.yaml": POLICY.replace("server.builtin", "server.bultin"), "b.yaml": "kind: ["}
    zipped(project / "acme.zip", files)
    told = mistakes(tmp_path, "acme.zip", canonical(files))
    assert told[0].startswith("acme.zip/b.yaml:1:")


@pytest.mark.parametrize(
    "files", [{"../a.yaml": POLICY}, {"/a.yaml": POLICY}, {"a\n.yaml": POLICY}, {"a\u202e.yaml": POLICY}]
)
def test_a_hostile_archive_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    tarred(tmp_path / "p.tar.gz", files)
    with pytest.raises(UsageError, match=r"leads out of it|cannot be shown"):
        read_pack("p.tar.gz", tmp_path)


def test_an_archive_that_holds_a_path_twice_is_refused(tmp_path: Path) -> None:
    zipped(tmp_path / "p.zip", {"a.yaml": POLICY, "b.yaml": POLICY})
    raw = (tmp_path / "p.zip").read_bytes()
    (tmp_path / "p.zip").write_bytes(raw.replace(b"b.yaml", b"a.yaml"))
    with pytest.raises(UsageError, match="twice"):
        read_pack("p.zip", tmp_path)


def test_a_pack_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(tmp_path / "folder", {"a.yaml": "a" * 600, "b.yaml": "b" * 600})
    zipped(tmp_path / "p.zip", {"a.yaml": "a" * 600, "b.yaml": "b" * 600})
    monkeypatch.setattr(packs, "MAX_TOTAL", 1000)
    for source in ("folder", "p.zip"):
        with pytest.raises(UsageError, match=r"too large|more than"):
            read_pack(source, tmp_path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "digest", str(pack(tmp_path / "folder"))]) == 0
    assert capsys.readouterr().out == f"{canonical()}\n"
    assert run(["policy", "digest", str(tmp_path / "none")]) == 2
    assert "there is no folder and no archive at" in capsys.readouterr().err
