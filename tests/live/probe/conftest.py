"""A small installation whose servers are given little time to end."""

from pathlib import Path
from typing import Any

import pytest

from tests.live.probe.probing import Probing


@pytest.fixture
def site(tmp_path: Path, capfdbinary: Any, monkeypatch: pytest.MonkeyPatch) -> Probing:
    """A site to probe."""
    monkeypatch.setattr("mcpaudit.live.process.GRACE", 0.5)
    monkeypatch.setattr("mcpaudit.live.probe.health.SHUTDOWN", 2.0)
    return Probing(tmp_path, capfdbinary)
