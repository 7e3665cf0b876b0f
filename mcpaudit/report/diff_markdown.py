"""A comparison as GitHub-flavoured Markdown, for a comment on a pull request.

GitHub takes 65,536 characters a comment; what does not fit is left out by whole sections, and named. What
comes from files of a user is counted and never shown: a comment is read by others.
"""

from collections.abc import Callable, Iterator

from mcpaudit.model.diff import AccessChange, Diff, FindingChange
from mcpaudit.model.place import Location
from mcpaudit.report import diff_together as together
from mcpaudit.report.diff_graph import graphs
from mcpaudit.report.diff_words import (
    GRAVE,
    HOW,
    advice,
    fact_sentence,
    headline,
    outside,
    own_sentence,
    tools,
)
from mcpaudit.report.escape import clip, markdown_code, markdown_html, markdown_prose
from mcpaudit.report.listing import STATUS_WORDS, place
from mcpaudit.report.reach import in_words
from mcpaudit.report.rooted import rooted
from mcpaudit.report.verdict import count, listed

LIMIT = 60_000
MARKER = "<!-- mcpaudit:diff -->"
"""By which a bot finds its own comment, to write it anew."""

_MARKS = {"passes": "✅", "fails": "❌"}
_SEVERITIES = {
    "critical": "🔴 critical",
    "high": "🟠 high",
    "medium": "🟡 medium",
    "low": "🔵 low",
    "info": "⚪ info",
}
_ARROWS = {"gained": "➕ gained", "looser": "⬆️ asked less", "stricter": "⬇️ asked more", "lost": "➖ lost"}
_ROWS, _LONGEST = 60, 600
_ROOM, _WHOLE = 18_000, 8
"""Characters for one list of findings, and how many of it are shown with their witness."""


def render(seen: Diff, *, limit: int = LIMIT) -> str:
    """The whole comment."""
    seen = rooted(seen)
    sections: list[tuple[str, Callable[[Diff], str]]] = [
        ("what to do", _advice),
        ("access", _access),
        ("new findings", _new),
        ("what is not wholly known", _doubts),
        ("mcpaudit's own files", _own),
        ("graphs", _graphs),
        ("other findings", _others),
        ("conflicts and flows", _facts),
        ("drift", _drift),
        ("notes", _notes),
    ]
    head, foot = _head(seen), _foot(seen)
    left = limit - len(head) - len(foot) - 300
    shown, dropped = [], []
    for name, section in sections:
        text = section(seen)
        if len(text) > left:
            dropped.append(name)
        else:
            left -= len(text)
            shown.append(text)
    note = f"> **Left out, for it is too long for a comment:** {listed(dropped)}.\n\n" if dropped else ""
    return head + note + "".join(shown) + foot


def _head(seen: Diff) -> str:
    mark = _MARKS.get(seen.verdict, "⚠️")
    reasons = "".join(f"- {_text(reason)}\n" for reason in seen.reasons)
    return f"{MARKER}\n## {mark} {_text(headline(seen))}\n\n{reasons}\n{_text(together.summary(seen))}\n\n"


def _foot(seen: Diff) -> str:
    sides = dict.fromkeys((seen.judge, seen.base, seen.head))
    ids = [f"{side.name} {side.commit[:12]}" for side in sides if side.commit]
    whose = "The base's" if seen.judge == seen.base else f"{_text(seen.judge.name)}'s"
    said = f"{seen.tool.name} {seen.tool.version}, as of {seen.as_of}, exit code {seen.exit_code}"
    return f"<sub>{_text(', '.join([said, *ids]))}. {whose} policies, waivers and lock judge.</sub>\n"


