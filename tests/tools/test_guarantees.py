"""The page of promises: it takes up every test that carries one, and a promise without a test fails."""

import json
from pathlib import Path

import pytest

from tools.guarantees import page, record
from tools.guarantees.collect import Held, PromiseError, collect, promises, unheld

pytest_plugins = ["pytester"]

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
    run = {
        "date": "2026-11-23",
        "python": "3.11",
        "system": "Linux",
        "tests": {"tests/deep/test_it.py::test_nothing_is_started": row},
    }
    text = page.page(promises(), found, run)
    assert "- Nothing is started (slow): files read 1,200; skipped: no browser" in text
    counts = "4, 1 of them slow | 3 passed, 1 skipped, 3 not run yet"
    assert f"| [Static means static](#static-means-static) | {counts} |" in text
    assert "on 2026-11-23 with Python 3.11" in text
    assert "3.11" not in page.page(promises(), found, {"tests": {}})


def test_a_run_is_written_down_with_its_figures(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = pytester.path / "run.json"
    monkeypatch.setattr(record, "FILE", target)
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("n", [1, 2])
        def test_counts(n, record_property):
            record_property("inputs", 1000 * n)
            record_property("formats", 7)
            record_property("browser", "chromium")

        @pytest.mark.skip(reason="no browser")
        def test_skipped(): ...

        def test_fails():
            assert False
        """
    )
    pytester.inline_run("-p", "tools.guarantees.record", "-p", "no:cacheprovider")
    tests = json.loads(target.read_text(encoding="utf-8"))["tests"]
    file = next(iter(tests)).partition("::")[0]
    assert tests[f"{file}::test_counts"] == {
        "passed": 2,
        "figures": {"browser": "chromium", "formats": "7 in each of 2 cases", "inputs": "3,000"},
    }
    assert tests[f"{file}::test_skipped"] == {"skipped": 1, "reasons": ["no browser"]}
    assert tests[f"{file}::test_fails"] == {"failed": 1}
