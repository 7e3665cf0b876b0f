"""The page of promises: it takes up every test that carries one, and a promise without a test fails."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.guarantees import page, record
from tools.guarantees.collect import Held, PromiseError, collect, promises, unheld

MARKS = '''
import pytest
pytestmark = [pytest.mark.promise("static"), pytest.mark.skipif(False, reason="")]
secret = pytest.mark.promise("secrets")

@pytest.mark.slow
def test_nothing_is_started() -> None: ...

@secret
async def test_no_value() -> None:
    """No value leaves,
    in no format.

    More about it.
    """

class TestAll:
    pytestmark = pytest.mark.promise("unseen")

    def test_one(self) -> None: ...

@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.promise("faults"))])
def test_cases(x: int) -> None: ...

def helper() -> None: ...
'''


SOME_SLOW = """
@pytest.mark.promise("static")
@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_x(x): ...
"""
OLD, NEW = "2026-10-02 with Python 3.12.1 on Linux", "2026-11-23 with Python 3.11.7 on Linux"


def held_by(folder: Path, text: str) -> tuple[Held, ...]:
    (folder / "tests/deep").mkdir(parents=True, exist_ok=True)
    (folder / "tests/deep/test_it.py").write_text(text, encoding="utf-8")
    return collect(folder)


def test_marks_of_modules_classes_functions_and_cases_are_found(tmp_path: Path) -> None:
    found = {(test.name, test.promise): test for test in held_by(tmp_path, MARKS)}
    assert set(found) == {
        ("test_nothing_is_started", "static"),
        ("test_no_value", "static"),
        ("test_no_value", "secrets"),
        ("TestAll::test_one", "static"),
        ("TestAll::test_one", "unseen"),
        ("test_cases", "static"),
        ("test_cases", "faults"),
    }
    assert found["test_nothing_is_started", "static"].slow
    assert found["test_nothing_is_started", "static"].sentence == "Nothing is started"
    assert found["test_no_value", "secrets"].sentence == "No value leaves, in no format"
    assert found["test_no_value", "secrets"].key == "tests/deep/test_it.py::test_no_value"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('@pytest.mark.promise("statik")\ndef test_x(): ...', "2: no promise is called 'statik'"),
        ("@pytest.mark.promise(NAME)\ndef test_x(): ...", "1: `promise` takes one name, written out"),
        ("@pytest.mark.promise\ndef test_x(): ...", "1: `promise` takes one name, written out"),
        ('def f():\n    return pytest.mark.promise("static")', "2: a promise is named on a test"),
        (SOME_SLOW, "4: all cases of a test that holds a promise are slow, or none"),
    ],
)
def test_a_marker_that_names_no_promise_fails(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(PromiseError, match=r"tests/deep/test_it.py:") as caught:
        held_by(tmp_path, text)
    assert reason in str(caught.value)


def test_every_promise_is_held_and_one_without_a_test_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    found = collect()
    assert unheld(found) == []
    assert unheld([test for test in found if test.promise != "static"]) == ["static"]
    monkeypatch.setattr(page, "collect", lambda: ())
    with pytest.raises(PromiseError, match="no test holds the promise secrets, hostile-text"):
        page.pages()


def test_the_page_has_each_test_with_what_it_counted(tmp_path: Path) -> None:
    found = held_by(tmp_path, MARKS)
    row = {"passed": 3, "skipped": 1, "reasons": ["no browser"], "figures": {"files read": "1,200"}}
    rows = {
        "tests/deep/test_it.py::test_nothing_is_started": {"run": NEW} | row,
        "tests/deep/test_it.py::test_no_value": {"run": NEW, "passed": 1},
        "tests/deep/test_it.py::test_cases": {"run": OLD, "passed": 2},
    }
    text = page.page(promises(), found, rows)
    assert "- Nothing is started (slow): files read 1,200; skipped: no browser\n" in text
    counts = "4, 1 of them slow | 6 passed, 1 skipped, 1 not run yet"
    assert f"| [Static means static](#static-means-static) | {counts} |" in text
    assert f"on {NEW} where no other run is named" in text
    assert f"- Cases: run on {OLD}\n" in text
    assert "- No value leaves, in no format\n" in text
    assert "Python 3" not in page.page(promises(), found, {})


@pytest.fixture
def written(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Runs pytest with the plugin over `tests/test_it.py`, and gives the rows then, by the names of tests."""
    target = pytester.path / "run.json"
    monkeypatch.setattr(record, "FILE", target)
    file = "tests/test_it.py"

    def run(text: str, *words: str, before: dict[str, Any] | None = None) -> dict[str, Any]:
        if before is not None:
            target.write_text(json.dumps({f"{file}::{name}": row for name, row in before.items()}))
        (pytester.path / "tests").mkdir(exist_ok=True)
        (pytester.path / file).write_text(text, encoding="utf-8")
        pytester.inline_run("-p", "tools.guarantees.record", "-p", "no:cacheprovider", *(words or ("tests",)))
        rows = json.loads(target.read_text(encoding="utf-8"))
        return {key.removeprefix(f"{file}::"): row for key, row in rows.items()}

    return run


