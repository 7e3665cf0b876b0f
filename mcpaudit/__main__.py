"""The `mcpaudit` command: every mistake becomes a sentence and an exit code, never a traceback."""

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    # One short job: looking for garbage in cycles often would cost a sixth of it and find next to nothing.
    gc.set_threshold(200_000, 20, 50)
    if sys.argv[1:3] == ["live", "record"]:
        from mcpaudit.cli.record_start import quick

        if (code := quick(sys.argv[3:])) is not None:
            sys.exit(code)
    from mcpaudit.cli.main import run

    code = run(sys.argv[1:])
    # As it ends, the interpreter would look through all that was made for garbage, twice, and drop it anyway.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
