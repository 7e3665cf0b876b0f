"""The list of formats, and what they have in common."""

import ast
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import mcpaudit.report
from mcpaudit.errors import UsageError
from mcpaudit.report.canonical import digest
from mcpaudit.report.formats import TEXTS, render
from tests.hostile import HOSTILE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

SOURCES = sorted(Path(mcpaudit.report.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_report_gives_the_same_bytes(name: str) -> None:
    for report in (SAMPLE, NOTHING, CLEAN):
        assert render(report, name) == render(report, name)
        assert render(report, name).endswith(b"\n")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("text", [HOSTILE["surrogate"], HOSTILE["null"], HOSTILE["very-long"]])
def test_every_format_stands_any_text(name: str, text: str) -> None:
    assert render(with_hostile(text), name).decode()


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ("text", "json", "gitlab")])
def test_every_rendering_carries_the_digest(name: str) -> None:
    assert digest(SAMPLE).encode() in render(SAMPLE, name)


def test_an_unknown_format_is_a_mistake_of_the_user() -> None:
    with pytest.raises(UsageError, match="the formats are text, json"):
        render(SAMPLE, "docx")


def test_the_list_of_formats_loads_none_of_them() -> None:
    program = "import mcpaudit.report.formats, sys; print(*(m for m in sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"jinja2", "markupsafe", "jsonschema", "mcpaudit.report.html", "mcpaudit.report.sarif"} & set(
        loaded
    )


@pytest.mark.parametrize(
    "source", [file for file in SOURCES if not file.name.startswith("build")], ids=lambda file: file.name
)
def test_a_renderer_knows_only_the_model(source: Path) -> None:
    tree = ast.parse(source.read_text("utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {module for module in modules if module.startswith("mcpaudit")}
    known = ("mcpaudit.model", "mcpaudit.report", "mcpaudit.errors", "mcpaudit.shipped", "mcpaudit.dataclass")
    assert all(module.startswith(known) for module in ours)
    assert not modules & {"os", "time", "networkx"}
    # Days are those that the report names, never today.
    assert not {"now", "today"} & {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    at_the_top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not at_the_top & {"jinja2", "markupsafe"}


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_a_file_that_could_not_be_read_never_looks_clean(name: str) -> None:
    coverage = replace(NOTHING.coverage, gaps=SAMPLE.coverage.gaps)
    summary = replace(NOTHING.summary, verdict="clean", exit_code=0)
    rendered = render(replace(NOTHING, coverage=coverage, summary=summary), name).decode()
    rendered = re.sub("<script.*?</script>", "", rendered, flags=re.DOTALL)
    assert "Nothing could be audited" in rendered
    assert "Clean:" not in rendered
    assert "✅" not in rendered
    assert ">passes<" not in rendered
