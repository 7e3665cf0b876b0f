"""Runs the tests beside policies: small installations with the findings that a policy must make of them.

`POLICY.test.yaml` beside `POLICY.yaml` holds

    policy: silent-root-bypass
    cases:
      - name: A shell that runs silently goes round the root
        files:         # below a scratch project; `~/...` below its user's home; mappings become JSON
          .mcp.json: {mcpServers: {...}}
          .claude/settings.json: {permissions: {allow: [Bash]}}
        manifests: {files: {tools: [...]}}                 # optional: saved tools/list results, by server
        usage: {schema: mcpaudit/usage-v1, tools: [...], windows: [...], ...}    # optional
        options: {profile: dispatch, as_of: 2026-11-22, mode: interactive}   # optional
        expect:
          - {subject: "...", status: fail, message: part of it, witness: [".mcp.json:", "Bash"]}
      - name: A near miss passes
        files: {...}
        expect: []

Each case is audited for real, as on a Linux machine without system files or variables, with that one policy.
It is strict both ways: a finding that is not expected fails it, and so does one that is missing. A case with
`todo: true` records a known gap: it has to fail until the gap is closed.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from mcpaudit.audit import Request, audit
from mcpaudit.errors import McpauditError, Mistake, PolicyError, UsageError
from mcpaudit.model.decision import MODES, Mode
from mcpaudit.model.report import FindingRow
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.policy.policy import TEST_ENDING, load
from mcpaudit.policy.validation import mistake, read_document, validate
from mcpaudit.report.escape import visible

AS_OF = date(2026, 11, 22)
"""The day of a case that names none."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One finding that a case wants."""

    subject: str
    status: str = "fail"
    message: str = ""
    witness: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One small installation, and all findings that the policy must make of it."""

    name: str
    line: int
    files: tuple[tuple[str, str], ...]
    expect: tuple[Expected, ...]
    manifests: tuple[tuple[str, str], ...] = ()
    usage: str = ""
    """Usage evidence as JSON; empty where there is none."""
    profile: str = ""
    as_of: date = AS_OF
    mode: Mode = "interactive"
    todo: bool = False


@dataclass(frozen=True, slots=True)
class Suite:
    """A policy with its cases; without any where it has no test file."""

    policy: str
    file: Path
    """The policy's own file."""
    tests: Path
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case."""

    case: Case
    problems: tuple[str, ...]
    """What was expected and what was found instead; empty where the case holds."""

    @property
    def passed(self) -> bool:
        """Whether the case holds, or fails as a known gap has to."""
        return bool(self.problems) is self.case.todo

    @property
    def explanation(self) -> tuple[str, ...]:
        """Why it did not pass, in lines."""
        if self.passed:
            return ()
        return self.problems or ("this known gap is closed: remove `todo: true`",)


def suites(paths: Iterable[Path]) -> list[Suite]:
    """The policies of files and folders with their tests; raises PolicyError with every mistake in them."""
    found: list[Suite] = []
    mistakes: list[Mistake] = []
    for file in dict.fromkeys(_policies(paths)):
        tests = file.with_name(f"{file.stem}{TEST_ENDING}")
        try:
            (policy,) = load([file])
            found.append(Suite(policy.id, file, tests, _cases(tests, policy.id)))
        except PolicyError as error:
            mistakes += error.mistakes
    if mistakes:
        raise PolicyError(mistakes)
    return found


def _policies(paths: Iterable[Path]) -> Iterable[Path]:
    """Policy files; the name of a test file stands for that of its policy."""
    for path in paths:
        if not path.exists():
            raise UsageError(f"there is no policy file or folder at {path}")
        files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        for file in files:
            if not file.name.endswith(TEST_ENDING):
                yield file
                continue
            policy = file.with_name(f"{file.name.removesuffix(TEST_ENDING)}.yaml")
            if not policy.is_file():
                raise PolicyError(
                    [Mistake(file.as_posix(), 1, 1, f"there is no policy {policy.name} beside it")]
                )
            yield policy


def _cases(file: Path, policy: str) -> tuple[Case, ...]:
    if not file.is_file():
        return ()
    document = read_document(file, file.as_posix())
    mistakes = validate(document, "policy-test")
    if not mistakes:
        root = Node(document, document.data)
        if root.text("policy") != policy:
            text = f"these are tests of `{root.text('policy')}`, but the policy beside them is `{policy}`"
            mistakes.append(mistake(document, ("policy",), text))
        listed = root.child("cases")
        cases = tuple(listed.elements()) if listed else ()
        mistakes += _misplaced(document, cases)
        if not mistakes:
            return tuple(map(_case, cases))
    raise PolicyError(mistakes)


def _misplaced(document: Document, cases: Iterable[Node]) -> Iterable[Mistake]:
    """Files that would lie outside of the scratch folder, and days that do not exist."""
    for case in cases:
        for key in ("files", "manifests"):
            for name, node in table.items() if (table := case.child(key)) else ():
                path = PurePosixPath(name)
                if path.is_absolute() or ".." in path.parts or not path.parts:
                    yield mistake(
                        document, node.route, f"`{name}` is no path below the project or `~/`", "", True
                    )
        day = case.at("options", "as_of")
        if day is not None and _day(str(day.value)) is None:
            yield mistake(document, day.route, f"there is no day `{day.value}`")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _case(node: Node) -> Case:
    options = node.child("options")
    mode = options.text("mode") if options else ""
    listed = node.child("expect")
    return Case(
        name=node.text("name"),
        line=node.document.locate(node.route)[0],
        files=_texts(node.child("files")),
        manifests=_texts(node.child("manifests")),
        usage=json.dumps(usage.value) if (usage := node.child("usage")) else "",
        expect=tuple(map(_expected, listed.elements())) if listed else (),
        profile=options.text("profile") if options else "",
        as_of=(_day(options.text("as_of")) if options else None) or AS_OF,
        mode=next((one for one in MODES if one == mode), "interactive"),
        todo=node.flag("todo") is True,
    )


def _texts(table: Node | None) -> tuple[tuple[str, str], ...]:
    rows = []
    for name, node in table.items() if table else ():
        text = (
            node.value
            if isinstance(node.value, str)
            else json.dumps(node.value, indent=2, ensure_ascii=False)
        )
        rows.append((name, text))
    return tuple(rows)


def _expected(node: Node) -> Expected:
    return Expected(
        subject=node.text("subject"),
        status=node.text("status") or "fail",
        message=node.text("message"),
        witness=tuple(str(one.value) for one in node.texts("witness") or ()),
    )


def run(suite: Suite) -> list[CaseResult]:
    """Run all cases of a policy."""
    return [
        CaseResult(case, tuple(compare(case.expect, findings_of(case, suite.file)))) for case in suite.cases
    ]


def findings_of(case: Case, policy: Path) -> Sequence[FindingRow] | McpauditError:
    """What the policy finds in a case's installation; the error where the case cannot be audited."""
    with TemporaryDirectory(prefix="mcpaudit-") as scratch:
        folder = Path(scratch).resolve()
        project, home, manifests = folder / "project", folder / "home", folder / "manifests"
        project.mkdir()
        home.mkdir()
        for name, text in case.files:
            _write(home / name[2:] if name.startswith("~/") else project / name, text)
        for name, text in case.manifests:
            _write(manifests / f"{name}.json", text)
        if case.usage:
            _write(folder / "usage.json", case.usage)
        request = Request(
            site=Site(project, home, None, "linux", {}),
            as_of=case.as_of,
            manifests=manifests if case.manifests else None,
            profile=case.profile,
            policies=(policy,),
            mode=case.mode,
            usage=(folder / "usage.json",) if case.usage else (),
            waivers=False,
            shipped_policies=False,
        )
        try:
            return audit(request).findings
        except McpauditError as error:
            return error


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def compare(expect: Iterable[Expected], found: Sequence[FindingRow] | McpauditError) -> Iterable[str]:
    """How findings differ from what a case wants; nothing where they are the same."""
    if isinstance(found, McpauditError):
        yield f"the case cannot be audited: {found}"
        return
    by_subject = {finding.subject: finding for finding in found}
    for one in expect:
        finding = by_subject.pop(one.subject, None)
        if finding is None:
            yield f"expected  {one.status} {one.subject}"
            yield "got       no such finding"
            continue
        if finding.status != one.status:
            yield f"expected  {one.status} {one.subject}"
            yield f"got       {finding.status}{f' because {finding.reason}' if finding.reason else ''}"
        if one.message not in finding.message:
            yield f"expected  a message with `{one.message}`"
            yield f"got       {finding.message}"
        lines = _lines(finding)
        for text in one.witness:
            if not any(text in line for line in lines):
                yield f"expected  a location or step with `{text}`"
                yield from (f"got       {line}" for line in lines)
    for finding in by_subject.values():
        yield f"expected  nothing for {finding.subject}"
        yield f"got       {finding.status}: {finding.message}"


