"""Which machine's files a command reads: the options that `check` and `access` share."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import click

from mcpaudit.errors import UsageError
from mcpaudit.model.site import Platform, Site
from mcpaudit.parsing.presence import is_file, is_folder, is_there

HOME = click.option(
    "--home", type=click.Path(path_type=Path), help="Read user-level files here, and not in your home."
)
NO_HOME = click.option(
    "--no-home", is_flag=True, help="Read no user-level and no system files: the repository alone."
)
MANIFESTS = click.option(
    "--manifests", type=click.Path(path_type=Path), help="Saved tools/list results, SERVER.json each."
)
SYSTEM_ROOT = click.option(
    "--system-root", type=click.Path(path_type=Path), help="Read system files below this folder."
)
PLATFORM = click.option(
    "--platform", type=click.Choice(get_args(Platform)), help="Whose file layout to follow."
)
_OPTIONS = (
    click.argument("path", default=".", type=click.Path(path_type=Path)),
    HOME,
    NO_HOME,
    SYSTEM_ROOT,
    PLATFORM,
    MANIFESTS,
)


def site_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the path and the options that choose whose files it reads."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def site_of(
    path: Path, home: Path | None, no_home: bool, system_root: Path | None, platform: Platform | None
) -> Site:
    """This machine, unless the command line names another's files: then nothing of this one is mixed in."""
    if not path.is_absolute():
        try:
            Path.cwd()
        except FileNotFoundError:
            raise UsageError("the current folder is no longer there; name PATH from the root on") from None
    if not is_there(path):
        raise UsageError(f"there is nothing at {path}")
    for name, folder in (("--home", home), ("--system-root", system_root)):
        if folder is not None and not is_folder(folder):
            raise UsageError(f"{name} needs a folder, and {folder} is none")
    foreign = home is not None or system_root is not None or platform is not None
    project = (path.parent if is_file(path) else path).resolve()
    if no_home:
        own_home, root = None, system_root.resolve() if system_root else None
    elif foreign:
        own_home, root = home.resolve() if home else None, system_root.resolve() if system_root else None
    else:
        own_home, root = _home(), Path("/")
    env = {} if foreign or no_home else dict(os.environ)
    return Site(project, own_home, root, platform or this_platform(), env, below=_below(project))


def _below(project: Path) -> str:
    """The folder from the root of its repository; empty where it is the root, or lies in none."""
    root = next((one for one in (project, *project.parents) if is_there(one / ".git")), project)
    return "/".join(project.relative_to(root).parts)


def _home() -> Path | None:
    """The user's home; `None` on a machine that has none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def this_platform() -> Platform:
    """The platform that mcpaudit runs on."""
    if sys.platform == "darwin":
        return "macos"
    return "windows" if sys.platform == "win32" else "linux"
