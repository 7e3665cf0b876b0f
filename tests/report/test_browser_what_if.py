"""The page's own "what if" against the audit's: it may say less than a new audit, and never more."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from mcpaudit.audit import audit
from mcpaudit.model.report import Report
from mcpaudit.model.site import Site
from mcpaudit.model.supposition import Supposition
from mcpaudit.report import html
from mcpaudit.request import Request
from tests.installation import AS_OF
from tests.report.browser import needs_chromium, opened
from tests.report.example import EXAMPLE

pytestmark = needs_chromium
FOLDER = Path(__file__).parents[2] / "examples/logistics"


def keys(report: Report) -> dict[str, set[tuple[str, str, str]]]:
    """What a fact is to `mcpaudit access --what-if-*`: whose it is, its kind, and a conflict's resource."""
    conflicts = {
        row.id: {(agent, row.kind, row.resource) for agent in row.agents} for row in report.conflicts
    }
    return conflicts | {row.id: {(agent, row.kind, "") for agent in row.agents} for row in report.flows}


def ended(supposed: Supposition) -> set[str]:
    """The conflicts and flows that a new audit no longer finds, not with other servers either."""
    after = audit(Request(Site(FOLDER, FOLDER / "home"), AS_OF, supposed=supposed))
    left = {key for found in keys(after).values() for key in found}
    return {row for row, found in keys(EXAMPLE).items() if not found & left}


def told(page: Page, *, surely: bool = False) -> set[str]:
    """Those that the page says would end; perhaps only those of which it leaves no doubt."""
    chosen = "#what-if-lost li:not(:has(.again)) a" if surely else "#what-if-lost a"
    links = [link.get_attribute("href") or "" for link in page.locator(chosen).all()]
    rows = {"C": EXAMPLE.conflicts, "W": EXAMPLE.flows}
    return {rows[link[1]][int(link[3:]) - 1].id for link in links if link[:3] in ("#C-", "#W-")}


def suppositions() -> Iterator[Supposition]:
    """Each server gone, and each way out that the report itself gives."""
    for row in EXAMPLE.installations:
        if not row.server.startswith("builtin:"):
            yield Supposition(remove=(row.id,))
    ways = [way for row in EXAMPLE.conflicts for way in row.remedies]
    for supposed in (
        *(way.supposed for way in ways),
        *(cut.supposed for row in EXAMPLE.flows for cut in row.cut),
    ):
        if supposed and not supposed.drop:
            yield Supposition(remove=supposed.remove, deny=supposed.deny)


def test_the_page_claims_nothing_that_an_audit_would_deny(tmp_path: Path) -> None:
    with opened(html.render(EXAMPLE), tmp_path) as one:
        page, missed = one.page, 0
        for supposed in dict.fromkeys(suppositions()):
            if page.is_visible("#what-if-none"):
                page.click("#what-if-none")
            for name in (*supposed.remove, *supposed.deny):
                page.fill("#what-if-name", name)
                page.click("#what-if-form button")
            truth = ended(supposed)
            assert told(page, surely=True) <= truth, f"the page claims too much: {supposed}"
            missed += len(truth - told(page))
        assert missed == 0


def test_what_settles_a_conflict_ends_it_in_the_page_too(tmp_path: Path) -> None:
    with opened(html.render(EXAMPLE), tmp_path) as one:
        for number, row in enumerate(EXAMPLE.conflicts, 1):
            buttons = one.page.locator(f"#C-{number} [data-try]")
            for at in range(buttons.count()):
                buttons.nth(at).evaluate("button => button.click()")
                assert row.id in told(one.page), buttons.nth(at).evaluate(
                    "one => one.parentElement.textContent"
                )
