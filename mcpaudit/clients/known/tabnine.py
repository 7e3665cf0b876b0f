"""Tabnine Agent and CLI: made from Gemini CLI, with files of its own.

Source: docs.tabnine.com (an excerpt on settings and MCP). Its rules are taken to be Gemini CLI's in what its
entries say; policies of that client are not looked for.
"""

from collections.abc import Sequence
from dataclasses import replace

from mcpaudit.clients.client import AgentConfig
from mcpaudit.clients.decisions import allowed, asks
from mcpaudit.clients.declared import Declared, File, Source
from mcpaudit.clients.entry import Dialect
from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import shell_like
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import Decision, Mode, Verdict
from mcpaudit.model.manifest import Tool
from mcpaudit.model.server import Installation


def listed_off(reading: Reading, files: Sequence[File], one: Installation) -> Installation:
    """`mcp.excluded` and `mcp.allowed` of any level."""
    del reading
    for file in files:
        told = file.root.child("mcp")
        excluded = (told.texts("excluded") if told else None) or ()
        allowed_only = told.texts("allowed") if told else None
        for node in excluded:
            if node.value == one.name and one.state in ("loaded", "pending"):
                return replace(one, state="disabled", reason="`mcp.excluded` lists it", decided=node.place)
        names = {node.value for node in allowed_only} if allowed_only is not None else {one.name}
        if told and one.name not in names and one.state in ("loaded", "pending"):
            place = told.place.at("allowed")
            return replace(one, state="disabled", reason="`mcp.allowed` leaves it out", decided=place)
    return one


TABNINE = Declared(
    "tabnine",
    "Tabnine",
    (
        Source(
            "system",
            {
                "linux": "/etc/tabnine-cli/settings.json",
                "macos": "/Library/Application Support/TabnineCli/settings.json",
            },
        ),
        Source(
            "project",
            "{project}/.tabnine/agent/settings.json",
            waits="Tabnine reads a folder's settings once its user trusts the folder",
        ),
        Source("user", "{home}/.tabnine/agent/settings.json"),
    ),
    asks("no rule matches and Tabnine is taken to ask, as Gemini CLI does"),
    Dialect(
        expand=shell_like,
        url=("httpUrl", "url"),
        options=("trust",),
        only_tools="includeTools",
        except_tools="excludeTools",
        login_tables=("oauth",),
        harmless=("timeout", "description", "authProviderType", "targetAudience", "targetServiceAccount"),
    ),
    off=None,
    amend=listed_off,
)


def decide(config: AgentConfig, one: Installation, tool: Tool, mode: Mode) -> Decision:
    """`trust: true` of an entry skips the question."""
    found = TABNINE.decide(config, one, tool, mode)
    if one.option("trust") == "true" and found.verdict is not Verdict.HIDDEN:
        return allowed("the entry says `trust: true`", certainty=Certainty.POSSIBLE)
    return found


CLIENT = replace(TABNINE.client, decide=decide)
