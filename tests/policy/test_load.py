"""Policy files: every mistake is one sentence with file, line and column."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mcpaudit.errors import ConfigurationError, Mistake, PolicyError, UsageError
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.reader import parse
from mcpaudit.policy.policy import load, shipped
from mcpaudit.policy.validation import inside

GOOD = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata:
  id: silent-thing
  title: A thing is silent
  severity: high
  controls: ["nist-800-53:AC-6"]
spec:
  for: conflict
  params: {labels: [production], max: 3}
  where: conflict.silent
  message: "{conflict.resource} of {params.labels}"
  why: One. Two.
  fix: Fix {conflict.bypass.name}.
"""


def mistakes(folder: Path, text: str, name: str = "silent-thing.yaml") -> list[Mistake]:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load([folder])
    return caught.value.mistakes


def test_a_policy_is_what_its_file_says(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "silent-thing.yaml").write_text(GOOD, encoding="utf-8")
    (folder / "silent-thing.test.yaml").write_text("not: a policy", encoding="utf-8")
    (policy,) = load([folder])
    assert (policy.id, policy.severity, policy.subject, policy.pack) == (
        "silent-thing",
        "high",
        "conflict",
        "ours",
    )
    assert policy.params == {"labels": ("production",), "max": 3}
    assert policy.controls == ("nist-800-53:AC-6",)
    assert policy.file == (folder / "silent-thing.yaml").as_posix()


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message", "hint"),
    [
        ("  severity: high", "  severity: hihg", 6, 13, "metadata.severity cannot be `hihg`", "`high`"),
        ("  severity: high", "  sevrity: high", 6, 3, "`sevrity` is no key of metadata", "`severity`"),
        ("  title: A thing is silent\n", "", 4, 3, "metadata needs the key `title`", ""),
        ("id: silent-thing", "id: Silent Thing", 4, 7, "metadata.id does not have the form", ""),
        ("kind: Policy", "kind: Profile", 2, 7, "kind should be `Policy`", ""),
        ("mcpaudit/v1", "mcpaudit/v2", 1, 13, "apiVersion should be `mcpaudit/v1`", ""),
        ("for: conflict", "for: conflicts", 9, 8, "spec.for cannot be `conflicts`", "`conflict`"),
        ("why: One. Two.", "why: 3", 13, 8, "spec.why should be a text", ""),
        ("where: conflict.silent", "where: conflict.silnt", 11, 19, "no field `silnt`", "`silent`"),
        ("{conflict.bypass.name}", "{conflict.bypas.name}", 14, 13, "no field `conflict.bypas.name`", ""),
        (
            "{conflict.resource} of",
            "{conflict.resourc} of",
            12,
            14,
            "`conflict.resourc`",
            "`conflict.resource`",
        ),
        ("{params.labels}", "{params.label}", 12, 37, "there is no param `params.label`", "`params.labels`"),
        (
            "fix: Fix",
            "remedy: {edit: advise, class: safe}\n  fix: Fix",
            14,
            18,
            "spec.remedy.edit cannot be `advise`",
            "`advised`",
        ),
        (
            "fix: Fix",
            "remedy: {edit: drop-rule, class: safe}\n  fix: Fix",
            14,
            18,
            "`drop-rule` is no remedy for a policy over each conflict",
            "`advised`",
        ),
        ("max: 3", "max: 3.5", 10, 39, "the param `max` should be", ""),
        ("kind: Policy", "kind: Policy\nkind: Policy", 3, 1, "the key `kind` stands here twice", ""),
        ("kind: Policy", "kind: [Policy", 3, 9, "did not find expected", ""),
    ],
)
def test_each_mistake_has_its_place(
    tmp_path: Path, old: str, new: str, line: int, column: int, message: str, hint: str
) -> None:
    assert GOOD.count(old) == 1
    (found,) = mistakes(tmp_path, GOOD.replace(old, new))
    assert found.file == (tmp_path / "silent-thing.yaml").as_posix()
    assert (found.line, found.column) == (line, column), str(found)
    assert message in found.message
    assert hint in found.hint


def test_a_condition_over_several_lines_keeps_its_places(tmp_path: Path) -> None:
    block = 'where: |\n    conflict.silent\n    && conflict.kin == "bypass"'
    (found,) = mistakes(tmp_path, GOOD.replace("where: conflict.silent", block))
    assert (found.line, found.column) == (13, 17)
    assert found.excerpt == '    && conflict.kin == "bypass"'
    caret = str(found).splitlines()[2].index("^")
    assert str(found).splitlines()[1][caret:].startswith("kin")


def test_a_quoted_condition_keeps_its_places(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, GOOD.replace("where: conflict.silent", "where: '!conflict.silnt'"))
    assert (found.line, found.column) == (11, 21)