COUNTING = """
import pytest
pytestmark = pytest.mark.promise("static")

@pytest.mark.parametrize("n", [1, 2])
def test_counts(n, record_property):
    record_property("inputs", 1000 * n)
    record_property("formats", 7)
    record_property("files", 1)
    record_property("browser", "chromium")

@pytest.mark.skip(reason="no browser")
def test_skipped(): ...

@pytest.fixture
def broken():
    yield
    assert False

def test_fails(record_property, broken):
    record_property("inputs", 5)

@pytest.mark.slow
def test_long(): ...
"""


def test_a_run_is_written_down_with_its_figures(written: Callable[..., dict[str, Any]]) -> None:
    rows = written(COUNTING)
    when = rows["test_long"].pop("run")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d with Python 3\.\S+ on \w+", when)
    figures = {"browser": "chromium", "files": "2", "formats": "7 in each of 2 cases", "inputs": "3,000"}
    assert rows == {
        "test_counts": {"run": when, "passed": 2, "figures": figures},
        "test_fails": {"run": when, "failed": 1},
        "test_long": {"passed": 1},
        "test_skipped": {"run": when, "skipped": 1, "reasons": ["no browser"]},
    }


def test_a_run_of_some_tests_keeps_what_the_others_counted(written: Callable[..., dict[str, Any]]) -> None:
    before = {"test_counts": {"run": OLD, "passed": 9}, "test_long": {"run": OLD}, "test_was": {"run": OLD}}
    rows = written(COUNTING, "tests", "-m", "slow", before=before)
    assert rows["test_counts"] == before["test_counts"]
    assert rows["test_long"]["passed"] == 1
    assert rows["test_long"]["run"] != OLD
    assert set(rows) == {"test_counts", "test_long"}, "no row of a test that no longer exists"


def test_a_test_that_ran_in_part_keeps_its_row_unless_it_failed(
    written: Callable[..., dict[str, Any]],
) -> None:
    old = {"run": OLD, "passed": 2}
    assert written(COUNTING, "tests", "-k", "1", before={"test_counts": old}) == {"test_counts": old}
    failing = COUNTING.replace('"chromium")', '"chromium")\n    assert n == 1')
    rows = written(failing, "tests", "-x", "-k", "counts and 2", before={"test_counts": old})
    assert rows["test_counts"]["failed"] == 1
    assert "figures" not in rows["test_counts"]


def test_figures_are_not_of_single_cases(written: Callable[..., dict[str, Any]]) -> None:
    old = {"test_counts": {"run": OLD, "passed": 2}}
    assert written(COUNTING, "tests/test_it.py::test_counts[1]", before=old) == old


def test_a_test_without_a_promise_is_not_written_down(written: Callable[..., dict[str, Any]]) -> None:
    assert written("def test_it(): ...") == {}
