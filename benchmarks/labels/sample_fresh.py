"""Draws the fresh tools that are labelled by hand: `python -m benchmarks.labels.sample_fresh LISTS_DIR`.

The folder has one saved tool list for each server. 150 tools come server by server, as in `sample.py`. Then
for each of five rare kinds of action 30 more, from the tools whose name or first words have one of a generous
list of words. Servers take turns, and none gives more than six in all.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.labels.sample import order
from mcpaudit.parsing.document import Json

SEED = "fresh-20261122"
SIZE = 150
A_RARE_ACTION = 30
PER_SERVER = 6
RARE = {
    "send": r"\bsend|\bsent\b|repl(?:y|ies)|e-?mail|notif|\bcall\b|webhook|forward|invite|invit|message"
    r"|broadcast|publish|post\b|fetch|navigate|scrape|crawl|url\b|sms",
    "execute": r"\brun|execut|trigger|invoke|\bstart|retry|rerun|script|command|evaluat|\beval|\bsql\b|query"
    r"|kubectl|deploy|launch|playbook|terminal|shell|build|workflow|pipeline",
    "delete": r"delet|remov|clear|drop|purge|uninstall|clean|revoke|discard|cancel|destroy|wipe|reset"
    r"|terminate|kill|prune",
    "share": r"shar(?:e|ing)|invit|grant|collaborat|publish|permission|access|member|public|acl|link|attendee"
    r"|guest",
    "admin": r"\badmin|user|role|polic|token|\bkeys?\b|account|protect|password|secret|credential|auth|group"
    r"|owner|ban\b|firewall",
}

Servers = dict[str, list[dict[str, Json]]]


def load(folder: Path) -> Servers:
    """The tools of each server, in shuffled order."""
    servers: Servers = {}
    for path in folder.glob("*.json"):
        raw = json.loads(path.read_text("utf-8"))
        keyed = {_order(raw["server"], tool["name"]): tool for tool in raw["tools"]}
        servers[raw["server"]] = [keyed[key] for key in sorted(keyed)]
    return servers


def sample(servers: Servers) -> Iterator[tuple[str, str, str]]:
    """Server, tool and what it was drawn as."""
    taken: set[tuple[str, str]] = set()
    given: Counter[str] = Counter()
    for server, tool in _draw(servers, sorted(servers, key=_order), SIZE, taken, given):
        yield server, tool, "all"
    for action, pattern in RARE.items():
        speaks = re.compile(pattern)
        spoken = {
            name: [each for each in tools if speaks.search(_text(each))] for name, tools in servers.items()
        }
        turns = [name for _, name in sorted((_order(action, name), name) for name in servers)]
        for server, tool in _draw(spoken, turns, A_RARE_ACTION, taken, given):
            yield server, tool, "rare"


def _draw(
    servers: Servers, turns: list[str], size: int, taken: set[tuple[str, str]], given: Counter[str]
) -> Iterator[tuple[str, str]]:
    left = {name: iter(servers[name]) for name in turns}
    for _ in range(PER_SERVER):
        for server in turns:
            if not size or given[server] == PER_SERVER:
                continue
            for each in left[server]:
                key = (server, str(each["name"]))
                if key not in taken:
                    taken.add(key)
                    given[server] += 1
                    size -= 1
                    yield key
                    break


def _order(*words: str) -> str:
    return order(SEED, *words)


def _text(tool: dict[str, Json]) -> str:
    name = re.sub(r"[_-]|(?<=[a-z])(?=[A-Z])", " ", str(tool["name"]))
    return f"{name} {str(tool.get('description') or '')[:160]}".lower()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", type=Path)
    for server, tool, drawn in sample(load(parser.parse_args().lists)):
        print(json.dumps({"server": server, "tool": tool, "drawn": drawn}))


if __name__ == "__main__":
    main()
