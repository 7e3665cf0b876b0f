"""Variables in configuration values, expanded as each client does it and never guessed."""

import re
from collections.abc import Callable, Mapping

from mcpaudit.dataclass import dataclass
from mcpaudit.model.site import Site

# Bounded, for every opening without an end would be searched to the end of the text.
_BRACED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]{0,2000}+))?\}")
_NAMED = re.compile(
    r"\$\{(env|input|config|command|file):([^}:]{1,2000}+)(?::([^}]{0,2000}+))?\}|\$\{([A-Za-z]+)\}"
)
_CURLY = re.compile(r"\{env:([^}]{0,2000}+)\}|\{file:[^}]{0,2000}+\}")
_PLAIN = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$([A-Za-z_][A-Za-z0-9_]*)")
_SHELL = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]{0,2000}+))?\}|\$([A-Za-z_][A-Za-z0-9_]*)")

_DOUBLE = re.compile(r"\$\{\{[^}]{0,200}\}\}")
_PERCENT = re.compile(r"%([A-Za-z_][A-Za-z0-9_]*)%")


@dataclass(frozen=True, slots=True)
class Expanded:
    """A value after expansion, with the variables whose values are not known."""

    text: str
    unexpanded: tuple[str, ...] = ()


Expand = Callable[[str, Site], Expanded]


def nothing(text: str, site: Site) -> Expanded:
    """For clients that hand values on as they are (Codex, Cody, Claude Desktop's own file)."""
    del site
    return Expanded(text)


def braced(text: str, site: Site) -> Expanded:
    """`${VAR}` and `${VAR:-default}`, as in Claude Code and Auggie; unset stays literal."""
    return _substitute(_BRACED, text, lambda m: _value(site.env, m[1], m[2]))


def shell_like(text: str, site: Site) -> Expanded:
    """`$VAR`, `${VAR}` and `${VAR:-default}`, as in Gemini CLI; unset keeps its literal text."""
    return _substitute(_SHELL, text, lambda m: _value(site.env, m[1] or m[3], m[2]))


def shell_or_percent(text: str, site: Site) -> Expanded:
    """As `shell_like`, on Windows `%VAR%` too, as in Gemini CLI."""
    shell = shell_like(text, site)
    if site.platform != "windows":
        return shell
    percent = _substitute(_PERCENT, shell.text, lambda m: site.env.get(m[1]))
    return Expanded(percent.text, (*shell.unexpanded, *percent.unexpanded))


def plain(text: str, site: Site) -> Expanded:
    """`$VAR` and `${VAR}` without defaults, as in Qwen Code; unset keeps its literal text."""
    return _substitute(_PLAIN, text, lambda m: site.env.get(m[1] or m[2]))


def curly(text: str, site: Site) -> Expanded:
    """`{env:X}` and `{file:path}`, as in opencode and Kilo Code; files are not read, so theirs stay."""
    return _substitute(_CURLY, text, lambda m: site.env.get(m[1]) if m[1] else None)


def named(text: str, site: Site) -> Expanded:
    """`${env:X}`, `${input:id}`, `${workspaceFolder}`, `${userHome}`, as in VS Code and Cursor."""
    folders = {"userHome": str(site.home) if site.home else None}
    if site.project is not None:
        folders |= {"workspaceFolder": site.folder, "workspaceRoot": site.folder}
        folders |= {
            "workspaceFolderBasename": site.told(site.project).name,
            "pathSeparator": "\\" if site.platform == "windows" else "/",
        }

    def find(match: re.Match[str]) -> str | None:
        if match[4]:
            return folders.get(match[4])
        return _value(site.env, match[2], match[3]) if match[1] == "env" else None

    return _substitute(_NAMED, text, find)


def secrets(text: str, site: Site) -> Expanded:
    """`${{ secrets.NAME }}` and `${{ inputs.NAME }}` of Continue, which come from files and a service."""
    del site
    return _substitute(_DOUBLE, text, lambda match: None)


def _value(env: Mapping[str, str], name: str, default: str | None) -> str | None:
    """The value of a variable; as in a shell, a default also stands in for an empty one."""
    value = env.get(name)
    return (value or default) if default is not None else value


def _substitute(pattern: re.Pattern[str], text: str, find: Callable[[re.Match[str]], str | None]) -> Expanded:
    missing: list[str] = []

    def replace(match: re.Match[str]) -> str:
        value = find(match)
        if value is None:
            missing.append(match[0])
            return match[0]
        return value

    return Expanded(pattern.sub(replace, text), tuple(dict.fromkeys(missing)))
