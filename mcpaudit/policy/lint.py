"""What does not stop a policy from loading, but is hardly meant: each with its place in the file.

| rule | it says |
| --- | --- |
| `wrong` | the policy or its test file cannot be used at all |
| `duplicate-id` | another policy has the same id |
| `never-holds` | the condition can never hold: nothing is ever reported |
| `always-holds` | the condition holds for every subject |
| `idle-part` | a part of the condition changes nothing |
| `unused` | a param or variable that nothing uses |
| `unknown-control` | a framework or an item of one that does not exist |
| `missing-test` | no tests, or none that expects a finding, or none that expects none |
| `empty-fix` | the fix names nothing to do |
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, Mistake
from mcpaudit.model.place import Route
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.policy import fields, syntax
from mcpaudit.policy.controls import unknown_control
from mcpaudit.policy.fields import Field
from mcpaudit.policy.kinds import param_field
from mcpaudit.policy.logic import Logic, Scope
from mcpaudit.policy.policy import PLACEHOLDER, TEST_ENDING, Policy, read_files, read_policies
from mcpaudit.policy.runtime import parse
from mcpaudit.policy.syntax import Call, Expression, Fold
from mcpaudit.policy.validation import inside, mistake, read_document, validate

Rule = Literal[
    "wrong",
    "duplicate-id",
    "never-holds",
    "always-holds",
    "idle-part",
    "unused",
    "unknown-control",
    "missing-test",
    "empty-fix",
]
_NOTHING_TO_DO = re.compile(r"(?i)\W*(?:to ?do|tbd|fix ?me|xxx|none|nothing|n/?a|fix (?:it|this)|\?*)\W*")


@dataclass(frozen=True, slots=True)
class Lint:
    """One thing that a policy's author should look at."""

    rule: Rule
    mistake: Mistake


def lint(paths: Iterable[Path], taken: Mapping[str, str]) -> list[Lint]:
    """Everything that is hardly meant in the policies of files and folders; `taken` are files by id."""
    files, unread = read_files(paths)
    loaded, mistakes = read_policies(files)
    found = [Lint("wrong", one) for one in (*unread, *mistakes)]
    seen = dict(taken)
    for one in loaded:
        document = one.file.document
        if one.policy.id in seen:
            text = f"the id `{one.policy.id}` is taken by {seen[one.policy.id]}"
            found.append(Lint("duplicate-id", mistake(document, ("metadata", "id"), text)))
        seen.setdefault(one.policy.id, document.file)
        found += _of(document, one.policy)
        found += _tests(document, one.file.path) if one.file.path else ()
    return sorted(found, key=lambda one: (one.mistake.file, one.mistake.line, one.mistake.column, one.rule))


def _of(document: Document, policy: Policy) -> Iterator[Lint]:
    for index, control in enumerate(policy.controls):
        if told := unknown_control(control):
            yield Lint("unknown-control", mistake(document, ("metadata", "controls", index), *told))
    if _NOTHING_TO_DO.fullmatch(policy.fix):
        hint = "say which file or setting to change, and to what"
        yield Lint("empty-fix", mistake(document, ("spec", "fix"), "the fix names nothing to do", hint))
    trees = {name: parse(policy.subject, text) for name, text in policy.variables.items()}
    trees[""] = parse(policy.subject, policy.where)
    yield from _unused(document, policy, trees.values())
    yield from _logic(document, policy, trees)


def _unused(document: Document, policy: Policy, trees: Iterable[Expression]) -> Iterator[Lint]:
    used = {".".join(syntax.path(node)[:2]) for tree in trees for node in syntax.walk(tree)}
    used |= {match[1] for text in (policy.message, policy.fix) for match in PLACEHOLDER.finditer(text)}
    for kind, names in (("params", policy.params), ("variables", policy.variables)):
        for name in names:
            if f"{kind}.{name}" not in used:
                text = f"nothing uses the {kind[:-1]} `{name}`"
                yield Lint("unused", mistake(document, ("spec", kind, name), text, "", True))


