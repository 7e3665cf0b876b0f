"""Draws the unseen tools: `python -m benchmarks.labels.sample_unseen CORPUS FRESH LISTS_DIR...`.

The first two folders hold the servers of the earlier sets: what they name, and near-copies, are left out. The
others hold saved tool lists. Servers take turns: 90 tools of any kind, then 14 for each of five rare kinds of
action, as in `sample_fresh.py`, at most eight of a server. What is drawn of servers that the shipped catalog
describes is left out afterwards. The later tools were drawn by `sample` with another seed and other sizes
(`later-20261123`, 60 and 6).
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from benchmarks.inferred import load, load_lists
from benchmarks.labels.sample import order
from benchmarks.labels.sample_fresh import RARE

SEED = "unseen-20261123"
SIZE = 90
A_RARE_ACTION = 14
PER_SERVER = 8
CATALOG = Path(__file__).parents[2] / "mcpaudit" / "knowledge" / "catalog"
NEAR_COPY = 0.5

Servers = Mapping[str, Mapping[str, str]]


def read(folders: Iterable[Path], taken: Iterable[str], tools_taken: set[str]) -> dict[str, dict[str, str]]:
    """The first words of each tool of the servers that no earlier set has, by server and tool."""
    servers: dict[str, dict[str, str]] = {}
    before = {name.lower() for name in taken}
    for path in sorted(path for folder in folders for path in folder.glob("*.json")):
        raw = json.loads(path.read_text("utf-8"))
        name = str(raw.get("package") or raw.get("server") or "")
        tools = {one["name"]: str(one.get("description") or "")[:160] for one in raw.get("tools") or []}
        if not tools or not name or name.lower() in before or name in servers:
            continue
        if len(tools.keys() & tools_taken) / len(tools) < NEAR_COPY:
            servers[name] = tools
    return servers


def sample(servers: Servers) -> Iterator[tuple[str, str, str]]:
    """Server, tool and what it was drawn as."""
    given: Counter[str] = Counter()
    done: set[tuple[str, str]] = set()
    for kind, size in (("all", SIZE), *((action, A_RARE_ACTION) for action in RARE)):
        speaks = re.compile(RARE.get(kind, ""))
        left = {
            name: iter([tool for tool in _shuffled(name, tools) if speaks.search(_text(tool, tools[tool]))])
            for name, tools in servers.items()
        }
        turns = sorted(servers, key=lambda name, kind=kind: order(SEED, kind, name))
        drawn = 0
        for server in turns * PER_SERVER:
            if drawn == size or given[server] == PER_SERVER:
                continue
            tool = next((one for one in left[server] if (server, one) not in done), None)
            if tool is not None:
                done.add((server, tool))
                given[server] += 1
                drawn += 1
                yield server, tool, "all" if kind == "all" else "rare"


def _shuffled(server: str, tools: Iterable[str]) -> list[str]:
    return sorted(tools, key=lambda tool: order(SEED, server, tool))


def _text(name: str, description: str) -> str:
    return f"{re.sub(r'[_-]|(?<=[a-z])(?=[A-Z])', ' ', name)} {description}".lower()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("fresh", type=Path)
    parser.add_argument("lists", type=Path, nargs="+")
    arguments = parser.parse_args()
    earlier = [*load(arguments.corpus).values(), *load_lists(arguments.fresh).values()]
    named = [one.name for one in earlier]
    packaged = [one.server.package.name for one in earlier if one.server and one.server.package]
    tools = {tool for one in earlier for tool in one.tools}
    shipped = {path.stem.split("__", 1)[-1].replace("__", "/") for path in CATALOG.glob("*.json")}
    for server, tool, drawn in sample(read(arguments.lists, [*named, *packaged], tools)):
        if server in shipped:
            continue
        print(json.dumps({"server": server, "tool": tool, "drawn": drawn}))


if __name__ == "__main__":
    main()
