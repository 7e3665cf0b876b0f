"""Fuzzing by coverage: `python -m tests.fuzz TARGET [libFuzzer options]`; without a target, their names.

It needs atheris, which is no dependency of mcpaudit: CONTRIBUTING.md tells how to run it.
"""

import os
import sys
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")


def main(words: list[str]) -> int:
    """Fuzz one target until it breaks, or the options end it."""
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["mcpaudit"], enable_loader_override=False):
        from tests.fuzz.bounds import tried
        from tests.fuzz.registry import TARGETS
    if not words or words[0] not in TARGETS:
        print("\n".join(TARGETS))
        return 2
    name, *options = words
    target = TARGETS[name]
    seeds = [str(CORPUS / name)] if (CORPUS / name).is_dir() else []
    os.environ.setdefault("PYTHONHASHSEED", "0")
    atheris.Setup(
        [sys.argv[0], *options, *seeds], lambda raw: tried(target, raw) and None, enable_python_coverage=True
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