def _logic(document: Document, policy: Policy, trees: Mapping[str, Expression]) -> Iterator[Lint]:
    scope: dict[str, Field | None] = {
        policy.subject: Field(policy.subject, fields.SUBJECTS[policy.subject], False, False, "")
    }
    for name, value in policy.params.items():
        scope[f"params.{name}"] = param_field(name, value)
    logic = Logic(scope, {name: tree for name, tree in trees.items() if name})
    where = trees[""]
    if logic.never([(where, True)]):
        told = "the condition can never hold: nothing will ever be reported"
        part = next(_parts_that_never_hold(logic, where, scope), where)
        yield Lint("never-holds", _at(document, policy, "", part, told))
        return
    if logic.never([(where, False)]):
        told = f"the condition always holds: every {policy.subject} will be reported"
        yield Lint("always-holds", _at(document, policy, "", where, told))
        return
    for name, tree in trees.items():
        for node, told in _idle(logic, tree, scope):
            yield Lint("idle-part", _at(document, policy, name, node, told))


def _parts_that_never_hold(logic: Logic, node: Expression, scope: Scope) -> Iterator[Expression]:
    """The smallest part that makes a condition impossible, where one part alone does."""
    if isinstance(node, Call) and node.function == "_&&_":
        for one in _flat(node, "_&&_"):
            if logic.never([(one, True)], scope):
                yield from _parts_that_never_hold(logic, one, scope)
    yield node


def _idle(logic: Logic, node: Expression, scope: Scope) -> Iterator[tuple[Expression, str]]:
    """Parts of a condition without which it would be the same; the outermost ones only."""
    if isinstance(node, Call) and node.function in ("_&&_", "_||_"):
        both = node.function == "_&&_"
        kept = list(_flat(node, node.function))
        if both and logic.never([(one, True) for one in kept], scope):
            yield node, f"`{_shown(node)}` can never hold"
            return
        if not both and logic.never([(one, False) for one in kept], scope):
            yield node, f"`{_shown(node)}` always holds"
            return
        for one in reversed(kept.copy()):
            others = [(other, both) for other in kept if other is not one]
            if logic.never([*others, (one, not both)], scope):
                kept.remove(one)
                rest = (
                    "where the rest holds, this holds too" if both else "where this holds, the rest holds too"
                )
                yield one, f"`{_shown(one)}` changes nothing: {rest}"
        for one in kept:
            yield from _idle(logic, one, scope)
    elif isinstance(node, Fold):
        yield from _idle(logic, node.operand, scope)
        yield from _idle(logic, node.body, logic.inner(node, scope))
    else:
        for part in syntax.parts(node):
            yield from _idle(logic, part, scope)


def _flat(node: Expression, function: str) -> Iterator[Expression]:
    """What a chain of `&&` or `||` joins, however the parser paired it."""
    if isinstance(node, Call) and node.function == function:
        for part in node.arguments:
            yield from _flat(part, function)
    else:
        yield node


def _shown(node: Expression) -> str:
    text = syntax.text(node)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _at(document: Document, policy: Policy, variable: str, node: Expression, told: str) -> Mistake:
    route: Route = ("spec", "variables", variable) if variable else ("spec", "where")
    text = policy.variables[variable] if variable else policy.where
    return inside(document, route, text, syntax.start(node), told)


def _tests(document: Document, path: Path) -> Iterator[Lint]:
    """Whether tests stand beside it that would notice if it reported everything, or nothing."""
    file = path.with_name(f"{path.stem}{TEST_ENDING}")
    if not file.is_file():
        told = f"it has no tests: there is no {file.name} beside it"
        yield Lint("missing-test", mistake(document, ("metadata", "id"), told))
        return
    try:
        tests = read_document(file, file.as_posix())
    except ConfigurationError as error:
        yield from (Lint("wrong", one) for one in error.mistakes)
        return
    if wrong := validate(tests, "policy-test"):
        yield from (Lint("wrong", one) for one in wrong)
        return
    cases = Node(tests, tests.data).child("cases")
    held = [case for case in cases.elements() if case.flag("todo") is not True] if cases else []
    wanted = [bool(expect.value) for case in held if (expect := case.child("expect"))]
    if True not in wanted:
        told = "no case expects a finding: nothing shows that the policy reports anything"
        yield Lint("missing-test", mistake(tests, ("cases",), told, on_key=True))
    if False not in wanted:
        told = "no case expects `[]`: nothing shows what the policy must not report"
        yield Lint("missing-test", mistake(tests, ("cases",), told, on_key=True))
