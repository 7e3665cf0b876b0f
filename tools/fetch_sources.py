"""Fetches and unpacks the packages of a corpus of running servers; nothing of them is built or run.

    python tools/fetch_sources.py CORPUS CACHE [--ecosystem pypi|npm]

CACHE/<ecosystem>/<package>/<version>/ then holds the files of each package at the version that was run.
Python packages come as wheels only: for a source distribution pip would run the package's own build to learn
its metadata.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

MAX_FILE = 64 * 1024 * 1024
MAX_ALL = 1024 * 1024 * 1024


def packages(corpus: Path, ecosystem: str) -> Iterator[tuple[str, str]]:
    """The packages that were run, with their versions."""
    for path in sorted((corpus / "manifests").glob("*.json")):
        raw = json.loads(path.read_text("utf-8"))
        source = raw.get("source") or {}
        if source.get("kind") == "live-dump" and source.get("ecosystem") == ecosystem:
            yield raw["package"], raw["version"]


def download(ecosystem: str, package: str, version: str, into: Path) -> Path | None:
    """The archive, fetched by the registry's own client."""
    if ecosystem == "pypi":
        # Nothing is run, so it does not matter which interpreter a package asks for.
        options = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python", "--quiet"]
        options += ["--disable-pip-version-check", "--dest", str(into)]
        command = [sys.executable, "-m", "pip", "download", *options, f"{package}=={version}"]
    else:
        options = ["--ignore-scripts", "--silent", "--pack-destination", str(into)]
        command = ["npm", "pack", *options, f"{package}@{version}"]
    done = subprocess.run(command, cwd=into, check=False, stdout=subprocess.DEVNULL)
    files = sorted(path for path in into.iterdir() if path.is_file())
    return files[0] if done.returncode == 0 and files else None


def _inside(name: str) -> PurePosixPath | None:
    """A member's path, unless it would lead out of the folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    return None if path.is_absolute() or ".." in path.parts or ":" in path.parts[0:1] else path


def unpack(archive: Path, into: Path) -> None:
    """Regular files alone, with bounded sizes: no links, no devices, nothing outside the folder."""
    left = MAX_ALL
    for name, content in _members(archive):
        path = _inside(name)
        left -= len(content)
        if path is None or left < 0:
            continue
        target = into.joinpath(*path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                if not info.is_dir() and info.file_size <= MAX_FILE:
                    yield info.filename, packed.read(info)
        return
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isreg() and member.size <= MAX_FILE else None
            if stream:
                yield member.name.partition("/")[2] or member.name, stream.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--ecosystem", choices=["pypi", "npm"], default="pypi")
    options = parser.parse_args()
    for package, version in packages(options.corpus, options.ecosystem):
        target = options.cache / options.ecosystem / package / version
        if target.is_dir():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            archive = download(options.ecosystem, package, version, Path(scratch))
            if archive is None:
                print(f"not fetched: {package} {version}")
                continue
            fresh = Path(scratch) / "unpacked"
            fresh.mkdir()
            unpack(archive, fresh)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(str(fresh), target)
            print(f"{package} {version}", flush=True)


if __name__ == "__main__":
    main()
