"""Two states of a repository, audited by the same rules and compared: what `mcpaudit diff` does.

The base judges. Both states are held against its configuration, policies, waivers, baseline and lock; what
the change does to these files is told, and cannot make this run pass.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from posixpath import relpath

from mcpaudit.analysis.selector import Selector, selector
from mcpaudit.analysis.state import State as Seen
from mcpaudit.audit import collect, judge, policies_of
from mcpaudit.clients.client import Collected
from mcpaudit.comparison.states import State, Tree, scratch
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import ConfigurationError, UsageError
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.lock.read import read_lock
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.diff import Doubt, Gate
from mcpaudit.model.finding import Finding, Severity
from mcpaudit.model.lock import FILE as LOCK
from mcpaudit.model.lock import Lock
from mcpaudit.model.place import Location
from mcpaudit.model.report import Report
from mcpaudit.model.run import GapRow
from mcpaudit.model.server import Installation
from mcpaudit.policy.codeowners import owners_of
from mcpaudit.policy.configuration import FOLDER
from mcpaudit.policy.own_changes import Two, own_changes
from mcpaudit.policy.waivers import WAIVERS, read_register
from mcpaudit.report.build import Outcome, build_report
from mcpaudit.report.build_diff import Audited, Compared, Terms, compare
from mcpaudit.report.build_places import Places
from mcpaudit.request import Request, configuration_of
from mcpaudit.revisions.folder import Skipped
from mcpaudit.revisions.repository import find

_READ = frozenset(
    [
        "json",
        "jsonc",
        "toml",
        "yaml",
        "yml",
        "py",
        "js",
        "mjs",
        "cjs",
        "ts",
        "mts",
        "cts",
        "tsx",
        "go",
        "mcpb",
        "dxt",
        "tgz",
        "code-workspace",
    ]
)
"""Endings of what an audit reads; a large file of another kind is no gap."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared, and what makes it fail."""

    request: Request
    """The audited folder and how it is judged; its site is that of the work tree."""
    base: str
    """A revision, or `ONE...OTHER`: what OTHER does since it left ONE, judged by ONE."""
    head: str = ""
    """A revision; empty for the work tree as it is."""
    fail_on: Severity | None = None
    new_access: tuple[str, ...] = ()
    whole: bool = False
    """Whether the later state is wanted as a whole, with its rows and with edits for all its findings."""


def compare_revisions(asked: Asked) -> Compared:
    """Two revisions of the repository that the audited folder lies in, or one and the work tree."""
    project = asked.request.site.project
    assert project is not None
    with scratch() as place, find(project) as repository:
        tree = Tree(repository, project, place)
        one, dots, other = asked.base.partition("...")
        if dots:
            return _since_parting(asked, tree, one or "HEAD", other or "HEAD")
        base = tree.revision(asked.base, "base")
        head = tree.revision(asked.head, "head", base) if asked.head else tree.work_tree()
        return _Comparison(asked, tree, base, base, head).run()


def _since_parting(asked: Asked, tree: Tree, one: str, other: str) -> Compared:
    if asked.head:
        raise UsageError(f"`{asked.base}` names both sides, and {asked.head} is one more")
    commit, crossed = tree.parting(one, other)
    judge = tree.revision(one, "judge")
    same = commit == judge.side.commit
    base = judge if same else tree.revision(commit, "base", judge, f"where {other} left {one}")
    head = tree.revision(other, "head", base)
    return _Comparison(asked, tree, judge, base, head, crossed).run()


