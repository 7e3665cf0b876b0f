"""Does the same for many servers, several at once, and ends them all when it is told to end."""

import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import anyio

Item = TypeVar("Item")
Made = TypeVar("Made")


def for_each(
    items: Sequence[Item],
    work: Callable[[Item], Awaitable[Made]],
    jobs: int,
    tell: Callable[[Made], None],
) -> tuple[Made, ...]:
    """What `work` makes of each, in the same order; `tell` is told of each as it is finished."""
    with _silent():
        return anyio.run(_all, items, work, jobs, tell)


async def _all(
    items: Sequence[Item],
    work: Callable[[Item], Awaitable[Made]],
    jobs: int,
    tell: Callable[[Made], None],
) -> tuple[Made, ...]:
    found: dict[int, Made] = {}
    room = anyio.Semaphore(jobs)

    async def one(number: int, item: Item) -> None:
        async with room:
            found[number] = await work(item)
        tell(found[number])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_signal, tasks.cancel_scope)
        async with anyio.create_task_group() as working:
            for number, item in enumerate(items):
                working.start_soon(one, number, item)
        tasks.cancel_scope.cancel()
    if len(found) < len(items):
        raise KeyboardInterrupt
    return tuple(found[number] for number in range(len(items)))


async def _stop_on_signal(everything: anyio.CancelScope) -> None:
    """Make being told to terminate end as Ctrl-C does: with every server ended."""
    if sys.platform != "win32":
        with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGHUP) as signals:
            async for _ in signals:
                everything.cancel()


@contextmanager
def _silent() -> Iterator[None]:
    """The SDK logs what servers send; without a handler Python prints that to the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
