"""`mcpaudit access --what-if-...`: a question to the command line, answered in words."""

import json
from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from tests.installation import servers, site_of
from tests.report.test_text import same_as_snapshot

FILES = {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem@2026.8.31", "/srv/docs"]}
FETCH = {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}
ADD = '{"mcpServers": {"web": {"command": "uvx", "args": ["mcp-server-fetch==2026.10.24"]}}}'


def ask(tmp_path: Path, *words: str, both: bool = False) -> int:
    entries = {"files": FILES, "web": FETCH} if both else {"files": FILES}
    site = site_of(tmp_path, {"~/.config/Claude/claude_desktop_config.json": servers(**entries)})
    assert site.home is not None
    assert site.project is not None
    return run(["access", str(site.project), "--home", str(site.home), *words])


def test_the_answers_as_they_stand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert ask(tmp_path, "--what-if-add", ADD) == 0
    assert ask(tmp_path, "--what-if-remove", "web", both=True) == 0
    assert ask(tmp_path, "--what-if-deny", "files/write_file") == 0
    same_as_snapshot("what_if.txt", capsys.readouterr().out)


def test_entries_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.json").write_text(ADD)
    assert ask(tmp_path, "--what-if-add", str(tmp_path / "new.json")) == 0
    assert "web:internet/http" in capsys.readouterr().out


def test_a_secret_of_an_entry_is_not_repeated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = "ghp_" + "abcdefghij" * 3 + "012345"
    entry = {"url": "https://x.example/mcp", "headers": {"Authorization": f"Bearer {token}"}}
    assert ask(tmp_path, "--what-if-add", json.dumps(servers(gh=entry))) == 0
    assert token not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--what-if-remove", "flies"], "there is no server `flies` here; did you mean `files`?"),
        (["--what-if-deny", "writefile"], "there is no tool `writefile` here; did you mean"),
        (
            ["--what-if-add", '{"mcpServers"'],
            "--what-if-add takes entries as a client writes them, in JSON: ",
        ),
        (
            ["--what-if-add", "{}"],
            "--what-if-add takes entries as a client writes them, in JSON: it names no server",
        ),
        (["--what-if-add", "/no/such/file"], "/no/such/file cannot be read"),
        (["--what-if-remove", "files", "--agent", "cody"], "there is no agent `cody` here"),
    ],
)
def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    assert ask(tmp_path, *words) == 2
    assert said in capsys.readouterr().err
