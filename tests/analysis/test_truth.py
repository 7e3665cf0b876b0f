"""What analyses find in small installations: `truth/*.yaml`, written from the definitions in `docs/facts.md`.

A file says which facts it is `of` and lists cases, each an installation as in the tests beside policies
(`files`, `manifests`, `mode`, `as_is`, `profile`), or two of them (`before`, `after`). Each pattern under
`facts` has to match exactly one fact, each under `never` none. A pattern names some fields of a fact: a text
may hold wildcards; a list is compared as a set or, where it holds patterns, each of them has to match an
element; a single value is looked for in a list. `kinds` are a conflict's kind with its `also`, `names`
the names of its installations. Under `shared` stand what YAML's aliases speak of. A case with `todo: REASON`
has to fail. `usage` is usage evidence of `client` (Claude Code) for the project: `days` with records, the
servers that were seen `loaded` then, `called` tools as `SERVER TOOL` with the day of their last call,
`folder` where it was not the project, `unread` where a part of the logs was not.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, is_dataclass
from enum import Enum
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.analysis.change import difference
from mcpaudit.analysis.facts import Facts, RuleFact
from mcpaudit.audit import gather
from mcpaudit.model.fact import LEGS, Change, Conflict, Excess, FactChange, Flow
from mcpaudit.model.scope import ScopeFact
from mcpaudit.model.usage import SCHEMA, Source, ToolUse, Unread, Usage, Window, folder_digest
from mcpaudit.report.usage import as_json
from mcpaudit.request import configuration_of
from tests.installation import request_of

FOLDER = Path(__file__).parent / "truth"
LEAST = 265
"""So many cases there are at least."""
Fact = dict[str, Any]


def plain(value: Any) -> Any:
    """A fact's fields as texts, numbers, lists and mappings."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def of_conflict(fact: Conflict) -> Fact:
    parts: dict[str, list[str]] = {}
    for role in fact.roles:
        parts.setdefault(role.part, []).append(role.name)
    return (
        plain(fact)
        | parts
        | {
            "kinds": [fact.kind, *fact.also],
            "names": [role.name for role in fact.roles],
            "servers": [*fact.servers],
            "remedies": [plain(one) | {"sentence": one.sentence} for one in fact.remedies],
        }
    )


def of_flow(fact: Flow) -> Fact:
    legs = {leg: [one.name for one in getattr(fact, leg)] for leg in LEGS}
    cuts = [plain(cut) | {"names": [loss.name for loss in cut.losses]} for cut in fact.cuts]
    return plain(fact) | legs | {"cuts": cuts, "servers": [*fact.servers]}


def of_changes(before: Facts, after: Facts) -> Iterator[Fact]:
    seen = difference(before, after)
    yield from map(plain, (*seen.changes, *seen.facts))


def of_excess(fact: Excess) -> Fact:
    return {one.name: plain(getattr(fact, one.name)) for one in fields(fact)}


def of_tools(facts: Facts) -> Iterator[Fact]:
    modes = ("interactive", "headless", "bypass")
    for fact in facts.tools:
        believed = any(one.decisions != one.without_hints for one in fact.outcomes)
        (outcome,) = fact.outcomes
        verdicts = [one.verdict.value for one in outcome.decisions]
        yield dict(zip(modes, verdicts, strict=True)) | {
            "name": fact.tool.name,
            "mismatch": bool(fact.hint_mismatch),
            "believed": believed,
            "actions": sorted(fact.tool.actions),
        }


def of_rules(facts: Facts) -> Iterator[Fact]:
    for fact in facts.rules:
        yield asdict(fact) | {
            "pattern": fact.rule.pattern,
            "effective": fact.effective,
            "problem": bool(fact.rule.problem),
            "certainty": fact.certainty.value,
        }


def of_scopes(facts: Facts) -> Iterator[Fact]:
    for use in facts.scopes:
        for fact in use.scopes:
            yield plain(fact) | {
                "provider": use.provider,
                "names": [*use.installations],
                "agents": [*use.agents],
            }


OF: dict[str, Callable[[Facts], Any]] = {
    "conflicts": lambda facts: map(of_conflict, facts.conflicts),
    "flows": lambda facts: map(of_flow, facts.flows),
    "excess": lambda facts: map(of_excess, facts.excess),
    "rules": of_rules,
    "tools": of_tools,
    "scopes": of_scopes,
}


