"""Promise: no command prints or writes a part of a secret, whatever it is given, and neither do errors."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from mcpaudit.cli import live_probe, review
from mcpaudit.cli.main import cli, run
from mcpaudit.report import diff_formats, formats
from tests.canaries import Search
from tests.installation import servers, site_of
from tests.live.running import odd
from tests.planting import Planted, entries
from tests.review.packets import ANN, MARIA, POLICY, Held, signers
from tests.usage.logs import claude, lines, tool_result, tool_use

pytestmark = pytest.mark.promise("secrets")

_PLAIN = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-slack@2025.4.25"]}
TASK = """apiVersion: mcpaudit/v1
kind: Profile
metadata: {id: task, title: A task}
spec: {needs: [{actions: [read], resource: "slack:**/channel.message/**"}]}
"""
SERVER = """
from mcp.server.fastmcp import FastMCP
m = FastMCP("x")
@m.tool(description={1!r})
def search(query: str = {0!r}) -> str:
    return query
"""
_HERE = ["{project}", "--home", "{home}", "--platform", "linux"]
_ON = ["--path", "{project}", "--home", "{home}"]
_DAY = ["--as-of", "2026-11-22"]
_MANIFESTS = [*_HERE, "--manifests", "{top}/manifests"]
_CHECK = ["check", *_MANIFESTS, *_DAY, "--usage", "{top}/usage.jsonl"]
_SAVED = ["check", *_MANIFESTS, *_DAY, "--format", "json={out}/report.json"]

# Every command, and how it is called; more than one call where one does not show all that it writes.
COMMANDS: dict[tuple[str, ...], list[list[str]]] = {
    ("check",): [_SAVED, [*_CHECK, "--strict"]],
    ("render",): [["render", "{out}/report.json"]],
    ("access",): [["access", *_HERE, "--why"], ["access", *_HERE, "--what-if-remove", "cursor/plain"]],
    ("accept",): [
        ["accept", "--baseline", *_ON],
        [
            "accept",
            "{finding}",
            "--waive",
            "--owner",
            "a",
            "--reason",
            "until it is replaced",
            "--expires",
            "2026-12-01",
            *_ON,
        ],
    ],
    ("diff",): [["diff", "{out}/before.json", "{out}/report.json"]],
    ("explain",): [["explain", "{tool}", *_MANIFESTS], ["explain", "plain/nothing", *_HERE]],
    ("init",): [["init", "{top}/new", "--home", "{home}"]],
    ("inspect",): [["inspect", "{top}/manifests/plain.json"], ["inspect", "{top}/server.py"]],
    ("lock",): [["lock", *_MANIFESTS, "--full"], ["lock", *_HERE, "--check"]],
    ("minimize",): [
        ["minimize", *_HERE, "--profile", "task"],
        ["minimize", *_HERE, "--profile", "task", "--patch={out}/minimize.patch", "--format", "text"],
    ],
    ("usage",): [["usage", "{top}/usage.jsonl", "-o", "{out}/usage.json"], ["usage", "--home", "{home}"]],
    ("policy", "test"): [["policy", "test", "{project}/rules", "--junit", "{out}/junit.xml"]],
    ("policy", "lint"): [["policy", "lint", "{project}/rules"]],
    ("policy", "docs"): [["policy", "docs", "{project}/rules", "--out", "{out}/docs"]],
    ("policy", "digest"): [["policy", "digest", "{project}/rules"]],
    ("policy", "schema"): [["policy", "schema", "--out", "{out}/schemas"]],
    ("review", "prepare"): [
        ["review", "prepare", *_HERE, *_DAY, "--author", MARIA, "-o", "{project}/.mcpaudit/reviews/one"]
    ],
    ("review", "sign"): [
        [
            *("review", "sign", "{project}/.mcpaudit/reviews/one", "--as", ANN, "--role", "security"),
            *("--key", "{top}/key", "--decision", "approve", "--time", "2026-11-23T10:00:00Z"),
        ]
    ],
    ("review", "verify"): [
        [
            *("review", "verify", "{project}/.mcpaudit/reviews/one", "--against", "{project}"),
            *("--signers", "{project}/.mcpaudit/signers", "--home", "{home}", "--platform", "linux", *_DAY),
        ]
    ],
    ("review", "read"): [
        ["review", "read", "{out}/access-review.csv", "--report", "{out}/report.json", *_DAY]
    ],
    ("live", "list"): [
        ["live", "list", "cursor/echo", *_ON, "--yes", "--save", "{out}/saved", "--update-lock"]
    ],
    ("live", "probe"): [["live", "probe", "cursor/echo", *_ON, "--yes"]],
    ("live", "record"): [["live", "record", "--patch", "cursor/plain", *_ON]],
}
FORMATS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("check",): formats.TEXTS,
    ("render",): formats.TEXTS,
    ("diff",): diff_formats.FORMATS,
    ("live", "probe"): tuple(
        "otel={out}/otel.json" if name == "otel" else name for name in live_probe.FORMATS
    ),
    ("review", "verify"): review.FORMATS,
}
"""Of options that take a format or a format and a file; the others list their choices. OpenTelemetry goes to
a file here, in place of a receiver.
"""
_COSTLY = {("check",), ("render",)}
"""Their formats are those that `test_secret_canaries` renders: here, one of a kind."""


def leaves(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of the program."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*path, name))
    else:
        yield path, command


def choices(path: tuple[str, ...], command: click.Command) -> tuple[str, ...]:
    """The formats that a command writes."""
    for option in command.params:
        if "--format" in option.opts:
            if isinstance(option.type, click.Choice):
                return tuple(map(str, option.type.choices))
            return FORMATS[path][:3] if path in _COSTLY else FORMATS[path]
    return ()


class Place:
    """A project in which everything that can hold a secret does."""

    def __init__(self, top: Path) -> None:
        self.top, self.planted = top, Planted()
        self._known: dict[Path, bytes] = {}
        sown, named = self.planted.sown, self.planted.named
        held = entries(self.planted, "cursor", _PLAIN, "cursor")
        env = {"API_TOKEN": named("live"), "SOME": sown("live plain")}
        held["echo"] = odd("echo", f"--token={named('word')}", "--api-key", named("flag"), env=env)
        rules = [
            f"Bash(curl -H 'Authorization: Bearer {named('rule')}' https://a.example)",
            sown("rule"),
            "mcp__plain",
        ]
        policy = {
            **POLICY,
            "spec": {**POLICY["spec"], "where": "server.agents.exists(a, a != '')", "params": {"names": []}},
        }
        own = {
            "apiVersion": "mcpaudit/v1",
            "policies": ["rules"],
            "review": {"threshold": {"security": 1}},
            "profiles": [{"id": "task", "agents": ["cursor"]}],
        }
        tool = {
            "name": f"read_{sown('tool')}",
            "title": sown("title"),
            "description": f"Reads with {sown('description')} or {sown('description 2')}",
            "inputSchema": {
                "type": "object",
                "properties": {"q": {"type": "string", "default": sown("default")}},
            },
        }
        log = [
            claude(tool_use("mcp__plain__read", "k1")),
            claude(tool_result("k1")),
            claude(tool_use(f"mcp__plain__{sown('used tool')}", "k2"), cwd=f"/w/{sown('folder')}"),
            {"type": "assistant", "message": {"content": sown("message")}, "cwd": 1},
        ]
        files: dict[str, Any] = {
            ".cursor/mcp.json": servers(**held),
            ".mcp.json": servers(**entries(self.planted, "claude", _PLAIN, "claude-code")),
            "~/.claude/settings.json": {"permissions": {"allow": rules}},
            "~/.kiro/agents/" + sown("file name", "github") + ".json": {"mcpServers": {"one": _PLAIN}},
            "~/.kiro/settings/mcp.json": '{"mcpServers": {"x": {"env": {"TOKEN": "'
            + named("broken")
            + '",,}}}}',
            "mcpaudit.yaml": json.dumps(own),
            ".mcpaudit/profiles/task.yaml": TASK,
            "rules/all.yaml": json.dumps(policy),
            ".mcpaudit/signers": signers(),
        }
        self.site = site_of(top, files)
        self.given = {path for path in top.rglob("*") if path.is_file()}
        for name in ("out", "manifests", "new"):
            (top / name).mkdir()
        (top / "manifests/plain.json").write_text(json.dumps({"tools": [tool]}))
        (top / "usage.jsonl").write_text(lines(*log))
        (top / "key").write_bytes(Held(ANN).file)
        (top / "server.py").write_text(SERVER.format(sown("source"), sown("source description")))
        self.given.add(top / "server.py")
        self.given |= {top / "manifests/plain.json", top / "usage.jsonl", top / "key"}
        self.tool = f"plain/{tool['name']}"
        self.search = Search(self.planted.canaries)

    def words(self, texts: list[str]) -> list[str]:
        """A call with its places put in."""
        finding = ""
        if any("{finding}" in text for text in texts):
            report = json.loads((self.top / "out/report.json").read_text())
            finding = report["findings"][0]["fingerprint"]
        known = {
            "project": self.top / "project",
            "home": self.top / "home",
            "top": self.top,
            "out": self.top / "out",
        }
        return [text.format(**known, finding=finding, tool=self.tool) for text in texts]

    def changed(self) -> Iterator[tuple[str, bytes]]:
        """What was written since the last call, the names of files before their contents."""
        for path in sorted(self.top.rglob("*")):
            if path.is_file() and path not in self.given:
                raw = str(path.relative_to(self.top)).encode() + b"\n" + path.read_bytes()
                if self._known.get(path) != raw:
                    self._known[path] = raw
                    yield path.name, raw


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    found = Place(tmp_path_factory.mktemp("secrets"))
    assert run(found.words([*_SAVED[:-1], "json={out}/report.json"])) in (0, 1)
    assert run(found.words([*_SAVED[:-1], "json={out}/before.json", "--mode", "bypass"])) in (0, 1)
    assert run(found.words([*_SAVED[:-1], "access-review-csv={out}/access-review.csv"])) in (0, 1)
    return found


def test_every_command_is_tried() -> None:
    assert {path for path, _ in leaves(cli)} == COMMANDS.keys()


_CALLS = [
    pytest.param(
        path, [*call, *(["--format", format] if format else [])], id=" ".join([*path, format, str(number)])
    )
    for path, command in sorted(leaves(cli), key=lambda row: list(COMMANDS).index(row[0]))
    for number, call in enumerate(COMMANDS[path])
    for format in ((choices(path, command) or ("",)) if call is not _SAVED else ("",))
]


@pytest.mark.parametrize(("path", "call"), _CALLS)
def test_no_command_shows_or_writes_a_part_of_a_secret(
    place: Place,
    path: tuple[str, ...],
    call: list[str],
    capfd: pytest.CaptureFixture[str],
    record_property: Any,
) -> None:
    code = run(place.words(call))
    out, err = capfd.readouterr()
    assert "internal error" not in err
    assert code in (0, 1, 2, 4), err
    assert len(out + err) > 0 or path == ("live", "record")
    outputs = [("what it prints", (out + err).encode()), *place.changed()]
    record_property("outputs of commands searched", len(outputs))
    leaks = [
        (name, leak.canary.shape, leak.canary.place)
        for name, raw in outputs
        for leak in place.search.leaks(raw)
    ]
    assert sorted(leaks) == []


_WRONG = {
    "mcpaudit.yaml": [
        'owner: "{}"\nx: [',
        'apiVersion: "{}"\n',
        "apiVersion: mcpaudit/v1\nclients: [{}]\n",
        "apiVersion: mcpaudit/v1\nAPI_TOKEN: {}\n",
    ],
    ".mcpaudit/waivers.yaml": ["waivers: [{{policy: x, reason: {}}}]\n"],
    "rules/x.yaml": ["kind: {}\n"],
    "mcpaudit.lock": ['{{"format": "{}"}}\n', '{{"format": "{}" ,, }}\n'],
    ".mcpaudit/signers": ["me {} x\n"],
}


@pytest.mark.parametrize("file", _WRONG)
def test_no_message_quotes_a_secret_of_the_line_that_is_wrong(
    file: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number, form in enumerate(_WRONG[file]):
        planted = Planted()
        text = form.format(planted.sown(file, "github"))
        own = (
            {}
            if file == "mcpaudit.yaml"
            else {"mcpaudit.yaml": "apiVersion: mcpaudit/v1\npolicies: [rules]\n"}
        )
        site_of(tmp_path / str(number), {**own, ".cursor/mcp.json": servers(a=_PLAIN), file: text})
        where = [str(tmp_path / str(number) / "project"), "--no-home"]
        run(["check", *where])
        run(["review", "prepare", *where, "--author", MARIA, "-o", str(tmp_path / "packet")])
        shown = "".join(capfd.readouterr())
        assert shown
        assert Search(planted.canaries).leaks(shown) == set()


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_fault_of_ours_tells_no_secret(
    debug: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    planted = Planted()
    token = planted.sown("fault", "github")

    def fault(*_: object) -> None:
        raise KeyError(token)

    monkeypatch.setenv("MCPAUDIT_DEBUG", debug)
    monkeypatch.setattr("mcpaudit.audit.judge", fault)
    assert run(["check", ".", "--no-home"]) == 70
    shown = "".join(capfd.readouterr())
    assert "internal error" in shown
    assert ("Traceback" in shown) == bool(debug)
    assert Search(planted.canaries).leaks(shown) == set()


def test_what_the_command_line_itself_says_wrongly_is_masked_too(capfd: pytest.CaptureFixture[str]) -> None:
    planted = Planted()
    assert (
        run(["check", "--format", planted.sown("format", "slack"), "--platform", planted.sown("platform")])
        == 2
    )
    assert run([planted.sown("command", "github")]) == 2
    assert Search(planted.canaries).leaks("".join(capfd.readouterr())) == set()