FOLDED = """\
apiVersion: mcpaudit/v1
kind: Policy
metadata: {id: three-typos, title: T, severity: hihg}
spec:
  for: access
  params: {labels: [production]}
  variables:
    silent: access.decison == "allow"
    labelled: >-
      access.resource.labels.exists(l, l in params.labels)
      || access.certainty == "sure"
  where: >-
    variables.silent && variables.labeled
    && acces.actions.changes()
    && "wirte" in access.actions
  message: >-
    {access.agent} may
    {access.resorce.id}, {variables.silnt}
  why: W.
  fix: F.
"""


def test_all_mistakes_of_a_file_come_together_wherever_its_texts_are_laid_out(tmp_path: Path) -> None:
    found = mistakes(tmp_path, FOLDED)
    lines = FOLDED.splitlines()
    words = [lines[one.line - 1][one.column - 1 :] for one in found]
    expected = [
        ("hihg", "metadata.severity cannot be `hihg`", "`high`"),
        ("decison", "Access has no field `decison`", "`decision`"),
        ('sure"', "`access.certainty` is never `sure`", "it can be certain, possible, unknown"),
        ("labeled", "no variable `labeled` stands before this", "`labelled`"),
        ("acces.", "`acces` is not defined here", "`access`"),
        ('wirte"', "`access.actions` is never `wirte`", "`write`"),
        ("access.resorce.id", "there is no field `access.resorce.id`", "`access.resource.id`"),
        ("variables.silnt", "there is no variable `variables.silnt`", "`variables.silent`"),
    ]
    assert [one.message for one in found] == [message for _, message, _ in expected]
    for word, (start, _, hint), one in zip(words, expected, found, strict=True):
        assert word.startswith(start), str(one)
        assert hint in one.hint


def test_a_variable_can_use_those_before_it_only(tmp_path: Path) -> None:
    text = GOOD.replace("  where:", "  variables: {a: variables.b, b: conflict.silent}\n  where:")
    (found,) = mistakes(tmp_path, text)
    assert found.message == "no variable `b` stands before this"
    assert (found.line, found.column) == (11, 28)


@given(st.lists(st.text("abc().\"'", min_size=1, max_size=5), min_size=1, max_size=12), st.integers(0, 50))
def test_a_place_inside_of_a_text_is_found_however_yaml_lays_it_out(words: list[str], at: int) -> None:
    text = " ".join(words)
    offset = min(at, len(text) - 1)
    for style in (None, "'", '"', "|", ">"):
        source = yaml.dump({"a": "x", "k": text}, width=20, default_style=style)
        document = parse(source.encode(), "f.yaml", "yaml")
        assert isinstance(document, Document)
        assert isinstance(document.data, dict)
        assert document.data["k"] == text
        found = inside(document, ("k",), text, offset, "m")
        line = source.splitlines()[found.line - 1]
        assert text[offset].isspace() or line[found.column - 1] == text[offset]


def test_a_policy_has_so_many_variables_and_no_more(tmp_path: Path) -> None:
    """Each is checked with all before it: without a limit, a file of them would take hours."""
    rows = "".join(f"    v{number}: conflict.silent\n" for number in range(20_000))
    (found,) = mistakes(tmp_path, GOOD.replace("  where:", f"  variables:\n{rows}  where:"))
    assert found.message == "spec.variables has more than 50 keys"


def test_a_file_that_cannot_be_read_hides_no_mistake_of_another(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: [", encoding="utf-8")
    found = mistakes(tmp_path, GOOD.replace("severity: high", "severity: hihg"), "b.yaml")
    assert [Path(one.file).name for one in found] == ["a.yaml", "b.yaml"]


def test_all_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("severity: high", "severity: hihg"), encoding="utf-8")
    found = mistakes(
        tmp_path, GOOD.replace("for: conflict", "for: x").replace("kind: Policy", "kind: X"), "b.yaml"
    )
    assert [(Path(one.file).name, one.line) for one in found] == [("a.yaml", 6), ("b.yaml", 2), ("b.yaml", 9)]


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, encoding="utf-8")
    (found,) = mistakes(tmp_path, GOOD, "b.yaml")
    assert found.message == f"the id `silent-thing` is taken by {(tmp_path / 'a.yaml').as_posix()}"
    with pytest.raises(PolicyError, match="is taken by the shipped policies"):
        load([tmp_path / "a.yaml"], ["silent-thing"])


def test_a_file_that_is_not_there_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no policy file or folder"):
        load([tmp_path / "none.yaml"])


def test_shipped_policies_are_named_by_pack_and_file() -> None:
    policy = next(one for one in shipped() if one.id == "root-bypass")
    assert policy.file == "shipped:conflicts/root-bypass.yaml"
    assert policy.pack == "conflicts"
