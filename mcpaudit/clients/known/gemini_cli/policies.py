"""Gemini CLI's policy engine: rules in TOML of several tiers, of which the highest priority decides.

Source: the documentation bundled in npm @google/gemini-cli 0.61.0, reference/policy-engine.md (tiers,
wildcards, server names with `_`; the workspace tier does nothing; an extension's `allow` is ignored). Not
applied: an administrator's folder counts only if root owns it and no others may write it, which a copy of
another machine does not keep.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.folder_listing import files_in
from mcpaudit.clients.known.gemini_cli.files import ID, SYSTEM, TITLE, folders
from mcpaudit.clients.reading import Reading
from mcpaudit.model.decision import Effect, Rule
from mcpaudit.model.server import Agent
from mcpaudit.parsing.node import Node

_EFFECTS: dict[str, Effect] = {"allow": "allow", "deny": "deny", "ask_user": "ask"}
# Conditions under which a rule decides on part of a tool's uses only.
_PARTIAL = (
    *("argsPattern", "commandPrefix", "commandRegex", "modes", "toolAnnotations", "interactive", "subagent"),
)
_WORKSPACE = "Gemini CLI applies no policies of a repository: its workspace tier is disabled"
_EXTENSION = "Gemini CLI ignores an extension's `allow`"
_UNDERSCORE = "a server name with `_` never matches: Gemini CLI splits names at the first underscore"
_LONGEST = 63
# Which tiers there are, with what is added to a rule's priority / 1000.
_TIERS = {"system": 5, "user": 4, "project": 3, "extension": 2}


def policy_rules(reading: Reading, agent: Agent) -> Iterator[tuple[float, Rule]]:
    """The rules of all tiers with their priorities; those that do nothing say why."""
    for level, folder, shown in _folders(reading):
        for path, name in files_in(reading, folder, shown, ID):
            if path.suffix != ".toml":
                continue
            root = reading.open(path, name, "toml", f"{TITLE} policies", ID)
            tables = root.child("rule") if root else None
            for node in tables.elements() if tables else ():
                for rule in _of_table(agent, node, level):
                    yield _TIERS[level] + _priority(node) / 1000, rule


def _folders(reading: Reading) -> Iterator[tuple[str, Path, str]]:
    templates = [("system", SYSTEM[reading.site.platform] + "policies"), ("user", "{home}/.gemini/policies")]
    if reading.site.project != reading.site.home:
        templates.append(("project", "{project}/.gemini/policies"))
    for level, template in templates:
        if found := reading.site.locate(template):
            yield level, *found
    for folder, shown in folders(reading, "{home}/.gemini/extensions"):
        yield "extension", folder / "policies", f"{shown}/policies"


def _priority(node: Node) -> int:
    priority = node.child("priority")
    value = priority.value if priority and isinstance(priority.value, int) else 0
    return min(max(value, 0), 999)


def _of_table(agent: Agent, node: Node, level: str) -> Iterator[Rule]:
    """The rules of one `[[rule]]` table: it may name several tools."""
    effect = _EFFECTS.get(node.text("decision"))
    if effect is None:
        return
    named, names = node.text("mcpName"), node.child("toolName")
    if names is not None and isinstance(names.value, list):
        tools = [str(one.value) for one in node.texts("toolName") or ()]
    else:
        tools = [node.text("toolName") or "*"]
    partial = next((key for key in _PARTIAL if node.child(key) is not None), "")
    for tool in tools:
        pattern, own = pattern_of(named, tool)
        problem = _problem(level, effect, named)
        yield Rule(
            agent.id,
            effect,
            # A rule for some uses cannot decide a tool as a whole: its pattern must not match any.
            pattern + (f" (only {partial})" if partial else ""),
            level,
            node.place,
            "command" if own else "tool",
            False if problem else None,
            problem,
        )


def pattern_of(server: str, tool: str) -> tuple[str, bool]:
    """`server:tool`, or `*` for every tool there is; whether it speaks of the client's own tools alone."""
    if not server and tool == "*":
        return "*", False
    if not server and tool.startswith("mcp_"):
        server, _, tool = tool.removeprefix("mcp_").partition("_")
    return (f"{server}:{tool or '*'}", False) if server else (f"(own):{tool}", True)


def _problem(level: str, effect: Effect, server: str) -> str:
    if level == "project":
        return _WORKSPACE
    if level == "extension" and effect == "allow":
        return _EXTENSION
    return _UNDERSCORE if "_" in server else ""


def seen_as(server: str, tool: str) -> str:
    """A tool of a server as rules see it: `mcp_<server>_<tool>`, split again at the first underscore.

    Other characters become `_`, and a name over 63 characters loses its middle: rules that spell it out no
    longer match it (package).
    """
    name = "mcp_" + re.sub(r"[^A-Za-z0-9_.:-]", "_", f"{server}_{tool}")
    if len(name) > _LONGEST:
        name = f"{name[:30]}...{name[-30:]}"
    before, _, after = name.removeprefix("mcp_").partition("_")
    return f"{before}:{after}"
