"""Draws the tools that are labelled by hand: `python -m benchmarks.labels.sample CORPUS_DIR`.

Round after round, each server gives its next tool by SHA-256 of server and name, at most 8 a server, until
there are 300: so every server is in, and a large one does not outweigh the rest. Most of these only read, so
100 more are drawn in the same way from the tools whose authors declare that they change something. Some
actions are still rare then, so for each of five 24 more are drawn from the tools whose text has a word that
goes with it. A name that a near-copy of the server (the corpus' `family`) gave is passed over.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mcpaudit.parsing.document import Json

SIZE = 300
CHANGING = 100
PER_SERVER = 8
A_RARE_ACTION = 24
RARE = {
    "delete": r"delet|remov|clear|drop|purge|uninstall|clean|revoke|discard|cancel",
    "share": r"\b(?:un)?share|invit|grant|collaborator|publish"
    r"|(?:set|update|add|remove|manage) .*(?:permission|access|member)",
    "admin": r"(?:create|add|update|delete|attach|detach|put|manage|rotate|set) "
    r".*(?:user|role|polic|token|key|account|protect|member)",
    "execute": r"\brun\b|execut|trigger|invoke|\bstart\b|retry|rerun|script\b|command|evaluate|\bsql\b"
    r"|\bkubectl\b|deploy",
    "send": r"\bsend|reply|e-?mail to|notif|\bcall\b|webhook|forward|fetch|navigate|scrape|crawl|messages?$",
}


@dataclass(frozen=True, slots=True)
class Sampled:
    """A tool of the corpus, and the server and version that offer it."""

    server: str
    family: str
    version: str
    package: str
    ecosystem: str
    tool: dict[str, Json]


def order(*words: str) -> str:
    """A key that sorts as if shuffled, the same on every machine."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def load(corpus: Path) -> list[list[Sampled]]:
    """The tools of each server, both in shuffled order."""
    servers = []
    for path in (corpus / "manifests").glob("*.json"):
        raw = json.loads(path.read_text("utf-8"))
        server, source = raw["server"], raw.get("source") or {}
        tools = [
            Sampled(
                server,
                raw.get("family") or server,
                raw.get("version") or "",
                raw.get("package") or "",
                source.get("ecosystem") or "",
                tool,
            )
            for tool in raw.get("tools") or []
        ]
        tools.sort(key=lambda each: order(each.server, str(each.tool["name"])))
        servers.append(tools)
    return sorted((tools for tools in servers if tools), key=lambda tools: order(tools[0].server))


def declared_changing(each: Sampled) -> bool:
    """Whether the author's own annotations say that the tool is not read-only."""
    hints = each.tool.get("annotations")
    if not isinstance(hints, dict):
        return False
    return hints.get("readOnlyHint", not hints.get("destructiveHint")) is False


def draw(servers: list[list[Sampled]], size: int, taken: set[tuple[str, str]]) -> Iterator[Sampled]:
    """One tool a server and round, until there are enough; `taken` grows by what is drawn."""
    left = [iter(tools) for tools in servers]
    for _ in range(PER_SERVER):
        for tools in left:
            for each in tools:
                key = (each.family, str(each.tool["name"]).casefold())
                if key not in taken:
                    taken.add(key)
                    size -= 1
                    yield each
                    break
            if not size:
                return


def sample(servers: list[list[Sampled]]) -> Iterator[Sampled]:
    """The drawn tools, in the order in which they were drawn."""
    taken: set[tuple[str, str]] = set()
    yield from draw(servers, SIZE, taken)
    changing = [[each for each in tools if declared_changing(each)] for tools in servers]
    yield from draw(changing, CHANGING, taken)
    for pattern in RARE.values():
        speaks = re.compile(pattern)
        spoken = [[each for each in tools if speaks.search(_text(each))] for tools in servers]
        yield from draw(spoken, A_RARE_ACTION, taken)


def _text(each: Sampled) -> str:
    name = re.sub(r"[_-]|(?<=[a-z])(?=[A-Z])", " ", str(each.tool["name"]))
    return f"{name} {each.tool.get('description') or ''}"[:110].lower()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    for each in sample(load(parser.parse_args().corpus)):
        print(json.dumps({"server": each.server, "version": each.version, "tool": each.tool["name"]}))


if __name__ == "__main__":
    main()
