"""The remedies of all findings together, as patches: one for each folder and class.

Diffs of one file that are made apart cannot be applied together. So the safe patch holds all that only takes
access away, and the one that needs review is made for files that have the safe one.
"""

from collections.abc import Iterable, Sequence

from mcpaudit.analysis.facts import Facts
from mcpaudit.clients.patched_file import on_top
from mcpaudit.clients.patching import patches
from mcpaudit.knowledge.pack import Packs
from mcpaudit.model.finding import SAFETIES, Finding, Safety
from mcpaudit.model.fixes import Answer, Fix, Fixes
from mcpaudit.model.patch import TREES, FilePatch, Made, Patches
from mcpaudit.model.supposition import Part, Supposition

_UNKNOWN = "it takes more than servers, their tools and rules: a client's own tools are left to you"
_MOST = 100
"""How many changes are made at once, since each reads its file again; the worst findings come first."""


def fixes_for(findings: Iterable[Finding], facts: Facts, packs: Packs) -> Fixes:
    """The patches that answer these findings, worst first."""
    wishes = {
        one.fingerprint: one.wish for one in findings if one.wish and one.status in ("fail", "possible")
    }
    if not wishes:
        return Fixes()
    asked: dict[str, Supposition] = {}
    number = 0
    for key, wish in wishes.items():
        number += len(wish.supposed.parts)
        if number <= _MOST:
            asked[key] = wish.supposed
    safe = _together(what for key, what in asked.items() if wishes[key].safety == "safe")
    every = _together(asked.values())
    first = patches(facts.collected, facts.access.manifests, safe, packs)
    both = first if every == safe else patches(facts.collected, facts.access.manifests, every, packs)
    more = on_top(first, both, facts.collected.documents, packs)
    shown = {one.file for one in (*first.files, *more)}
    answers: dict[str, Answer] = {}
    for key, wish in wishes.items():
        if key not in asked:
            why = "the patches hold as many changes as they can; apply them and audit again"
            answers[key] = Answer(wish.safety, (), why)
            continue
        answer = _answer(wish.supposed, wish.safety, wish.reason, first, both)
        if any(one.file not in shown for one in answer.changes):
            answer = Answer(
                answer.safety, (), "a patch would have to repeat a secret, or what cannot be seen"
            )
        answers[key] = answer
    stages: dict[Safety, Patches] = {"safe": first} if first.files else {}
    if more:
        stages["needs-review"] = both
    return Fixes(tuple(_fixes(first, both, more)), answers, stages)


def _together(all_of: Iterable[Supposition]) -> Supposition:
    found = list(all_of)
    return Supposition(
        remove=tuple(dict.fromkeys(part for one in found for part in one.remove)),
        deny=tuple(dict.fromkeys(part for one in found for part in one.deny)),
        reword=tuple(dict.fromkeys(part for one in found for part in one.reword)),
        drop=tuple(dict.fromkeys(part for one in found for part in one.drop)),
    )


def _answer(what: Supposition, safety: Safety, reason: str, first: Patches, both: Patches) -> Answer:
    # What cannot be done alone, since another agent reads the file too, may be possible with the rest.
    alone = not any(part in first.missed and part not in both.missed for part in what.parts)
    held = first if safety == "safe" and alone else both
    parts = [_settled(part, held) for part in what.parts]
    done = set(held.done.parts)
    missed = [held.missed.get(part, _UNKNOWN) for part in parts if part not in done]
    return Answer(
        "safe" if held is first and safety == "safe" else "needs-review",
        _changes(parts, held),
        reason or next(iter(missed), ""),
    )


def _settled(part: Part, patches: Patches) -> Part:
    """A tool or a word of a server that goes as a whole is settled by that."""
    for gone in patches.done.remove:
        of = part if isinstance(part, str) else getattr(part, "server", "")
        if of == gone or of.startswith(f"{gone}/"):
            return gone
    return part


def _changes(parts: Sequence[Part], patches: Patches) -> tuple[Made, ...]:
    wanted = set(parts)
    return tuple(one for one in patches.made if not wanted.isdisjoint(one.parts))


def _fixes(first: Patches, both: Patches, more: tuple[FilePatch, ...]) -> Iterable[Fix]:
    known = {(one.file, one.says) for one in first.made}
    later = tuple(one for one in both.made if (one.file, one.says) not in known)
    for tree in TREES:
        for safety, made, files in zip(SAFETIES, (first.made, later), (first.files, more), strict=True):
            own = tuple(one for one in files if one.tree == tree)
            if own:
                held = {one.file for one in own}
                yield Fix(tree, safety, tuple(one for one in made if one.file in held), own)
