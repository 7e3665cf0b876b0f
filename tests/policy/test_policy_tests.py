"""`mcpaudit policy test`: strict both ways, and clear about what differs."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from mcpaudit.cli.main import run as command
from mcpaudit.errors import PolicyError, UsageError
from mcpaudit.policy_tests import run, suites

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent.parent / "schemas" / "junit-10.xsd")
POLICY = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: any-server, title: There is a server, severity: low}
spec: {for: server, where: "!server.builtin", message: "it is {server.name}", why: W., fix: F.}
"""
CASE = """\
policy: any-server
cases:
  - name: One server
    files:
      .mcp.json: {mcpServers: {crm: {command: node, args: [/srv/crm.js]}}}
    expect:
      - {subject: "path:/srv/crm.js", message: it is crm, witness: [".mcp.json:3:"]}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "any-server.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "any-server.test.yaml").write_text(CASE, encoding="utf-8")
    return tmp_path


def outcome(pack: Path, old: str = "", new: str = "") -> tuple[str, ...]:
    assert old in CASE
    (pack / "any-server.test.yaml").write_text(CASE.replace(old, new, 1) if old else CASE, encoding="utf-8")
    (suite,) = suites([pack])
    (result,) = run(suite)
    assert result.passed is (result.explanation == ())
    return result.explanation


def test_what_is_expected_holds(pack: Path) -> None:
    assert outcome(pack) == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "message: it is crm",
            "message: it is x",
            ("expected  a message with `it is x`", "got       it is crm"),
        ),
        (
            '".mcp.json:3:"',
            '"other"',
            ("expected  a location or step with `other`", "got       .mcp.json:3:5"),
        ),
        (
            'subject: "path:/srv/crm.js"',
            'subject: "path:/srv/crm.js", status: possible',
            ("expected  possible path:/srv/crm.js", "got       fail"),
        ),
    ],
)
def test_what_differs_is_told(pack: Path, old: str, new: str, told: tuple[str, ...]) -> None:
    assert outcome(pack, old, new) == told


def test_a_missing_and_an_unexpected_finding_are_both_told(pack: Path) -> None:
    assert outcome(pack, 'subject: "path:/srv/crm.js"', "subject: other") == (
        "expected  fail other",
        "got       no such finding",
        "expected  nothing for path:/srv/crm.js",
        "got       fail: it is crm",
    )


def test_a_known_gap_has_to_fail(pack: Path) -> None:
    assert outcome(pack, "    files:", "    todo: true\n    files:") == (
        "this known gap is closed: remove `todo: true`",
    )
    gap = CASE.replace("    files:", "    todo: true\n    files:").replace("it is crm", "it is x")
    (pack / "any-server.test.yaml").write_text(gap, encoding="utf-8")
    (result,) = run(suites([pack])[0])
    assert result.passed
    assert result.problems


def test_files_of_the_home_manifests_and_options_reach_the_audit(pack: Path) -> None:
    silent = "tool.decisions.exists(d, d.verdict == 'allow')"
    where = f"tool.server == 'path:/srv/crm.js' && {silent} && as_of == '2026-01-02'"
    policy = POLICY.replace("for: server", "for: tool").replace("{server.name}", "{tool.name}")
    (pack / "any-server.yaml").write_text(policy.replace("!server.builtin", where), encoding="utf-8")
    (pack / "any-server.test.yaml").write_text(
        """\
policy: any-server
cases:
  - name: In bypass mode
    files:
      ~/.claude.json: {mcpServers: {crm: {command: node, args: [/srv/crm.js]}}}
    manifests: {crm: {tools: [{name: look}]}}
    options: {mode: bypass, as_of: 2026-01-02}
    expect: [{subject: "path:/srv/crm.js look"}]
""",
        encoding="utf-8",
    )
    (result,) = run(suites([pack / "any-server.test.yaml"])[0])
    assert result.explanation == ()


def test_a_case_that_cannot_be_audited_says_why(pack: Path) -> None:
    told = outcome(pack, "    expect:", "    options: {profile: none}\n    expect:")
    assert told[0].startswith("the case cannot be audited: there is no profile `none`")


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("    expect:", "    expected:", "any-server.test.yaml:6:5", "`expected` is no key of cases.0"),
        ("policy: any-server", "policy: other", "any-server.test.yaml:1:9", "but the policy beside them is"),
        (".mcp.json: {", "../x.json: {", "any-server.test.yaml:5:7", "`../x.json` is no path below"),
        (".mcp.json: {", "/etc/x.json: {", "any-server.test.yaml:5:7", "is no path below"),
        (
            "    expect:",
            "    options: {as_of: 2026-13-01}\n    expect:",
            "any-server.test.yaml:6:22",
            "no day",
        ),
        (
            "    expect:",
            "    options: {mode: fast}\n    expect:",
            "any-server.test.yaml:6:21",
            "cannot be `fast`",
        ),
        ('{subject: "path:/srv/crm.js", ', "{", "any-server.test.yaml:7:9", "needs the key `subject`"),
    ],
)
def test_a_wrong_test_file_is_a_mistake_with_its_place(
    pack: Path, old: str, new: str, where: str, message: str
) -> None:
    (pack / "any-server.test.yaml").write_text(CASE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        suites([pack])
    told = [str(one) for one in caught.value.mistakes if message in one.message]
    assert len(told) == 1
    assert f"/{where}: " in told[0]


def test_tests_need_their_policy(pack: Path) -> None:
    (pack / "any-server.yaml").unlink()
    with pytest.raises(PolicyError, match=r"there is no policy any-server\.yaml beside it"):
        suites([pack])
    with pytest.raises(UsageError, match="there is no policy file or folder"):
        suites([pack / "none"])


def test_the_command(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["policy", "test", str(pack), "--junit", str(pack / "j.xml")]) == 0
    assert capsys.readouterr().out == "ok    any-server: 1 of 1 cases hold\n1 policy, 1 case: all hold.\n"
    SCHEMA.validate(pack / "j.xml")


def test_the_command_fails_where_a_case_does(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "any-server.test.yaml").write_text(CASE.replace("it is crm", "it is x"), encoding="utf-8")
    assert command(["policy", "test", str(pack), "--junit", str(pack / "j.xml")]) == 1
    out = capsys.readouterr().out
    assert "FAIL  any-server: 0 of 1 cases hold" in out
    assert f"{(pack / 'any-server.test.yaml').as_posix()}:3: One server" in out
    assert "        got       it is crm" in out
    SCHEMA.validate(pack / "j.xml")
    suite = ElementTree.parse(pack / "j.xml").getroot().find("testsuite")
    assert suite is not None
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("any-server", "1", "1")
    failure = suite.find("testcase/failure")
    assert failure is not None
    where, *lines = (failure.text or "").splitlines()
    assert where == f"{(pack / 'any-server.test.yaml').as_posix()}:3"
    assert "it is x" in "".join(lines)


def test_the_command_says_where_a_file_is_wrong(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "any-server.yaml").write_text(POLICY.replace("server.builtin", "server.bultin"), encoding="utf-8")
    assert command(["policy", "test", str(pack)]) == 2
    assert "any-server.yaml:4:37: Server has no field `bultin`" in capsys.readouterr().err


def test_a_policy_without_tests_is_named(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pack / "any-server.test.yaml").unlink()
    assert command(["policy", "test", str(pack)]) == 0
    assert "none  any-server: it has no tests (any-server.test.yaml)" in capsys.readouterr().out
