"""Pages about packs: which policies speak for which control, and what people have to see to."""

from collections.abc import Iterable

from mcpaudit.policy.policy import Policy
from mcpaudit.policy.selection import Pack, policies_of, shipped_packs

EVIDENCE = "A policy that finds nothing supports a control; it is no proof that the control is met."


def pack_page(pack: Pack, titles: dict[str, str]) -> str:
    """Everything about one pack, in Markdown; `titles` are those of policies, by id."""
    lines = [f"# {pack.title}", "", f"`{pack.id}` · {count_in_words(pack)}", ""]
    if pack.source:
        lines += [f"The controls, in words of our own, are those of {pack.source}.", ""]
    lines += ["```sh", f"mcpaudit check --pack {pack.id}", "```", ""]
    if pack.includes:
        links = ", ".join(f"[{name}]({name}.md)" for name in pack.includes)
        lines += [f"It has all policies of {links}, too.", ""]
    lines += ["## What the configuration can speak for", "", EVIDENCE, ""]
    lines += ["| asked for | policies |", "| --- | --- |"]
    for control in pack.controls:
        names = ", ".join(f'[{name}]({name}.md "{titles[name]}")' for name in control.policies)
        lines.append(f"| {control.text} | {names} |")
    lines += ["", "## What people have to see to", "", *(f"- {duty}" for duty in pack.duties)]
    return "\n".join(lines) + "\n"


def count_in_words(pack: Pack) -> str:
    """How many policies it has."""
    number = len(policies_of(pack))
    return f"{number} polic{'y' if number == 1 else 'ies'}"


def pack_pages(policies: Iterable[Policy]) -> dict[str, str]:
    """A page for each shipped pack file, by file name."""
    titles = {policy.id: policy.title.replace('"', "'") for policy in policies}
    return {f"{pack.id}.md": pack_page(pack, titles) for pack in shipped_packs().values()}


def pack_index() -> list[str]:
    """The lines of the index that name the pack files."""
    lines = [
        "",
        "## Packs that are put together for a purpose",
        "",
        "| pack | what it is | policies |",
        "| --- | --- | --- |",
    ]
    for pack in shipped_packs().values():
        lines.append(f"| [{pack.id}]({pack.id}.md) | {pack.title} | {len(policies_of(pack))} |")
    return lines
