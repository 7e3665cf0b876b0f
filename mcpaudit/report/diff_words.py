"""What changed for an agent, as a sentence."""

import re

from mcpaudit.model.action import in_words
from mcpaudit.model.diff import AccessChange, Diff, FactRow, OwnChange
from mcpaudit.model.enumeration import few
from mcpaudit.report.verdict import listed

HOW = {"allow": "without asking", "ask": "after asking", "unknown": "though whether it asks is not known"}
_BEFORE = {"allow": "without asking", "ask": "only after asking", "unknown": "whether it asked is not known"}
_TOOLS = 3
_ID = re.compile(r"\b[0-9a-f]{40}(?:[0-9a-f]{24})?\b")
GRAVE = ("delete", "admin", "execute", "write", "send", "share", "create", "read", "list")
"""Actions, the gravest first: by which rows are chosen where not all can be shown."""


def sentence(change: AccessChange, title: str) -> str:
    """`Claude Code can now delete google:… without asking (calendar: delete-event)`."""
    sure = change.certainty == "certain"
    does = f"{in_words(change.actions)} {change.resource}"
    through = f"({change.name}: {tools(change)})"
    if change.certainty == "unknown":
        does, through = f"do whatever `{change.name}` offers", "(its tools are not known)"
    if change.kind == "gained":
        can = "can now" if sure else "might now be able to"
        return f"{title} {can} {does} {HOW[change.after]} {through}"
    if change.kind == "lost":
        can = "can no longer" if sure else "might no longer be able to"
        return f"{title} {can} {does} {through}"
    now = "now" if sure else "perhaps now"
    return f"{title} can {does} {now} {HOW[change.after]}, before {_BEFORE[change.before]} {through}"


def tools(change: AccessChange) -> str:
    """The tools of a change, the first ones by name."""
    rest = [f"{len(change.tools) - _TOOLS} more"] if len(change.tools) > _TOOLS else []
    return listed([*change.tools[:_TOOLS], *rest])


def outside(file: str) -> bool:
    """Whether a file is the user's or the system's, and not of the repository."""
    return file.startswith(("~", "/", "\\")) or re.match(r"[A-Za-z]:", file) is not None


def headline(seen: Diff) -> str:
    """The verdict, in one sentence."""
    between = f"from {_short(seen.base.name)} to {_short(seen.head.name)}"
    said = {
        "passes": "This change passes",
        "fails": "This change does not pass",
        "undecided": "This change might give more than can be seen, so it is not passed",
        "broken": "This change breaks a file that mcpaudit needs",
        "nothing-collected": "Nothing was compared",
    }
    return f"{said[seen.verdict]} ({between})."


def _short(name: str) -> str:
    """The name of a side; ids of commits as people cite them."""
    return _ID.sub(lambda match: match[0][:12], name)


def fact_sentence(fact: FactRow) -> str:
    """What a conflict or flow is; of one that goes on, first who takes part now and who no longer does."""
    turns = (
        ("takes", "take", "part now", fact.joined),
        ("no longer takes", "no longer take", "part", fact.left),
    )
    said = [
        f"{few([f'`{name}`' for name in names])} {one if len(names) == 1 else many} {how}"
        for one, many, how, names in turns
        if names and fact.how == "changes"
    ]
    return f"{listed(said)}: {fact.sentence}" if said else fact.sentence


def own_sentence(change: OwnChange) -> str:
    """What became of one of mcpaudit's own files, and who has to agree."""
    what = "cannot be used" if change.how == "broken" else f"is {change.how}"
    who = f"; {listed(list(change.owners))} has to agree" if change.owners else ""
    return f"{what}, which does not count in this run{who}"


def advice(seen: Diff, entries: str) -> list[str]:
    """What the author can do, nearest first; empty where nothing stands in the way.

    `entries` says where the ready-made waivers are.
    """
    if seen.verdict in ("passes", "nothing-collected"):
        return []
    counted = [one for one in seen.access if one.counted]
    blocking = [one for one in seen.findings if one.counted]
    steps = []
    names = sorted({one.name for one in counted} | {one.name for one in seen.doubts if one.name})
    if names:
        shown = listed([f"`{name}`" for name in names[:5]])
        steps.append(f"Remove what the task does not need: {shown}; `mcpaudit minimize` works out the least.")
    if counted or blocking:
        steps.append(
            "Narrow it: a smaller root, a read-only switch, fewer scopes, or a rule that asks or denies."
        )
    if seen.verdict == "undecided" or any(one.certainty != "certain" for one in counted):
        steps.append("Make it known: pin the version, and write the lock with `mcpaudit lock`.")
    if any(one.how == "broken" for one in seen.own):
        steps.append("Mend the file that cannot be used; the message names the line.")
    if any(one.waiver for one in blocking):
        whom = listed(list(seen.owners)) or "whoever owns the policies here"
        steps.append(
            f"Or ask {whom} for a waiver: an entry in .mcpaudit/waivers.yaml of {seen.judge.name}, merged "
            "before this change (one that comes with the change does not count). Entries to fill in stand "
            f"{entries}."
        )
    return steps
