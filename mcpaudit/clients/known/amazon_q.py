"""Amazon Q Developer (CLI and IDE plugin): servers in agent files and, where these ask for it, older files.

Source: aws/amazon-q-developer-cli, docs/agent-format.md and util/paths.rs; for the plugin's files
snyk/agent-scan. The CLI is only maintained since Kiro CLI followed it.
"""

from collections.abc import Iterable, Sequence

from mcpaudit.clients.agent_files import agent_rules, listed_in
from mcpaudit.clients.client import Switch
from mcpaudit.clients.decisions import asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import braced
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Rule
from mcpaudit.model.server import Agent


def rules(reading: Reading, agent: Agent, files: Sequence[File]) -> tuple[Iterable[Rule], Iterable[Switch]]:
    """What each agent's file allows and leaves out."""
    return agent_rules(reading, agent, files), ()


CLIENT = Declared(
    "amazon-q",
    "Amazon Q",
    (
        Source("project agent", "{project}/.amazonq/cli-agents/*.json", apart=True),
        Source("agent", "{home}/.aws/amazonq/cli-agents/*.json", apart=True),
        Source("project", "{project}/.amazonq/mcp.json"),
        Source("project", "{project}/.amazonq/default.json"),
        Source("user", "{home}/.aws/amazonq/mcp.json"),
        Source("user", "{home}/.aws/amazonq/default.json"),
        Source("user", "{home}/.aws/amazonq/agents/default.json"),
    ),
    asks("Amazon Q asks, unless its user trusted the tool in the session"),
    Dialect(
        expand=braced,
        options=("disabled",),
        except_tools="disabledTools",
        harmless=("timeout", "alwaysAllow", "autoApprove", "oauth"),
    ),
    approved=Certainty.POSSIBLE,  # the agent may be another one
    rules=rules,
    applies=listed_in,
).client
