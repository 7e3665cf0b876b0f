"""The `mcpaudit` command: every mistake becomes a sentence and an exit code, never a traceback."""

import gc
import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line and leave with its exit code."""
    # One short job: looking for garbage in cycles often would cost a sixth of it and find next to nothing.
    gc.set_threshold(200_000, 20, 50)
    try:
        code = _run()
    except KeyboardInterrupt:
        # While something was being loaded; all else is caught further in.
        os.write(2, b"mcpaudit: stopped\n")
        code = 130
    # As it ends, the interpreter would look through all that was made for garbage, twice, and drop it anyway.
    gc.freeze()
    sys.exit(code)


def _run() -> int:
    if sys.argv[1:3] == ["live", "record"]:
        from mcpaudit.cli.record_start import quick

        if (code := quick(sys.argv[3:])) is not None:
            return code
    # What is half written is put away before the end, as it is after an interruption.
    signal.signal(signal.SIGTERM, _end)
    from mcpaudit.cli.main import run

    return run(sys.argv[1:])


def _end(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
