"""What `mcpaudit minimize` prints: what each agent keeps, removes and denies, or the same as JSON."""

import json
from dataclasses import asdict

from mcpaudit.model.fact import Difference
from mcpaudit.model.place import Location, Place
from mcpaudit.model.plan import Keep, Narrow, Plan, Remove
from mcpaudit.report.build_places import Places
from mcpaudit.report.difference import difference_page
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count, listed

_TOOLS = 6
_SETS = 3


def as_text(plans: tuple[Plan, ...], seen: Difference, places: Places, *, width: int, colour: bool) -> str:
    """A page for people: one part an agent, then what all of it together would change."""
    page = Page(width, colour)
    for plan in plans:
        page.gap()
        page.write(_summary(plan), label=f"{plan.agent} for `{plan.profile}`:", style="bold")
        _costs(page, plan)
        for unmet in plan.unmet:
            page.write(f"nothing here is known to {unmet}", 2, label="not met:", style="amber", hang=4)
        for kept in plan.keep:
            _kept(page, plan, kept)
        for gone in plan.remove:
            _gone(page, gone, places)
        if plan.undecided:
            page.gap()
            text = f"of {listed(list(plan.undecided))} not enough is known to say more"
            page.write(text, 2, label="undecided:", style="amber", hang=4)
    page.gap()
    return f"{page}{difference_page('Once all of this is done', seen, width=width, colour=colour)}"


def _summary(plan: Plan) -> str:
    denied = sum(len(one.deny) for one in plan.keep)
    said = [
        f"keep {count(len(plan.keep), 'server')}",
        f"remove {len(plan.remove)}" if plan.remove else "",
        f"deny {count(denied, 'tool')}" if denied else "",
    ]
    return f"{listed([one for one in said if one])}."


def _costs(page: Page, plan: Plan) -> None:
    now, servers, tools = plan.beyond
    text = f"beyond the need: {now} (resource, action) pairs now, {servers} without the servers to remove"
    page.write(f"{text}, {tools} with the tools denied as well", 2, style="dim", hang=4)
    proof = "proved minimal" if plan.proved else f"the best found; no set costs less than {plan.bound}"
    page.write(f"cost of the servers: {plan.cost}, {proof}", 2, style="dim", hang=4)
    if plan.completes:
        text = "what stays can still let strangers' words carry private data out, by the servers alone"
        page.write(text, 2, style="amber", hang=4)
    for some in plan.others[:_SETS]:
        page.write(f"{listed(list(some))}", 2, label="as cheap:", style="blue", hang=4)
    if len(plan.others) > _SETS or not plan.all_ties:
        more = "and more" if not plan.all_ties else f"and {len(plan.others) - _SETS} more"
        page.write(f"{more}: `--format json` lists them", 4, style="dim")


def _kept(page: Page, plan: Plan, kept: Keep) -> None:
    page.gap()
    page.write(kept.reason, 2, label=f"keep {kept.name}:", style="green", hang=4)
    if kept.deny:
        page.write(f"deny what the need does not use, {_where(plan)}:", 4, hang=6)
    for one in kept.deny:
        page.write(f"which can {one.can}", 6, label=one.rule or f"`{one.tool}`", style="red", hang=8)
    for root in kept.narrow:
        page.write(_narrowed(root), 4, hang=6)
    if kept.wider:
        page.write("these meet the need and can do more than others that would do:", 4, hang=6)
    for tool, can in kept.wider:
        page.write(f"which can also {can}", 6, label=f"`{tool}`", style="amber", hang=8)
    if kept.idle:
        page.write(f"not used, but nothing beyond the need: {_few(kept.idle)}", 4, style="dim", hang=6)
    if kept.unknown:
        page.write(f"left, for what they do is not known: {_few(kept.unknown)}", 4, style="dim", hang=6)


def _narrowed(one: Narrow) -> str:
    if one.what == "switch":
        name = one.place.route[-1]
        return f"only let it read: give it `{one.text if isinstance(name, int) else f'{name}={one.text}'}`"
    told = f"give it `{one.text}` and not `{one.was}`" if one.text else f"take `{one.was}` from it"
    return f"narrow its {one.what}: {told}"


def _where(plan: Plan) -> str:
    if plan.where:
        return f"in {plan.where}"
    return f"in {plan.client} itself, for no file of it is known to deny a tool"


def _gone(page: Page, gone: Remove, places: Places) -> None:
    page.gap()
    page.write(gone.reason, 2, label=f"remove {gone.name}:", style="red", hang=4)
    first, *more = (places.location(_entry(place)) for place in gone.places)
    page.write(f"delete the entry at {first}", 4, hang=6)
    for place in more:
        page.write(f"and the one at {place}, which would take its place", 4, hang=6)


def _entry(place: Place) -> Place:
    """The line of an entry is that of its name."""
    return Place(place.file, place.route, on_key=True)


def _few(names: tuple[str, ...]) -> str:
    rest = [f"{len(names) - _TOOLS} more"] if len(names) > _TOOLS else []
    return listed([*(f"`{name}`" for name in names[:_TOOLS]), *rest])


def as_json(plans: tuple[Plan, ...], seen: Difference, places: Places) -> str:
    """The same as one JSON object, keys in a fixed order."""
    body = {"plans": [_plan(plan, places) for plan in plans], **_changes(seen)}
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _plan(plan: Plan, places: Places) -> dict[str, object]:
    now, servers, tools = plan.beyond
    return {
        "profile": plan.profile,
        "agent": plan.agent,
        "cost": plan.cost,
        "bound": plan.bound,
        "proved": plan.proved,
        "completes_flow": plan.completes,
        "outside_need": {"now": now, "servers": servers, "tools": tools},
        "unmet": plan.unmet,
        "keep": [
            {
                "name": one.name,
                "server": one.server,
                "location": _location(places.location(_entry(one.place))),
                "reason": one.reason,
                "deny": [asdict(deny) for deny in one.deny],
                "narrow": [
                    {
                        "location": _location(places.location(root.place)),
                        "what": root.what,
                        "was": root.was or None,
                        "text": root.text or None,
                    }
                    for root in one.narrow
                ],
                "wider": [{"tool": tool, "can": can} for tool, can in one.wider],
                "idle": one.idle,
                "unknown": one.unknown,
            }
            for one in plan.keep
        ],
        "remove": [
            {
                "name": one.name,
                "server": one.server,
                "locations": [_location(places.location(_entry(place))) for place in one.places],
                "reason": one.reason,
            }
            for one in plan.remove
        ],
        "undecided": plan.undecided,
        "deny_in": plan.where or None,
        "as_cheap": plan.others,
        "all_ties": plan.all_ties,
    }


def _location(one: Location) -> dict[str, object]:
    return {"file": one.file, "line": one.line, "column": one.column}


def _changes(seen: Difference) -> dict[str, object]:
    return {
        "changes": [
            {
                "kind": one.kind,
                "agent": one.agent,
                "server": one.name,
                "tools": one.tools,
                "actions": sorted(one.actions),
                "resource": one.resource,
                "certainty": one.certainty.value,
            }
            for one in seen.changes
        ],
        "facts": [
            {"how": one.how, "kind": one.kind, "agent": one.agent, "sentence": one.sentence}
            for one in seen.facts
        ],
    }
