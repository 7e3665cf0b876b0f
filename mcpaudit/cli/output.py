"""Where reports go: the terminal, standard output, or files that are written whole or not at all."""

import errno
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import click

from mcpaudit.dataclass import dataclass
from mcpaudit.errors import UsageError
from mcpaudit.model.evidence import NOTHING_BESIDE, Dossier
from mcpaudit.model.report import Report
from mcpaudit.report.escape import terminal
from mcpaudit.report.formats import FORMATS, TEXTS, Paper, rendered


@dataclass(frozen=True, slots=True)
class Target:
    """One `--format FORMAT[=FILE]`."""

    format: str
    file: Path | None = None


def parse_targets(texts: Sequence[str], known: Collection[str] = FORMATS) -> tuple[Target, ...]:
    """The targets of a command line; raises UsageError for an unknown format or two on standard output."""
    targets = []
    for text in texts:
        name, equals, file = text.partition("=")
        if name not in known:
            raise UsageError(f"there is no format `{name}`; there are {', '.join(known)}")
        if equals and not file:
            raise UsageError(f"--format {text} names no file")
        targets.append(Target(name, Path(file) if file else None))
    if sum(target.file is None for target in targets) > 1:
        raise UsageError(
            "only one format can go to standard output; give the others a file: --format html=FILE"
        )
    return tuple(targets)


templates_option = click.option(
    "--templates",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Your own templates of documents; see docs/templates.md.",
)


def write(
    report: Report, target: Target, templates: Path | None = None, dossier: Dossier = NOTHING_BESIDE
) -> None:
    """Render a report and put it where it belongs; raises UsageError for a PDF on a terminal."""
    if target.file is None and target.format not in TEXTS and sys.stdout.isatty():
        raise UsageError(f"a PDF is nothing for a terminal; give it a file: --format {target.format}=FILE")
    width, colour = look() if target.file is None else (80, False)
    content = rendered(report, target.format, Paper(width, colour, templates, dossier))
    if target.file is None:
        show(content, of_others=target.format == "patch")
        return
    write_whole(target.file, content)
    say(f"wrote the {target.format} report to {target.file}")
    more = FORMATS[target.format].beside
    for name, text in more(report).items() if more else ():
        file = target.file.with_name(f"{target.file.stem}.{name}{target.file.suffix}")
        write_whole(file, text.encode("utf-8", "replace"))
        say(f"wrote {file} beside it")


def show(content: bytes | Iterable[bytes], *, of_others: bool = False) -> None:
    """Bytes to standard output as they are; on a terminal what others wrote must not move the cursor."""
    pieces = (content,) if isinstance(content, bytes) else content
    if of_others and sys.stdout.isatty():
        lines = b"".join(pieces).decode("utf-8", "replace").split("\n")
        pieces = ("".join(f"{terminal(line)}\n" for line in lines).encode(),)
    sys.stdout.flush()
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """A line to the user, beside the output: it may name files and servers of others."""
    click.echo(f"mcpaudit: {terminal(text)}", err=True)


def look() -> tuple[int, bool]:
    """The columns of standard output, and whether colours are wanted on it."""
    if not sys.stdout.isatty():
        return 80, False
    wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return min(shutil.get_terminal_size((80, 24)).columns, 100), wanted


_OPEN_ALREADY = re.compile(r"/dev/(?:(?P<name>stdout|stderr)|fd/(?P<number>\d{1,4}))")


def write_whole(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file so that it is there whole or not at all; raises UsageError where that is impossible.

    What is no regular file (a terminal, a pipe, `/dev/null`) is written to and never replaced. A file that is
    replaced keeps its permissions; a new one has those of the umask, but nobody else may ever write it.
    """
    pieces = (content,) if isinstance(content, bytes) else content
    try:
        if opened := _OPEN_ALREADY.fullmatch(str(path)):
            number = int(opened["number"] or ("", "stdout", "stderr").index(opened["name"]))
            sys.stdout.flush()
            with os.fdopen(os.dup(number), "wb") as stream:
                stream.writelines(pieces)
        elif path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.writelines(pieces)
        else:
            # Where a link leads, if it leads anywhere: a loop does not.
            _replace(Path(os.path.realpath(path)), pieces)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    """Write beside a file, then take its place in one step."""
    if path.parent.exists() and not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or of a new one: a temporary file's are narrower."""
    try:
        return stat.S_IMODE(path.stat().st_mode) & 0o777
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o664 & ~umask
