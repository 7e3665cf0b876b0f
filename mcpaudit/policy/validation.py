"""Holds files that people write for mcpaudit against their JSON Schemas, and says where each mistake is."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from mcpaudit import shipped
from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.knowledge.client_facts import known_clients
from mcpaudit.knowledge.secret_line import excerpt
from mcpaudit.model.gap import Gap
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.parsing.reader import read

MAX_MISTYPED = 1_000
SCHEMAS = ("policy", "policy-test", "profile", "configuration", "waivers", "baseline", "pack")


def schema(name: str) -> dict[str, Json]:
    """One of the published schemas."""
    found: dict[str, Json] = shipped.table(f"policy/schemas/{name}.yaml")
    return found


def for_editors(name: str) -> dict[str, Json]:
    """The same as editors like it: with the ids of clients, and descriptions that are shown as Markdown."""
    found = _for_editors(schema(name))
    assert isinstance(found, dict)
    return found


def _for_editors(node: Json) -> Json:
    if isinstance(node, list):
        return [_for_editors(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _for_editors(value) for key, value in node.items()}
    if isinstance(found.get("description"), str):
        # The key of VS Code and of yaml-language-server, which escape what stands in `description`.
        found["markdownDescription"] = found["description"]
    return found | {"enum": [*sorted(known_clients())]} if found.get("title") == "client" else found


def read_valid(path: Path, shown: str, name: str) -> Document:
    """Read a file and hold it against its schema; raises ConfigurationError with every mistake."""
    document = read_document(path, shown)
    mistakes = validate(document, name)
    if mistakes:
        raise ConfigurationError(mistakes)
    return document


def read_document(path: Path, shown: str) -> Document:
    """Read a YAML or JSON file; raises ConfigurationError where that is impossible."""
    result = read(path, shown, "json" if path.suffix == ".json" else "yaml")
    if result is None:
        raise ConfigurationError([Mistake(shown, 0, 0, "the file is not there")])
    if isinstance(result, Gap) and result.line:
        raise ConfigurationError([_broken(result, shown, path)])
    return sound(result, shown)


def _broken(gap: Gap, shown: str, path: Path) -> Mistake:
    """A file that breaks YAML's own grammar, with the line at which that shows."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    shown_line = excerpt(lines[gap.line - 1]) if gap.line <= len(lines) else ""
    hint = "all keys of one mapping begin in the same column" if "expected key" in gap.reason else ""
    return Mistake(shown, gap.line, gap.column, gap.reason, hint, shown_line)


def sound(result: Document | Gap, shown: str) -> Document:
    """A document without keys that stand twice; raises ConfigurationError for anything else."""
    if isinstance(result, Gap):
        raise ConfigurationError([Mistake(shown, result.line, result.column, result.reason)])
    for oddity in result.irregularities:
        if oddity.kind == "duplicate-key":
            raise ConfigurationError(
                [
                    Mistake(
                        shown, oddity.line, oddity.column, f"the key `{oddity.route[-1]}` stands here twice"
                    )
                ]
            )
    return result


def validate(document: Document, name: str) -> list[Mistake]:
    """Every mistake against one of the published schemas, in file order."""
    return held_against(document, schema(name))


def held_against(document: Document, rules: dict[str, Json]) -> list[Mistake]:
    """Every mistake against a JSON Schema, in file order."""
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(rules)
    mistakes: list[Mistake] = []
    for error in validator.iter_errors(document.data):
        route = tuple(error.absolute_path)
        where = ".".join(map(str, route)) or "the file"
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            known = list(error.schema.get("properties", {}))
            for key in error.instance:
                if key not in known:
                    near = _nearest(str(key), known) if len(mistakes) < MAX_MISTYPED else ""
                    hint = near or f"known keys: {', '.join(known)}"
                    mistakes.append(
                        mistake(document, (*route, key), f"`{key}` is no key of {where}", hint, True)
                    )
        elif error.validator == "required":
            missing = re.match(r"'(.*)' is a required property", error.message)
            key = missing[1] if missing else "?"
            if not _mistyped(key, error.instance, error.schema):
                mistakes.append(mistake(document, route, f"{where} needs the key `{key}`"))
        elif error.validator == "enum":
            allowed = [str(value) for value in error.validator_value]
            hint = _nearest(str(error.instance), allowed) or f"it can be {', '.join(allowed)}"
            mistakes.append(mistake(document, route, f"{where} cannot be `{_short(error.instance)}`", hint))
        elif error.validator == "const":
            mistakes.append(mistake(document, route, f"{where} should be `{error.validator_value}`"))
        elif error.validator == "type":
            quote = error.validator_value == "string" and isinstance(error.instance, int | float)
            hint = "put it in quotes" if quote else ""
            text = f"{where} should be {_article(str(error.validator_value))}"
            mistakes.append(mistake(document, route, text, hint))
        elif error.validator == "pattern":
            mistakes.append(
                mistake(document, route, f"{where} does not have the form {error.validator_value}")
            )
        elif error.validator == "maxProperties":
            mistakes.append(
                mistake(document, route, f"{where} has more than {error.validator_value} keys", on_key=True)
            )
        else:
            mistakes.append(mistake(document, route, f"{where}: {error.message[:200]}"))
    return sorted(mistakes, key=lambda one: (one.line, one.column, one.message))


def _mistyped(key: str, instance: Mapping[str, object], rules: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether another key stands where this one is missing: then that one is the mistake, and said once."""
    known = list(rules.get("properties", {}))
    # Nobody mistypes more keys than this: the others are said to be unknown, and this one to be missing.
    names = islice((name for name in instance if name not in known), MAX_MISTYPED)
    return any(get_close_matches(name, known, 1, 0.6) == [key] for name in names)


def mistake(document: Document, route: Route, message: str, hint: str = "", on_key: bool = False) -> Mistake:
    """A mistake at a place of a document, with the line that it stands on."""
    line, column = document.locate(route, on_key)
    return Mistake(document.file, line, column, message, hint, excerpt(document.line_text(line)))


def inside(document: Document, route: Route, text: str, offset: int, message: str, hint: str = "") -> Mistake:
    """A mistake at an offset inside of a text value, however YAML laid that text out."""
    start = document.layout.positions.get(route)
    if start is None:
        return mistake(document, route, message, hint)
    source, at = document.text, start.value
    if source[at] in "|>":
        at = source.find("\n", at) + 1
    # Folding changes white space only, and quoting adds characters: the others keep their order.
    for character in text[:offset]:
        if not character.isspace():
            at = source.find(character, at) + 1 or at
    while at < len(source) and offset < len(text) and source[at] != text[offset]:
        at += 1
    line, column = document.layout.lines.at(min(at, len(source)))
    return Mistake(document.file, line, column, message, hint, excerpt(document.line_text(line)))


def _nearest(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _article(kind: str) -> str:
    return {"object": "a mapping", "array": "a list", "string": "a text", "integer": "a whole number"}.get(
        kind, f"a {kind}"
    )
