"""`mcpaudit review read`: the sheet of an access review, filled in by people."""

from datetime import date, datetime
from pathlib import Path

import click

from mcpaudit.cli.dossier import saved
from mcpaudit.cli.output import look, say, write_whole
from mcpaudit.errors import ConfigurationError, Mistake, UsageError
from mcpaudit.model.gap import Gap
from mcpaudit.parsing.reader import read_plain

INCOMPLETE = 4


@click.command(
    epilog="""\b
Exit codes: 0 every entitlement is answered; 2 a sheet is wrong; 4 some are not answered;
70 a fault in mcpaudit."""
)
@click.argument("sheets", nargs=-1, required=True, metavar="SHEET...", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "saved_report",
    required=True,
    type=click.Path(path_type=Path),
    help="The report that the sheet was made from (`check --format json=REPORT`).",
)
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write a file.")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="No answer may be dated after this day.  [default: today]",
)
def read(
    sheets: tuple[Path, ...], saved_report: Path, shape: str, output: Path | None, as_of: datetime | None
) -> int:
    """Read filled-in sheets of an access review back, and say what is to be changed or removed.

    SHEET was written by `mcpaudit render REPORT --format access-review-csv=SHEET`; several people may fill in
    copies of it. Nothing is changed by mcpaudit. `--format json` is what `render --review` takes.
    """
    from mcpaudit.report.access_review_words import as_json, as_text
    from mcpaudit.report.build_access_review import read_sheets

    report = saved(saved_report)
    texts = [(str(sheet), _text(sheet)) for sheet in sheets]
    review = read_sheets(texts, report, as_of.date() if as_of else date.today())
    width, colour = look() if output is None else (80, False)
    content = as_json(review) if shape == "json" else as_text(review, report, width=width, colour=colour)
    if output is None:
        click.echo(content, nl=False)
    else:
        write_whole(output, content.encode("utf-8", "replace"))
        say(f"wrote the review to {output}")
    return 0 if review.complete else INCOMPLETE


def _text(sheet: Path) -> str:
    found = read_plain(sheet, str(sheet))
    if found is None:
        raise UsageError(f"cannot read {sheet}: it is not there")
    if isinstance(found, Gap):
        hint = "save it as CSV UTF-8" if found.kind == "malformed" else ""
        raise ConfigurationError([Mistake(str(sheet), found.line, found.column, found.reason, hint)])
    return found