def _lines(finding: FindingRow) -> list[str]:
    return [
        *map(str, finding.locations),
        *(f"{step.location}: {step.reason}" if step.location else step.reason for step in finding.witness),
    ]


def junit_xml(results: Iterable[tuple[Suite, Sequence[CaseResult]]]) -> str:
    """The results for continuous integration: a test suite for each policy."""
    root = ElementTree.Element("testsuites", name="mcpaudit policy test")
    for suite, cases in results:
        failed = sum(not one.passed for one in cases)
        skipped = sum(one.passed and one.case.todo for one in cases)
        counts = {"tests": str(len(cases)), "failures": str(failed), "skipped": str(skipped)}
        tests = ElementTree.SubElement(root, "testsuite", {"name": suite.policy, **counts})
        for one in cases:
            where: dict[str, str] = {"file": suite.tests.as_posix(), "line": str(one.case.line)}
            where |= {"classname": suite.policy, "name": visible(one.case.name)}
            case = ElementTree.SubElement(tests, "testcase", where)
            if not one.passed:
                told = visible("\n".join(one.explanation).replace("\n", "  "))
                ElementTree.SubElement(case, "failure", message="findings differ").text = told
            elif one.case.todo:
                ElementTree.SubElement(case, "skipped", message="a known gap")
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'
