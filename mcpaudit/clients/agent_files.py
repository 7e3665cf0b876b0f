"""Agent files of Amazon Q and Kiro, which followed it: what an agent may use, and what of it unasked.

Sources: aws/amazon-q-developer-cli, docs/agent-format.md; kiro.dev/docs/cli/custom-agents.
"""

from collections.abc import Iterator, Sequence

from mcpaudit.clients.declared import File
from mcpaudit.clients.reading import Reading
from mcpaudit.model.decision import Rule
from mcpaudit.model.gap import Gap
from mcpaudit.model.server import Agent, Installation

_ALONE = "a lone `*` is not accepted here"


def agent_rules(reading: Reading, agent: Agent, files: Sequence[File]) -> Iterator[Rule]:
    """`allowedTools` of every file: `@server`, `@server/tool` with wildcards, or the name of an own tool."""
    for file in files:
        for node in file.root.texts("allowedTools") or ():
            text = reading.rule(node)
            if text.startswith("@") and text != "@builtin":
                pattern = text[1:] if "/" in text else f"{text[1:]}/*"
                yield Rule(agent.id, "allow", pattern, file.level, node.place)
            else:
                problem = _ALONE if text == "*" else ""
                effective = False if problem else None
                yield Rule(agent.id, "allow", text, file.level, node.place, "command", effective, problem)
        tools = file.root.texts("tools")
        if tools is not None and not any(str(node.value) in ("*", "@*") for node in tools):
            for node in tools[:1] or (file.root,):
                reason = (
                    "mcpaudit does not follow that `tools` leaves other tools out: all count as available"
                )
                reading.gaps.append(Gap("not-understood", node.place, reason, agent.client))


def listed_in(rule: Rule, one: Installation) -> bool:
    """Whether a rule of an agent's file is about a server: of that file, or of the files that all share."""
    return rule.level == one.level or "agent" not in rule.level or "agent" not in one.level
