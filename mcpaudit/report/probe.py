"""What `mcpaudit live probe` says: the checks of each server, and metrics for monitors.

Source of the text format: prometheus.io, "Exposition formats".
"""

from collections.abc import Iterator, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.model.probe import Probe, Verdict
from mcpaudit.report.page import Page, Style
from mcpaudit.report.verdict import count

GOOD: tuple[Verdict, ...] = ("pass", "clear-refusal")
UNTOLD: Verdict = "cannot-test"
_STYLES: dict[bool, Style] = {True: "green", False: "red"}
_PREFIX = "mcpaudit_probe"


@dataclass(frozen=True, slots=True)
class Probed:
    """One run of `mcpaudit live probe`."""

    probes: tuple[Probe, ...]
    denied: tuple[str, ...] = ()
    """Servers that the user did not agree to."""
    waiting: tuple[str, ...] = ()
    """Servers that nobody has approved in their client; they were not tested."""
    notes: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        """Whether every check that could be made went well."""
        return not self.denied and all(one.verdict in (*GOOD, UNTOLD) for one in self.probes)


def brief(probes: Sequence[Probe]) -> str:
    """What came of one server, for a line of progress."""
    bad = [one for one in probes if one.verdict not in (*GOOD, UNTOLD)]
    if bad:
        return f"{bad[0].check}: {bad[0].verdict}" + (f" and {len(bad) - 1} more" if len(bad) > 1 else "")
    known = sum(one.verdict in GOOD for one in probes)
    return f"{count(known, 'check')} went well" if known else "nothing could be tested"


def as_text(run: Probed, *, width: int, colour: bool) -> str:
    """For a terminal: a line a check."""
    page = Page(width, colour)
    servers = {one.names for one in run.probes}
    bad = {one.names for one in run.probes if one.verdict not in (*GOOD, UNTOLD)}
    text = f"Probed {count(len(servers), 'server')}: {len(servers) - len(bad)} well, {len(bad)} not."
    page.write(text, style=_STYLES[not bad and not run.denied])
    for names in sorted(servers):
        page.gap()
        page.write(", ".join(names), style="bold")
        for one in run.probes:
            if one.names == names:
                page.write(_line(one), 2, label=f"{one.check}:", style=_style(one), hang=4)
    for name in run.denied:
        page.gap()
        page.write("not probed: you did not agree to it", label=name, style="red")
    page.gap()
    if run.waiting:
        who = ", ".join(run.waiting)
        page.write(f"Not probed, as nobody has approved them in their client: {who}; name one to probe it.")
    for note in run.notes:
        page.write(note)
    return str(page).rstrip("\n") + "\n"


def _style(one: Probe) -> Style:
    return "dim" if one.verdict == UNTOLD else _STYLES[one.verdict in GOOD]


def _line(one: Probe) -> str:
    took = f" in {one.milliseconds} ms" if one.milliseconds is not None else ""
    what = {"listing": "tool", "stderr": "byte", "stdout": "line", "lock": "difference"}.get(one.check)
    counted = f", {count(one.count, what)}" if what and (one.count or one.check == "listing") else ""
    called = f" (`{one.tool}`)" if one.tool else ""
    return f"{one.verdict}{took}{counted}{called}" + (f": {one.says}" if one.says else "")


def as_prometheus(probes: Sequence[Probe]) -> str:
    """The text format of Prometheus: gauges, each check a series."""
    lines: list[str] = []
    for name, what, values in (
        ("ok", "1 where the check went well, 0 where not; none where it could not be made", _ok),
        ("verdict", "1 for what came of the check", _verdict),
        ("seconds", "How long the answer took", _seconds),
        ("count", "Tools listed, bytes on standard error, lines of junk, differences from the lock", _count),
        ("timestamp_seconds", "When the server was tested", _time),
    ):
        rows = sorted(row for one in probes for row in values(one))
        if rows:
            lines += [f"# HELP {_PREFIX}_{name} {what}.", f"# TYPE {_PREFIX}_{name} gauge"]
            lines += [f"{_PREFIX}_{name}{{{labels}}} {value}" for labels, value in rows]
    return "\n".join(lines) + "\n"


def labels_of(one: Probe) -> dict[str, str]:
    """What tells a series from another."""
    return {"server": one.server, "names": ",".join(one.names), "test": one.test, "check": one.check}


def _labels(one: Probe, **more: str) -> str:
    return ",".join(f'{name}="{_escaped(text)}"' for name, text in {**labels_of(one), **more}.items())


def _escaped(text: str) -> str:
    plain = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    return plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _ok(one: Probe) -> Iterator[tuple[str, str]]:
    if one.verdict != UNTOLD:
        yield _labels(one), str(int(one.verdict in GOOD))


def _verdict(one: Probe) -> Iterator[tuple[str, str]]:
    yield _labels(one, verdict=one.verdict), "1"


def _seconds(one: Probe) -> Iterator[tuple[str, str]]:
    if one.milliseconds is not None:
        yield _labels(one), f"{one.milliseconds / 1000:g}"


def _count(one: Probe) -> Iterator[tuple[str, str]]:
    if one.check in ("listing", "stderr", "stdout", "lock"):
        yield _labels(one), str(one.count)


def _time(one: Probe) -> Iterator[tuple[str, str]]:
    yield _labels(one), f"{one.epoch}"
