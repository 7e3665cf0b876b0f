"""Policies as they are loaded: one YAML file each, shipped ones and those of the user."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import cache
from itertools import islice
from pathlib import Path

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, Mistake, PolicyError, UsageError, did_you_mean
from mcpaudit.model.configuration import Configuration, Param
from mcpaudit.model.finding import SAFETIES, SEVERITIES, Severity
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document, Json
from mcpaudit.policy import fields
from mcpaudit.policy.remedy import REMEDIES, Remedy
from mcpaudit.policy.validation import inside, mistake, read_document, validate
from mcpaudit.shipped import PACKAGE, parsed

PARAM_KINDS = "should be a text, a whole number of 64 bits, true or false, or a list of texts"
MAX_NAMES = 50
_MOST_TOLD = 100
"""Wrong placeholders of one text: nobody wants to read more of them."""
"""Params of a policy, and variables; the schema says so, too."""
TEST_ENDING = ".test.yaml"
PACK_ENDING = ".pack.yaml"
PLACEHOLDER = re.compile(r"\{([a-z_]+(?:\.[a-z_][a-z0-9_]*)*)\}")


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
    variables: dict[str, str] = field(default_factory=dict)
    """Named parts of the condition, each of which may use those before it."""
    remedy: Remedy | None = None
    """The edit of a configuration that answers it; `None` where only a person can say what would."""


def shipped_folder() -> Path:
    """Where the shipped policies lie: package data in an installation, `policies/` in a checkout."""
    installed = PACKAGE / "policies"
    return installed if installed.is_dir() else PACKAGE.parent / "policies"


@cache
def shipped() -> list[Policy]:
    """The shipped policies; the tests of this project have checked them, so they are only read here."""
    folder = shipped_folder()
    return [
        _policy(
            parsed(path.read_text(encoding="utf-8"), data_of),
            f"shipped:{path.relative_to(folder).as_posix()}",
            path.parent.name,
        )
        for path in shipped_files()
    ]


def shipped_files() -> list[Path]:
    """The files of the shipped policies."""
    return _policy_files(shipped_folder())


def data_of(text: str) -> Json:
    """What the text of a policy file holds."""
    # Imported here: what the shipped ones hold is known.
    from mcpaudit.parsing.yaml_text import parse

    return parse(text)[0]


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A file that should hold a policy."""

    document: Document
    pack: str
    path: Path | None = None
    """Where it lies; `None` for one that was read out of an archive or a repository."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A policy with the file that it stands in."""

    policy: Policy
    file: PolicyFile


def load(
    paths: Iterable[Path],
    known: Iterable[str] = (),
    base: Path | None = None,
    packs: Iterable[PolicyFile] = (),
) -> list[Policy]:
    """The policies of files, folders and packs, fully checked; raises PolicyError with every mistake in them.

    A file below `base` is named from there, so that no report tells where the project lies.
    """
    files, unread = read_files(paths, base)
    loaded, mistakes = read_policies([*packs, *files])
    mistakes = [*unread, *mistakes]
    seen = dict.fromkeys(known, "the shipped policies")
    for one in loaded:
        if one.policy.id in seen:
            text = f"the id `{one.policy.id}` is taken by {seen[one.policy.id]}"
            mistakes.append(mistake(one.file.document, ("metadata", "id"), text))
        seen[one.policy.id] = one.policy.file
    if mistakes:
        raise PolicyError(mistakes)
    return [one.policy for one in loaded]


def read_files(paths: Iterable[Path], base: Path | None = None) -> tuple[list[PolicyFile], list[Mistake]]:
    """The policy files of files and folders, and why some cannot be read."""
    found: list[PolicyFile] = []
    mistakes: list[Mistake] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no policy file or folder at {path}")
        for file in _policy_files(path) if path.is_dir() else [path]:
            # Not `resolve`, which raises an error of its own for a loop of links.
            real = Path(os.path.realpath(file))
            shown = real.relative_to(base) if base and real.is_relative_to(base) else file
            try:
                document = read_document(file, shown.as_posix())
                found.append(PolicyFile(document, file.parent.name, file))
            except ConfigurationError as error:
                mistakes += error.mistakes
    return found, mistakes


def read_policies(files: Iterable[PolicyFile]) -> tuple[list[Loaded], list[Mistake]]:
    """The policies that are right, and every mistake in the others."""
    loaded: list[Loaded] = []
    mistakes: list[Mistake] = []
    for file in files:
        found = check_policy(file.document)
        mistakes += found
        if not found:
            loaded.append(Loaded(_policy(file.document.data, file.document.file, file.pack), file))
    return loaded, mistakes


def _policy_files(folder: Path) -> list[Path]:
    """Those below a folder; a folder that may not be listed could hide what would fail."""

    def failed(error: OSError) -> None:
        raise UsageError(f"the policies in {error.filename} cannot be read: {error.strerror}")

    names = (Path(above, name) for above, _, names in os.walk(folder, onerror=failed) for name in names)
    ends = (TEST_ENDING, PACK_ENDING)
    return sorted(path for path in names if path.suffix == ".yaml" and not path.name.endswith(ends))