def _access(seen: Diff) -> str:
    every = together.changes(seen)
    rows = sorted((one for one in every if not one.row.private), key=_weight)
    hidden = len(every) - len(rows)
    if not seen.access:
        return ""
    lines = ["| | Who | May | On | Through | Because |", "| --- | --- | --- | --- | --- | --- |"]
    for change in rows[:_ROWS]:
        one = change.row
        labels = f"<br>{_text(', '.join(one.labels))}" if one.labels else ""
        mark = "**❗**" if one.counted else ""
        cells = (
            f"{mark}{_ARROWS[one.kind]}",
            _text(change.agents),
            _text(_may(one)),
            f"{markdown_code(one.resource)}{labels}",
            f"{markdown_code(one.name)}<br>{_text(tools(one))}",
            _because(one),
        )
        lines.append(f"| {' | '.join(cells)} |")
    more = [f"{count(len(rows) - _ROWS, 'more change')} of access"] if len(rows) > _ROWS else []
    more += [f"{count(hidden, 'change')} through files of a user"] if hidden else []
    return _section("Access", "\n".join(lines) + (f"\n\nNot shown: {listed(more)}." if more else ""))


def _weight(change: together.Change) -> tuple[bool, bool, bool, int]:
    """What matters most comes first, for the rest may not fit: what counts, is gained, is sure, is grave."""
    one = change.row
    grave = min(map(GRAVE.index, one.actions), default=len(GRAVE))
    return not one.counted, one.kind not in ("gained", "looser"), one.certainty != "certain", grave


def _may(one: AccessChange) -> str:
    doubt = "" if one.certainty == "certain" else "might: "
    if one.kind == "lost":
        return f"{doubt}no longer {in_words(one.actions)}"
    return f"{doubt}{in_words(one.actions)} {HOW[one.after]}"


def _because(one: AccessChange) -> str:
    where = _place(one.location)
    if one.location is not None and outside(one.location.file):
        return "a setting of the user"
    return f"{where + ' ' if where else ''}{_text(one.because)}"


def _new(seen: Diff) -> str:
    return _findings(seen, "new", "New findings")


def _others(seen: Diff) -> str:
    going = _findings(seen, "changed", "Findings that go on otherwise")
    return going + _findings(seen, "resolved", "Resolved findings")


def _findings(seen: Diff, how: str, title: str) -> str:
    rows = [one for one in seen.findings if one.how == how]
    shown = [one for one in rows if not one.private]
    if not rows:
        return ""
    parts: list[str] = []
    room = _ROOM
    for one in sorted(shown, key=lambda one: not one.counted):
        # The first ones with their witness, then by the sentence, and at last by number.
        text = _finding(one) if len(parts) < _WHOLE else _line(one)
        if len(text) > room or len(parts) == _ROWS:
            break
        room -= len(text)
        parts.append(text)
    body = "".join(parts)
    more = [count(len(shown) - len(parts), "more finding")] if len(shown) > len(parts) else []
    if len(rows) > len(shown):
        more.append(f"{count(len(rows) - len(shown), 'finding')} in files of a user")
    return _section(title, body + (f"Not shown: {listed(more)}.\n" if more else ""))


def _finding(one: FindingChange) -> str:
    row = one.finding
    state = f" ({STATUS_WORDS[row.status]})" if STATUS_WORDS[row.status] else ""
    mark = "❗ " if one.counted else ""
    if one.how == "resolved":
        return _line(one)
    lines = [_text(row.message)]
    if one.why != "it is new":
        lines.append(f"*{_text(one.why)}*")
    places = [_place(at) for at in row.locations[:3] if not outside(at.file)]
    if places:
        lines.append(f"At {', '.join(places)}")
    steps = []
    for number, step in enumerate(row.witness[:12], 1):
        private = step.location is not None and outside(step.location.file)
        steps.append(f"{number}. {'a setting of the user' if private else _step(step.location, step.reason)}")
    if steps:
        lines.append("\n".join(steps))
    if row.fix:
        lines.append(f"**Fix:** {_text(row.fix)}")
    if one.waiver:
        lines.append(f"To ask for a waiver:\n\n{_fenced(one.waiver)}")
    lines.append(f"Fingerprint {markdown_code(row.fingerprint)}")
    title = f"{mark}<b>{_SEVERITIES[row.severity]}</b>{state} {_html(row.title)}"
    return f"<details><summary>{title}</summary>\n\n" + "\n\n".join(lines) + "\n\n</details>\n\n"


