"""`mcpaudit render`: a saved report in another format."""

from pathlib import Path

import click

from mcpaudit.cli.output import parse_targets, templates_option, write
from mcpaudit.errors import UsageError
from mcpaudit.report.canonical import from_json
from mcpaudit.report.formats import FORMATS


@click.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "formats",
    multiple=True,
    required=True,
    help=f"{', '.join(FORMATS)}; FORMAT=FILE writes a file.",
)
@templates_option
def command(report: Path, formats: tuple[str, ...], templates: Path | None) -> int:
    """Write REPORT, saved by `mcpaudit check --format json=REPORT`, in another format."""
    targets = parse_targets(formats)
    try:
        raw = report.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {report}: {error.strerror}") from error
    loaded = from_json(raw)
    for target in targets:
        write(loaded, target, templates)
    return 0
