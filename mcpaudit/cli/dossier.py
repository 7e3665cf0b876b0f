"""Options that lay something beside a report, for the documents that people sign."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mcpaudit.errors import McpauditError, UsageError, did_you_mean
from mcpaudit.model.evidence import Dossier, Run
from mcpaudit.model.report import LARGEST, Report
from mcpaudit.parsing.reader import named_bytes

_MOST_RUNS = 5_000

Command = Callable[..., Any]


def dossier_options(command: Command) -> Command:
    """`--framework`, `--since`, `--runs` and `--review`."""
    for option in reversed(
        (
            click.option(
                "--framework",
                "frameworks",
                multiple=True,
                metavar="ID",
                help="Documents: a control framework to speak of; repeatable. See docs/compliance.md.",
            ),
            click.option(
                "--since",
                metavar="REPORT",
                type=click.Path(path_type=Path),
                help="Documents: the report of the last review, to show what has changed.",
            ),
            click.option(
                "--runs",
                metavar="DIR",
                type=click.Path(path_type=Path),
                help="Documents: earlier reports (JSON), to show the period.",
            ),
            click.option(
                "--review",
                metavar="FILE",
                type=click.Path(path_type=Path),
                help="Documents: answers of `mcpaudit review read --format json`.",
            ),
        )
    ):
        command = option(command)
    return command


def dossier(
    frameworks: tuple[str, ...], since: Path | None, runs: Path | None, review: Path | None
) -> Dossier:
    """What the options name, read; raises McpauditError for what cannot be."""
    if not (frameworks or since or runs or review):
        return Dossier()
    _known(frameworks)
    found, unread = _runs(runs) if runs else ((), ())
    return Dossier(
        frameworks=tuple(dict.fromkeys(frameworks)),
        since=saved(since) if since else None,
        runs=found,
        unread_runs=unread,
        review=_review(review) if review else None,
    )


def saved(file: Path) -> Report:
    """A report that was saved as JSON; raises UsageError or ReportError where there is none."""
    from mcpaudit.report.canonical import from_json

    return from_json(named_bytes(file, LARGEST))


def _review(file: Path) -> Any:
    from mcpaudit.model.access_review import SCHEMA, AccessReview
    from mcpaudit.report.canonical import read_back

    return read_back(named_bytes(file, LARGEST), AccessReview, SCHEMA, "access review")


def _known(frameworks: tuple[str, ...]) -> None:
    from mcpaudit.policy.controls import frameworks as all_frameworks

    for name in frameworks:
        if name not in all_frameworks():
            hint = did_you_mean(name, all_frameworks())
            listed = hint or f"there are {', '.join(sorted(all_frameworks()))}"
            raise UsageError(f"there is no framework `{name}`; {listed}")


def _runs(folder: Path) -> tuple[tuple[Run, ...], tuple[str, ...]]:
    """The reports in a folder; what is none is named, for a missing run must not look like none."""
    from mcpaudit.report.build_evidence import run_of

    if not folder.is_dir():
        raise UsageError(f"--runs takes a folder, and {folder} is none")
    files = sorted(file for file in folder.iterdir() if file.suffix == ".json" and file.is_file())
    if len(files) > _MOST_RUNS:
        raise UsageError(f"{folder} holds {len(files)} files; at most {_MOST_RUNS} runs are read")
    found, unread = [], []
    for file in files:
        try:
            found.append(run_of(saved(file), file.name))
        except McpauditError as error:
            unread.append(f"{file.name}: {error}")
    return tuple(found), tuple(unread)
