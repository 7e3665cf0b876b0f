"""CSV with places: the same cells as Python's own reader, and where each of them stands."""

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.parsing.csv_text import rows
from mcpaudit.parsing.document import Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=12)
TABLE = st.lists(st.lists(TEXT, min_size=2, max_size=5), min_size=1, max_size=6)


@given(TABLE, st.sampled_from(["\r\n", "\n"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]))
def test_cells_are_those_that_were_written(table: list[list[str]], end: str, quoting: int) -> None:
    # A first line of our own decides the separator, as the head of a sheet does.
    table = [["head", "of", "it", "all", "here"], *table]
    out = StringIO()
    csv.writer(out, lineterminator=end, quoting=quoting).writerows(table)  # type: ignore[arg-type]
    assert [[cell.text for cell in row] for row in rows(out.getvalue())] == table


@given(st.text(st.sampled_from('ab",;\n\t'), max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    lines = text.split("\n")
    place, found = (1, 1), []
    try:
        found = [cell for row in rows(text) for cell in row]
    except Malformed as error:
        place = error.line, error.column
    assert lines[place[0] - 1][place[1] - 2 :] or place[1] == 1
    for cell in found:
        at = lines[cell.line - 1][cell.column - 1 :]
        assert not cell.text or at.startswith((cell.text[:1], '"'))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_first_line_says_what_separates(separator: str) -> None:
    text = separator.join(("a", "b")) + "\n" + separator.join(("1", '"x, y; z"')) + "\n"
    assert [[cell.text for cell in row] for row in rows(text)] == [["a", "b"], ["1", "x, y; z"]]


def test_lines_inside_of_cells_count() -> None:
    *_, last = rows('a,b\r\n"one\r\ntwo",2\r\n3,4\r\n')
    assert [(cell.text, cell.line, cell.column) for cell in last] == [("3", 4, 1), ("4", 4, 3)]


def test_blank_lines_are_no_rows() -> None:
    assert len(list(rows("a,b\n\n1,2\n\n"))) == 2


@pytest.mark.parametrize(
    ("text", "place"), [('a,b\n"x,1\n', (2, 1)), ('a,b\n1,"x"y\n', (2, 6)), ('"a\n\nb', (1, 1))]
)
def test_a_quotation_mark_out_of_place_is_told(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(Malformed) as told:
        list(rows(text))
    assert (told.value.line, told.value.column) == place
