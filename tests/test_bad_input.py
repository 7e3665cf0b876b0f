"""Any bytes in any file: a clear message with its place, the rest still audited, never a traceback."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from tests.installation import npx, servers, site_of, write

GOOD = {"~/.cursor/mcp.json": servers(kept=npx("server-kept"))}


class Outcome:
    """What one command line gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def check(capfdbinary: Any, tmp_path: Path) -> Any:
    """Runs `mcpaudit check` on the site in `tmp_path`, as JSON unless other formats are given."""

    def call(*more: str, path: str = "project", json_format: bool = True) -> Outcome:
        site_of(tmp_path, {})
        home = ["--home", str(tmp_path / "home"), "--platform", "linux"]
        formats = ["--format", "json"] if json_format else []
        code = run(["check", str(tmp_path / path), *home, "--fail-on", "critical", *formats, *more])
        out, err = (raw.decode("utf-8", "replace") for raw in capfdbinary.readouterr())
        assert "Traceback" not in out + err
        assert "internal error" not in err
        return Outcome(code, out, err)

    return call


def gaps(report: dict[str, Any]) -> list[tuple[str, str, int, str]]:
    """The gaps of a report: kind, file, line, reason."""
    found = report["coverage"]["gaps"]
    return [(gap["kind"], gap["location"]["file"], gap["location"]["line"], gap["reason"]) for gap in found]


def kept(report: dict[str, Any]) -> bool:
    return any(one["name"] == "kept" for one in report["installations"])


DEEP = "[" * 100_000
CONTENT: list[tuple[str, Any, str, str]] = [
    ("empty", "", "malformed", "the file is empty"),
    ("blank", " \n\t", "malformed", "the file is empty"),
    ("binary", b"\x00\x01\x02", "malformed", "binary data: a NUL byte at offset 0"),
    ("not UTF-8", b'{"a": "\xff"}', "malformed", "not UTF-8 text at byte offset 7"),
    ("UTF-16", '{"a": 1}'.encode("utf-16"), "malformed", "UTF-16 text; save the file as UTF-8"),
    ("cut off", '{"mcpServers": {"a": {"command": "npx"', "malformed", "expected ',' or '}'"),
    ("deep", DEEP, "malformed", "nested deeper than 64 levels"),
    (
        "a comment",
        '{"mcpServers": {}} // x',
        "ignored",
        "Claude Code ignores this whole file because of a comment",
    ),
    (
        "a comma",
        '{"mcpServers": {},}',
        "ignored",
        "Claude Code ignores this whole file because of a trailing comma",
    ),
    (
        "twice",
        '{"mcpServers": {"a": {"command": "x"}, "a": {"command": "y"}}}',
        "duplicate-key",
        "the key a stands here twice",
    ),
    ("a list", '{"mcpServers": []}', "wrong-type", "mcpServers should be an object, but is a list"),
    (
        "an entry",
        '{"mcpServers": {"a": 1.5}}',
        "wrong-type",
        "mcpServers.a should be an object that describes a server, but is a number",
    ),
    (
        "args",
        '{"mcpServers": {"a": {"command": "x", "args": {"0": "y"}}}}',
        "wrong-type",
        "mcpServers.a.args should be a list, but is an object",
    ),
    ("a big number", '{"mcpServers": {"a": ' + "9" * 5000 + "}}", "malformed", "a number is too large"),
]


@pytest.mark.parametrize(
    ("content", "kind", "reason"), [case[1:] for case in CONTENT], ids=[case[0] for case in CONTENT]
)
def test_content(tmp_path: Path, check: Any, content: Any, kind: str, reason: str) -> None:
    site_of(tmp_path, {**GOOD, ".mcp.json": content})
    done = check()
    assert kept(done.report)
    found = [gap for gap in gaps(done.report) if gap[1] == ".mcp.json"]
    assert [gap[0] for gap in found] == [kind]
    assert found[0][3].startswith(reason)
    assert done.code == 0
    assert check("--strict").code == 4


def test_a_byte_order_mark_is_no_fault(tmp_path: Path, check: Any) -> None:
    site_of(tmp_path, {**GOOD, ".mcp.json": "\ufeff" + json.dumps(servers(a=npx("a")))})
    report = check().report
    assert gaps(report) == []
    assert {one["name"] for one in report["installations"]} >= {"a", "kept"}


