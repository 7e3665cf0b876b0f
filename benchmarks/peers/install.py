"""Each tool into an environment of its own below a cache folder, by the user's own pip and npm settings."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


def installed(peer: Mapping[str, Any], cache: Path) -> Path:
    """The folder with the tool's command; installed first where it is not there yet.

    This checkout is installed anew each time, so that what is raced is what stands here.
    """
    name, package = peer["name"], peer.get("package", peer["name"])
    home = cache / f"{name}-{peer.get('version', 'here')}"
    bin_folder = home / ("node_modules/.bin" if peer["registry"] == "npm" else "bin")
    if peer["registry"] == "npm":
        if not bin_folder.exists():
            words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(home)]
            subprocess.run([*words, f"{package}@{peer['version']}"], check=True, capture_output=True)
        return bin_folder
    if not bin_folder.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        what = str(ROOT) if peer["registry"] == "here" else f"{package}=={peer['version']}"
        _pip(bin_folder, what)
    elif peer["registry"] == "here":
        _pip(bin_folder, "--force-reinstall", "--no-deps", str(ROOT))
    return bin_folder


def _pip(bin_folder: Path, *words: str) -> None:
    done = subprocess.run([str(bin_folder / "pip"), "install", "-q", *words], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(bin_folder.parent)
        raise SystemExit(f"pip install {words[-1]} failed:\n{done.stderr}")
