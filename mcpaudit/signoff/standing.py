"""Whether the decisions in a packet make a sign-off on a day: threshold, authors, dates, conditions."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta

from mcpaudit.dataclass import dataclass
from mcpaudit.model.configuration import ReviewTerms
from mcpaudit.model.review import Check, Condition, Decision, State, Vote
from mcpaudit.signoff.votes import Ballot, complete


@dataclass(frozen=True, slots=True)
class Standing:
    """What the decisions come to."""

    votes: tuple[Vote, ...]
    checks: tuple[Check, ...]
    expires: str
    """The last day on which enough approvals are left; empty where there are not enough."""


def standing(
    files: Mapping[str, bytes], found: Sequence[Ballot], state: State, terms: ReviewTerms, as_of: date
) -> Standing:
    """Who counts, and whether that is enough."""
    last = {
        one.decision.reviewer: one.file for one in found if one.decision and not one.wrong and not one.open
    }
    keys: dict[str, str] = {}
    for one in found:
        if one.key:
            keys.setdefault(one.key, one.who)
    votes = []
    for one in found:
        why = one.wrong
        if not why and one.decision:
            why = _why_not(one, one.decision, state, terms, as_of)
        why = why or one.open
        if not why and last[one.who] != one.file:
            why = "a later decision of the same person takes its place"
        if not why and keys[one.key] != one.who:
            why = f"its key has signed for {keys[one.key]} already"
        votes.append(_vote(one, why))
    counting = [one for one in votes if one.counts]
    expires, threshold = _threshold(counting, terms)
    unsure = [
        one
        for one, ballot in zip(votes, found, strict=True)
        if ballot.key and one.reason == ballot.open != ""
    ]
    if not expires and unsure and _threshold([*counting, *unsure], terms)[0]:
        told = "whether enough people have approved depends on what could not be verified"
        threshold = Check("threshold", "unknown", told, threshold.details)
    checks = (
        _signatures(found),
        _earlier(files, found),
        threshold,
        _rejections(counting),
        _authors(found, state),
        _conditions(counting, as_of),
    )
    return Standing(tuple(votes), checks, expires)


def _why_not(one: Ballot, decision: Decision, state: State, terms: ReviewTerms, as_of: date) -> str:
    day = decision.time.astimezone(UTC).date()
    known = {role for role, _ in terms.threshold}
    if known and decision.role not in known:
        return f"nobody is asked to approve as {decision.role}"
    if decision.choice == "reject":
        return ""
    if one.by_any(state.authors):
        return "an author may not approve their own work"
    if day > as_of + timedelta(days=1):
        return f"it says that it was signed on {day.isoformat()}, which is still to come"
    if day < state.as_of - timedelta(days=1):
        return f"it says that it was signed on {day.isoformat()}, before there was this state"
    if (decision.expires - day).days > terms.max_days:
        return f"an approval may last {terms.max_days} days, and this one lasts until {decision.expires}"
    if decision.expires < as_of:
        return f"it ended on {decision.expires.isoformat()}"
    return ""


def _vote(one: Ballot, why: str) -> Vote:
    said = one.decision
    return Vote(
        file=one.file,
        reviewer=said.reviewer if said else "",
        role=said.role if said else "",
        choice=said.choice if said else "",
        time=said.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if said else "",
        expires=said.expires.isoformat() if said else "",
        key=one.key,
        counts=not why,
        reason=why,
        conditions=said.conditions if said else (),
    )


def _signatures(found: Sequence[Ballot]) -> Check:
    wrong = tuple(f"{one.file}: {one.wrong}" for one in found if one.wrong)
    unsure = tuple(f"{one.file}: {one.open}" for one in found if one.open)
    if wrong:
        return Check("signatures", "fails", f"{_many(len(wrong), 'signature')} cannot be accepted", wrong)
    if not found:
        return Check("signatures", "fails", "nobody has signed")
    if unsure:
        return Check(
            "signatures", "unknown", f"{_many(len(unsure), 'signature')} could not be verified", unsure
        )
    return Check(
        "signatures", "holds", f"{_many(len(found), 'decision')}, each signed by a key that was valid then"
    )


def _earlier(files: Mapping[str, bytes], found: Sequence[Ballot]) -> Check:
    """Each decision names those before it, so that none can be taken out."""
    there = dict(complete(files))
    broken: list[str] = []
    for one in found:
        for before in one.decision.earlier if one.decision and not one.wrong else ():
            if before.name not in there:
                broken.append(f"{one.file} was signed after {before.name}, which is gone")
            elif there[before.name] != before.sha256:
                broken.append(f"{one.file} was signed after another {before.name} than this one")
            elif before.name >= one.file:
                broken.append(f"{one.file} cannot have been signed after {before.name}")
    if broken:
        return Check("order", "fails", "the decisions are not those that were here", tuple(broken))
    return Check("order", "holds", "no decision that another one names is missing")


def _threshold(counting: Sequence[Vote], terms: ReviewTerms) -> tuple[str, Check]:
    """The last day on which enough people have approved, and whether that are enough."""
    approvals = [one for one in counting if one.choice != "reject"]
    wanted = terms.threshold or (("", 1),)
    days, short, told = [], [], []
    for role, people in wanted:
        own = sorted((one for one in approvals if role in ("", one.role)), key=lambda one: one.expires)
        who = ", ".join(sorted(one.reviewer for one in own)) or "nobody"
        told.append(f"{role or 'any role'}: {len(own)} of {people} ({who})")
        if len(own) < people:
            short.append(f"{role or 'any role'}: {people} needed, {len(own)} approved ({who})")
        else:
            days.append(own[-people].expires)
    if short:
        return "", Check("threshold", "fails", "not enough people have approved", tuple(short))
    return min(days), Check("threshold", "holds", "enough people have approved", tuple(told))


def _rejections(counting: Sequence[Vote]) -> Check:
    against = tuple(
        f"{one.reviewer} ({one.role}) on {one.time}" for one in counting if one.choice == "reject"
    )
    if against:
        return Check("rejections", "fails", "it was rejected", against)
    return Check("rejections", "holds", "nobody rejects it")


def _authors(found: Sequence[Ballot], state: State) -> Check:
    own = [one for one in found if one.decision and one.decision.choice != "reject"]
    wrong = tuple(sorted({one.who for one in own if one.by_any(state.authors)}))
    if wrong:
        return Check("authors", "fails", "an author approved their own work", wrong)
    return Check("authors", "holds", f"no author approved it ({', '.join(state.authors)})")


def _conditions(counting: Sequence[Vote], as_of: date) -> Check:
    open_ones = [(one, condition) for one in counting for condition in one.conditions]
    late = tuple(_told(one, condition) for one, condition in open_ones if condition.due < as_of)
    if late:
        return Check("conditions", "fails", f"{_many(len(late), 'condition')} overdue", late)
    if open_ones:
        told = tuple(_told(one, condition) for one, condition in open_ones)
        return Check("conditions", "note", f"{_many(len(told), 'condition')} to meet", told)
    return Check("conditions", "holds", "no condition is open")


def _told(vote: Vote, condition: Condition) -> str:
    return f"by {condition.due.isoformat()}: {condition.text} ({vote.reviewer})"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"
