"""Runs the HTTP relay until it is told to end."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping

from mcpaudit.clients.identity import identify_url
from mcpaudit.errors import UsageError
from mcpaudit.live.relay.http import HttpRelay
from mcpaudit.live.relay.http_rules import listen_address, target_of
from mcpaudit.live.relay.recording import begin
from mcpaudit.live.relay.wanted import Wanted


def run(
    listen: str,
    to: str,
    wanted: Wanted,
    env: Mapping[str, str],
    complain: Callable[[str], None],
    *,
    exposed: bool,
) -> int:
    """Relay until a signal ends it; raises UsageError for addresses that cannot be used."""
    host, port = listen_address(listen, exposed=exposed)
    target = target_of(to)
    server = identify_url(to).server.id

    async def main() -> None:
        stopped = asyncio.Event()
        if sys.platform != "win32":
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        recorder, log = begin(wanted, server, env, complain)
        relay = HttpRelay(target, recorder, exposed=exposed)
        try:
            try:
                await relay.listen(host, port)
            except OSError as error:
                raise UsageError(f"cannot listen at {listen}: {error.strerror or error}") from None
            shown = f"[{host}]" if ":" in host else host
            complain(
                f"mcpaudit: http://{shown}:{relay.port} leads to {target.origin}, recorded in {log.path}"
            )
            await stopped.wait()
        finally:
            await relay.close()
            recorder.close()

    asyncio.run(main())
    return 0
