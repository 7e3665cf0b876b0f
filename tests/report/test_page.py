"""Lines for a terminal: a runner of CI that reads them is given no command, wherever they are broken."""

import pytest

from mcpaudit.report.page import Page
from tests.judges import runner

pytestmark = pytest.mark.promise("hostile-text")


@pytest.mark.parametrize("length", range(1, 60))
@pytest.mark.parametrize("label", ["", "a label"])
def test_no_break_within_a_word_begins_a_command(length: int, label: str) -> None:
    page = Page(40, colour=False)
    page.write(f"{'x' * length}::error::{'y' * 60} ::error::z", 2, label=label, hang=4)
    runner.check(str(page))
    assert "::error::z" not in str(page)


def test_a_path_of_a_program_stays_readable() -> None:
    page = Page(80, colour=False)
    page.write("it returns std::io::Error, or std::fmt::Debug of it")
    assert str(page) == "it returns std::io::Error, or std::fmt::Debug of it\n"
