"""Asks before a server is started or contacted: it is a program of somebody else's, with your rights."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import click

from mcpaudit.errors import UsageError
from mcpaudit.live.values import Launch
from mcpaudit.report.escape import clip, terminal

Item = TypeVar("Item")

_LONGEST = 2_000


def agreed(launches: Sequence[Launch], *, yes: bool) -> tuple[Launch, ...]:
    """Those that the user agrees to, each shown first; raises UsageError where nobody can be asked."""
    return chosen(launches, _lines, yes=yes)


def chosen(items: Sequence[Item], lines: Callable[[Item], Iterable[str]], *, yes: bool) -> tuple[Item, ...]:
    """Those that the user agrees to, each shown first in lines; raises UsageError without a terminal."""
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("servers are started only when you agree, and there is no terminal: give --yes")
    found: list[Item] = []
    every = yes
    for item in items:
        click.echo("\n".join(lines(item)), err=True)
        if not every:
            answer = click.prompt(
                "  Go ahead? y: yes, n: no, a: yes to all",
                type=click.Choice(["y", "n", "a"]),
                default="n",
                show_choices=False,
                err=True,
            )
            every = answer == "a"
            if answer == "n":
                continue
        found.append(item)
    return tuple(found)


def _lines(launch: Launch) -> Iterator[str]:
    deed = "contacts" if launch.remote else "starts"
    yield terminal(f"{', '.join(launch.names)}: {deed}")
    yield f"  {terminal(clip(launch.shown, _LONGEST))}"
    if launch.given:
        what = "headers" if launch.remote else "variables"
        yield f"  with the {what} {terminal(clip(', '.join(launch.given), _LONGEST))}"
