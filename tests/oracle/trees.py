"""The trees that real clients have listed, and how they are laid out on disk."""

import json
import os
from pathlib import Path
from typing import Any

import yaml

from tests.oracle import generated

FOLDER = Path(__file__).parent
RECORDINGS = FOLDER / "recordings"


def trees(client: str) -> list[dict[str, Any]]:
    """The trees of one client: those made by hand, then generated ones."""
    found: dict[str, list[dict[str, Any]]] = yaml.safe_load((FOLDER / "trees.yaml").read_text("utf-8"))
    if client not in generated.SLIPS:
        return found[client]
    return [*found[client], *(generated.tree(client, number) for number in range(generated.KEPT))]


def lay_out(tree: dict[str, Any], root: Path) -> tuple[Path, Path, dict[str, str]]:
    """Write a tree below `root`; gives the folder that the client runs in, its home, and its variables."""
    project, home = root / "work" / "project", root / "home"
    (project / ".git").mkdir(parents=True)
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    for name in ("objects", "refs"):
        (project / ".git" / name).mkdir()
    home.mkdir()
    for name, content in tree["files"].items():
        path = home / name[2:] if name.startswith("~/") else project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_bytes(_placed(text, project, home).encode("utf-8"))
    env = {name: _placed(value, project, home) for name, value in tree.get("env", {}).items()}
    return Path(os.path.normpath(project / tree.get("cwd", ""))), home, env


def _placed(text: str, project: Path, home: Path) -> str:
    return text.replace("{project}", str(project)).replace("{home}", str(home))
