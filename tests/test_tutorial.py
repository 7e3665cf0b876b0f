"""The tutorial on policies holds word for word: its files are written, its commands run and compared."""

import json
import re
from pathlib import Path

import pytest

from mcpaudit.cli.main import run
from mcpaudit.policy.validation import SCHEMAS, read_document, validate

TUTORIAL = Path(__file__).parent.parent / "docs" / "writing-policies.md"
# A fence, with the comment that may stand before it and says what it is.
STEP = re.compile(r"(?:<!-- (?P<what>.*?)-->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```\n", re.DOTALL)
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def output(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    name, *words = command.split()
    assert name == "mcpaudit"
    run(words)
    captured = capsys.readouterr()
    return captured.out + captured.err


def changed(what: str, body: str) -> None:
    """Carry out `replace in FILE: ...`, or `typos in FILE: a -> b; c -> d`."""
    kind, file, rest = re.match(r"(replace|typos) in (\S+):(.*)", what, re.DOTALL).groups()  # type: ignore[union-attr]
    text = Path(file).read_text("utf-8")
    if kind == "replace":
        old = rest.lstrip(" ").removeprefix("\n")
        assert text.endswith(old)
        Path(file).write_text(text.removesuffix(old) + body, "utf-8")
        return
    for pair in rest.strip().split("; "):
        old, new = pair.split(" -> ")
        assert old in text
        text = text.replace(old, new, 1)
    Path(file).write_text(text, "utf-8")


def test_the_tutorial_holds_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = 0
    for step in STEP.finditer(TUTORIAL.read_text("utf-8")):
        what, body = step["what"] or "", step["body"]
        if what.startswith("file: "):
            file = Path(what.removeprefix("file: ").strip())
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, "utf-8")
        right = Path(".mcpaudit/policies/silent-production-write.yaml")
        before = right.read_text("utf-8") if right.exists() else ""
        if what.startswith(("replace", "typos")):
            changed(what, body)
        if step["kind"] == "console":
            command, _, expected = body.partition("\n")
            shown = DIGEST.sub("sha256:DIGEST", output(command.removeprefix("$ "), capsys))
            assert shown == expected, command
            commands += 1
        if what.startswith("typos"):
            right.write_text(before, "utf-8")
    assert commands == 7
    run(["check", "--no-home", "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert "silent-production-write" not in {one["policy"] for one in findings}
    (tmp_path / ".claude").mkdir()
    (tmp_path / ".claude/settings.json").write_text('{"permissions": {"allow": ["mcp__stock__execute_sql"]}}')
    assert run(["check", "--no-home", "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert "silent-production-write" in {one["policy"] for one in findings}


def test_the_editor_settings_name_every_schema_and_the_schemas_know_the_files() -> None:
    text = TUTORIAL.read_text("utf-8")
    for name in (*SCHEMAS, "lock"):
        assert f".mcpaudit/schemas/{name}.schema.json" in text
    example = Path(__file__).parent.parent / "examples" / "logistics"
    for file, name in (
        ("mcpaudit.yaml", "configuration"),
        (".mcpaudit/policies/silent-production-change.yaml", "policy"),
        (".mcpaudit/policies/silent-production-change.test.yaml", "policy-test"),
        (".mcpaudit/profiles/dispatch.yaml", "profile"),
    ):
        assert validate(read_document(example / file, file), name) == []