@dataclass(frozen=True, slots=True)
class _Comparison:
    asked: Asked
    tree: Tree
    judge: State
    """Whose rules hold; mostly the base."""
    base: State
    head: State
    note: str = ""

    def run(self) -> Compared:
        """Audit both, and compare."""
        request = self._by_base()
        try:
            configuration, _ = configuration_of(request)
            found = [collect(self._of(request, state), configuration) for state in (self.base, self.head)]
            base, head = (
                self.tree.with_code(state, collected, self.base)
                for state, collected in zip((self.base, self.head), found, strict=True)
            )
            whole = replace(self, base=base, head=head)
            earlier = whole._judged(request, base, found[0], fixes=False)
            known = () if self.asked.whole else earlier.findings
            later = whole._judged(request, head, found[1], known)
        except ConfigurationError as error:
            told = f"this is {self.judge.side.name}, by which the change is judged"
            raise ConfigurationError(
                [replace(one, hint=f"{one.hint}; {told}" if one.hint else told) for one in error.mistakes]
            ) from error
        before, after = _audited(base, earlier), _audited(head, later, rows=self.asked.whole)
        return whole._compared(request, configuration, before, after)

    def _compared(
        self, request: Request, configuration: Configuration, before: Audited, after: Audited
    ) -> Compared:
        asked = self.asked
        terms = Terms(
            gate=Gate(asked.fail_on or configuration.fail_on or "high", asked.new_access, request.strict),
            selectors=selectors(asked.new_access, configuration, (before.state, after.state)),
            configuration=configuration,
            as_of=request.as_of,
            home=request.site.home is not None,
            own=own_changes(
                Two(self.base.project, self.head.project),
                [*configuration.policies, *(pin.source for pin in configuration.packs)],
                self._check,
                self._owners,
            ),
            owners=self._owners(f"{FOLDER}/{WAIVERS}"),
            doubts=(*self._unwritten(), *self._saved()),
            notes=tuple(self._notes()),
            judge=self.judge.side,
        )
        compared = compare(before, after, terms)
        return replace(compared, head=self._whole(compared.head))

    def _whole(self, report: Report) -> Report:
        """The later state with what of its files was not read, so that nobody takes it for complete."""
        under = self.tree.under.as_posix()
        gaps = [
            GapRow("unreadable", one.reason, "", Location(relpath(one.path, under))) for one in self._unread()
        ]
        coverage = replace(report.coverage, gaps=(*report.coverage.gaps, *gaps))
        return replace(report, coverage=coverage)

    def _by_base(self) -> Request:
        """The request with everything that judges taken from the base."""
        request, base = self.asked.request, self.judge
        profile = request.profile
        if profile and not (base.project / FOLDER / "profiles" / f"{profile}.yaml").is_file():
            profile = str(self.tree.moved(Path(profile), base))
        policies = tuple(self.tree.moved(path, base) for path in request.policies)
        for given, path in zip(request.policies, policies, strict=True):
            if not path.exists():
                raise UsageError(f"{given} is not in {base.side.name}, by which the change is judged")
        return replace(
            request, rules=base.project, original=self.tree.project, profile=profile, policies=policies
        )

    def _of(self, request: Request, state: State) -> Request:
        site = replace(request.site, project=state.project, copy_of=state.copy_of)
        return replace(request, site=site)

    def _judged(
        self,
        request: Request,
        state: State,
        collected: Collected,
        before: Sequence[Finding] = (),
        *,
        fixes: bool = True,
    ) -> Outcome:
        manifests = self.tree.moved(request.manifests, state) if request.manifests else None
        if manifests and manifests != request.manifests and not manifests.is_dir():
            manifests = None
        asked = replace(self._of(request, state), manifests=manifests, proposed=self._proposed(), fixes=fixes)
        return judge(asked, collected, before)

    def _proposed(self) -> Lock | None:
        """The lock of the change, if it has another one than the base and it can be read."""
        file = self.head.project / LOCK
        try:
            for known in (self.judge.project / LOCK, self.base.project / LOCK):
                if known.is_file() and file.is_file() and known.read_bytes() == file.read_bytes():
                    return None
            found = read_lock(file)
        except (ConfigurationError, OSError):
            return None
        return found[0] if found else None

    def _check(self) -> None:
        """Raises ConfigurationError where mcpaudit's own files of the change cannot be used."""
        site = replace(self.asked.request.site, project=self.head.project, copy_of=self.head.copy_of)
        request = replace(
            self.asked.request, site=site, profile="", policies=(), packs=(), original=self.tree.project
        )
        mistakes = []
        for part in (policies_of, lambda one: read_register(one.own / FOLDER, FOLDER)):
            try:
                part(request)
            except ConfigurationError as error:
                mistakes += error.mistakes
        if mistakes:
            raise ConfigurationError(mistakes)

    def _owners(self, file: str) -> tuple[str, ...]:
        return owners_of((PurePosixPath(self.tree.under.as_posix()) / file).as_posix(), self.judge.root)

    def _unread(self) -> Iterator[Skipped]:
        """What of the change was not read, and is not what the base has."""
        known = {(one.path, one.content) for one in self.base.skipped}
        for one in self.head.skipped:
            if (one.path, one.content) not in known and _matters(one):
                yield one

    def _unwritten(self) -> Iterator[Doubt]:
        for one in self._unread():
            yield Doubt("", "", "", "", f"{one.path} was not read: {one.reason}", False, None)

    def _saved(self) -> Iterator[Doubt]:
        """Saved manifests that the change brings: they are its author's word."""
        given = self.asked.request.manifests
        if given is None or self.tree.moved(given, self.base) == given:
            return
        was, now = (_files(self.tree.moved(given, state)) for state in (self.base, self.head))
        for name in sorted(now):
            if was.get(name) != now[name]:
                shown = f"{given.as_posix()}/{name}"
                said = f"{shown} is part of the change: that its list of tools is whole is its author's word"
                yield Doubt("", "", "", "", said, False, None)

    def _notes(self) -> Iterator[str]:
        if self.note:
            yield self.note
        for state in (self.base, self.head):
            for one in state.skipped[:20]:
                yield f"{state.side.name}: {one.path} was not read: {one.reason}"
            if len(state.skipped) > 20:
                yield f"{state.side.name}: {len(state.skipped) - 20} more were not read"


def _audited(state: State, outcome: Outcome, *, rows: bool = False) -> Audited:
    facts = outcome.facts
    stops = {gap.place: (gap.line, gap.column) for gap in facts.gaps if gap.line}
    places = Places({**facts.collected.documents, **outcome.own_files}, stops)
    entries = {one.id: _entry(one) for one in facts.access.installations.values()}
    report = build_report(outcome, rows=rows)
    return Audited(state.side, Seen.of(facts), report, places, entries, facts.drift)


def selectors(
    texts: tuple[str, ...], configuration: Configuration, states: tuple[Seen, Seen]
) -> tuple[Selector, ...]:
    """The gate's selectors; raises UsageError for one that nothing here could ever match."""
    if not texts:
        return ()
    packs = Packs.shipped()
    labels = {label for note in configuration.resources for label in note.labels}
    labels |= {label for state in states for row in state.rows for label in row.labels}
    labels |= {label for provider in packs.providers() for label in packs.labels(provider, "")}
    return tuple(selector(text, labels) for text in texts)


def _entry(one: Installation) -> str:
    """What an entry says, secrets masked, in a form that two states can be compared by."""
    entry = one.entry
    words = [
        entry.command,
        *(word.text for word in entry.args),
        entry.cwd,
        entry.url.text if entry.url else "",
    ]
    words += [f"{name}={word.text}" for name, word in (*entry.env, *entry.headers)]
    return "\0".join((*words, str(one.options), str(one.only_tools), str(one.except_tools)))


def _matters(one: Skipped) -> bool:
    return one.path.rpartition(".")[2].lower() in _READ or not one.reason.startswith("over")


def _files(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*.json") if path.is_file()) if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
