"""The same facts in the same bytes on every run: in any order of files and keys, with any hash seed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
OUTPUTS = ("json", "text", "sarif", "markdown", "html")

# Lists folders in another order for each seed, whichever way they are listed.
SHUFFLED = """
import os, random, sys
order = random.Random(sys.argv.pop(1))
listdir, scandir = os.listdir, os.scandir
def shuffled(found):
    found = sorted(found, key=lambda one: one if isinstance(one, (str, bytes)) else one.name)
    order.shuffle(found)
    return found
class Scan:
    def __init__(self, *where):
        with scandir(*where) as entries:
            self.entries = iter(shuffled(entries))
    def __iter__(self): return self.entries
    def __next__(self): return next(self.entries)
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def close(self): pass
os.listdir = lambda *where: shuffled(listdir(*where))
os.scandir = Scan
from mcpaudit.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def project(folder: Path) -> None:
    """The example, with saved manifests, servers that meet on resources, and secrets."""
    shutil.copytree(ROOT / "examples/logistics", folder)
    config = json.loads((folder / ".mcp.json").read_text())
    for number in range(6):
        mount = ["run", "-i", "-v", f"./shipments/{number % 3}:/data", f"acme/files-{number}:1"]
        config["mcpServers"][f"box-{number}"] = {"command": "docker", "args": mount}
        env = {"GITHUB_TOKEN": f"ghp_{str(number % 4) * 36}"}
        config["mcpServers"][f"hub-{number}"] = {"command": "npx", "args": [f"acme-{number}"], "env": env}
    (folder / ".mcp.json").write_text(json.dumps(config, indent=1))
    (folder / "saved/claude-code").mkdir(parents=True)
    tools = [{"name": f"{verb}_{what}"} for verb in ("read", "write", "delete") for what in ("file", "issue")]
    for number in range(6):
        boxed = {"tools": tools[number % 2 :]}
        (folder / "saved" / f"box-{number}.json").write_text(json.dumps(boxed))
        (folder / "saved/claude-code" / f"hub-{number}.json").write_text(json.dumps({"tools": tools}))


def reports(folder: Path, out: Path, seed: int) -> dict[str, bytes]:
    out.mkdir()
    words = ["check", ".", "--home", "home", "--manifests", "saved", "--profile", "dispatch"]
    words += ["--as-of", "2026-11-22"]
    for name in OUTPUTS:
        words += ["--format", f"{name}={out / name}"]
    done = subprocess.run(
        [sys.executable, "-c", SHUFFLED, str(seed), *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return {name: (out / name).read_bytes() for name in OUTPUTS}


def test_neither_the_hash_seed_nor_the_order_of_files_changes_a_byte(tmp_path: Path) -> None:
    project(tmp_path / "project")
    first = reports(tmp_path / "project", tmp_path / "0", 0)
    found = json.loads(first["json"])
    assert found["conflicts"]
    assert found["excess"]
    for seed in (1, 2):
        other = reports(tmp_path / "project", tmp_path / str(seed), seed)
        assert [name for name in OUTPUTS if other[name] != first[name]] == []


def test_the_order_of_keys_changes_nothing_but_places(tmp_path: Path) -> None:
    project(tmp_path / "project")
    first = reports(tmp_path / "project", tmp_path / "0", 0)["json"]
    random = Random(5)
    for path in ((tmp_path / "project/.mcp.json"), *(tmp_path / "project/saved").rglob("*.json")):
        path.write_text(json.dumps(turned(json.loads(path.read_text()), random), indent=1))
    second = reports(tmp_path / "project", tmp_path / "1", 1)["json"]
    assert first != second, "places have moved"
    assert told(json.loads(first)) == told(json.loads(second))


def turned(value: Any, random: Random) -> Any:
    """The same with the keys of every object in another order; lists keep theirs."""
    if isinstance(value, dict):
        items = list(value.items())
        random.shuffle(items)
        return {key: turned(held, random) for key, held in items}
    return [turned(one, random) for one in value] if isinstance(value, list) else value


MOVED = ("line", "column", "sha256", "digest", "excerpt", "diff")


def told(value: Any) -> Any:
    """What a report says without where it stands; places and edits are listed in the order of the file."""
    if isinstance(value, dict):
        kept = {key: told(held) for key, held in value.items() if key not in MOVED}
        return kept | {key: sorted(kept[key], key=str) for key in ("locations", "changes") if key in kept}
    return [told(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("listing", ["os.listdir('.')", "[one.name for one in os.scandir('.')]"])
def test_the_shuffled_listing_shuffles(listing: str, tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / str(number)).touch()
    code = SHUFFLED.rpartition("from mcpaudit")[0] + f"print({listing})"
    run = [
        subprocess.run(
            [sys.executable, "-c", code, seed], cwd=tmp_path, capture_output=True, check=True
        ).stdout
        for seed in "12"
    ]
    assert run[0] != run[1]