def check_policy(document: Document) -> list[Mistake]:
    """Every mistake in a policy file: its shape, its expressions, its placeholders."""
    mistakes = validate(document, "policy")
    spec = document.data.get("spec") if isinstance(document.data, dict) else None
    # Mistakes of the schema do not hide others, unless there is more to check than a policy may have.
    small = isinstance(spec, dict) and all(_few(spec.get(key)) for key in ("params", "variables"))
    if isinstance(spec, dict) and small and spec.get("for") in fields.SUBJECTS:
        mistakes += _check_spec(document, spec)
    return sorted(mistakes, key=lambda one: (one.line, one.column))


def _few(named: Json) -> bool:
    return not isinstance(named, dict) or len(named) <= MAX_NAMES


def _check_spec(document: Document, spec: dict[str, Json]) -> Iterator[Mistake]:
    """Mistakes that the schema does not know; what is of a wrong type is the schema's to tell."""
    # Imported here: the shipped policies are checked by the tests.
    from mcpaudit.policy.checking import check

    subject = str(spec["for"])
    given = spec.get("params")
    params: dict[str, Param] = {}
    for name, value in given.items() if isinstance(given, dict) else ():
        if is_param(value):
            params[name] = param(value)
            continue
        text = f"the param `{name}` {PARAM_KINDS}"
        yield mistake(document, ("spec", "params", name), text)
        params[name] = ""
    named = spec.get("variables")
    variables = {name: str(text) for name, text in named.items()} if isinstance(named, dict) else {}
    where = spec.get("where")
    for problem in check(subject, where if isinstance(where, str) else "true", params, variables):
        route: Route = ("spec", "variables", problem.variable) if problem.variable else ("spec", "where")
        text = variables[problem.variable] if problem.variable else str(where)
        before = text.splitlines(keepends=True)[: problem.line - 1]
        offset = sum(map(len, before)) + problem.column - 1
        yield inside(document, route, text, offset, problem.message, problem.hint)
    if isinstance(remedy := spec.get("remedy"), dict) and remedy.get("edit") in REMEDIES:
        known = REMEDIES[str(remedy["edit"])]
        fitting = ", ".join(f"`{name}`" for name, one in REMEDIES.items() if subject in one.subjects)
        if subject not in known.subjects:
            text = f"`{remedy['edit']}` is no remedy for a policy over each {subject}"
            hint = f"there it can be {fitting}" if fitting else "no edit is known to answer one"
            yield mistake(document, ("spec", "remedy", "edit"), text, hint)
        elif remedy.get("class") == "safe" and not known.may_be_safe:
            text = f"`{remedy['edit']}` is never safe: it does more than take access away"
            yield mistake(document, ("spec", "remedy", "class"), text, "write `class: needs-review`")
    for key in ("message", "fix"):
        text = shown if isinstance(shown := spec.get(key), str) else ""
        held = ((one, _placeholder(subject, one[1], params, variables)) for one in PLACEHOLDER.finditer(text))
        for one, told in islice(((one, told) for one, told in held if told), _MOST_TOLD):
            yield inside(document, ("spec", key), text, one.start(1), *told)


def _placeholder(
    subject: str, path: str, params: Mapping[str, Param], variables: Mapping[str, str]
) -> tuple[str, str] | None:
    """What is wrong with a placeholder, with a hint."""
    kind, _, name = path.partition(".")
    for plural, known in (("params", params), ("variables", variables)):
        if kind == plural:
            hint = did_you_mean(path, [f"{plural}.{one}" for one in known])
            return None if name in known else (f"there is no {plural[:-1]} `{path}`", hint)
    if fields.find(subject, path) is None:
        return f"there is no field `{path}`", did_you_mean(path, fields.paths(subject))
    return None


def _policy(data: Json, file: str, pack: str) -> Policy:
    metadata, spec = _table(data, "metadata"), _table(data, "spec")
    controls, params = metadata.get("controls") or [], spec.get("params") or {}
    variables = spec.get("variables") or {}
    assert isinstance(controls, list)
    assert isinstance(params, dict)
    assert isinstance(variables, dict)
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
        params={name: param(value) for name, value in params.items()},
        variables={name: str(value) for name, value in variables.items()},
        remedy=_remedy(spec),
        file=file,
        pack=pack,
    )


def _remedy(spec: dict[str, Json]) -> Remedy | None:
    given = spec.get("remedy")
    if not isinstance(given, dict):
        return None
    return Remedy(str(given["edit"]), next(one for one in SAFETIES if one == given["class"]))


def severity(text: str) -> Severity:
    """A severity from its name; raises ValueError for any other text."""
    for one in SEVERITIES:
        if one == text:
            return one
    raise ValueError(f"`{text}` is no severity")


def is_param(value: Json) -> bool:
    """Whether a value can be a param: a text, a whole number of 64 bits, true or false, a list of texts."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )


def param(value: Json) -> Param:
    """A param from what YAML gives."""
    if isinstance(value, list):
        return tuple(map(str, value))
    return value if isinstance(value, str | int | bool) else str(value)


def param_in_words(value: Param) -> str:
    """A param's value as YAML would have it on one line."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


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
