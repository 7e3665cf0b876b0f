"""Policies and the fields that they can use, as Markdown pages."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from mcpaudit.model.finding import SEVERITIES
from mcpaudit.parsing.document import Json
from mcpaudit.policy import fields
from mcpaudit.policy.controls import control_in_words
from mcpaudit.policy.pack_pages import pack_index, pack_pages
from mcpaudit.policy.policy import TEST_ENDING, Policy, param_in_words, shipped, shipped_folder
from mcpaudit.policy.remedy import REMEDIES, Remedy
from mcpaudit.policy.validation import read_document

# What conditions can call beside CEL's own functions: the signature and what it tells.
FUNCTIONS = {
    "within": (
        "resource.within(pattern)",
        "Whether the resource lies wholly inside what the pattern describes",
    ),
    "overlaps": ("resource.overlaps(pattern)", "Whether the two have, or may have, anything in common"),
    "globMatches": (
        "text.globMatches(glob)",
        "Whether the text matches, where `*` stands for any characters",
    ),
    "changes": (
        "actions.changes()",
        "Whether one of the actions leaves something different: all but list, read and send",
    ),
}


def policy_pages(policies: Sequence[Policy] | None = None, folder: Path | None = None) -> dict[str, str]:
    """A page for each policy and `index.md`, by file name; the shipped policies where none are given.

    `folder` is where examples are looked for: the tests that lie beside policies.
    """
    known = shipped() if policies is None else policies
    tests = _tests(shipped_folder() if folder is None else folder)
    pages = {f"{policy.id}.md": policy_page(policy, tests.get(policy.id)) for policy in known}
    if policies is not None:
        return {"index.md": index_page(known), **pages}
    index = index_page(known).rstrip("\n").split("\n") + pack_index()
    return {"index.md": "\n".join(index) + "\n", **pages, **pack_pages(known)}


def _tests(folder: Path) -> dict[str, Json]:
    files = sorted(folder.rglob(f"*{TEST_ENDING}")) if folder.is_dir() else [folder]
    return {
        file.name.removesuffix(TEST_ENDING): read_document(file, file.as_posix()).data
        for file in files
        if file.name.endswith(TEST_ENDING)
    }


def index_page(policies: Iterable[Policy]) -> str:
    """All policies by pack, the gravest first."""
    lines = ["# Policies", "", "Generated from the policy files; each links to its page."]
    packs: dict[str, list[Policy]] = {}
    for policy in policies:
        packs.setdefault(policy.pack, []).append(policy)
    for pack, own in sorted(packs.items()):
        lines += ["", f"## {pack}", "", "| policy | severity | what it reports |", "| --- | --- | --- |"]
        for policy in sorted(own, key=lambda one: (-SEVERITIES.index(one.severity), one.id)):
            lines.append(f"| [{policy.id}]({policy.id}.md) | {policy.severity} | {_cell(policy.title)} |")
    return "\n".join(lines) + "\n"


def policy_page(policy: Policy, tests: Json = None) -> str:
    """Everything about one policy, with the first case of its tests in which it reports something."""
    lines = [
        f"# {policy.title}",
        "",
        f"`{policy.id}` · **{policy.severity}** · pack {policy.pack} · judges each {policy.subject}",
        "",
        "## What it reports",
        "",
        f"> {policy.message}",
        "",
        "Each `{...}` stands for a field or param of that name.",
        "",
        "## Why it matters",
        "",
        policy.why,
        "",
        "## How to fix it",
        "",
        policy.fix,
        "",
        *remedy_in_words(policy.remedy),
        "## When it reports",
        "",
        *_fenced("cel", policy.where),
    ]
    if policy.variables:
        lines += ["", "There, these names stand for parts of the condition:"]
    for name, part in policy.variables.items():
        lines += ["", f"`variables.{name}`", "", *_fenced("cel", part)]
    if policy.params:
        lines += ["", "Params, which `mcpaudit.yaml` can change:", ""]
        lines += [f"- `{name}`: `{param_in_words(value)}`" for name, value in policy.params.items()]
    if policy.controls:
        lines += [
            "",
            "## Controls",
            "",
            "A clean check is evidence for these items, never proof of conformity.",
            "",
        ]
        lines += [f"- {control_in_words(control)}" for control in policy.controls]
    lines += _example(tests)
    return "\n".join(lines) + "\n"


def remedy_in_words(remedy: Remedy | None) -> list[str]:
    """What a patch does for it, a paragraph with an empty line behind it; nothing without a remedy."""
    if remedy is None:
        return []
    told = f"`{remedy.edit}`, {remedy.safety}: {REMEDIES[remedy.edit].says}"
    return [f"Findings carry it as a patch where a file can say so ({told}).", ""]


def _example(tests: Json) -> list[str]:
    cases = tests.get("cases") if isinstance(tests, dict) else None
    for case in cases if isinstance(cases, list) else ():
        if isinstance(case, dict) and case.get("expect") and not case.get("todo"):
            found, files = case["expect"], case.get("files")
            assert isinstance(found, list)
            lines = ["", "## Example", "", f"{case.get('name')}:"]
            for name, content in files.items() if isinstance(files, dict) else ():
                text = (
                    content if isinstance(content, str) else json.dumps(content, indent=2, ensure_ascii=False)
                )
                lines += ["", f"`{name}`", "", *_fenced(_language(name), text)]
            subjects = [f"`{one['subject']}`" for one in found if isinstance(one, dict)]
            return [*lines, "", f"It reports {', '.join(subjects)}."]
    return []


def _language(name: str) -> str:
    return {"toml": "toml", "yaml": "json"}.get(name.rpartition(".")[2], "json")


def _fenced(language: str, text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", *text.strip("\n").splitlines(), fence]


_INTRODUCTION = """\
Generated from `mcpaudit/policy/fields.yaml`. A policy's `for` names one of the subjects, and its condition,
message and fix speak of it by that name: `conflict.restricted.actions`. `params` and `variables` are the
policy's own, and `as_of` is the day of the audit as a text. Conditions are written in CEL, the Common
Expression Language."""

_BOUNDS = """\
A policy is data, also one that somebody else wrote: whatever could take unbounded time or memory is refused
when it is loaded, or leaves it inconclusive. An expression has 4,000 characters at most, and 50,000 with its
variables written out; one evaluation goes through 10,000 list elements at most. `map` makes lists of plain
values; inside of `exists`, `all`, `filter` and `map` only numbers are added and lists hold plain values. What
may be known in part (a tool, a resource) is not compared as a whole: compare a field of it, as in `a.id`."""

_UNKNOWN = """\
A field that is not known is no value, and nothing can be compared with it. Where the condition depends on it,
the policy is inconclusive for that subject, and the report says which field was missing. Where the answer is
the same either way, it is given: `a && b` is false once one of them is.

