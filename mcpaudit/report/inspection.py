"""What `mcpaudit inspect` prints: a page for a terminal, or JSON."""

import json
from dataclasses import asdict

from mcpaudit.model.action import in_words
from mcpaudit.model.inspection import InspectedScope, InspectedTool, Inspection
from mcpaudit.report.page import Page
from mcpaudit.report.touches import write_touches
from mcpaudit.report.verdict import count

_NAMED = 4
"""As many of the kinds that a scope opens are named on the page."""


def as_json(found: Inspection) -> str:
    """The inspection as one JSON object, keys in a fixed order."""
    body = {
        "source": found.source,
        "complete": found.complete,
        "reason": found.reason,
        "name": found.name,
        "version": found.version,
        "tools": [
            {
                "name": tool.name,
                "description": tool.description,
                "inputSchema": tool.input_schema,
                "annotations": tool.annotations,
                "availability": "latent" if tool.latent else "possible" if tool.possible else "listed",
                "switch": tool.switch,
                "actions": tool.actions,
                "read_only": tool.read_only,
                "resources": tuple(dict.fromkeys(touch.on for touch in tool.touches)),
                "evidence": (
                    *dict.fromkeys(text for touch in tool.touches for text in touch.evidence),
                    *tool.code,
                ),
                "touches": [asdict(touch) for touch in tool.touches],
                "where": tool.where,
            }
            for tool in found.tools
        ],
        "needs": {"env": found.needs_env, "scopes": [one.scope for one in found.scopes]},
        "scopes": [
            {
                "scope": one.scope,
                "provider": one.provider,
                "level": one.level,
                "complete": one.complete,
                "permits": [{"on": on, "actions": actions} for on, actions in one.permits],
            }
            for one in found.scopes
        ],
        "state": found.state,
    }
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_text(found: Inspection, *, width: int, colour: bool) -> str:
    """What a reviewer wants to know first, then the tools by what they do."""
    page = Page(width, colour)
    title = " ".join(filter(None, (found.name, found.version)))
    number = count(len(found.tools), "tool")
    page.write(
        f"{number}, by {found.reason}." if found.complete else f"{number}.", label=f"{title}:", style="bold"
    )
    if not found.complete:
        page.write(f"Not every tool may be listed here: {found.reason}.", style="amber")
    on = [tool for tool in found.tools if not tool.latent]
    for heading, tools in (
        ("Changes something", [tool for tool in on if tool.known and not tool.read_only]),
        ("Only reads", [tool for tool in on if tool.read_only]),
        ("May do anything, as far as is known", [tool for tool in on if not tool.known]),
        ("Off by default", [tool for tool in found.tools if tool.latent]),
    ):
        if tools:
            page.heading(f"{heading} ({len(tools)})")
        for tool in tools:
            _tool(page, tool)
    for heading, lines in (
        ("It asks for", [*found.needs_env, *map(_scope, found.scopes)]),
        ("It keeps between requests", list(found.state)),
    ):
        if lines:
            page.heading(heading)
        for line in lines:
            page.write(f"- {line}", 2, hang=4)
    return str(page)


def _scope(one: InspectedScope) -> str:
    if not one.level:
        return f"the scope {one.scope} (what it allows is not known)"
    allowed = [f"{in_words(set(actions))} {on}" for on, actions in one.permits]
    more = f", and {count(len(allowed) - _NAMED, 'kind')} more" if len(allowed) > _NAMED else ""
    least = "" if one.complete else "at least "
    what = f": {least}{'; '.join(allowed[:_NAMED])}{more}" if allowed else ""
    return f"the scope {one.scope} (level {one.level} of 5){what}"


def _tool(page: Page, tool: InspectedTool) -> None:
    does = in_words(tool.actions) if tool.known else "unknown"
    page.write(does, 2, label=f"{tool.name}:", style="bold", hang=4)
    if tool.switch:
        decides = "may be off by default, which this decides:" if tool.possible else "enabled by"
        page.write(f"{decides} {tool.switch}", 4, style="dim")
    write_touches(page, tool.touches, 4)
    for line in tool.code:
        page.write(line, 4, label="code:", style="dim", hang=6)
    if tool.disputed:
        page.write("it claims that it only reads", 4, style="red")
    if tool.where:
        page.write(tool.where, 4, style="dim")
