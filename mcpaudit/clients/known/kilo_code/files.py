"""Kilo Code's files: where they lie, in which order they count, and what makes one invalid.

Source: npm @kilocode/cli-linux-x64 7.7.9 (its bundle) and that client's own server listing, observed.
"""

import re
from collections.abc import Iterator

from mcpaudit.clients.files import folders, in_folder, stopped
from mcpaudit.clients.opencode_entry import is_server, is_switch
from mcpaudit.clients.reading import EMPTY, Reading
from mcpaudit.model.gap import Gap
from mcpaudit.parsing.document import Json
from mcpaudit.parsing.node import Node

ID, TITLE = "kilo-code", "Kilo Code"
# All of these are the weakest first. Only the folder that it runs in has older files.
USER = tuple(
    "{home}/.config/kilo/" + name
    for name in ("config.json", "kilo.json", "kilo.jsonc", "opencode.json", "opencode.jsonc")
)
PROJECT = (
    ("{project}/kilo.json", "{project}/kilo.jsonc"),
    ("{project}/opencode.json", "{project}/opencode.jsonc"),
)
# Inside `.kilo` and the managed folder the order is another one than beside it (observed).
INNER = ("kilo.jsonc", "kilo.json", "opencode.jsonc", "opencode.json")
INNER_FOLDERS = (".kilocode/", ".kilo/")
SYSTEM = {
    "linux": "/etc/kilo/",
    "macos": "/Library/Application Support/kilo/",
    "windows": "{programdata}/kilo/",
}
ELSEWHERE = (
    *("KILO_CONFIG", "KILO_CONFIG_DIR", "KILO_CONFIG_CONTENT"),
    *("KILO_DISABLE_PROJECT_CONFIG", "KILO_PERMISSION"),
)
_VARIABLE = re.compile(r"\{(?:env|file):[^}]+\}")


def roots_of(reading: Reading, files: list[tuple[str, str]]) -> tuple[list[tuple[str, Node]], str]:
    """The files that count, and why the client does not start, if so.

    It stops at a broken file of the user and at a managed one; any other is dropped, an empty one is as none
    (observed, but for the managed one).
    """
    roots: list[tuple[str, Node]] = []
    reasons: list[str] = []
    for level, path in files:
        strict = path in USER or level == "managed"
        root = reading.file(path, "json", f"{TITLE} {level} configuration", ID)
        if root is None:
            gap = reading.unreadable(path)
            empty = gap is not None and gap.reason == EMPTY
            reasons += [stopped(reading, [path], TITLE, ID)] if strict and not empty else []
        elif not (what := _invalid(root, level)):
            roots.append((level, root))
        elif strict:
            reasons.append(reading.stops(Gap("ignored", root.place, what, ID), TITLE))
        else:
            reason = f"{TITLE} ignores this whole file because of {what}"
            reading.gaps.append(Gap("ignored", root.place, reason, ID))
    return roots, next(filter(None, reasons), "")


def files_of(reading: Reading) -> list[tuple[str, str]]:
    """Every file that may be there, the weakest first; outside a repository all parents count.

    Beside the code a nearer folder beats an outer one, and any `opencode` file any `kilo` file; of the
    folders `.kilo` the outer one beats the nearer, and that of the home beats them all (observed).
    """
    nearest_first = folders(reading.site, parents_without_git=True)
    inner = [f"{folder}{name}" for folder in nearest_first for name in INNER_FOLDERS]
    at_home = ["{home}/" + name for name in INNER_FOLDERS]
    return [
        *(("user", one) for one in USER),
        *(
            ("project", in_folder(one, folder))
            for pair in PROJECT
            for folder in reversed(nearest_first)
            for one in pair
        ),
        *(("project", folder + name) for folder in inner for name in INNER),
        *(("user", folder + name) for folder in at_home for name in INNER),
        *(("managed", SYSTEM[reading.site.platform] + name) for name in INNER),
    ]


def of_opencode(path: str) -> bool:
    """Whether a file lies beside the code under opencode's name."""
    folder, _, name = path.rpartition("/")
    return (
        path.startswith("{project}/")
        and name.startswith("opencode.")
        and not folder.endswith((".kilo", ".kilocode"))
    )


def _invalid(root: Node, level: str) -> str:
    """What makes the whole file invalid, if anything: a bad server, or in a project's file a variable."""
    table = root.value if isinstance(root.value, dict) else {}
    servers = table.get("mcp", {})
    if not isinstance(servers, dict):
        return "`mcp` that is no object"
    project = level == "project"
    # A project's entries with variables in their headers are taken out before the rest is looked at.
    kept = {name: one for name, one in servers.items() if not (project and variable_in_headers(one))}
    if project and "{env:" in "".join(_texts({**table, "mcp": kept})):
        return "a variable of the environment, which no file of a project may use"
    bad = next((name for name, one in kept.items() if not (is_server(one, "env") or is_switch(one))), None)
    return "" if bad is None else f"the invalid server {bad}"


def _texts(value: Json) -> Iterator[str]:
    """Every key and every string in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _texts(one)


def variable_in_headers(value: Json) -> bool:
    headers = value.get("headers") if isinstance(value, dict) else None
    return isinstance(headers, dict) and any(_VARIABLE.search(text) for text in _texts(headers))
