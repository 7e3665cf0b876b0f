"""Workspaces of several folders: a `.code-workspace` file beside the code names them (VS Code and its kin).

Source: microsoft/vscode-docs, docs/editor/workspaces (multi-root workspaces, `folders` with `path`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

from mcpaudit.clients.reading import Reading
from mcpaudit.clients.variables import Expand, Expanded
from mcpaudit.model.site import Site
from mcpaudit.parsing.node import Node

ROLE = "workspace file"


def workspace_files(reading: Reading, client: str) -> Iterator[Node]:
    """The workspace files that lie in the audited folder."""
    project = reading.site.project
    for path in sorted(project.glob("*.code-workspace")) if project else ():
        root = reading.open(path, path.name, "json", ROLE, client)
        if root is not None:
            yield root


def other_folders(reading: Reading, client: str) -> Iterator[str]:
    """Templates of the folders that workspace files open beside the audited one, each ending with `/`."""
    project, seen = reading.site.project, {"{project}/"}
    for root in workspace_files(reading, client):
        folders = root.child("folders")
        for node in folders.elements() if folders else ():
            path = node.text("path").replace("\\", "/").rstrip("/")
            if not path or project is None:
                continue
            if not path.startswith("/"):
                inside = os.path.normpath(path).replace(os.sep, "/")
                path = "{project}" if inside == "." else "{project}/" + inside
            if f"{path}/" not in seen:
                seen.add(f"{path}/")
                yield f"{path}/"


def opened_in(template: str, expand: Expand) -> Expand:
    """The same expansion as if the client had that folder open, so that `${workspaceFolder}` is it."""

    def expanded(text: str, site: Site) -> Expanded:
        found = site.locate(template)
        folder = Path(os.path.normpath(found[0])) if found else None
        return expand(text, site.opened(folder))

    return expanded
