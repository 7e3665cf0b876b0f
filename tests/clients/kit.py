"""What any client is tried with: how it writes an entry and what it decides, as `kit.yaml` tells it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mcpaudit.knowledge.client_facts import Read, client_facts
from mcpaudit.model.site import Platform, Site
from tests.installation import npx

PLAIN = npx("server-x")


@dataclass(frozen=True, slots=True)
class Trial:
    """One client's part of `kit.yaml`."""

    client: str
    at: str | dict[str, str] = "mcpServers"
    """The keys that lead to the entries, joined by ` / `; by the end of the file's name where they differ."""
    entry: dict[str, Any] = field(default_factory=lambda: dict(PLAIN))
    """An entry that starts `npx -y server-x`."""
    more: dict[str, Any] = field(default_factory=dict)
    """What a file needs beside the entries so that they count."""
    shape: str = "map"
    """`list` where entries stand in a list, each with its `name`."""
    args: str = "args"
    stronger: list[str] = field(default_factory=list)
    """Files from the strongest to the weakest; of one name the first counts."""
    all_load: bool = False
    levels: bool = True
    """Whether every file of its table can be tried alike; other clients try theirs elsewhere."""
    disabled: dict[str, Any] | None = None
    """What switches an entry off."""
    expands: str = ""
    """How an entry names the variable X; empty where nothing is expanded."""
    names: dict[str, str] = field(default_factory=dict)
    """`server/tool` as rules name it."""
    decides: list[dict[str, Any]] = field(default_factory=list)
    """Rows of `entry` or `files`, perhaps `tool` and `hints`, with the outcomes `is` of the three modes."""

    def write(self, path: str, entries: dict[str, dict[str, Any]]) -> Any:
        """The content of a file with these entries."""
        held: Any = entries
        if self.shape == "list":
            held = [{"name": name, **entry} for name, entry in entries.items()]
        keys = (
            self.at
            if isinstance(self.at, str)
            else next(keys for end, keys in self.at.items() if path.endswith(end))
        )
        for key in reversed(keys.split(" / ") if keys else ()):
            held = {key: held}
        return json.dumps({**self.more, **held}) if isinstance(held, dict) else json.dumps(held)

    def reads(self, platform: Platform) -> Iterator[tuple[Read, str]]:
        """The files of servers in the client's table, as a test names them."""
        facts = client_facts(self.client)
        assert facts is not None
        site = Site(Path("project"), Path("home"), Path("root"), platform)
        for read in facts.reads:
            if platform in read.paths and "servers" in read.holds:
                located = site.locate(read.paths[platform])
                assert located is not None
                yield read, re.sub(r"\*\*?", "x", located[1])

    def first(self) -> str:
        """A file of servers."""
        return self.stronger[0] if self.stronger else next(path for _, path in self.reads("linux"))


@cache
def trials() -> dict[str, Trial]:
    """All of them, by client."""
    text = Path(__file__).with_name("kit.yaml").read_text(encoding="utf-8")
    return {client: Trial(client, **told) for client, told in yaml.safe_load(text).items()}
