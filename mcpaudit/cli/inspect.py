"""`mcpaudit inspect`: a server before it is installed."""

from pathlib import Path

import click

from mcpaudit.cli.output import look
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests.inspection import inspect
from mcpaudit.report.inspection import as_json, as_text


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(target: Path, shape: str) -> int:
    """Show what a server's tools are and what they can do, without running it.

    TARGET is a folder with its source, a source file, an npm or Python archive, an .mcpb bundle, or a saved
    tools/list answer.
    """
    found = inspect(target, Packs.shipped())
    width, colour = look()
    click.echo(as_json(found) if shape == "json" else as_text(found, width=width, colour=colour), nl=False)
    return 0
