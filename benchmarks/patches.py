"""Patches of real configurations: how many are made, whether git takes them, whether a new audit agrees.

    python benchmarks/patches.py FOLDER

FOLDER holds configuration files below folders named for clients (`cursor/`, `codex/`, ...). Each file is
put where its client reads it, minimised for a few tasks, patched, and the patch applied by `git apply`.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from mcpaudit.model.patch import TREES
from mcpaudit.model.plan import suggestion
from mcpaudit.model.site import Site
from mcpaudit.questions import Patched, minimize, patch
from mcpaudit.report.patch import as_patch
from mcpaudit.request import Request

PLACES = {
    "claude-code": ("project/.mcp.json",),
    "claude-desktop": ("home/.config/Claude/claude_desktop_config.json",),
    "cursor": ("project/.cursor/mcp.json", "home/.cursor/mcp.json"),
    "codex": ("project/.codex/config.toml", "home/.codex/config.toml"),
    "gemini": ("project/.gemini/settings.json", "home/.gemini/settings.json"),
    "opencode": ("project/opencode.jsonc",),
    "vscode": ("project/.vscode/mcp.json",),
}
TASKS = {
    "web": ["web:**"],
    "files": ["local:host/file/**"],
    "code": ["github:**", "local:host/file/./src/**"],
}
HEAD = "apiVersion: mcpaudit/v1\nkind: Profile\nmetadata: {id: task, title: A task}\nspec:\n  needs:\n"


def main(folder: Path) -> None:
    count: Counter[str] = Counter()
    for file, place in _cases(folder):
        for needs in TASKS.values():
            with tempfile.TemporaryDirectory() as name:
                _try(Path(name), file, place, needs, count)
    for what, number in sorted(count.items()):
        print(f"{number:6} {what}")


def _cases(folder: Path) -> Iterator[tuple[Path, str]]:
    for client, places in PLACES.items():
        for file in sorted((folder / client).glob("*")):
            for place in places:
                yield file, place


def _try(top: Path, file: Path, place: str, needs: list[str], count: Counter[str]) -> None:
    for name in ("project/.git", "project/.mcpaudit/profiles", "home", "root"):
        (top / name).mkdir(parents=True)
    (top / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, top / place)
    lines = [f'    - {{actions: [read], resource: "{need}"}}\n' for need in needs]
    (top / "project/.mcpaudit/profiles/task.yaml").write_text(HEAD + "".join(lines))
    site = Site(top / "project", top / "home", top / "root")
    request = Request(site, date(2026, 11, 22), profile="task", shipped_policies=False)
    found = minimize(request)
    done = patch(request, suggestion(found.plans), found.facts)
    count["runs"] += 1
    count["runs whose new audit does not agree"] += bool(done.disagreements)
    count["wishes that no patch can do"] += len(done.patches.left)
    count["changes"] += sum(len(one.says) for one in done.patches.files)
    count["files patched"] += len(done.patches.files)
    count["files that git patches otherwise"] += sum(1 for _ in _refused(top, done))


def _refused(top: Path, done: Patched) -> Iterator[str]:
    for tree in TREES:
        if not (own := done.patches.of(tree)):
            continue
        subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            input=as_patch(own, tree).encode(),
            cwd=top / tree,
            env={"GIT_CEILING_DIRECTORIES": str(top), "GIT_DIR": str(top / "none")},
            capture_output=True,
            check=False,
        )
        for one in own:
            path = top / tree / one.file.removeprefix("~/")
            if not path.is_file() or path.read_bytes() != done.patches.contents[one.file]:
                yield one.file


if __name__ == "__main__":
    main(Path(sys.argv[1]))
