"""What is wanted of a recording, and the recorder for it: what has to be there before the first message."""

import os
import time
from collections.abc import Mapping, Sequence

from mcpaudit.dataclass import dataclass
from mcpaudit.live.relay.arguments import Arguments
from mcpaudit.live.relay.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says of a recording."""

    name: str = ""
    client: str = ""
    log: str = ""
    """Empty for the usual place."""
    max_bytes: int = 50_000_000
    keep: int = 4
    values: bool = False


def recorder(wanted: Wanted, words: Sequence[str], env: Mapping[str, str]) -> Recorder:
    """A recorder that has no log yet; `words` are what else than variables may hold secrets."""
    masking = None
    if wanted.values:
        # Only here, as it reads the provider packs: a second that no other recording pays.
        from mcpaudit.live.relay.masking import masking as masking_of

        masking = masking_of(env, words)
    return Recorder(Arguments(os.urandom(32), masking), time.time, time.monotonic)