@cache
def tables() -> dict[str, dict[str, Any]]:
    return {file.stem: yaml.safe_load(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.yaml"))}


CASES = [(name, case) for name, table in tables().items() for case in table["cases"]]
PARTS = {"restricted", "bypass", "winner", "loser", "limited", "freer", "route", "holder", "writer"}
FIELDS: dict[str, set[str]] = {
    "conflicts": {*Conflict.__dataclass_fields__, "kinds", "names", "servers", *PARTS},
    "flows": {*Flow.__dataclass_fields__, "servers"},
    "excess": {*Excess.__dataclass_fields__},
    "changes": {*Change.__dataclass_fields__, *FactChange.__dataclass_fields__},
    "rules": {*RuleFact.__dataclass_fields__, "pattern", "effective", "problem"},
    "tools": {"interactive", "headless", "bypass", "name", "mismatch", "believed", "actions"},
    "scopes": {*ScopeFact.__dataclass_fields__, "provider", "names", "agents"},
}
"""What a pattern can name: a mistyped field would match nothing and prove nothing."""
KEYS = {"name", "files", "manifests", "mode", "as_is", "profile", "before", "after", "facts", "never", "todo"}
KEYS |= {"usage"}
EVIDENCE = {"client", "days", "loaded", "called", "identity", "folder", "unread"}


def gathered(folder: Path, case: dict[str, Any], files: dict[str, Any]) -> Facts:
    options = {key: case[key] for key in ("mode", "as_is", "profile") if key in case}
    if "usage" in case:
        (folder / "usage.json").write_text(as_json(evidence(case["usage"], folder / "project")))
        options["usage"] = (folder / "usage.json",)
    # The ending is written out: names of servers may hold dots.
    saved = {f"{name}.json": content for name, content in files.get("manifests", {}).items()}
    request = request_of(folder, files["files"], saved or None, **options)
    return gather(request, configuration_of(request)[0])


def evidence(told: dict[str, Any], project: Path) -> Usage:
    client, identity = told.get("client", "claude-code"), told.get("identity", "")
    digest = folder_digest(told.get("folder", str(project)))
    days = tuple(told["days"])
    called = [(*name.split(" ", 1), f"{day}T08:00:00Z") for name, day in told.get("called", {}).items()]
    return Usage(
        SCHEMA,
        "",
        tuple(ToolUse(client, server, identity, tool, 1, 0, at, at) for server, tool, at in called),
        tuple(Window(client, server, identity, digest, 9, days) for server in ("", *told.get("loaded", ()))),
        (Source("x", client, 9, 90),),
        (Unread("x", client, "cut short", 1),) if told.get("unread") else (),
    )


def found(folder: Path, of: str, case: dict[str, Any]) -> list[Fact]:
    if of != "changes":
        return list(OF[of](gathered(folder, case, case)))
    before = gathered(folder / "state", case, case["before"])
    # Both lie at one place, as two states of one machine do.
    shutil.rmtree(folder / "state")
    return list(of_changes(before, gathered(folder / "state", case, case["after"])))


def matches(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, dict):
        return all(key in value and matches(one, value[key]) for key, one in pattern.items())
    if isinstance(pattern, list) and any(isinstance(one, dict) for one in pattern):
        return all(any(matches(one, other) for other in value) for one in pattern)
    if isinstance(pattern, list):
        return set(pattern) == set(value)
    if isinstance(value, list):
        return any(matches(pattern, one) for one in value)
    if isinstance(pattern, str) and isinstance(value, str):
        return fnmatchcase(value, pattern)
    return type(pattern) is type(value) and pattern == value


def problems(case: dict[str, Any], facts: list[Fact]) -> Iterator[str]:
    for pattern in case.get("facts", ()):
        if (number := sum(matches(pattern, fact) for fact in facts)) != 1:
            yield f"{number} facts match {pattern}"
    for pattern in case.get("never", ()):
        for fact in facts:
            if matches(pattern, fact):
                yield f"{pattern} matches {brief(fact)}"


def brief(fact: Fact) -> Fact:
    return {key: value for key, value in fact.items() if key not in ("witness", "rule", "roles", "remedies")}


@pytest.mark.parametrize(("table", "case"), CASES, ids=[f"{name}: {case['name']}" for name, case in CASES])
def test_truth(tmp_path: Path, table: str, case: dict[str, Any]) -> None:
    facts = found(tmp_path, tables()[table]["of"], case)
    wrong = list(problems(case, facts))
    if "todo" in case:
        assert wrong, "this known gap is closed: remove `todo`"
        pytest.xfail(case["todo"])
    assert not wrong, "\n".join([*wrong, "found:", *(str(brief(fact)) for fact in facts)])


def test_the_tables_are_well_formed() -> None:
    assert len(CASES) >= LEAST
    assert len({(table, case["name"]) for table, case in CASES}) == len(CASES)
    for table, case in CASES:
        assert case.keys() <= KEYS, case["name"]
        assert case.get("usage", {}).keys() <= EVIDENCE, case["name"]
        for pattern in (*case.get("facts", ()), *case.get("never", ())):
            assert pattern.keys() <= FIELDS[tables()[table]["of"]], case["name"]
        assert case.get("facts") or case.get("never"), case["name"]
