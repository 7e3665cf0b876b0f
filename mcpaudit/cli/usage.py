"""`mcpaudit usage`: which tools were called, from clients' own logs."""

from datetime import date, datetime
from pathlib import Path

import click

from mcpaudit.cli.output import look, say, write_whole
from mcpaudit.cli.site import HOME, site_of
from mcpaudit.questions import used
from mcpaudit.request import Request

_SHOWN = 5


@click.command()
@click.argument("logs", nargs=-1, metavar="[LOG]...", type=click.Path(path_type=Path))
@HOME
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Leave out what is older than this day.")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write a file.")
def command(
    logs: tuple[Path, ...], home: Path | None, since: datetime | None, shape: str, output: Path | None
) -> int:
    """Count which tools of which servers were called, and on which days a call would have shown.

    LOG is a log or a folder of logs: Claude Code transcripts, Codex sessions, Copilot CLI sessions, Claude
    Desktop logs, Cline tasks, recordings of mcpaudit. Without any, those in your home are read. Names, times
    and counts are kept, never arguments or results; `--format json` is what `mcpaudit check --usage` takes.
    """
    from mcpaudit.report.usage import as_json, as_text

    request = Request(site_of(Path(), home, False, None, None), date.today())
    found = used(request, logs, since.strftime("%Y-%m-%d") if since else "")
    for told in found.unopened[:_SHOWN]:
        say(f"not read: {told}")
    if len(found.unopened) > _SHOWN:
        say(f"{len(found.unopened) - _SHOWN} more were not read")
    width, colour = look() if output is None else (80, False)
    content = as_json(found.usage) if shape == "json" else as_text(found.usage, width=width, colour=colour)
    if output is None:
        click.echo(content, nl=False)
    else:
        write_whole(output, content.encode("utf-8", "replace"))
        say(f"wrote the usage evidence to {output}")
    return 0
