"""The `mcpaudit` command: every mistake becomes a sentence and an exit code, never a traceback."""

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    # One short job: looking for garbage in cycles often would cost a sixth of it and find next to nothing.
    gc.set_threshold(200_000, 20, 50)
    from mcpaudit.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
