"""Switches that keep a server from changing anything, for servers that stay and only have to read."""

from mcpaudit.analysis.facts import Facts
from mcpaudit.analysis.needs import Needed
from mcpaudit.knowledge.pack import Packs, Switch
from mcpaudit.model.action import OBSERVING, Actions, closure
from mcpaudit.model.place import Place, Route
from mcpaudit.model.plan import Narrow
from mcpaudit.model.server import Installation
from mcpaudit.parsing.document import value_at


def read_only(facts: Facts, held: Needed, one: Installation) -> tuple[Narrow, ...]:
    """The switch to set, if the pack of its provider knows one and what is needed of it only observes."""
    needed = _needed(held, one)
    changes = any(row.installation == one.id and row.runs and row.actions - OBSERVING for row in facts.rows)
    if not changes or not needed <= OBSERVING or one.server.transport != "stdio":
        return ()
    for switch in Packs.shipped().switches(one.server.id):
        states_it = not (switch.always or switch.unless or switch.url)
        if states_it and needed <= switch.permits <= OBSERVING:
            place = _place(facts, one, switch)
            if place is not None:
                value = switch.value or "true"
                text = f"{switch.arg}={value}" if switch.arg and switch.value else switch.arg or value
                return (Narrow(place, "", text, text, "switch"),)
    return ()


def _needed(held: Needed, one: Installation) -> Actions:
    """What is to be met by the server, with the listing that comes along."""
    found: set[str] = set()
    candidate = held.candidates.get(one.id)
    for index, action in candidate.meets if candidate else ():
        found |= closure(held.profile.needs[index].actions) if action == "*" else closure([action])
    return frozenset(found)


def _place(facts: Facts, one: Installation, switch: Switch) -> Place | None:
    """Where it is to stand: behind the last argument, or among the variables that the entry has."""
    route: Route | None = None
    if switch.arg and one.entry.args:
        *parent, last = one.entry.args[-1].place.route
        if isinstance(last, int):
            route = (*parent, last + 1)
    own = one.entry.own_env()
    if switch.env and own and one.server.package and one.server.package.ecosystem != "oci":
        route = (*own[0][1].place.route[:-1], switch.env)
    document = facts.collected.documents.get(one.place.file)
    # An entry may be merged from several files; a word that is there already is not written over.
    if route is None or document is None or value_at(document.data, route) is not None:
        return None
    return Place(one.place.file, route) if value_at(document.data, route[:-1]) is not None else None
