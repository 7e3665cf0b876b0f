"""The difference between two states of the world, for a terminal: access, conflicts and flows."""

from mcpaudit.model.action import in_words
from mcpaudit.model.fact import Change, Difference, FactChange
from mcpaudit.report.access_table import OUTCOMES
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count, listed

_HEADINGS = {
    "gained": "Access gained",
    "looser": "Asked less often",
    "stricter": "Asked more often",
    "lost": "Access lost",
}
_FACTS = {
    "begins": "Conflicts and flows that begin",
    "ends": "Conflicts and flows that end",
    "changes": "Conflicts and flows that go on with others",
}
_TOOLS = 3


def difference_page(title: str, seen: Difference, *, width: int, colour: bool) -> str:
    """Access by agent and resource, then the facts that would begin and end."""
    page = Page(width, colour)
    page.write(_summary(seen), label=f"{title}:", style="bold")
    for kind, heading in _HEADINGS.items():
        own = [change for change in seen.changes if change.kind == kind]
        if own:
            page.heading(heading)
        for change in own:
            _change(page, change)
    for how, heading in _FACTS.items():
        facts = [fact for fact in seen.facts if fact.how == how]
        if facts:
            page.heading(heading)
        for fact in facts:
            _fact(page, fact)
    return str(page)


def _summary(seen: Difference) -> str:
    gained = len({change.resource for change in seen.changes if change.kind == "gained"})
    lost = len({change.resource for change in seen.changes if change.kind == "lost"})
    begun = sum(fact.how == "begins" for fact in seen.facts)
    ended = sum(fact.how == "ends" for fact in seen.facts)
    said = [
        f"access to {count(gained, 'resource')} is gained" if gained else "",
        f"access to {count(lost, 'resource')} is lost" if lost else "",
        f"{count(begun, 'conflict or flow', 'conflicts or flows')} would begin" if begun else "",
        f"{count(ended, 'conflict or flow', 'conflicts or flows')} would end" if ended else "",
    ]
    return f"{listed([one for one in said if one]) or 'nothing that is known changes'}."


def _change(page: Page, change: Change) -> None:
    outcome = f" ({OUTCOMES[change.verdict]})" if change.kind != "lost" else ""
    text = f"{in_words(change.actions)} {change.resource}{outcome}{_doubt(change)}"
    page.write(text, 2, label=f"{change.agent}:", hang=4)
    shown = [f"`{tool}`" for tool in change.tools[:_TOOLS]]
    rest = [f"{len(change.tools) - _TOOLS} more"] if len(change.tools) > _TOOLS else []
    page.write(f"by {listed([*shown, *rest])} of {change.name}", 4, style="dim")


def _fact(page: Page, fact: FactChange) -> None:
    told = fact.sentence
    if fact.how == "changes":
        joined = f"{listed(list(fact.joined))} would take part" if fact.joined else ""
        left = f"{listed(list(fact.left))} would no longer" if fact.left else ""
        told = f"{listed([one for one in (joined, left) if one])}: {fact.sentence}"
    page.write(f"{told}{_doubt(fact)}", 2, label=f"{fact.kind}, {fact.agent}:", hang=4)


def _doubt(fact: Change | FactChange) -> str:
    return "" if fact.certainty == "certain" else f", {fact.certainty}"
