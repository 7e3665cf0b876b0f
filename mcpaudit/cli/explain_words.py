"""The pages of `mcpaudit explain` on facts, edges, actions and controls."""

from collections.abc import Iterable

from mcpaudit.model.action import ACTIONS, CHANGING
from mcpaudit.policy.controls import Framework, frameworks
from mcpaudit.policy.policy import Policy
from mcpaudit.policy.runtime import parse
from mcpaudit.policy.syntax import Literal, walk
from mcpaudit.policy.terms import Term
from mcpaudit.report.page import Page

_IS = {
    "conflict": "a kind of conflict, which is a fact: policies `for: conflict` judge it",
    "flow": "a kind of flow, which is a fact: policies `for: flow` judge it",
    "excess": "a kind of excess, which is a fact: policies `for: excess` judge it",
    "edge": "a kind of edge: one step of a witness, with a file and line or the knowledge that shows it",
    "action": "an action: what can be done to a resource",
}
_CHECKED = {
    "primary": "held against the publisher's own text",
    "secondary": "as other projects cite it; not held against the publisher's own text",
    "own": "not checked against the publisher's text",
}


def explain_term(page: Page, term: Term, policies: Iterable[Policy]) -> None:
    """What a fact, an edge or an action is, and which policies speak of it."""
    page.write(f"{term.name}: {_IS[term.kind]}")
    page.gap()
    page.write(term.doc, 2)
    if term.name in ACTIONS and term.kind == "action":
        changing = "It counts" if term.name in CHANGING else "It does not count"
        page.write(f"{changing} as a change: `actions.changes()`.", 2)
    if term.near_miss:
        page.heading("What is not one")
        page.write(term.near_miss, 2)
    named = [one for one in policies if term.kind in (one.subject, "action") and _names(one, term.name)]
    _list(page, "Policies that name it", named)


def explain_control(page: Page, framework: Framework, item: str, policies: Iterable[Policy]) -> None:
    """One item of a framework: its title, how sure that is, and the policies that support it."""
    title = framework.items.get(item, "(title not known here)")
    page.write(f"{framework.name}: {item}, {title}")
    page.gap()
    source = f" ({framework.source})" if framework.source else ""
    page.write(f"Titles of this framework are {_CHECKED[framework.checked]}{source}.", 2)
    page.write("A clean check is evidence for an item, never proof of conformity.", 2)
    named = [one for one in policies if f"{framework.id}:{item}" in one.controls]
    _list(page, "Policies that support it", named)


def explain_framework(page: Page, framework: Framework, policies: Iterable[Policy]) -> None:
    """A framework, with the items that policies support."""
    page.write(f"{framework.id}: {framework.name}")
    supported = sorted(
        {control.partition(":")[2] for one in policies for control in one.controls if _of(control, framework)}
    )
    page.heading("Items that policies support")
    for item in supported:
        page.write(f"{framework.id}:{item} {framework.items.get(item, '')}", 2, hang=4)
    if not supported:
        page.write("None.", 2)


def controls_called(name: str, policies: Iterable[Policy]) -> list[tuple[Framework, str]]:
    """The items that a name stands for: with its framework, or alone where frameworks know it."""
    prefix, colon, item = name.partition(":")
    known = frameworks()
    if colon and prefix in known:
        named = item in known[prefix].items or any(name in one.controls for one in policies)
        return [(known[prefix], item)] if named else []
    return [(one, name) for one in known.values() if name in one.items]


def _of(control: str, framework: Framework) -> bool:
    return control.startswith(f"{framework.id}:")


def _names(policy: Policy, word: str) -> bool:
    texts = (policy.where, *policy.variables.values())
    nodes = (node for text in texts for node in walk(parse(policy.subject, text)))
    return any(isinstance(node, Literal) and node.value == word for node in nodes)


def _list(page: Page, heading: str, policies: list[Policy]) -> None:
    if policies:
        page.heading(heading)
    for one in sorted(policies, key=lambda policy: policy.id):
        page.write(f"{one.id}: {one.title}", 2, hang=4)
