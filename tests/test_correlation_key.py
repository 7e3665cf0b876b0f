"""`--correlation-key`: one secret is recognised in the reports of two machines, and nothing else is told."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from mcpaudit.cli.main import run

TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
OTHER = "ghp_" + "z9Y8x7W6v5" * 3 + "u4T3s2"


def machine(folder: Path, **servers: str) -> Path:
    """A project whose servers each hold a token."""
    folder.mkdir()
    entries = {
        name: {"command": "npx", "args": ["-y", "@acme/hub@1.0.0"], "env": {"GITHUB_TOKEN": token}}
        for name, token in servers.items()
    }
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": entries}))
    return folder


def correlations(folder: Path, *more: str) -> dict[str, Any]:
    """By server, what the report tells of its token."""
    target = folder.parent / f"{folder.name}.json"
    assert run(["check", str(folder), "--no-home", "--format", f"json={target}", *more]) in (0, 1)
    rows = json.loads(target.read_text())
    assert TOKEN not in target.read_text()
    names = {row["id"]: row["name"] for row in rows["installations"]}
    return {names[row["holder"]]: row["correlation"] for row in rows["credentials"]}


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_bytes(hashlib.sha256(b"chance").digest())
    return path


def test_without_a_key_nothing_derives_from_a_value(tmp_path: Path) -> None:
    assert set(correlations(machine(tmp_path / "one", hub=TOKEN)).values()) == {""}


def test_one_secret_is_the_same_on_two_machines_and_another_is_not(tmp_path: Path, key: Path) -> None:
    words = ("--correlation-key", str(key))
    one = correlations(machine(tmp_path / "one", hub=TOKEN, forge=OTHER), *words)
    two = correlations(machine(tmp_path / "two", mirror=TOKEN), *words)
    assert one["hub"] == two["mirror"] != ""
    assert one["forge"] not in ("", one["hub"])


def test_who_lacks_the_key_cannot_test_a_guess(tmp_path: Path, key: Path) -> None:
    folder = machine(tmp_path / "one", hub=TOKEN)
    told = correlations(folder, "--correlation-key", str(key))["hub"]
    key.write_bytes(bytes(32))
    assert correlations(folder, "--correlation-key", str(key))["hub"] != told
    assert not any(
        algorithm(TOKEN.encode()).hexdigest().startswith(told)
        for algorithm in (hashlib.sha256, hashlib.sha1, hashlib.md5, hashlib.sha512)
    )


@pytest.mark.parametrize("size", [0, 31, 5000])
def test_a_key_that_could_be_found_by_trying_is_refused(
    tmp_path: Path, size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    weak = tmp_path / "weak"
    weak.write_bytes(b"k" * size)
    folder = machine(tmp_path / "one", hub=TOKEN)
    assert run(["check", str(folder), "--no-home", "--correlation-key", str(weak)]) == 2
    assert "should hold 32 to 4096 bytes" in capsys.readouterr().err


def test_a_key_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = machine(tmp_path / "one", hub=TOKEN)
    assert run(["check", str(folder), "--no-home", "--correlation-key", str(tmp_path / "none")]) == 2
    assert f"cannot read {tmp_path / 'none'}: No such file" in capsys.readouterr().err


def test_a_key_is_a_file_and_nothing_that_waits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, pipe = machine(tmp_path / "one", hub=TOKEN), tmp_path / "pipe"
    os.mkfifo(pipe)
    assert run(["check", str(folder), "--no-home", "--correlation-key", str(pipe)]) == 2
    assert f"cannot read {pipe}: a named pipe, not a file" in capsys.readouterr().err