def _line(one: FindingChange) -> str:
    row = one.finding
    mark = "❗ " if one.counted else ""
    return f"- {mark}{_SEVERITIES[row.severity]} {markdown_code(row.policy)}: {_text(row.message)}\n"


def _step(location: Location | None, reason: str) -> str:
    where = _place(location)
    return f"{where + ' ' if where else ''}{_text(reason)}"


def _doubts(seen: Diff) -> str:
    every = together.causes(seen)
    rows = [one for one in every if not one.row.private][:_ROWS]
    lines = [f"- {_text(one.sentence)} {_place(one.row.location)}\n" for one in rows]
    if rest := sum(one.servers for one in every) - sum(one.servers for one in rows):
        lines.append(f"- and {rest} more\n")
    return _section("Not wholly known", "".join(lines)) if lines else ""


def _own(seen: Diff) -> str:
    lines = []
    for one in seen.own:
        lines.append(f"- {markdown_code(one.file)} {_text(own_sentence(one))}\n")
        lines += [f"  - {_text(sentence)}\n" for sentence in one.sentences]
    return _section("mcpaudit's own files", "".join(lines)) if lines else ""


def _facts(seen: Diff) -> str:
    """Their sentences may name what a user keeps; with a home they are only counted."""
    if not seen.facts:
        return ""
    words = {"begins": "begins", "ends": "ends", "changes": "goes on with others"}
    if seen.home:
        body = f"{count(len(seen.facts), 'conflict or flow', 'conflicts or flows')} begin, end or change.\n"
    else:
        body = "".join(
            f"- {_text(one.row.kind)} {words[one.row.how]} for {_text(one.agents)}: "
            f"{_text(fact_sentence(one.row))}\n"
            for one in together.facts(seen)[:_ROWS]
        )
    return f"<details><summary>Conflicts and flows</summary>\n\n{body}\n</details>\n\n"


def _drift(seen: Diff) -> str:
    rows = () if seen.home else seen.drift
    lines = [
        f"- {markdown_code(one.server)}{' ' + markdown_code(one.tool) if one.tool else ''}: "
        f"{'' if one.how == 'new' else 'no longer: '}{_text(one.sentence)}\n"
        for one in rows[:_ROWS]
    ]
    return _section("Drift from the base's lock", "".join(lines)) if lines else ""


def _graphs(seen: Diff) -> str:
    drawn = list(graphs(seen))
    return _section("How it comes about", "\n".join(drawn)) if drawn else ""


def _notes(seen: Diff) -> str:
    lines = [f"- learned, and no change: {_text(one)}\n" for one in seen.learned[:_ROWS]]
    lines += [f"- {_text(one)}\n" for one in seen.notes]
    return _section("Notes", "".join(lines)) if lines else ""


def _advice(seen: Diff) -> str:
    steps = advice(seen, "with each finding")
    lines = [f"{number}. {_text(step)}\n" for number, step in enumerate(steps, 1)]
    return _section("What to do", "".join(lines)) if lines else ""


def _section(title: str, body: str) -> str:
    return f"### {title}\n\n{body}\n\n"


def _fenced(text: str) -> str:
    """A block to copy; a line of it that could end the block is none any more."""
    lines = "\n".join(clip(line, _LONGEST) for line in _safe(text))
    return f"```yaml\n{lines}\n```"


def _safe(text: str) -> Iterator[str]:
    for line in text.splitlines():
        shown = "".join(letter for letter in line if letter.isprintable())
        yield shown.replace("```", "'''")


def _place(location: Location | None) -> str:
    if location is None or outside(location.file):
        return ""
    return markdown_code(clip(place(location), _LONGEST))


def _text(text: str) -> str:
    return markdown_prose(clip(text, _LONGEST))


def _html(text: str) -> str:
    return markdown_html(clip(text, _LONGEST))
