"""The `mcpaudit` command: every mistake becomes a sentence and an exit code, never a traceback."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from mcpaudit.cli.main import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
