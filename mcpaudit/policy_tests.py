"""Runs the tests beside policies: small installations with the findings that a policy must make of them.

`POLICY.test.yaml` beside `POLICY.yaml` holds

    policy: silent-root-bypass
    cases:
      - name: A shell that runs silently goes round the root
        files:         # below a scratch project; `~/...` below its user's home; mappings become JSON
          .mcp.json: {mcpServers: {...}}
          .claude/settings.json: {permissions: {allow: [Bash]}}
        manifests: {files: {tools: [...]}}                 # optional: saved tools/list results, by server
        anyone_writes: ["~/.cursor/mcp.json"]              # optional: files that every user may write
        usage: {schema: mcpaudit/usage-v1, tools: [...], windows: [...], ...}    # optional
        locked: {manifests: {files: {tools: [...]}}}       # optional: otherwise, when it was locked
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
from datetime import date
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from mcpaudit.audit import audit
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import McpauditError, Mistake, PolicyError, UsageError
from mcpaudit.installed import installed
from mcpaudit.manifests.lock.write import dump
from mcpaudit.model.decision import MODES, Mode
from mcpaudit.model.lock import FILE
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.model.site import Site
from mcpaudit.parsing.document import Document
from mcpaudit.parsing.node import Node
from mcpaudit.policy.policy import PACK_ENDING, TEST_ENDING, load
from mcpaudit.policy.validation import mistake, read_document, validate
from mcpaudit.report import junit_xml
from mcpaudit.request import Request

AS_OF = date(2026, 11, 22)
"""The day of a case that names none."""


Table = tuple[tuple[str, str], ...]
"""Texts by file name."""


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
    files: Table
    expect: tuple[Expected, ...]
    manifests: Table = ()
    usage: str = ""
    """Usage evidence as JSON; empty where there is none."""
    probes: str = ""
    """Probe evidence, likewise."""
    profile: str = ""
    as_of: date = AS_OF
    mode: Mode = "interactive"
    todo: bool = False
    anyone_writes: tuple[str, ...] = ()
    """Files that every user of the machine may write."""
    locked: "tuple[Table, Table] | None" = None
    """Files and manifests as they were when mcpaudit.lock was written; `None` where there is no lock."""


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
            if file.name.endswith(PACK_ENDING):
                continue
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
        for route in (("files",), ("manifests",), ("locked", "files"), ("locked", "manifests")):
            for name, node in table.items() if (table := case.at(*route)) else ():
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
    listed, locked = node.child("expect"), node.child("locked")
    files, manifests = _texts(node.child("files")), _texts(node.child("manifests"))
    return Case(
        name=node.text("name"),
        line=node.document.locate(node.route)[0],
        files=files,
        manifests=manifests,
        usage=json.dumps(usage.value) if (usage := node.child("usage")) else "",
        probes=json.dumps(probes.value) if (probes := node.child("probes")) else "",
        expect=tuple(map(_expected, listed.elements())) if listed else (),
        profile=options.text("profile") if options else "",
        as_of=(_day(options.text("as_of")) if options else None) or AS_OF,
        mode=next((one for one in MODES if one == mode), "interactive"),
        todo=node.flag("todo") is True,
        anyone_writes=tuple(str(one.value) for one in node.texts("anyone_writes") or ()),
        locked=(_before(files, locked.child("files")), _before(manifests, locked.child("manifests")))
        if locked
        else None,
    )


def _before(now: Table, otherwise: Node | None) -> Table:
    """A table as it was: other texts for some names, and none for those that were not there."""
    gone = {name for name, node in otherwise.items() if node.value is None} if otherwise else set()
    return tuple(
        (name, text) for name, text in {**dict(now), **dict(_texts(otherwise))}.items() if name not in gone
    )


def _texts(table: Node | None) -> Table:
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
        try:
            if case.locked is not None:
                before = _request(case, policy, folder / "before", *case.locked)
                _write(folder / "now" / "project" / FILE, dump(installed(before).lock).decode())
            return audit(_request(case, policy, folder / "now", case.files, case.manifests)).findings
        except McpauditError as error:
            return error


def _request(case: Case, policy: Path, folder: Path, files: Table, manifests: Table) -> Request:
    """Write an installation, and say what to do with it."""
    project, home = folder / "project", folder / "home"
    project.mkdir(parents=True, exist_ok=True)
    home.mkdir()
    for name, text in files:
        path = home / name[2:] if name.startswith("~/") else project / name
        _write(path, text)
        if name in case.anyone_writes:
            path.chmod(0o666)
    for name, text in manifests:
        _write(folder / "manifests" / f"{name}.json", text)
    if case.usage:
        _write(folder / "usage.json", case.usage)
    if case.probes:
        _write(folder / "probes.json", case.probes)
    return Request(
        site=Site(project, home, None, "linux", {}),
        as_of=case.as_of,
        manifests=folder / "manifests" if manifests else None,
        profile=case.profile,
        policies=(policy,),
        mode=case.mode,
        usage=(folder / "usage.json",) if case.usage else (),
        probes=folder / "probes.json" if case.probes else None,
        waivers=False,
        shipped_policies=False,
    )


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


def junit(results: Iterable[tuple[Suite, Sequence[CaseResult]]]) -> str:
    """The results for continuous integration: a test suite for each policy."""
    return junit_xml.document(
        "mcpaudit policy test",
        [junit_xml.Suite(suite.policy, [_written(suite, one) for one in cases]) for suite, cases in results],
    )


def _written(suite: Suite, one: CaseResult) -> junit_xml.Case:
    where = f"{suite.tests.as_posix()}:{one.case.line}"
    if not one.passed:
        text = "\n".join([where, *one.explanation])
        return junit_xml.Case(one.case.name, "failure", "differs", "findings differ", text)
    if one.case.todo:
        return junit_xml.Case(one.case.name, "skipped", "todo", "a known gap", where)
    return junit_xml.Case(one.case.name)