def test_a_gap_names_its_line_in_the_text_report(tmp_path: Path, check: Any) -> None:
    site_of(tmp_path, {**GOOD, ".mcp.json": '{\n  "mcpServers": {\n    oops\n'})
    done = check(json_format=False)
    assert ".mcp.json:3: malformed: expected" in done.out


def test_kinds_of_files(tmp_path: Path, check: Any) -> None:
    site = site_of(tmp_path, GOOD)
    assert site.project is not None
    (site.project / ".mcp.json").symlink_to(".mcp.json")
    (site.project / ".cursor").mkdir()
    (site.project / ".cursor/mcp.json").symlink_to("nowhere")
    (site.project / ".codex/config.toml").mkdir(parents=True)
    (site.project / ".gemini").mkdir()
    os.mkfifo(site.project / ".gemini/settings.json")
    (site.project / ".vscode").mkdir()
    with (site.project / ".vscode/mcp.json").open("wb") as stream:
        stream.truncate(64 * 2**30)
    done = check()
    assert kept(done.report)
    assert sorted((file, reason) for _, file, _, reason in gaps(done.report)) == [
        (".codex/config.toml", "a directory, not a file"),
        (".cursor/mcp.json", "a link to a file that is not there"),
        (".gemini/settings.json", "a named pipe, not a file"),
        (".mcp.json", "a loop of links"),
        (".vscode/mcp.json", "over the limit of 16 MiB"),
    ]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path, check: Any) -> None:
    site = site_of(tmp_path, {**GOOD, ".mcp.json": "{}"})
    assert site.project is not None
    (site.project / ".mcp.json").chmod(0)
    assert ("unreadable", ".mcp.json", 0, "permission denied") in gaps(check().report)


def test_folders_in_a_loop(tmp_path: Path, check: Any) -> None:
    site = site_of(tmp_path, GOOD)
    assert site.project is not None
    (site.project / ".claude").symlink_to(".", target_is_directory=True)
    (tmp_path / "home/.docker/mcp").mkdir(parents=True)
    (tmp_path / "home/.docker/mcp/catalogs").symlink_to("catalogs")
    assert kept(check().report)


