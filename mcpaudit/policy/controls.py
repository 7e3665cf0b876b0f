"""The items of control frameworks that policies name, from `controls.yaml`: `nist-800-53:AC-6`."""

import re
from functools import lru_cache

from mcpaudit import shipped
from mcpaudit.dataclass import dataclass
from mcpaudit.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Framework:
    """One framework with its items."""

    id: str
    name: str
    """As it calls itself."""
    items: dict[str, str]
    """Titles by id."""
    form: str
    """What an id looks like that is not among the items; empty where these are all."""
    checked: str
    """Against what the titles were held: `primary`, `secondary` or `own`."""
    source: str


@lru_cache(maxsize=1)
def frameworks() -> dict[str, Framework]:
    """All frameworks by the prefix that policies write."""
    raw = shipped.table("policy/controls.yaml")
    return {
        name: Framework(
            name, body["name"], body["items"], body.get("form", ""), body["checked"], body.get("source", "")
        )
        for name, body in raw.items()
    }


def control_in_words(control: str) -> str:
    """`nist-800-53:AC-6` by the framework's own name; frameworks use the same ids for different things."""
    prefix, _, item = control.partition(":")
    framework = frameworks().get(prefix)
    if framework is None:
        return control
    title = framework.items.get(item)
    return f"{framework.name}: {item}{f', {title}' if title else ''}"


def unknown_control(control: str) -> tuple[str, str] | None:
    """What is wrong with the name of a control, with a hint; `None` where it is one."""
    prefix, colon, item = control.partition(":")
    framework = frameworks().get(prefix)
    if not colon:
        return f"`{control}` names no item of a framework", "write it as in `nist-800-53:AC-6`"
    if framework is None:
        return f"there is no framework `{prefix}`", did_you_mean(prefix, frameworks())
    if item in framework.items or (framework.form and re.fullmatch(framework.form, item)):
        return None
    return f"{framework.name} has no item `{item}`", did_you_mean(item, framework.items)
