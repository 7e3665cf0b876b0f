"""A user's templates go before the shipped ones, run in a sandbox, and their mistakes have a place."""

from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from mcpaudit.errors import ConfigurationError, UsageError
from mcpaudit.report.canonical import file_pieces
from mcpaudit.report.formats import Paper, render
from mcpaudit.report.template import Templates, names, shipped
from tests.report.sample import SAMPLE


def page(folder: Path) -> str:
    return render(SAMPLE, "html", Paper(templates=folder)).decode()


def wrong(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        page(folder)
    return str(caught.value)


def test_a_file_of_the_same_name_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "audit.css").write_text("body { color: teal }")
    assert "<style" in page(tmp_path)
    assert "body { color: teal }" in page(tmp_path)
    assert "body { color: teal }" not in render(SAMPLE, "html").decode()


def test_a_block_of_the_shipped_page_can_be_replaced_with_a_part_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text(
        '{% extends "mcpaudit/audit.html" %}{% block brand %}{% include "_team.html" %}{% endblock %}'
    )
    (tmp_path / "_team.html").write_text("<b>Acme security</b> of {{ report.as_of }}")
    assert f"<b>Acme security</b> of {SAMPLE.as_of}" in page(tmp_path)
    assert 'id="findings"' in page(tmp_path)


def test_an_unknown_name_has_a_hint(tmp_path: Path) -> None:
    (tmp_path / "audti.css").write_text("")
    assert "did you mean `audit.css`?" in wrong(tmp_path)


def test_scripts_cannot_be_replaced(tmp_path: Path) -> None:
    script = next(name for name in names() if name.endswith(".js"))
    (tmp_path / script).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / script).write_text("alert(1)")
    assert "scripts" in wrong(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<p>\n{% if %}", "audit.html:2"),
        ("<p>\n\n{{ reprot.as_of }}", "audit.html:3:1: 'reprot' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "audit.html:1:1: access to attribute '__class__'"),
        ("{{ 1 // 0 }}", "audit.html:1"),
        ('\n{% include "macro.html" %}', "did you mean `macros.html`?"),
    ],
)
def test_a_mistake_has_a_file_and_a_line(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text(text)
    assert said in wrong(tmp_path)


def test_what_is_not_text_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "audit.css").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in wrong(tmp_path)
    with pytest.raises(UsageError, match="takes a folder"):
        page(tmp_path / "audit.css")


def test_values_are_escaped_in_templates_of_users_too(tmp_path: Path) -> None:
    (tmp_path / "audit.html").write_text("{{ text }}")
    shown = Templates(tmp_path).render("audit.html", text="<script>\u202e")
    assert shown == "&lt;script&gt;\\u202e"


def test_the_command_line_takes_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report, own = tmp_path / "report.json", tmp_path / "own"
    report.write_bytes(b"".join(file_pieces(SAMPLE)))
    own.mkdir()
    (own / "audit.html").write_text("as of {{ report.as_of }}")
    assert run(["render", str(report), "--format", "html", "--templates", str(own)]) == 0
    assert capsys.readouterr().out == f"as of {SAMPLE.as_of}"
    (own / "audit.html").write_text("{{ nothing }}")
    assert run(["render", str(report), "--format", "html", "--templates", str(own)]) == 2
    assert "audit.html:1:1: 'nothing' is undefined" in capsys.readouterr().err


def test_every_shipped_name_can_be_read() -> None:
    assert "audit.html" in names()
    assert all(shipped(name) for name in names())
