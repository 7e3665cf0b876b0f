"""Each client's own tools, which no configuration file lists: the shell, the editor, the web."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.model.action import ACTIONS
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.decision import MODES, Decision, Mode, Verdict
from mcpaudit.model.manifest import Manifest, Tool, Touch
from mcpaudit.model.server import BUILTIN

Reach = Literal["cwd", "host", "web"]
# The part of the file that is no client's.
_SHARED = "usual"


@dataclass(frozen=True, slots=True)
class BuiltinTool:
    """A tool that a client brings along."""

    name: str
    """As the client's permission rules call it."""
    touches: tuple[Touch, ...]
    defaults: Mapping[Mode, Verdict]
    """What happens in each mode where no rule matches."""
    source: str
    verified: bool
    """Whether the source was read for this, and it is not common knowledge only."""
    reach: Reach
    """How far a default `allow` goes: the working directory, the whole host, or the web."""

    def decision(self, mode: Mode) -> Decision:
        """What happens in a mode where no rule matches; `possible` where that was not verified."""
        verdict = self.defaults[mode]
        here = self.reach == "cwd" and verdict is Verdict.ALLOW and mode != "bypass"
        within = " inside the working directory" if here else ""
        outcomes = {
            Verdict.ALLOW: f"lets it run{within}",
            Verdict.ASK: "asks",
            Verdict.UNKNOWN: "lets a model decide call by call",
            Verdict.DENY: "refuses it",
        }
        reason = f"no rule matches and the client {outcomes.get(verdict, 'hides it')} by default"
        sure = Certainty.CERTAIN if self.verified else Certainty.POSSIBLE
        if verdict is Verdict.UNKNOWN:
            sure = Certainty.UNKNOWN
        return Decision(verdict, reason, certainty=sure, here=here)


def builtin_tools(client: str) -> tuple[BuiltinTool, ...]:
    """The own tools of a client; none for a client that is not known."""
    return (_tools(client) or ()) if client != _SHARED else ()


def builtin_manifest(client: str) -> Manifest:
    """The own tools of a client, as the manifest of its server `builtin:CLIENT`."""
    own = builtin_tools(client)
    tools = tuple(Tool(tool.name, tool.touches) for tool in own)
    sources = sorted({tool.source for tool in own})
    reason = "; ".join(sources) or "this client is not known to bring tools of its own"
    return Manifest(
        server=f"{BUILTIN}{client}",
        source="builtin",
        complete=client != _SHARED and client in texts(),
        tools=tools,
        reason=reason,
        certainty=Certainty.CERTAIN,
    )


def default_decision(client: str, tool: str, mode: Mode) -> Decision:
    """What a client does with one of its own tools where no rule matches; unknown for a tool not listed."""
    found = next((one for one in builtin_tools(client) if one.name == tool), None)
    if found is None:
        reason = f"what {client} does with this tool of its own is not known"
        return Decision(Verdict.UNKNOWN, reason, certainty=Certainty.UNKNOWN)
    return found.decision(mode)


@cache
def _tools(client: str) -> tuple[BuiltinTool, ...] | None:
    """The own tools of a client, of which only its own part of the file is parsed; `None` without a part."""
    if client not in texts():
        return None
    own = shipped.parsed(texts()[client])[client]
    return tuple(
        BuiltinTool(
            name=tool["name"],
            touches=tuple(_touch(touch, tool.get("verified", own["verified"])) for touch in tool["touches"]),
            defaults={mode: Verdict(tool["defaults"][mode]) for mode in MODES},
            source=tool.get("source", own["source"]),
            verified=tool.get("verified", own["verified"]),
            reach=_reach(tool["reach"]),
        )
        for tool in own["tools"]
    )


@cache
def texts() -> dict[str, str]:
    """The part of the file that is about each client, with what several share."""
    text = (shipped.PACKAGE / "knowledge/builtins.yaml").read_text(encoding="utf-8")
    found = re.split(r"^([a-z-]+):\n", text, flags=re.MULTILINE)
    parts = {name: f"{name}:\n{part}" for name, part in zip(found[1::2], found[2::2], strict=True)}
    shared = parts[_SHARED]
    return {name: part if name == _SHARED else shared + part for name, part in parts.items()}


def _reach(text: str) -> Reach:
    return next(reach for reach in get_args(Reach) if reach == text)


def _touch(touch: Mapping[str, str | list[str]], verified: bool) -> Touch:
    provider, _, kind = str(touch["on"]).partition(":")
    actions = frozenset(touch["do"])
    if not actions <= set(ACTIONS):
        raise ValueError(f"builtins.yaml: unknown actions in {sorted(actions)}")
    certainty = Certainty.CERTAIN if verified else Certainty.POSSIBLE
    return Touch(provider, kind, actions, certainty, ("it is one of the client's own tools",))