A list may be known in part, as the tools of a server with a partial manifest. Then `exists` can be true, and
`all` can be false, by the part that is known; otherwise both are inconclusive. Use them, and not `size()`, on
`tools` and `accesses`: `size()` cannot tell how long the rest is.

A type that ends in `?` can be `null`, where nothing is said; that is a value and can be compared."""

_PATTERNS = """\
A pattern is a resource with `*` for one part and `**` for any number: `google:**/calendar.event/**`,
`sql:db.example:5432/**`."""


def field_page() -> str:
    """All fields and functions that conditions can use, and what unknown means."""
    lines = [
        "# What policies can speak of",
        "",
        _INTRODUCTION,
        "",
        "| `for` | describes |",
        "| --- | --- |",
        *(f"| `{name}` | [{kind}](#{kind.lower()}) |" for name, kind in fields.SUBJECTS.items()),
        "",
        "## What is not known",
        "",
        _UNKNOWN,
        "",
        "## Functions",
        "",
        "| function | tells |",
        "| --- | --- |",
        *(f"| `{signature}` | {_cell(doc)} |" for signature, doc in FUNCTIONS.values()),
        "",
        _PATTERNS,
        "",
        "## Bounds",
        "",
        _BOUNDS,
    ]
    for message in fields.table().values():
        lines += [
            "",
            f"## {message.name}",
            "",
            message.doc,
            "",
            "| field | type | tells |",
            "| --- | --- | --- |",
        ]
        lines += [
            f"| `{one.name}` | {_cell(type_in_words(one))} | {_cell(told(one))} |"
            for one in message.fields.values()
        ]
    return "\n".join(lines) + "\n"


def type_in_words(field: fields.Field) -> str:
    """A field's type as the table writes it."""
    return f"{'list of ' if field.repeated else ''}{field.type}{'?' if field.nullable else ''}"


def told(field: fields.Field) -> str:
    """What a field tells, with its values where they are few."""
    values = [value for value in field.values if value]
    return f"{field.doc}: {', '.join(f'`{value}`' for value in values)}" if values else field.doc


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
