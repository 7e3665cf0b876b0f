"""Valid files of each client with wrong values in them: no traceback, and what is unread is a gap."""

import json
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcpaudit.clients.discover import discover
from mcpaudit.clients.registry import CLIENTS
from mcpaudit.model.place import Route
from tests.clients.test_any_bytes import LEAVES, TREES
from tests.fuzz.clients import PACKS, check, platform_of
from tests.installation import site_of
from tests.oracle.generated import _inline
from tests.planting import UNREAD, site

pytestmark = pytest.mark.promise("any-bytes")
READ = sorted(one.id for one in CLIENTS if one.id not in UNREAD)


@cache
def valid(client: str) -> dict[str, Any]:
    """Files of one client with every key that it knows, as data; what is neither JSON nor TOML as text."""
    found = {}
    for path, text in site(clients=(client,)).files.items():
        if path.endswith(".toml"):
            found[path] = tomllib.loads(text)
        else:
            try:
                found[path] = json.loads(text)
            except ValueError:
                found[path] = text
    return found


def routes(value: Any, route: Route = ()) -> Iterator[Route]:
    """Every way to a value below the root."""
    if route:
        yield route
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in steps:
        yield from routes(member, (*route, step))


def with_value(tree: Any, route: Route, value: Any) -> Any:
    """A copy with another value at the end of a route."""
    if not route:
        return value
    if isinstance(tree, dict):
        return {**tree, route[0]: with_value(tree[route[0]], route[1:], value)}
    at = int(route[0])
    return [*tree[:at], with_value(tree[at], route[1:], value), *tree[at + 1 :]]


def written(path: str, tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    if path.endswith(".toml"):
        return "".join(f"{_inline(key)} = {_inline(value)}\n" for key, value in tree.items())
    return json.dumps(tree)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_value_of_any_kind_anywhere_is_read_or_a_gap(data: st.DataObject) -> None:
    client = data.draw(st.sampled_from(READ))
    trees = dict(valid(client))
    path = data.draw(st.sampled_from(sorted(name for name, tree in trees.items() if isinstance(tree, dict))))
    route = data.draw(st.sampled_from(sorted(routes(trees[path]), key=repr)))
    value = data.draw(LEAVES.filter(lambda one: one is not None) | TREES)
    trees[path] = with_value(trees[path], route, value)
    files = {name: written(name, tree) for name, tree in trees.items()}
    with TemporaryDirectory() as folder:
        found = discover(site_of(Path(folder), files, platform=platform_of(client)), PACKS, only=(client,))
    check(found)
    names = {one.name for config in found.agents for one in config.installations}
    gone = {gap.place.file for gap in found.gaps}
    table = trees[path].get(route[0])
    # Where one entry is broken, the others of its file are there, or a gap says why not.
    if len(route) == 2 and isinstance(table, dict) and not isinstance(value, dict):
        others = {"plain", "local", "remote"} - {str(route[1])}
        assert others <= names or gone, (client, path, route, value)
    if len(route) == 1 and not isinstance(value, dict | list) and value != valid(client)[path][route[0]]:
        assert gone or names, (client, path, route, value)
