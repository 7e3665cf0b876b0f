from mcpaudit.model.place import Place
from mcpaudit.parsing.document import Document, Lines
from mcpaudit.parsing.reader import read_text_as


def document() -> Document:
    result = read_text_as('{"a": {"b": ["x", "CANARY"]}}', "~/.x.json", "json")
    assert isinstance(result, Document)
    return result


def test_a_missing_route_is_located_at_its_deepest_ancestor() -> None:
    doc = document()
    assert doc.locate(("a", "b", 7, "c")) == doc.locate(("a", "b")) == (1, 13)
    assert doc.locate(("z",)) == doc.locate(()) == (1, 1)
    assert doc.locate(("a", "c"), on_key=True) == (1, 2)
    assert doc.locate(("a", "b", "1")) == (1, 13)


def test_places_are_symbolic() -> None:
    assert document().place("a", "b", 1) == Place("~/.x.json", ("a", "b", 1))


def test_positions_are_worked_out_at_the_first_question_only() -> None:
    doc = document()
    assert "positions" not in vars(doc.layout)
    doc.locate(("a",))
    assert doc.layout.positions is doc.layout.positions


def test_the_content_stays_out_of_the_representation() -> None:
    assert "CANARY" not in repr(document())


def test_lines_count_code_points_and_end_at_line_feeds() -> None:
    lines = Lines("é😀\r\nb\u2028c\n")
    assert [lines.at(offset) for offset in (0, 2, 4, 6)] == [(1, 1), (1, 3), (2, 1), (2, 3)]
    assert [lines.text(line) for line in (0, 1, 2, 3, 4)] == ["", "é😀", "b\u2028c", "", ""]