@pytest.mark.promise("unseen")
def test_nothing_collected(tmp_path: Path, check: Any) -> None:
    done = check()
    assert done.code == 3
    assert done.report["installations"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "docx"], "there is no format `docx`"),
        (["--format", "html="], "--format html= names no file"),
        (["--format", "sarif"], "only one format can go to standard output"),
        (["--fail-on", "severe"], "'severe' is not one of"),
        (["--mode", "x"], "'x' is not one of"),
        (["--as-of", "yesterday"], "does not match the format"),
        (["--manifests", "/no/such/folder"], "--manifests needs a folder, and /no/such/folder is none"),
        (["--profile", "nobody"], "there is no profile `nobody`"),
        (["--policy", "/no/such/policy.yaml"], "there is no policy file or folder at /no/such/policy.yaml"),
        (["--home", "/no/such/home"], "--home needs a folder, and /no/such/home is none"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_a_command_line_that_cannot_be_carried_out(
    tmp_path: Path, check: Any, arguments: list[str], message: str
) -> None:
    site_of(tmp_path, GOOD)
    done = check(*arguments)
    assert done.code == 2
    assert message in done.err
    assert done.out == ""


def test_a_path_that_is_not_there(tmp_path: Path, check: Any) -> None:
    done = check(path="absent")
    assert (done.code, f"there is nothing at {tmp_path}/absent" in done.err) == (2, True)


@pytest.mark.promise("faults")
def test_a_report_that_cannot_be_written(tmp_path: Path, check: Any) -> None:
    site_of(tmp_path, GOOD)
    (tmp_path / "file").write_text("kept")
    for target in (tmp_path / "file/x.html", tmp_path / "project"):
        done = check("--format", f"html={target}", json_format=False)
        assert done.code == 2
        assert f"cannot write {target}" in done.err
    assert (tmp_path / "file").read_text() == "kept"


POLICY = """apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: own, title: A policy, severity: high}
spec:
  for: installation
  where: WHERE
  message: "{installation.name}"
  why: because
  fix: so
"""
OWN: list[tuple[str, str, str]] = [
    ("mcpaudit.yaml", "apiVersion: [", "mcpaudit.yaml:"),
    ("mcpaudit.yaml", "", "mcpaudit.yaml"),
    ("mcpaudit.yaml", "apiVersion: mcpaudit/v1\nnonsense: 1\n", "mcpaudit.yaml:2:1"),
    ("mcpaudit.yaml", "apiVersion: mcpaudit/v1\nfail_on: severe\n", "mcpaudit.yaml:2:"),
    ("mcpaudit.yaml", "apiVersion: mcpaudit/v1\nprofiles: [{id: absent}]\n", "mcpaudit.yaml:2:"),
    (
        "mcpaudit.yaml",
        'apiVersion: mcpaudit/v1\nresources: [{match: "x", labels: [y]}]\n',
        "mcpaudit.yaml:2:",
    ),
    ("mcpaudit.yaml", "apiVersion: mcpaudit/v1\npolicies: [absent.yaml]\n", "absent.yaml"),
    (".mcpaudit/waivers.yaml", "waivers: 5\n", ".mcpaudit/waivers.yaml:"),
    (
        ".mcpaudit/waivers.yaml",
        "apiVersion: mcpaudit/v1\nwaivers:\n  - finding: x\n",
        ".mcpaudit/waivers.yaml:3:",
    ),
    (".mcpaudit/waivers.yaml", "a: &a [*a]\n", ".mcpaudit/waivers.yaml"),
    (".mcpaudit/baseline.json", "{}", ".mcpaudit/baseline.json"),
    (".mcpaudit/baseline.json", "[1", ".mcpaudit/baseline.json:1:"),
    ("policy.yaml", POLICY.replace("WHERE", "installation.nmae == 'x'"), "policy.yaml:6:"),
    ("policy.yaml", POLICY.replace("WHERE", "installation.name =="), "policy.yaml:6:"),
    ("policy.yaml", POLICY.replace("WHERE", "installation.name"), "policy.yaml:6:"),
    ("policy.yaml", POLICY.replace("high", "hihg"), "policy.yaml:3:"),
    ("policy.yaml", "- 1\n", "policy.yaml"),
    ("policy.yaml", "\x00", "policy.yaml"),
]


@pytest.mark.parametrize(("file", "content", "place"), OWN)
def test_a_file_written_for_mcpaudit(tmp_path: Path, check: Any, file: str, content: str, place: str) -> None:
    site_of(tmp_path, {**GOOD, file: content})
    more = ["--policy", str(tmp_path / "project/policy.yaml")] if file == "policy.yaml" else []
    done = check(*more)
    assert done.code == 2
    assert place in done.err
    assert done.out == ""


def test_a_configuration_file_named_by_hand(tmp_path: Path, check: Any) -> None:
    site_of(tmp_path, {"x.json": servers(kept=npx("a")), "broken.toml": "[", "other.yaml": "a: 1\n"})
    assert kept(check(path="project/x.json").report)
    for name, kind in (("broken.toml", "malformed"), ("other.yaml", "not-understood")):
        done = check(path=f"project/{name}")
        assert done.code == 3
        assert [gap[0] for gap in gaps(done.report)] == [kind]


def test_a_pipe_named_by_hand_is_no_hang(tmp_path: Path, check: Any) -> None:
    site_of(tmp_path, {})
    os.mkfifo(tmp_path / "project/pipe")
    assert check(path="project/pipe").code in (2, 3)


def test_a_tower_of_words_in_an_entry(tmp_path: Path, check: Any) -> None:
    many = {"command": "sudo", "args": ["sudo"] * 5000}
    site_of(tmp_path, {".cursor/mcp.json": servers(a=many, b={"command": "/" + "x" * 5000}, kept=npx("a"))})
    assert kept(check().report)


def test_the_builder_writes_where_it_says(tmp_path: Path) -> None:
    site = site_of(tmp_path, {"a.json": {"p": "@project@"}, "~/b": b"\x00", "/c/d": "x"})
    write(tmp_path / "project/e.json", [1])
    assert json.loads((tmp_path / "project/a.json").read_text()) == {"p": str(site.project)}
    assert ((tmp_path / "home/b").read_bytes(), (tmp_path / "root/c/d").read_text()) == (b"\x00", "x")
