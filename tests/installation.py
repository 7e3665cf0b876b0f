"""Small installations for tests: a table of files becomes a site, a report or the facts of an audit."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from mcpaudit.analysis.facts import Facts
from mcpaudit.audit import audit, gather
from mcpaudit.clients.client import AgentConfig, Collected
from mcpaudit.clients.discover import discover
from mcpaudit.clients.outcome import outcome
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.decision import Decision, Mode
from mcpaudit.model.manifest import Hints, Tool
from mcpaudit.model.report import Report
from mcpaudit.model.server import Installation
from mcpaudit.model.site import Platform, Site
from mcpaudit.request import Request

Files = Mapping[str, Any]
AS_OF = date(2026, 11, 22)


def write(root: Path, content: Any) -> None:
    """Write one file: bytes as they are, text as it is, all else as JSON."""
    root.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        root.write_bytes(content)
        return
    project = root.anchor and str(_top(root) / "project")
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    root.write_text(text.replace("@project@", project), encoding="utf-8")


def _top(path: Path) -> Path:
    return next(parent for parent in path.parents if (parent / ".site").exists())


def site_of(
    folder: Path, files: Files, platform: Platform = "linux", env: Mapping[str, str] | None = None
) -> Site:
    """A site below `folder`: `~/x` is the user's, `/x` and `C:/x` the system's, the rest the project's.

    `@project@` in a file stands for the project's absolute path.
    """
    for name in ("project", "home", "root"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / ".site").touch()
    for name, content in files.items():
        if name.startswith("~/"):
            path = folder / "home" / name[2:]
        elif name.startswith(("/", "C:/")):
            path = folder / "root" / name.removeprefix("C:").lstrip("/")
        else:
            path = folder / "project" / name
        write(path, content)
    return Site(folder / "project", folder / "home", folder / "root", platform, env or {})


def collect(folder: Path, files: Files, *, as_is: bool = False, **more: Any) -> Collected:
    """What discovery finds on such a site."""
    return discover(site_of(folder, files, **more), Packs.shipped(), as_is=as_is)


def agent(collected: Collected, client: str) -> AgentConfig:
    """One agent of what was collected."""
    return next(one for one in collected.agents if one.agent.id == client)


def installed(collected: Collected, client: str) -> dict[str, Installation]:
    """The servers of an agent by id, without the client's own."""
    prefix = f"{client}/"
    found = [one for one in agent(collected, client).installations if not one.server.builtin]
    assert len({one.id for one in found}) == len(found), "ids are unique"
    return {one.id.removeprefix(prefix): one for one in found}


def decision(
    collected: Collected, client: str, server: str, tool: str, mode: Mode = "interactive", **hints: bool
) -> Decision:
    """What a client does with a tool of a server; `server` empty for its own tools."""
    config = agent(collected, client)
    one = next(i for i in config.installations if i.server.builtin if not server) if not server else None
    one = one or next(i for i in config.installations if i.name == server)
    return outcome(config, one, Tool(tool, (), Hints(**hints)), mode)


def saved(*tools: str | Mapping[str, Any]) -> dict[str, Any]:
    """A saved `tools/list` answer; a text is a tool with that name."""
    return {"tools": [{"name": one} if isinstance(one, str) else dict(one) for one in tools]}


def request_of(folder: Path, files: Files, manifests: Files | None = None, **more: Any) -> Request:
    """The request to audit such a site, with the saved manifests given by name."""
    names = ("platform", "env")
    site = site_of(folder, files, **{key: more.pop(key) for key in names if key in more})
    if manifests is not None:
        for name, content in manifests.items():
            write(folder / "manifests" / (name if "." in name else f"{name}.json"), content)
        more["manifests"] = folder / "manifests"
    return Request(site=site, as_of=AS_OF, shipped_policies=False, **more)


def facts_of(
    folder: Path,
    files: Files,
    manifests: Files | None = None,
    configuration: Configuration | None = None,
    **more: Any,
) -> Facts:
    """Everything up to the judgement, for such a site."""
    return gather(request_of(folder, files, manifests, **more), configuration or Configuration())


def report_of(folder: Path, files: Files, manifests: Files | None = None, **more: Any) -> Report:
    """The whole report for such a site, judged by no policy."""
    return audit(request_of(folder, files, manifests, **more))


def npx(package: str, *args: str, **env: str) -> dict[str, Any]:
    """An entry that starts an npm package."""
    return {"command": "npx", "args": ["-y", package, *args]} | ({"env": env} if env else {})


def uvx(package: str, *args: str, **env: str) -> dict[str, Any]:
    """An entry that starts a PyPI package."""
    return {"command": "uvx", "args": [package, *args]} | ({"env": env} if env else {})


def servers(**entries: Any) -> dict[str, Any]:
    """A configuration file with these entries."""
    return {"mcpServers": entries}
