"""`mcpaudit live probe`: whether servers are well, and what they do when something is wrong."""

import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import UTC, date, datetime
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mcpaudit.cli.consent import agreed, chosen
from mcpaudit.cli.live_options import AT_ONCE, SHARE_HOME, asked_servers
from mcpaudit.cli.lock_file import replaced
from mcpaudit.cli.output import Target, look, parse_targets, say, write_whole
from mcpaudit.cli.site import site_of
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.knowledge.pack import Packs
from mcpaudit.live.choose import Choice, choose, nothing
from mcpaudit.live.limits import TIMEOUT
from mcpaudit.live.values import Launch
from mcpaudit.model.lock import FILE as LOCK
from mcpaudit.model.probe import FILE, Probe, Probes, Test
from mcpaudit.policy.configuration import FOLDER
from mcpaudit.probes import as_json, in_order, joined, read_probes
from mcpaudit.report.escape import clip, terminal
from mcpaudit.report.probe import Probed, as_prometheus, as_text, brief
from mcpaudit.request import Request

if TYPE_CHECKING:
    from mcpaudit.live.probe.choice import Call
    from mcpaudit.live.probe.run import Tested
    from mcpaudit.live.probe.tested import Rotation, Terms, Work

NOTHING = 3
_LONGEST = 2_000
FORMATS = ("text", "json", "prometheus", "otel")


@click.command(
    "probe",
    epilog="""\b
Exit codes: 0 every check that could be made went well; 1 some did not, or a server was not agreed to;
2 the command line is wrong, or nobody can be asked; 3 there is nothing to probe; 70 a fault in mcpaudit.""",
)
@asked_servers
@click.option("--yes", is_flag=True, help="Do all of it without asking.")
@SHARE_HOME
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=TIMEOUT,
    show_default=True,
    help="Seconds for each connection.",
)
@AT_ONCE
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    help="The evidence file; what it says of other servers stays.  [default: .mcpaudit/probes.json]",
)
@click.option("--format", "formats", multiple=True, help=f"{', '.join(FORMATS)}; FORMAT=FILE writes a file.")
@click.option(
    "--otlp", metavar="URL", help="Also send metrics to this collector: http://HOST:4318/v1/metrics."
)
@click.option("--auth", is_flag=True, help="Also: does it refuse a missing, invalid or expired credential?")
@click.option("--faults", is_flag=True, help="Also: do failures show, and does it get over them?")
@click.option("--leaks", is_flag=True, help="Also: does what one request sends come out of another?")
@click.option("--rotation", is_flag=True, help="Also: can its login be renewed?")
@click.option(
    "--contact", multiple=True, metavar="URL", help="A login of another host that may be asked, too."
)
@click.option(
    "--rotate-command", metavar="COMMAND", help="With one SERVER: rotates its token, to see if it follows."
)
@click.option("--call", "calls", multiple=True, metavar="SERVER/TOOL", help="The tool that tests may call.")
@click.option("--arguments", multiple=True, metavar="JSON", help="With what the --call before it is called.")
@click.option("--watch", type=click.FloatRange(0), metavar="SECONDS", help="Do it again after these seconds.")
@click.option("--runs", type=click.IntRange(1), help="With --watch: end after so many times.")
def command(
    servers: tuple[str, ...],
    path: Path,
    home: Path | None,
    no_home: bool,
    manifests: Path | None,
    yes: bool,
    share_home: bool,
    timeout: float,
    jobs: int,
    output: Path | None,
    formats: tuple[str, ...],
    otlp: str | None,
    auth: bool,
    faults: bool,
    leaks: bool,
    rotation: bool,
    contact: tuple[str, ...],
    rotate_command: str | None,
    calls: tuple[str, ...],
    arguments: tuple[str, ...],
    watch: float | None,
    runs: int | None,
) -> int:
    """Test servers as they run: that they answer, say the same twice, and end in order.

    SERVER is a name or AGENT/NAME; without any it is all that their clients would load. Each command is
    shown, its secrets masked, and started only after you agree. What is found is written as evidence, which
    `mcpaudit check` judges.
    """
    targets = parse_targets(formats, FORMATS) or (Target("text"),)
    site = site_of(path, home, no_home, None, None)
    assert site.project is not None
    request = Request(site, date.today(), given=path if path.is_file() else None, manifests=manifests)
    choice = choose(request, servers, os.environ)
    if not choice.launches:
        say(nothing(choice, "probe"))
        return NOTHING
    file = output or site.project / FOLDER / FILE
    _before(file)
    _check_telemetry(targets, otlp)
    # Imported here: the SDK takes a second to load, and is not needed to refuse or to explain.
    from mcpaudit.live.probe.choice import named
    from mcpaudit.live.probe.metadata import origin
    from mcpaudit.live.probe.tested import Terms

    wanted: dict[Test, bool] = {"auth": auth, "faults": faults, "leaks": leaks}
    wanted["rotation"] = rotation or rotate_command is not None
    plan = _Plan(
        request=request,
        choice=choice,
        terms=Terms(
            timeout,
            jobs,
            share_home,
            os.environ,
            contact=frozenset(map(origin, contact)),
            rotation=_rotation(rotate_command, request, servers, choice),
        ),
        tests=tuple(test for test, given in wanted.items() if given),
        calls=named(calls, arguments, choice.launches),
        wanted=agreed(choice.launches, yes=yes),
        yes=yes,
    )
    left, well = runs or (None if watch is not None else 1), True
    while True:
        run = plan.run()
        well = run.well and well
        _tell(run, file, targets)
        if otlp and run.probes:
            from mcpaudit.live.probe.telemetry import send

            send(run.probes, otlp)
        left = left - 1 if left else None
        if left == 0:
            return 0 if well else 1
        time.sleep(watch or 0)


