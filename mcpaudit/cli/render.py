"""`mcpaudit render`: a saved report in another format."""

from pathlib import Path

import click

from mcpaudit.cli.dossier import dossier, dossier_options, saved
from mcpaudit.cli.output import parse_targets, templates_option, write
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
@dossier_options
def command(
    report: Path,
    formats: tuple[str, ...],
    templates: Path | None,
    frameworks: tuple[str, ...],
    since: Path | None,
    runs: Path | None,
    review: Path | None,
) -> int:
    """Write REPORT, saved by `mcpaudit check --format json=REPORT`, in another format."""
    targets = parse_targets(formats)
    loaded = saved(report)
    beside = dossier(frameworks, since, runs, review)
    for target in targets:
        write(loaded, target, templates, beside)
    return 0
