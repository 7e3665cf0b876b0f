"""What Codex accepts as an entry: an invalid one keeps the whole client from starting.

Sources: openai/codex codex-rs/config/src/mcp_types.rs (the keys, their types, which transport has which);
Codex 0.169.0, observed (any invalid entry stops the client, unknown keys change nothing).
"""

from collections.abc import Callable

from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

MODES = ("auto", "prompt", "writes", "approve")


def _text(value: Json) -> bool:
    return isinstance(value, str)


def _flag(value: Json) -> bool:
    return isinstance(value, bool)


def _number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _texts(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _pairs(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _mode(value: Json) -> bool:
    return value in MODES


def _tools(value: Json) -> bool:
    return isinstance(value, dict) and all(
        isinstance(one, dict) and one.get("approval_mode", "auto") in MODES for one in value.values()
    )


def _anything(value: Json) -> bool:
    del value
    return True


_STDIO: dict[str, Callable[[Json], bool]] = {
    "args": _texts,
    "env": _pairs,
    "env_vars": lambda value: isinstance(value, list),
    "cwd": _text,
}
_HTTP: dict[str, Callable[[Json], bool]] = {
    "bearer_token_env_var": _text,
    "http_headers": _pairs,
    "env_http_headers": _pairs,
    "oauth": lambda value: isinstance(value, dict),
    "oauth_resource": _text,
}
KEYS: dict[str, Callable[[Json], bool]] = {
    "command": _text,
    "url": _text,
    "enabled": _flag,
    "required": _flag,
    "name": _text,
    "startup_timeout_sec": _time,  # a negative one stops it (observed)
    "startup_timeout_ms": _number,
    "tool_timeout_sec": _number,
    "enabled_tools": _texts,
    "disabled_tools": _texts,
    "scopes": _texts,
    "default_tools_approval_mode": _mode,
    "tools": _tools,
    "supports_parallel_tool_calls": _flag,
    # Known from the strings of the 0.169.0 program only: their types were not seen.
    **dict.fromkeys(("http_headers_helper", "auth", "environment_id", "startup_readiness"), _anything),
    **dict.fromkeys(("experimental_environment",), _text),
    **_STDIO,
    **_HTTP,
}


def fault(entry: Node) -> tuple[str, Node] | None:
    """Why Codex does not start with this entry, and the value at fault; `None` where it is valid."""
    if not isinstance(entry.value, dict):
        return "an entry that is not a table", entry
    members = dict(entry.items())
    for key, node in members.items():
        if key == "bearer_token":
            return "`bearer_token` is not supported", node
        if key in KEYS and not KEYS[key](node.value):
            return f"`{key}` has a wrong type or value", node
    if "command" in members and "url" in members:
        return "an entry with both `command` and `url`", entry
    if "command" not in members and "url" not in members:
        return "an entry with neither `command` nor `url`", entry
    other, kind = (_HTTP, "a local server") if "command" in members else (_STDIO, "a remote server")
    for key, node in members.items():
        if key in other:
            return f"`{key}` is not supported for {kind}", node
    return None
