"""Builds wheel and sdist from what git tracks, and prints their digests: `python -m tools.supply.build`

The same files give the same bytes: hatchling orders the members and sets times, owners and modes. So whoever
has the source of a release can build it again and compare (SECURITY.md).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EPOCH = "1767225600"
"""2026-01-01: neither the commit's time nor the machine's, and one that a zip file can hold."""


def tracked(root: Path = ROOT) -> list[str]:
    """The files of the checkout as git knows them, without what lies beside them."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True).stdout
    return sorted(name for name in listed.decode().split("\0") if name and (root / name).is_file())


def copy(names: list[str], target: Path, root: Path = ROOT) -> None:
    """Copy these files, and nothing of their modes and times."""
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target / name)


def build(source: Path, target: Path, environment: Mapping[str, str]) -> dict[str, bytes]:
    """The built files by name."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-t", "wheel", "-d", str(target)],
        cwd=source,
        env={**environment, "SOURCE_DATE_EPOCH": EPOCH},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def main() -> int:
    """Build into `dist`."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        copy(tracked(), source)
        built = build(source, Path(folder) / "built", os.environ)
    (ROOT / "dist").mkdir(exist_ok=True)
    for name, content in built.items():
        (ROOT / "dist" / name).write_bytes(content)
        print(f"{hashlib.sha256(content).hexdigest()}  {name}  {len(content):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
