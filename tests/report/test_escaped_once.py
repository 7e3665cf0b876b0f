"""One escaper a sink, and no way past it: what the templates and the renderers call safe is listed here."""

import ast
import re
from pathlib import Path

import pytest

import mcpaudit
from mcpaudit.report.template import Templates, names, shipped

pytestmark = pytest.mark.promise("hostile-text")
PACKAGE = Path(mcpaudit.__file__).parent

SAFE_IN_TEMPLATES: dict[str, str] = {}
"""`template: expression` to the reason why it needs no escaping; there is none."""

MARKUP = {
    ("report/html.py", "worn.style"): "files of this project or of the user's own templates",
    ("report/html.py", "worn.script"): "files of this project",
    ("report/html.py", "worn.graphs"): "the vendored cytoscape, whose digest a test compares",
    ("report/html.py", "data.block()"): "JSON in which `<`, `>` and `&` are written as codes",
    ("report/html.py", "draw(report)"): "SVG whose every text passes `escape(prose(...))`",
    ("report/documents.py", "style"): "files of this project or of the user's own templates",
    ("report/template_filters.py", ""): "nothing, to join what is escaped",
    ("report/template_filters.py", "'<code>{}</code>'"): "a constant, whose `format` escapes",
    ("report/template_filters.py", "'/<wbr>'"): "a constant",
}


def sources(*folders: str) -> list[Path]:
    return sorted(source for folder in folders for source in (PACKAGE / folder).rglob("*.py"))


def test_no_template_marks_anything_as_safe() -> None:
    templates = [name for name in names() if name.endswith(".html")]
    assert len(templates) > 8
    marked = [
        f"{name}: {found[0]}"
        for name in templates
        for found in re.finditer(
            r"\{[{%][^}]*(?:\|\s*safe\b|autoescape|\|\s*forceescape|Markup)[^}]*[%}]\}", shipped(name)
        )
    ]
    assert sorted(marked) == sorted(SAFE_IN_TEMPLATES)
    assert Templates().environment().autoescape is True


def test_every_use_of_markup_is_listed_with_its_reason() -> None:
    found = set()
    for source in (one for one in sources("") if "Markup(" in one.read_text("utf-8")):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup":
                said = ast.unparse(node.args[0]) if node.args else ""
                found.add((source.relative_to(PACKAGE).as_posix(), said))
    assert found == set(MARKUP)


def test_attributes_of_templates_stand_in_quotes() -> None:
    # The engine escapes quotes, and cannot know where there are none.
    for name in names():
        if name.endswith(".html"):
            assert re.findall(r"\s[\w-]+=\{\{", shipped(name)) == [], name
            assert re.findall(r"(?:href|src)=\"\{\{", shipped(name)) == [], name
            assert re.findall(r"\son\w+=", shipped(name)) == [], name


def test_only_escapers_write_elements() -> None:
    """A tag in an f-string beside a value is written by the modules that are listed, and by no other."""
    known = {
        "report/svg.py",
        "report/junit_xml.py",
        "report/graphml.py",
        "report/markdown.py",
        "report/diff_markdown.py",
        "report/comment.py",
        "report/escape.py",
    }
    found = set()
    for source in sources("cli", "report", "review", "signoff"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
                if any(re.search(r"</?[a-z]+[\s>/]", str(text)) for text in texts):
                    found.add(source.relative_to(PACKAGE).as_posix())
    assert found <= known, found - known


def test_no_command_prints_past_the_escaper() -> None:
    """What goes to standard error by name goes through `say`; `print` and `write` of text are not used."""
    for source in sorted((PACKAGE / "cli").glob("*.py")):
        text = source.read_text("utf-8")
        if source.name not in ("output.py", "main.py"):
            assert 'click.echo(f"mcpaudit:' not in text, source.name
        assert not re.search(r"(?<![\w.])print\(", text), source.name
        assert "sys.stderr.write" not in text, source.name
