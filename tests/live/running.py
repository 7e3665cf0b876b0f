"""Runs `mcpaudit live list` on a small installation, with servers that are real child processes."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from mcpaudit.cli.main import run
from tests.installation import servers, site_of

ODD = str(Path(__file__).parent / "odd_server.py")
PYTHON = sys.executable


def odd(*words: str, **more: Any) -> dict[str, Any]:
    """The entry of a server that behaves so."""
    return {"command": PYTHON, "args": ["-sS", ODD, *words], **more}


class Live:
    """A site, and the command on it."""

    def __init__(self, folder: Path, captured: Any) -> None:
        self.folder, self.captured = folder, captured
        self.out = self.err = ""

    def install(self, **entries: Any) -> "Live":
        """What Cursor has installed from here on."""
        site_of(self.folder, {"~/.cursor/mcp.json": servers(**entries)})
        return self

    @property
    def project(self) -> Path:
        return self.folder / "project"

    def command(self, *words: str) -> int:
        """Any command of mcpaudit."""
        code = run([*words])
        out, err = self.captured.readouterr()
        self.out, self.err = out.decode(), err.decode()
        assert "Traceback" not in self.out + self.err
        assert "internal error" not in self.err
        return code

    def list(self, *words: str, timeout: float = 20) -> int:
        """The command, with every server agreed to."""
        home = ["--path", str(self.project), "--home", str(self.folder / "home")]
        return self.command("live", "list", *home, "--yes", "--timeout", str(timeout), *words)

    def rows(self, *words: str, timeout: float = 20) -> dict[str, Any]:
        """What came of each server, by its name in Cursor."""
        self.list("--format", "json", *words, timeout=timeout)
        return {row["names"][0].removeprefix("cursor/"): row for row in json.loads(self.out)["servers"]}

    def row(self, *words: str, timeout: float = 20, **more: Any) -> Any:
        """What came of one odd server."""
        return self.install(one=odd(*words, **more)).rows(timeout=timeout)["one"]


def gone(pid: int) -> bool:
    """Whether a process has ended, at the latest in two seconds; one that waits for its parent has."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.02)
    return False
