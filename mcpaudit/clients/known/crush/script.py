"""Crush's `crushrc`, a shell script that sets it up: its `mcp add` and `permissions` lines, never run.

Source: charmbracelet/crush, README.md and schema.json of August 2026. That `--env` and `--header` are spelt
so, and that `--args` takes a word each time, is not verified.
"""

from collections.abc import Iterator
from dataclasses import replace

from mcpaudit.clients.reading import Reading
from mcpaudit.model.decision import Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.server import Agent
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node
from mcpaudit.parsing.veiled import unveiled

ID = "crush"
_KEYS = {"--type": "type", "--url": "url", "--command": "command", "--timeout": "timeout"}
_PAIRS = {"--env": "env", "--header": "headers"}
_ELSEWHERE = ("source", ".", "eval")


def servers(commands: Node) -> Iterator[tuple[str, Node]]:
    """The entries that `mcp add NAME ...` makes, each at its command."""
    for node in commands.elements():
        words = _words(node)
        if words[:2] == ["mcp", "add"] and len(words) > 2:
            yield node.veil(words[2]), replace(node, value=_entry(words[3:]))


def _entry(words: list[str]) -> dict[str, Json]:
    entry: dict[str, Json] = {}
    args: list[Json] = []
    at = 0
    while at < len(words):
        option, given, value = words[at].partition("=")
        known = option in _KEYS or option in _PAIRS or option == "--args"
        if known and not given:
            at += 1
            value = words[at] if at < len(words) else ""
        if option in _KEYS:
            entry[_KEYS[option]] = value
        elif option in _PAIRS:
            name, _, text = value.partition("=" if "=" in value else ":")
            pairs = entry.setdefault(_PAIRS[option], {})
            if isinstance(pairs, dict):
                pairs[name.strip()] = text.strip()
        elif option == "--args":
            args.append(value)
        elif option == "--disabled":
            entry["disabled"] = True
        elif option == "--":
            args += words[at + 1 :]
            break
        elif words[at].startswith("--"):
            entry[words[at]] = value or True
        else:
            args.append(words[at])
        at += 1
    return entry | ({"args": args} if args else {})


def rules(reading: Reading, agent: Agent, level: str, commands: Node) -> Iterator[Rule]:
    """What `permissions allow|deny NAME...` says; what may not run allows, and never denies, for certain."""
    for node in commands.elements():
        words, sure = _words(node), node.flag("sure") is True
        if words[:1] in ([name] for name in _ELSEWHERE):
            reason = "what this brings in is worked out by a shell, which mcpaudit does not run"
            reading.gaps.append(Gap("not-understood", node.place, reason, ID))
        elif not sure and words[:1] in (["mcp"], ["permissions"]):
            reason = "whether this line runs is decided by a shell, which mcpaudit does not run"
            reading.gaps.append(Gap("not-understood", node.place, reason, ID))
        if words[:1] != ["permissions"] or words[1:2] not in (["allow"], ["deny"]):
            continue
        if words[1] == "deny" and not sure:
            continue
        for at, _ in enumerate(words[2:], 2):
            held = replace(node, route=(*node.route, "words")).under(at, words[at])
            yield Rule(
                agent.id,
                "allow" if words[1] == "allow" else "hide",
                reading.rule(held),
                level,
                held.place,
                "any",
            )


def _words(node: Node) -> list[str]:
    """Its words as they are: the entry that they make masks them again."""
    return [unveiled(word.word) for word in node.texts("words") or ()]
