"""A verification as advice on a terminal, and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from mcpaudit.model.review import Check, Verification
from mcpaudit.report.escape import terminal

_MARKS = {"holds": "ok", "fails": "FAIL", "unknown": "?", "note": "note"}
_ADVICE = {
    "files": "Get the packet anew from where it was prepared: this copy proves nothing.",
    "statement": "Get the packet anew from where it was prepared: this copy proves nothing.",
    "re-evaluation": "Ask whoever prepared it: the findings were not made by these policies.",
    "documents": "Read report.json (`mcpaudit render`), not the documents beside it.",
    "keys": "Compare the fingerprints with the people's own, then give --signers FILE or --against PATH.",
    "threshold": "Have the missing people look at report.html and sign: `mcpaudit review sign`.",
    "rejections": "See their reason, change what they object to, and prepare a new packet.",
    "authors": "Somebody who did not make the change has to approve it.",
    "conditions": "Show that the conditions are met, and have the reviewer sign again.",
    "waivers": "Mend what was waived or have the waivers renewed, then prepare a new packet.",
    "chain": "Put the earlier reviews beside this one, as they were committed.",
    "against": "Prepare a new packet for what is installed now, and have it signed.",
}


def as_text(found: Verification) -> str:
    """For a terminal."""
    return "".join(f"{terminal(line)}\n" for line in _lines(found))


def _lines(found: Verification) -> Iterator[str]:
    yield found.sentence
    yield ""
    for check in found.checks:
        yield f"{_MARKS[check.outcome]:<5} {check.name}: {check.sentence}"
        yield from (f"        {one}" for one in check.details)
    if found.votes:
        yield ""
        yield "Decisions"
    for vote in found.votes:
        what = f"{vote.choice} by {vote.reviewer} as {vote.role}, {vote.time}, until {vote.expires}"
        yield f"  {what if vote.reviewer else vote.file}"
        yield f"        {f'does not count: {vote.reason}' if not vote.counts else vote.key}"
    advice = list(dict.fromkeys(_advice(one) for one in found.checks if one.outcome in ("fails", "unknown")))
    if any(advice):
        yield ""
        yield "What to do"
        yield from (f"  {one}" for one in advice if one)
    if found.commands:
        yield ""
        yield "Without mcpaudit, in the packet's folder (SIGNERS is your own copy of the signers):"
        yield from (f"  {one}" for one in found.commands)
        yield ""
        yield "The times of signing are the signers' own word; the commit that brought them in bounds them."


def _advice(check: Check) -> str:
    return _ADVICE.get(check.name, "")


def as_json(found: Verification) -> str:
    """For programs."""
    return json.dumps(asdict(found), indent=2, default=str, ensure_ascii=False) + "\n"
