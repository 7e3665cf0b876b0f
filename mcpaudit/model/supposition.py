"""What a question supposes to be otherwise than the files say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Supposition:
    """Servers and tools taken away, and servers added, before anybody changes a file."""

    remove: tuple[str, ...] = ()
    """Servers, by the name that a configuration gives them, id (`AGENT/NAME`) or identity."""
    deny: tuple[str, ...] = ()
    """Tools: `AGENT/SERVER/TOOL`, `SERVER/TOOL`, or `TOOL` wherever it is."""
    add: str = ""
    """Entries as clients write them, in JSON: `{"mcpServers": {"name": {"command": ...}}}`."""
    agent: str = ""
    """Whom all this is supposed for; empty for every agent."""
