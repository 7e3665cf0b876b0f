"""A repository, and `mcpaudit diff` of two of its states."""

import json
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run
from tests.histories import Diff, Files, begun, commit


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return begun(tmp_path / "repository")


@pytest.fixture
def diff(repository: Path, capfd: pytest.CaptureFixture[str]) -> Diff:
    """Commit a base and a change, compare the two revisions, and give the JSON."""

    def compare(base: Files, head: Files, *words: str, code: int | None = None) -> Any:
        first, second = commit(repository, base), commit(repository, head)
        return of(first, second, *words, code=code)

    def of(*words: str, code: int | None = None) -> Any:
        capfd.readouterr()
        done = run(["diff", "--path", str(repository), *words, "--as-of", "2026-11-22", "--format", "json"])
        out, error = capfd.readouterr()
        if code is not None:
            assert done == code, out or error
        return json.loads(out) if out else error

    compare.of = of  # type: ignore[attr-defined]
    return compare
