"""Policies as they are loaded: one YAML file each, shipped ones and those of the user."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from mcpaudit.errors import Mistake, PolicyError, UsageError, did_you_mean
from mcpaudit.model.configuration import Configuration, Param
from mcpaudit.model.finding import SEVERITIES, Severity
from mcpaudit.parsing.document import Document, Json
from mcpaudit.policy import fields
from mcpaudit.policy.expression import check
from mcpaudit.policy.validation import mistake, read_document, validate

TEST_ENDING = ".test.yaml"
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")


@dataclass(frozen=True, slots=True)
class Policy:
    """One rule over one kind of subject."""

    id: str
    title: str
    severity: Severity
    subject: str
    where: str
    message: str
    why: str
    fix: str
    controls: tuple[str, ...]
    params: dict[str, Param]
    file: str
    """As reports name it: `shipped:conflicts/root-bypass.yaml`, or the user's path."""
    pack: str


def shipped_folder() -> Path:
    """Where the shipped policies lie: package data in an installation, `policies/` in a checkout."""
    installed = Path(str(files("mcpaudit") / "policies"))
    return installed if installed.is_dir() else Path(str(files("mcpaudit"))).parent / "policies"


def shipped() -> list[Policy]:
    """The shipped policies; the tests of this project have checked them, so they are only read here."""
    folder = shipped_folder()
    return [
        _policy(read_document(path, f"shipped:{path.relative_to(folder).as_posix()}"), path.parent.name)
        for path in _policy_files(folder)
    ]


def load(paths: Iterable[Path], known: Iterable[str] = (), base: Path | None = None) -> list[Policy]:
    """The policies of files and folders, fully checked; raises PolicyError with every mistake in them.

    A file below `base` is named from there, so that no report tells where the project lies.
    """
    policies: list[Policy] = []
    mistakes: list[Mistake] = []
    seen = dict.fromkeys(known, "the shipped policies")
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no policy file or folder at {path}")
        for file in _policy_files(path) if path.is_dir() else [path]:
            inside = base is not None and file.resolve().is_relative_to(base)
            shown = file.resolve().relative_to(base) if base and inside else file
            document = read_document(file, shown.as_posix())
            found = check_policy(document)
            mistakes += found
            if found:
                continue
            policy = _policy(document, file.parent.name)
            if policy.id in seen:
                text = f"the id `{policy.id}` is taken by {seen[policy.id]}"
                mistakes.append(mistake(document, ("metadata", "id"), text))
            seen[policy.id] = document.file
            policies.append(policy)
    if mistakes:
        raise PolicyError(mistakes)
    return policies


def _policy_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.yaml") if not path.name.endswith(TEST_ENDING))


def check_policy(document: Document) -> list[Mistake]:
    """Every mistake in a policy file: its shape, its condition, its placeholders."""
    mistakes = validate(document, "policy")
    if mistakes:
        return mistakes
    spec = _table(document.data, "spec")
    subject, params = str(spec["for"]), spec.get("params") or {}
    assert isinstance(params, dict)
    where = str(spec["where"])
    for problem in check(subject, where, params):
        mistakes.append(
            _in_expression(document, where, problem.line, problem.column, problem.message, problem.hint)
        )
    for key in ("message", "fix"):
        for match in PLACEHOLDER.finditer(str(spec[key])):
            if match[1].startswith("params."):
                if match[1].removeprefix("params.") not in params:
                    hint = did_you_mean(match[1], [f"params.{name}" for name in params])
                    mistakes.append(mistake(document, ("spec", key), f"there is no param `{match[1]}`", hint))
            elif fields.find(subject, match[1]) is None:
                hint = did_you_mean(match[1], fields.paths(subject))
                mistakes.append(mistake(document, ("spec", key), f"there is no field `{match[1]}`", hint))
    for name, value in params.items():
        if not _is_param(value):
            text = f"the param `{name}` should be a text, a whole number, true or false, or a list of texts"
            mistakes.append(mistake(document, ("spec", "params", name), text))
    return mistakes


def _in_expression(
    document: Document, where: str, line: int, column: int, message: str, hint: str
) -> Mistake:
    """Carry a position inside the condition over to the file."""
    at_line, at_column = document.locate(("spec", "where"))
    text = document.line_text(at_line)[at_column - 1 :]
    if text[:1] in ("|", ">"):
        first = document.line_text(at_line + 1)
        indent = len(first) - len(first.lstrip())
        at_line, at_column = at_line + line, indent + column
    else:
        quoted = 1 if text[:1] in ("'", '"') else 0
        at_line, at_column = at_line + line - 1, at_column + quoted + column - 1
    return Mistake(document.file, at_line, at_column, message, hint, document.line_text(at_line))


def _policy(document: Document, pack: str) -> Policy:
    metadata, spec = _table(document.data, "metadata"), _table(document.data, "spec")
    controls, params = metadata.get("controls") or [], spec.get("params") or {}
    assert isinstance(controls, list)
    assert isinstance(params, dict)
    return Policy(
        id=str(metadata["id"]),
        title=str(metadata["title"]),
        severity=severity(str(metadata["severity"])),
        subject=str(spec["for"]),
        where=str(spec["where"]),
        message=" ".join(str(spec["message"]).split()),
        why=" ".join(str(spec["why"]).split()),
        fix=" ".join(str(spec["fix"]).split()),
        controls=tuple(map(str, controls)),
        params={name: _param(value) for name, value in params.items()},
        file=document.file,
        pack=pack,
    )


def severity(text: str) -> Severity:
    """A severity from its name; raises ValueError for any other text."""
    for one in SEVERITIES:
        if one == text:
            return one
    raise ValueError(f"`{text}` is no severity")


def _is_param(value: Json) -> bool:
    return isinstance(value, str | int | bool) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )


def _param(value: Json) -> Param:
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, str | int | bool) else str(value)


def _table(data: Json, key: str) -> dict[str, Json]:
    assert isinstance(data, dict)
    table = data[key]
    assert isinstance(table, dict)
    return table


def configured(policies: Iterable[Policy], configuration: Configuration) -> list[Policy]:
    """The policies as `mcpaudit.yaml` wants them: no disabled ones, and with its params and severities."""
    return [
        replace(
            policy,
            params={**policy.params, **configuration.params.get(policy.id, {})},
            severity=configuration.severities.get(policy.id, policy.severity),
        )
        for policy in policies
        if policy.id not in configuration.disabled
    ]
