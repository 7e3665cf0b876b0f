"""A small installation with servers that run."""

from pathlib import Path
from typing import Any

import pytest

from tests.live.running import Live


@pytest.fixture
def live(tmp_path: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> Live:
    """A site whose servers are given little time to end."""
    monkeypatch.setattr("mcpaudit.live.process.GRACE", 0.2)
    return Live(tmp_path, capfdbinary)
