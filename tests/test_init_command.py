"""`mcpaudit init`: what it writes is read by every other command, and nothing is overwritten."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from mcpaudit.cli.main import run
from tests.hostile import HOSTILE
from tests.installation import servers

EXAMPLE = Path(__file__).parent.parent / "examples" / "logistics"
CONFIGURATION, PROFILE = "mcpaudit.yaml", ".mcpaudit/profiles/task.yaml"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = shutil.copytree(EXAMPLE, tmp_path / "project")
    (folder / CONFIGURATION).unlink()
    shutil.rmtree(folder / ".mcpaudit")
    return folder


def init(project: Path) -> int:
    return run(["init", str(project), "--home", str(project / "home")])


def test_what_it_writes_is_read(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(project) == 0
    told = capsys.readouterr().out
    assert "wrote  mcpaudit.yaml: 5 servers of 4 agents" in told
    assert f"wrote  {PROFILE}" in told
    assert run(["check", str(project), "--home", str(project / "home")]) == 1
    assert run(["minimize", str(project), "--home", str(project / "home"), "--profile", "task"]) == 0
    assert (
        "not met: nothing here is known to read" not in capsys.readouterr().out.partition("claude-desktop")[0]
    )


def test_every_line_that_is_marked_off_can_be_used(project: Path) -> None:
    """The comments are configuration that waits: without their marks the file still holds its schema."""
    assert init(project) == 0
    file = project / CONFIGURATION
    marked = (
        "# clients:",
        "# resources:",
        "#   - {match",
        "# owner",
        "# purpose",
        "# trusted",
        "# operations",
    )
    lines = [
        line.replace("# ", "", 1) if line.strip().startswith(marked) else line
        for line in file.read_text().splitlines()
    ]
    file.write_text("\n".join(lines))
    data = yaml.safe_load(file.read_text())
    assert len(data["resources"]) == 10
    assert all(
        set(one) == {"identity", "owner", "purpose", "trusted", "operations"} for one in data["servers"]
    )
    assert run(["check", str(project), "--home", str(project / "home")]) == 1


def test_the_first_profile_asks_for_all_that_the_servers_give(project: Path) -> None:
    assert init(project) == 0
    needs = yaml.safe_load((project / PROFILE).read_text())["spec"]["needs"]
    calendar = next(one for one in needs if "calendar.event" in one["resource"])
    assert calendar["actions"] == ["list", "read", "create", "write", "delete", "send"]
    assert not [one for one in needs if "exec" in one["resource"]]  # the clients' own shells


def test_what_is_there_is_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / CONFIGURATION).write_text("apiVersion: mcpaudit/v1\n")
    assert init(project) == 0
    assert "kept   mcpaudit.yaml: it is there already" in capsys.readouterr().out
    assert (project / CONFIGURATION).read_text() == "apiVersion: mcpaudit/v1\n"
    assert (project / PROFILE).exists()


@pytest.mark.parametrize(
    ("file", "content", "written"),
    [
        (".github/CODEOWNERS", "", ".github/workflows/mcpaudit.yml"),
        (
            ".git/config",
            '[remote "origin"]\n\turl = git@github.com:a/b.git\n',
            ".github/workflows/mcpaudit.yml",
        ),
        (".gitlab-ci.yml", "", ".gitlab/mcpaudit.yml"),
        (".git/config", "[remote]\n\turl = https://gitlab.example/a/b\n", ".gitlab/mcpaudit.yml"),
    ],
)
def test_the_ci_file_is_for_where_the_repository_lives(
    project: Path, file: str, content: str, written: str
) -> None:
    (project / file).parent.mkdir(exist_ok=True)
    (project / file).write_text(content)
    assert init(project) == 0
    assert "mcpaudit check --no-home" in json.dumps(yaml.safe_load((project / written).read_text()))
    other = {".github/workflows/mcpaudit.yml", ".gitlab/mcpaudit.yml"} - {written}
    assert not [name for name in other if (project / name).exists()]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_name_breaks_out_of_the_files(tmp_path: Path, text: str) -> None:
    entry = {"type": "http", "url": "http://crm.example:8080/mcp"}
    (tmp_path / ".mcp.json").write_text(json.dumps(servers(**{text: entry})))
    assert run(["init", str(tmp_path), "--no-home"]) == 0
    data = yaml.safe_load((tmp_path / CONFIGURATION).read_text())
    assert data["servers"] == [{"identity": "url:http://crm.example:8080/mcp"}]
    assert set(data) == {"apiVersion", "fail_on", "servers", "profiles"}
    assert run(["check", str(tmp_path), "--no-home", "--fail-on", "critical"]) == 0


def test_one_that_ended_half_way_can_be_run_again(project: Path) -> None:
    in_the_way = project / ".mcpaudit" / "profiles"
    in_the_way.parent.mkdir()
    in_the_way.write_text("")
    assert init(project) == 2
    in_the_way.unlink()
    assert init(project) == 0
    assert (project / CONFIGURATION).exists()
    assert (project / PROFILE).exists()


def test_where_nothing_is_installed_nothing_is_written(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path), "--no-home"]) == 3
    assert list(tmp_path.iterdir()) == []
