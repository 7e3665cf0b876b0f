"""The scopes that tools need, held against what the servers' own documents say: one table a provider.

Each table gives, for each tool, the alternatives that its authors name. Where packs and names of tools lead
elsewhere, the table says why; nothing else may differ.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mcpaudit.access.scopes import Atom, Scopes
from mcpaudit.knowledge.pack import Packs
from mcpaudit.manifests import catalog
from mcpaudit.model.server import Server

FOLDER = Path(__file__).parent / "truth"
TABLES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
AGREEING = {"github": 79, "github-permissions": 29, "google": 65, "microsoft": 161, "slack": 8}
"""How many tools agree at least; the others are those that a table lists."""
PACKS = Packs.shipped()


@cache
def table(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return found


def differing(name: str) -> set[str]:
    return {tool for tools in table(name).get("differs", {}).values() for tool in tools}


@cache
def scopes_of(name: str) -> Scopes:
    pack = PACKS.get(table(name)["provider"])
    assert pack is not None
    return Scopes(pack, PACKS, table(name).get("vocabulary", "scopes"))


@cache
def needs(name: str) -> dict[str, frozenset[Atom]]:
    """What each tool of the table does, by the shipped catalog."""
    manifest = catalog.manifest_of(Server(table(name)["server"]))
    assert manifest is not None
    scopes, provider = scopes_of(name), table(name)["provider"]
    return {
        tool.name: frozenset(
            atom
            for touch in tool.touches
            if touch.provider == provider and touch.kind
            for atom in scopes.atoms(touch.kind, touch.actions)
        )
        for tool in manifest.tools
        if tool.name in table(name)["tools"]
    }


def agreeing(name: str) -> list[str]:
    return sorted(set(needs(name)) - differing(name))


@pytest.mark.parametrize("name", TABLES)
def test_every_tool_of_the_table_is_in_the_catalog(name: str) -> None:
    assert set(needs(name)) == set(table(name)["tools"])
    assert differing(name) <= set(table(name)["tools"])
    assert len(agreeing(name)) >= AGREEING[name]


@pytest.mark.parametrize("name", TABLES)
def test_the_least_scopes_are_those_of_the_document(name: str) -> None:
    scopes, wrong = scopes_of(name), {}
    for tool in agreeing(name):
        least = set(scopes.least(needs(name)[tool]))
        if not any(least == set(alternative) for alternative in table(name)["tools"][tool]):
            wrong[tool] = sorted(least)
    assert wrong == {}


@pytest.mark.parametrize("name", TABLES)
def test_the_scopes_of_the_document_lack_nothing_and_have_nothing_to_spare(name: str) -> None:
    scopes = scopes_of(name)
    for tool in agreeing(name):
        for alternative in table(name)["tools"][tool]:
            if set(alternative) == set(scopes.least(needs(name)[tool])):
                assert scopes.lacking(alternative, needs(name)[tool]) == {}, tool
                assert scopes.spare(alternative, needs(name)[tool]) == (), tool


@pytest.mark.parametrize("name", TABLES)
def test_without_them_something_is_lacking_unless_it_is_public(name: str) -> None:
    scopes = scopes_of(name)
    for tool in agreeing(name):
        atoms = needs(name)[tool]
        open_ = [atom for atom in atoms if scopes.free(atom) is False and scopes.givers(atom)]
        assert bool(scopes.lacking([], atoms)) == bool(open_), tool


@pytest.mark.parametrize("name", TABLES)
def test_all_scopes_of_the_documents_together_serve_every_tool(name: str) -> None:
    scopes = scopes_of(name)
    every = {one for tool in agreeing(name) for one in table(name)["tools"][tool][0]}
    for tool in agreeing(name):
        assert scopes.lacking(every, needs(name)[tool]) == {}, tool
