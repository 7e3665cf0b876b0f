"""Every static command in all its formats, in an order in which one can use what another wrote."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import click

from mcpaudit.cli.main import cli
from mcpaudit.cli.review import FORMATS as VERDICTS
from mcpaudit.report.diff_formats import FORMATS as COMPARISONS
from mcpaudit.report.formats import FORMATS, TEXTS
from tests.review.packets import ANN

STARTS_OR_CONTACTS = {"live list", "live probe", "live record"}
"""What says of itself that it does; `lock --fetch` is the fourth."""

DAY = ("--as-of", "2026-11-22")
SITE = ("project", "--home", "project/home")
SIGNER = ("--as", ANN, "--role", "security", "--key", f"keys/{ANN}")
MANIFESTS = ("--manifests", "project/saved")


@dataclass(frozen=True, slots=True)
class Run:
    """One command line, run in the staged folder."""

    command: str
    words: tuple[str, ...]
    code: int = 0
    writes: tuple[str, ...] = ()
    """Its named outputs: files, or folders with a slash at the end."""
    formats: tuple[str, ...] = field(default=())
    """Which of its formats it shows."""

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "words": [*self.command.split(), *self.words]}


def into(folder: str, formats: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """Words that write each format to a file of its own."""
    words = tuple(f"--format={name}={folder}/{name}" for name in formats)
    return {"words": words, "writes": (f"{folder}/",), "formats": formats, **more}


def run(command: str, *words: str, **more: Any) -> Run:
    return Run(command, (*words, *more.pop("words", ())), **more)


def each(command: str, formats: tuple[str, ...], *words: str, **more: Any) -> Iterator[Run]:
    """The command once a format, to standard output."""
    for name in formats:
        yield Run(command, (*words, "--format", name), formats=(name,), **more)


def static_runs(
    formats: tuple[str, ...] = TEXTS, again: tuple[str, ...] = ("json", "evidence", "csv")
) -> list[Run]:
    """Every static command: `check` in `formats`, and its saved report `again` in others."""
    both = ("text", "json")
    lock, acceptance = "project/mcpaudit.lock", "project/.mcpaudit"
    small = ("fresh", "--no-home")
    least = (*SITE, "--profile", "dispatch")
    judged = (*SITE, *MANIFESTS, *DAY, "--profile", "dispatch")
    return [
        run("check", *judged, **into("out/check", formats, code=1)),
        *each("check", ("text", "json"), *judged, code=1),
        run("check", "project", "--no-home", *DAY, code=1),
        run("check", *SITE, *DAY, "--usage", "logs", "--as-is", "--mode", "bypass", "--strict", code=1),
        run("render", "out/check/json", **into("out/render", again)),
        *each("render", ("text",), "out/check/json"),
        *each("diff", both, "HEAD~1", "--path", "project", "--home", "project/home", *DAY, code=1),
        run("diff", "HEAD~1", "HEAD", "--path", "project", *DAY, **into("out/diff", COMPARISONS, code=1)),
        run("diff", "out/check/json", "out/check/json", *DAY),
        run("access", *SITE),
        run("access", *SITE, "--agent", "claude-code", "--why"),
        run("access", *SITE, "--what-if-remove", "slack", "--what-if-deny", "files/write_file"),
        *each("minimize", both, *least),
        run("minimize", *least, "--solver"),
        run(
            "minimize", *least, "--patch=out/least.patch", writes=("out/least.patch", "out/least.home.patch")
        ),
        *each("inspect", both, "server"),
        *each("usage", both, "logs", "--home", "project/home"),
        run("usage", "logs", "-o", "out/usage.json", "--format", "json", writes=("out/usage.json",)),
        run("usage", "--home", "project/home", code=2),
        run("explain", "root-bypass", *SITE),
        run("explain", "claude-code", *SITE),
        run("explain", "box-1/write_file", *SITE, *MANIFESTS),
        run("init", *small, writes=("fresh/mcpaudit.yaml", "fresh/.mcpaudit/")),
        run("lock", *SITE, *MANIFESTS, writes=(lock,)),
        *each("lock", both, *SITE, *MANIFESTS, "--check"),
        run("review prepare", *small, *DAY, "--author", "maria", "-o", "out/packet", writes=("out/packet/",)),
        run(
            "review sign",
            "out/packet",
            *SIGNER,
            "--time",
            "2026-11-23T10:00:00Z",
            writes=("out/packet/signatures/",),
        ),
        run("review verify", "out/packet", *DAY, **into("out/verdict", VERDICTS, code=4)),
        run("review verify", "out/packet", *DAY, "--against", *small),
        *each("review read", both, "out/check/access-review-csv", "--report", "out/check/json", *DAY, code=4),
        run("accept", "--baseline", "--path", *SITE, *DAY, writes=(f"{acceptance}/baseline.json",)),
        run(
            "policy test", "project/.mcpaudit/policies", "--junit", "out/junit.xml", writes=("out/junit.xml",)
        ),
        *each("policy lint", both, "project/.mcpaudit/policies"),
        run("policy digest", "project/.mcpaudit/policies"),
        run("policy digest", "git+project@HEAD:.mcpaudit/policies"),
        run("policy docs", "--out", "out/docs", writes=("out/docs/", "out/docs")),
        run("policy schema", "lock"),
        run("policy schema", "--out", "out/schemas", writes=("out/schemas/", "out/schemas")),
    ]


def commands(above: click.Command = cli, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, from the program's own tree."""
    if not isinstance(above, click.Group):
        yield name, above
        return
    context = click.Context(above)
    for one in above.list_commands(context):
        below = above.get_command(context, one)
        assert below is not None
        yield from commands(below, f"{name} {one}".strip())


def formats_of(name: str, command: click.Command) -> set[str]:
    """The formats that a command has."""
    tables = {
        "check": tuple(FORMATS),
        "render": tuple(FORMATS),
        "diff": COMPARISONS,
        "review verify": VERDICTS,
    }
    for option in command.params:
        if "--format" in option.opts:
            return {*(option.type.choices if isinstance(option.type, click.Choice) else tables[name])}
    return set()
