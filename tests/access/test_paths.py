"""File paths in one normal form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.access.paths import Anchors
from mcpaudit.model.resource import Relation, relation

HERE = Anchors("/home/me", "/home/me/app")
WINDOWS = Anchors("/c/Users/Me", "/c/Users/Me/App", "windows")


@pytest.mark.parametrize(
    ("text", "base", "parts"),
    [
        ("/data", "", ("data",)),
        ("/data/", "", ("data",)),
        ("//data//x/./y", "", ("data", "x", "y")),
        ("/data/../etc", "", ("etc",)),
        ("/../../etc", "", ("etc",)),
        ("/", "", ()),
        ("~", "", ("home", "me")),
        ("~/x", "", ("home", "me", "x")),
        ("~other/x", "", ("?",)),
        ("$HOME/x", "", ("home", "me", "x")),
        ("${HOME}", "", ("home", "me")),
        ("$HOMEWORK/x", "", ("?",)),
        ("x", "", ("home", "me", "app", "x")),
        (".", "", ("home", "me", "app")),
        ("../x", "", ("home", "me", "x")),
        ("", "", ("home", "me", "app")),
        ("x", "/srv", ("srv", "x")),
        ("x", "sub", ("home", "me", "app", "sub", "x")),
        ("x", "$SUB", ("?",)),
        # An unknown start may lead anywhere; an unknown middle stays inside.
        ("$DATA/x", "", ("?",)),
        ("${DATA}", "", ("?",)),
        ("%APPDATA%/x", "", ("?",)),
        ("/data/$X/y", "", ("data", "?")),
        # What stands in for the variable may hold folders of its own.
        ("/data/$X/../y", "", ("?",)),
        ("/data/a${X}b", "", ("data", "?")),
        ("C:\\Users\\me", "", ("c:", "users", "me")),
        ("c:/Users/me", "", ("c:", "users", "me")),
        ("/mnt/c/Users/me", "", ("c:", "users", "me")),
        ("/mnt/cd/x", "", ("mnt", "cd", "x")),
        ("/mnt/c", "", ("c:",)),
    ],
)
def test_parts(text: str, base: str, parts: tuple[str, ...]) -> None:
    assert HERE.parts(text, base) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("C:\\Data\\..\\X", ("c:", "x")),
        ("c:/DATA", ("c:", "data")),
        ("%USERPROFILE%\\Docs", ("c:", "users", "me", "docs")),
        ("sub\\X", ("c:", "users", "me", "app", "sub", "x")),
    ],
)
def test_windows_ignores_case_and_slants(text: str, parts: tuple[str, ...]) -> None:
    assert WINDOWS.parts(text) == parts


def test_without_anchors_the_start_is_unknown() -> None:
    for text in ("~", "~/x", "$HOME/x", "x", "."):
        assert Anchors().parts(text) == ("?",)


def test_a_dollar_in_the_projects_own_name_is_no_variable() -> None:
    assert Anchors("", "/srv/a$b").parts("x") == ("srv", "a$b", "x")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/srv/x", "local:host/file/srv/x"),
        ("~/x", "local:host/file/~/x"),
        ("./x", "local:host/file/./x"),
        ("/home/me/app", "local:host/file/."),
        ("/home/meow", "local:host/file/home/meow"),
    ],
)
def test_names_do_not_depend_on_where_a_machine_keeps_things(text: str, shown: str) -> None:
    assert str(HERE.file(text)) == shown


def test_containment_is_by_part() -> None:
    assert relation(HERE.file("/data"), HERE.file("/database")) is Relation.DISJOINT
    assert relation(HERE.file("/data"), HERE.file("/data/x")) is Relation.CONTAINS
    assert relation(HERE.file("$X/data"), HERE.file("/data")) is Relation.POSSIBLE


PATHS = st.text(alphabet="/\\.~$%{}ab:C ?", max_size=14)


@given(PATHS, st.sampled_from([HERE, WINDOWS, Anchors("/Users/me", "/Users/me/app", "macos")]))
def test_any_path_has_a_normal_form(text: str, anchors: Anchors) -> None:
    parts = anchors.parts(text)
    assert not {"", ".", ".."} & set(parts)
    # Only another machine's name, first in a share, begins with slashes.
    assert not any("/" in part.removeprefix("//" if not index else "") for index, part in enumerate(parts))
    assert "?" not in parts[:-1] or "?" in text
