"""Fuzzing by coverage: `python -m tests.fuzz TARGET [libFuzzer options] [FOLDER for new inputs]`.

Without a target it lists them. It needs atheris, which is no dependency of mcpaudit (CONTRIBUTING.md).
"""

import sys
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")


def main(words: list[str]) -> int:
    """Fuzz one target until it breaks, or the options end it."""
    # Only who fuzzes has it, so mypy finds no module.
    import atheris  # type: ignore[import-not-found]

    with atheris.instrument_imports(include=["mcpaudit"], enable_loader_override=False):
        from tests.fuzz.bounds import tried
        from tests.fuzz.registry import TARGETS

        if not words or words[0] not in TARGETS:
            print("\n".join(TARGETS))
            return 2
        name, *options = words
        target, seeds = TARGETS[name], CORPUS / name
        # What is imported late is seen only if that happens here; it takes as long as it takes.
        for path in sorted(seeds.glob("*")):
            tried(target, path.read_bytes(), 300, 300)

    def once(raw: bytes) -> None:
        tried(target, raw, 10)

    own = [str(seeds)] if seeds.is_dir() else []
    atheris.Setup([sys.argv[0], "-timeout=0", *options, *own], once)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
