"""What an access review came to: for a terminal, and as JSON."""

from itertools import groupby

from mcpaudit.model.access_review import ANSWERS, AccessReview, Entitlement
from mcpaudit.model.report import Report
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.json_rows import Writer
from mcpaudit.report.page import Page
from mcpaudit.report.verdict import count

_MOST_OPEN = 10


def as_json(review: AccessReview) -> str:
    """The file that the evidence document takes: canonical, so that the same answers give the same bytes."""
    return Writer().text(review) + "\n"


def headline(review: AccessReview) -> str:
    """How complete it is."""
    total = count(review.entitlements, "entitlement")
    if review.complete:
        return f"The review is complete: {total}, all answered."
    return f"The review is not complete: {len(review.answers)} of {total} answered, {len(review.open)} open."


def tally(review: AccessReview) -> tuple[tuple[str, int], ...]:
    """How often each answer was given."""
    return tuple((answer, len(review.answered(answer))) for answer in ANSWERS)


def reviewers(review: AccessReview) -> tuple[tuple[str, int], ...]:
    """Who answered, and how often."""
    names = sorted(one.reviewer for one in review.answers)
    return tuple((name, len(list(own))) for name, own in groupby(names))


def whole_servers(review: AccessReview, asked: tuple[Entitlement, ...]) -> tuple[Entitlement, ...]:
    """One entitlement of each server of which nothing is to stay; own tools cannot be taken out."""
    removed = {one.id for one in review.answered("remove")}
    kept = {one.installation for one in asked if one.id not in removed}
    found = {one.installation: one for one in asked if one.installation not in kept}
    return tuple(one for _, one in sorted(found.items()) if not one.server.startswith("builtin:"))


def as_text(review: AccessReview, report: Report, *, width: int, colour: bool) -> str:
    """For a terminal."""
    asked = entitlements(report)
    known = {one.id: one for one in asked}
    page = Page(width, colour)
    page.write(headline(review), style="bold")
    given = ", ".join(f"{answer} {number}" for answer, number in tally(review))
    page.write(f"Answers: {given}.")
    if review.answers:
        page.write("By " + ", ".join(f"{name} ({number})" for name, number in reviewers(review)) + ".")
    whole = whole_servers(review, asked)
    if whole:
        page.heading("Take out")
        for one in whole:
            page.write(f"`{one.name}` of {one.client}, at {one.granted}: nothing of it is to stay", 2)
    gone = {one.installation for one in whole}
    for answer in ("remove", "change"):
        rows = [one for one in review.answered(answer) if known[one.id].installation not in gone]
        if rows:
            page.heading(answer.capitalize())
        for row in rows:
            page.write(row.says, 2)
            remark = f": {row.remark}" if row.remark else ""
            page.write(f"{row.id}, {row.reviewer}, {row.date}{remark}", 4, style="dim")
    if review.open:
        page.heading("Open")
        for name in review.open[:_MOST_OPEN]:
            one = known[name]
            page.write(f"{name}: {one.client}, `{one.name}`, {one.resource}", 2)
        if len(review.open) > _MOST_OPEN:
            page.write(f"and {len(review.open) - _MOST_OPEN} more", 2)
    return str(page)
