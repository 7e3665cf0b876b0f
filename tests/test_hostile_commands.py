"""Every command on an installation of hostile names: what it prints leaves a terminal and a CI log alone."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from mcpaudit.cli.main import cli, run
from mcpaudit.report import diff_formats
from tests.hostile import HOSTILE
from tests.hostile_site import NAMED, TEXTS, built, folder_of
from tests.judges import data, markdown, runner, terminal
from tests.usage import logs

pytestmark = [
    pytest.mark.promise("hostile-text"),
    pytest.mark.skipif(sys.platform == "win32", reason="its file systems have no such names"),
]
FIELDS = ("apiVersion", "fail_on", "servers", "resources", "policies", "profiles", "clients", "links")
DAY = ["--as-of", "2026-11-22"]


def leaves(group: click.Command = cli, words: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """All commands that do something, by their words."""
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            yield from leaves(found, (*words, name))
    else:
        yield " ".join(words), group


class Hostile:
    """The hostile site, its home, and commands on it."""

    def __init__(self, folder: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self.captured = folder, captured
        self.project = folder / "project"
        self.where = built(folder, small=True)
        self.saved = folder / "report.json"
        self.lists = ["--manifests", str(folder / "lists")]

    def run(self, *words: object, codes: tuple[int, ...] = (0, 1), ours: tuple[str, ...] = ()) -> str:
        """What a command prints, judged."""
        code = run([*map(str, words)])
        out, err = self.captured.readouterr()
        assert "internal error" not in err, err
        assert code in codes, (code, words, err[-2000:])
        for shown in (out, err):
            terminal.check(shown)
            runner.check(shown, *ours)
        return out + err

    def data(self, *words: object) -> str:
        """What a command prints for programs, which no terminal shows."""
        code = run([*map(str, words)])
        out, err = self.captured.readouterr()
        assert code in (0, 1), err
        terminal.check(err)
        return out


@pytest.fixture
def site(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Hostile:
    return Hostile(tmp_path, capfd)


def audited(site: Hostile) -> None:
    site.run("check", site.project, *site.where, *site.lists, *DAY, "--format", f"json={site.saved}")


def check(site: Hostile) -> None:
    audited(site)
    patch = site.folder / "own.patch"
    site.run("check", site.project, *site.where, *site.lists, *DAY, "--strict")
    site.run("check", site.project, *site.where, *DAY, "--format", f"patch={patch}")
    applied(site, patch)


def applied(site: Hostile, patch: Path) -> None:
    """Patches hold lines of hostile files, and still apply where they belong and nowhere else."""
    for file, at in ((patch, site.project), (patch.with_name("own.home.patch"), site.folder / "home")):
        if file.exists() and "\n--- " in file.read_text("utf-8"):
            done = subprocess.run(
                ["git", "apply", "--check", str(file)], cwd=at, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr


def render(site: Hostile) -> None:
    audited(site)
    site.run("render", site.saved, "--format", "text")
    site.run("render", site.saved, "--format", "annotations", ours=("error", "warning", "notice"))
    broken = site.folder / "\x1b[31m\u202ereport.json"
    broken.write_text(json.dumps({"schema": HOSTILE["ansi"], HOSTILE["stop-commands"]: 1}))
    site.run("render", broken, "--format", "text", codes=(2,))
    site.run("render", site.folder / HOSTILE["ansi"].replace("/", ""), "--format", "text", codes=(2,))


def access(site: Hostile) -> None:
    words = ["access", site.project, *site.where, *site.lists]
    site.run(*words, "--why")
    site.run(*words, "--agent", "claude-code")
    for text in (HOSTILE["ansi"], HOSTILE["stop-commands"]):
        site.run(*words, "--agent", text, codes=(2,))
        site.run(*words, "--what-if-remove", text, codes=(0, 2))
        site.run(*words, "--what-if-add", json.dumps({text: {"command": text}}), codes=(0, 2))


def accept(site: Hostile) -> None:
    words = ["accept", "--path", site.project, *site.where[:2], *DAY]
    for text in (HOSTILE["ansi"], HOSTILE["bidi"], HOSTILE["newline"]):
        site.run(*words, text, codes=(2,))
    site.run(*words, "--baseline")


def inspect(site: Hostile) -> None:
    offered = site.folder / "lists" / "hub.json"
    site.run("inspect", offered)
    data.json(site.data("inspect", offered, "--format", "json").encode())
    source = site.folder / folder_of(HOSTILE["ansi"])
    source.mkdir()
    for number, text in enumerate(NAMED):
        (source / f"{number}{folder_of(text)[:40]}.py").write_text(
            "from mcp.server.fastmcp import FastMCP\n"
            f"mcp = FastMCP({json.dumps(text)})\n"
            f"@mcp.tool(name={json.dumps(text)}, description={json.dumps(text)})\n"
            "def tool(path: str) -> str:\n    return open(path).read()\n"
        )
    site.run("inspect", source)


def lock(site: Hostile) -> None:
    words = ["lock", site.project, *site.where]
    site.run(*words, *site.lists, "--full")
    assert site.run(*words, "--check")
    data.json(site.data(*words, "--check", "--format", "json").encode())
    file = site.project / "mcpaudit.lock"
    file.write_text(file.read_text("utf-8").replace('"version"', json.dumps(HOSTILE["ansi"]), 1))
    site.run(*words, "--check", codes=(0, 1, 2))


def explain(site: Hostile) -> None:
    words = [site.project, *site.where, *site.lists]
    site.run("explain", f"hub/{HOSTILE['ansi']}", *words)
    site.run("explain", "own-4", *words)
    for text in (HOSTILE["ansi"], HOSTILE["workflow-command"], f"hub/{HOSTILE['bidi']}x"):
        site.run("explain", text, *words, codes=(2,))


def minimize(site: Hostile) -> None:
    profile = site.project / "task.yaml"
    need = {"to": ["read"], "what": "file:**"}
    body = {"id": "task", "agents": ["claude-code"], "needs": [need]}
    profile.write_text(json.dumps({"apiVersion": "mcpaudit/v1", "kind": "Profile"} | body))
    site.run("minimize", site.project, *site.where, *site.lists, "--profile", profile, codes=(0, 1, 2))
    site.run("minimize", site.project, *site.where, "--profile", HOSTILE["ansi"], codes=(2,))


def init(site: Hostile) -> None:
    (site.project / "mcpaudit.yaml").unlink()
    site.run("init", site.project, *site.where)
    import yaml

    found = yaml.safe_load((site.project / "mcpaudit.yaml").read_text("utf-8"))
    assert {"apiVersion", "servers"} <= set(found) <= {*FIELDS}, "no name became a key"
    site.run("check", site.project, *site.where, *DAY)


def usage(site: Hostile) -> None:
    text = logs.lines(*(logs.claude(logs.tool_use(f"mcp__{one}__{one}", one)) for one in TEXTS))
    folder = site.folder / "logs" / folder_of(HOSTILE["osc-title"])
    folder.mkdir(parents=True)
    (folder / "a.jsonl").write_text(text)
    (folder / f"{folder_of(HOSTILE['ansi'])}.jsonl").write_text("{broken")
    site.run("usage", folder / "a.jsonl")
    site.run("usage", site.folder / "logs", codes=(0, 1, 2))


def policy_test(site: Hostile) -> None:
    policies = site.project / ".mcpaudit" / "policies"
    case = {"name": HOSTILE["ansi"], "files": {}, "expect": [{"status": "fail", "subject": HOSTILE["bidi"]}]}
    (policies / "own-0.test.yaml").write_text(json.dumps({"policy": "own-0", "cases": [case]}))
    site.run("policy", "test", policies, "--junit", site.folder / "j.xml")
    data.xml((site.folder / "j.xml").read_bytes())


def policy_lint(site: Hostile) -> None:
    policies = site.project / ".mcpaudit" / "policies"
    site.run("policy", "lint", policies)
    data.json(site.data("policy", "lint", policies, "--format", "json").encode())
    for text in (HOSTILE["ansi"], HOSTILE["stop-commands"]):
        (policies / f"{folder_of(text)}.yaml").write_text(f"? {json.dumps(text)}\n: [{json.dumps(text)}\n")
    site.run("policy", "lint", policies, codes=(1, 2))
    site.run("check", site.project, *site.where, codes=(2,))


def policy_docs(site: Hostile) -> None:
    out = site.folder / "pages"
    site.run("policy", "docs", site.project / ".mcpaudit" / "policies", "--out", out)
    assert sum(1 for _ in out.rglob("*.md")) > 5


def policy_digest(site: Hostile) -> None:
    site.run("policy", "digest", HOSTILE["ansi"], codes=(2,))
    site.run("policy", "digest", f"git+{site.folder}@{HOSTILE['bidi']}", codes=(2,))


def policy_schema(site: Hostile) -> None:
    site.run("policy", "schema", HOSTILE["ansi"], codes=(2,))


def review(site: Hostile) -> None:
    packet = site.folder / "packet"
    site.run("review", "prepare", site.project, *site.where, *DAY, "-o", packet, "--author", HOSTILE["ansi"])
    sign = ["review", "sign", packet, "--as", HOSTILE["ansi"], "--role", HOSTILE["bidi"]]
    site.run(*sign, "--reason", HOSTILE["osc-title"], codes=(0, 2))
    site.run("review", "verify", packet, *DAY, codes=(0, 1, 2, 4))
    (packet / folder_of(HOSTILE["ansi"])).write_text(HOSTILE["ansi"])
    site.run("review", "verify", packet, *DAY, codes=(0, 1, 2, 4))


def review_read(site: Hostile) -> None:
    audited(site)
    sheet = site.folder / f"{folder_of(HOSTILE['ansi'])}.csv"
    site.run("render", site.saved, "--format", f"access-review-csv={sheet}")
    site.run("review", "read", sheet, "--report", site.saved, codes=(0, 1, 2, 4))
    text = sheet.read_text("utf-8").replace('"","","",""', '"keep","\x1b[31m","2026-11-22","\u202ex"', 3)
    sheet.write_text(text, "utf-8")
    site.run("review", "read", sheet, "--report", site.saved, *DAY, codes=(0, 1, 2, 4))
    sheet.write_text(text.replace('"keep"', f'"{HOSTILE["stop-commands"]}"', 2), "utf-8")
    site.run("review", "read", sheet, "--report", site.saved, *DAY, codes=(2,))


def diff(site: Hostile) -> None:
    if shutil.which("git") is None:
        pytest.skip("git makes what this test reads")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]

    def git(*words: str) -> None:
        subprocess.run(["git", *who, *words], cwd=site.project, check=True, capture_output=True)

    def commit() -> None:
        git("add", "-A")
        git("commit", "-q", "-m", HOSTILE["ansi"])

    hostile = {name: (site.project / name).read_text("utf-8") for name in (".mcp.json", "mcpaudit.yaml")}
    (site.project / ".mcp.json").write_text('{"mcpServers": {}}')
    git("init", "-q", "-b", "main")
    commit()
    for name, text in hostile.items():
        (site.project / name).write_text(text)
    policy = site.project / ".mcpaudit" / "policies" / "own-1.yaml"
    policy.write_text(policy.read_text().replace('"high"', '"low"'))
    branch = "x\u202e\u200bmain$(id);--help"
    git("checkout", "-q", "-b", branch)
    commit()
    words = ["diff", "--path", site.project, *site.lists, *DAY]
    judges: dict[str, Callable[[bytes], object]] = {
        "text": lambda content: terminal.check(content.decode()),
        "annotations": lambda content: runner.check(content.decode(), "error", "warning", "notice"),
        "markdown": lambda content: markdown.check(content.decode()),
        "json": data.json,
        "junit": data.xml,
        "sarif": data.sarif,
        "gitlab": data.json,
    }
    assert set(judges) == set(diff_formats.FORMATS), "a new format needs a judge of its own"
    shapes = [word for name in judges for word in ("--format", f"{name}={site.folder / name}")]
    site.run(*words, *shapes, "main", branch)
    for name, judge in judges.items():
        judge((site.folder / name).read_bytes())
    runner.check((site.folder / "text").read_text("utf-8"))
    for name in (HOSTILE["ansi"], HOSTILE["stop-commands"], f"main...{HOSTILE['bidi']}"):
        site.run(*words, name, codes=(2,))


CALLS: dict[str, Callable[[Hostile], None]] = {
    "accept": accept,
    "access": access,
    "check": check,
    "diff": diff,
    "explain": explain,
    "init": init,
    "inspect": inspect,
    "lock": lock,
    "minimize": minimize,
    "policy digest": policy_digest,
    "policy docs": policy_docs,
    "policy lint": policy_lint,
    "policy schema": policy_schema,
    "policy test": policy_test,
    "render": render,
    "review prepare": review,
    "review read": review_read,
    "usage": usage,
}
LONG = ("diff", "review prepare")
WITH_ANOTHER = {"review sign": "review prepare", "review verify": "review prepare"}
LIVE = frozenset({"live list", "live probe", "live record"})
"""These start servers: `tests/live/test_hostile_servers.py`."""


def test_every_command_is_tried() -> None:
    assert {name for name, _ in leaves()} == {*CALLS, *WITH_ANOTHER, *LIVE}


@pytest.mark.parametrize("name", [name for name in CALLS if name not in LONG])
def test_no_name_reaches_the_terminal(name: str, site: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCPAUDIT_DEBUG", "1")
    CALLS[name](site)


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_nor_by_a_command_that_takes_longer(
    name: str, site: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MCPAUDIT_DEBUG", "1")
    CALLS[name](site)