@dataclass(slots=True)
class _Plan:
    """What was agreed to, to be done once or again and again."""

    request: Request
    choice: Choice
    terms: "Terms"
    tests: tuple[Test, ...]
    calls: "Mapping[str, Call]"
    wanted: tuple[Launch, ...]
    yes: bool
    further: frozenset[tuple[str, ...]] | None = None
    """The further tests that were agreed to, as they were shown; `None` before anybody was asked."""
    denied: set[str] = field(default_factory=set)

    def run(self) -> Probed:
        """Do it once."""
        notes: list[str] = []
        probes = self._probes(notes) if self.wanted else ()
        self.denied |= {one.names[0] for one in self.choice.launches if one not in self.wanted}
        return Probed(in_order(probes).probes, tuple(sorted(self.denied)), self.choice.waiting, tuple(notes))

    def _probes(self, notes: list[str]) -> tuple[Probe, ...]:
        from mcpaudit.live.probe.lock import against_lock
        from mcpaudit.live.probe.run import Prober

        done, shown, number = 0, sys.stderr.isatty(), len(self.wanted)

        def tell(one: "Tested") -> None:
            nonlocal done
            done += 1
            if shown:
                say(f"{done} of {number}: {one.names[0]}: {brief(one.probes)}")

        prober = Prober(self.terms, Packs.shipped(), _now, self.tests, tell)
        tested = prober.health(self.wanted)
        probes = [probe for one in tested for probe in one.probes]
        project = self.request.site.project
        lock = replaced(project / LOCK, notes) if project and (project / LOCK).is_file() else None
        if lock is not None:
            probes += against_lock(tested, self.request, lock)
        if self.tests:
            works = self._works(tested, notes)
            done, number = 0, len(works)
            probes += [probe for one in prober.deeper(works) for probe in one.probes]
        return tuple(probes)

    def _works(self, tested: "Sequence[Tested]", notes: list[str]) -> "tuple[Work, ...]":
        """The servers that are tested further, as the user agreed to."""
        from mcpaudit.live.probe.choice import proved
        from mcpaudit.live.probe.plan import known, works

        asked = [asked for one in tested if (asked := one.asked)]
        calls = proved(asked, self.request) | {name: (call,) for name, call in self.calls.items()}
        found = works(self.wanted, tested, calls, known(self.request), self.tests, notes)
        shown = [(one, tuple(_further(one, self.tests, self.terms))) for one in found]
        if self.further is None:
            agreed_to = chosen(shown, itemgetter(1), yes=self.yes)
            self.further = frozenset(lines for _, lines in agreed_to)
            self.denied |= {one.launch.names[0] for one, lines in shown if lines not in self.further}
        for one, lines in shown:
            name = one.launch.names[0]
            if lines not in self.further and name not in self.denied:
                # A server may list other tools by now, which nobody has agreed to.
                notes.append(f"{name} was not tested further: what would be done is not what you agreed to.")
        return tuple(one for one, lines in shown if lines in self.further)


def _rotation(
    command: str | None, request: Request, servers: Sequence[str], choice: Choice
) -> "Rotation | None":
    """The user's command, which is for one server alone."""
    from mcpaudit.live.probe.tested import Rotation

    if command is None:
        return None
    if len(choice.launches) != 1:
        raise UsageError("--rotate-command is for one server: name it")
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"--rotate-command is no command: {error}") from None
    if not words or request.site.project is None:
        raise UsageError("--rotate-command needs a command")

    def again(launch: Launch) -> Launch:
        return next(iter(choose(request, servers, os.environ).launches), launch)

    return Rotation(words, request.site.project, again)


def _further(work: "Work", tests: Sequence[Test], terms: "Terms") -> Iterator[str]:
    from mcpaudit.live.probe.plan import deeds

    yield terminal(f"{', '.join(work.launch.names)}: tests further")
    for test in tests:
        yield f"  {terminal(clip(deeds(work, test, terms), _LONGEST))}"


def _now() -> str:
    return f"{datetime.now(UTC).isoformat()[:19]}Z"


def _before(file: Path) -> Probes:
    """The evidence that is there; raises McpauditError where it is none, before anything is started."""
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise UsageError(f"{file} is no file of its own, so no evidence is written to it")
    return read_probes(file, str(file))[0] if file.exists() else Probes()


def _check_telemetry(targets: Sequence[Target], otlp: str | None) -> None:
    """Raises UsageError where a package is missing, before anything is started."""
    if otlp or any(target.format == "otel" for target in targets):
        from mcpaudit.live.probe.telemetry import as_otel, exporter

        as_otel(())
        if otlp:
            exporter(otlp).shutdown()


def _tell(run: Probed, file: Path, targets: Sequence[Target]) -> None:
    """Write the evidence, then say what was found."""
    if run.probes:
        write_whole(file, as_json(joined(_before(file), Probes(probes=run.probes))))
        say(f"wrote the evidence to {file}")
    for target in targets:
        content = _rendered(run, target)
        if target.file is not None:
            write_whole(target.file, content)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()


def _rendered(run: Probed, target: Target) -> bytes:
    if target.format == "json":
        return as_json(Probes(probes=run.probes))
    if target.format == "prometheus":
        return as_prometheus(run.probes).encode("utf-8", "replace")
    if target.format == "otel":
        from mcpaudit.live.probe.telemetry import as_otel

        return as_otel(run.probes)
    width, colour = look() if target.file is None else (80, False)
    return as_text(run, width=width, colour=colour).encode("utf-8", "replace")
