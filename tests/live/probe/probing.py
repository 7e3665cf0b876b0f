"""Runs `mcpaudit live probe` on a small installation."""

import json
from pathlib import Path
from typing import Any

from tests.installation import site_of
from tests.live.running import PYTHON, Live

BAD = str(Path(__file__).parent / "bad_server.py")


def bad(*words: str, **more: Any) -> dict[str, Any]:
    """The entry of a server that fails so."""
    return {"command": PYTHON, "args": ["-sS", BAD, *words], **more}


class Probing(Live):
    """A site, and the command on it."""

    def probe(self, *words: str, timeout: float = 20) -> int:
        """The command, with all of it agreed to."""
        home = ["--path", str(self.project), "--home", str(self.folder / "home")]
        return self.command("live", "probe", *home, "--yes", "--timeout", str(timeout), *words)

    def seen(self, *words: str, timeout: float = 20) -> dict[str, dict[str, Any]]:
        """What came of each check, by the server's name in Cursor and the check."""
        self.probe("--format", "json", *words, timeout=timeout)
        found: dict[str, dict[str, Any]] = {}
        for row in json.loads(self.out)["probes"]:
            found.setdefault(row["names"][0].removeprefix("cursor/"), {})[row["check"]] = row
        return found

    def verdicts(self, *words: str, timeout: float = 20) -> dict[str, str]:
        """What came of each check of the one server that is installed."""
        (checks,) = self.seen(*words, timeout=timeout).values()
        return {check: row["verdict"] for check, row in checks.items()}

    @property
    def evidence(self) -> Path:
        return self.project / ".mcpaudit/probes.json"

    def also(self, files: dict[str, Any]) -> "Probing":
        """More files of the site."""
        site_of(self.folder, files)
        return self
