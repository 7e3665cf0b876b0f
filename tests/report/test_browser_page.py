"""What a reader does with the HTML report, done in a real browser: filter, search, look, ask, suppose."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from mcpaudit.report import html
from mcpaudit.report.listing import open_findings
from tests.hostile import HOSTILE
from tests.report.browser import needs_chromium, opened
from tests.report.example import EXAMPLE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.test_html import large

pytestmark = needs_chromium
PAGE = html.render(EXAMPLE)


def shown(page: Page) -> int:
    """How many findings can be seen, were all folds open."""
    return page.locator(".finding:not([hidden])").count()


def suppose(page: Page, name: str) -> str:
    """Ask what would be without a server or tool; what the page says."""
    page.fill("#what-if-name", name)
    page.click("#what-if-form button")
    return page.inner_text("#what-if-answer") if page.is_visible("#what-if-answer") else ""


def test_three_decisions_lead_to_their_evidence(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        cards = one.page.locator(".decision")
        assert cards.count() == 3
        assert all(cards.nth(at).is_visible() for at in range(3))
        cards.nth(1).get_by_text("Evidence").click()
        target = one.page.locator(":target")
        assert "--access-mode=restricted" in target.inner_text()
        assert target.get_attribute("open") is not None


def test_findings_are_filtered_and_searched(tmp_path: Path) -> None:
    rows = open_findings(EXAMPLE)
    with opened(PAGE, tmp_path) as one:
        page = one.page
        assert shown(page) == len(rows)
        page.select_option("#by-severity", "medium")
        assert shown(page) == sum(row.severity == "medium" for row in rows)
        page.select_option("#by-agent", label="Cody")
        assert shown(page) == sum(row.severity == "medium" and "cody" in row.agents for row in rows)
        page.click("#filter button[type=reset]")
        page.wait_for_function(f"document.querySelectorAll('.finding:not([hidden])').length == {len(rows)}")
        page.select_option("#by-server", label="warehouse")
        assert shown(page) == 7, "five of its own, and two flows in which it has a part"
        page.click("#filter button[type=reset]")
        page.select_option("#by-status", "possible")
        assert shown(page) == sum(row.status == "possible" for row in rows)
        page.click("#filter button[type=reset]")
        page.fill("#by-text", "Bash silent-shell")
        assert shown(page) == 1
        assert page.inner_text("#shown") == f"1 of {len(rows)} findings"


def test_a_deep_link_opens_what_it_leads_to(tmp_path: Path) -> None:
    folded = open_findings(EXAMPLE)[-1]
    with opened(PAGE, tmp_path, at=f"#F-{folded.fingerprint}") as one:
        card = one.page.locator(f"#F-{folded.fingerprint}")
        assert card.get_attribute("open") is not None
        assert card.locator(".body").is_visible()


def test_the_picture_leads_from_agents_to_tools(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        page.locator("#overview").scroll_into_view_if_needed()
        page.wait_for_selector("#canvas canvas")
        assert "8 of 8 servers" in page.inner_text("#overview-said")
        assert not page.is_visible(".graph"), "the still picture makes way for the live one"
        # The list beside the picture does all that the picture does.
        page.click("text=What is drawn, as a list to choose from")
        page.click("#overview-nodes >> text=pypi:postgres-mcp")
        table = page.inner_text("#overview-panel")
        assert "execute_sql" in table
        assert "sql:db.logistics.example:5432/warehouse" in table
        page.click("#overview-picked button")
        assert page.inner_text("#overview-panel") == ""
        page.fill("#overview-find", "google:dispatch@logistics.example/calendar.event")
        page.press("#overview-find", "Enter")
        assert "What can reach google:dispatch" in page.inner_text("#overview-panel")


def test_a_tap_on_the_picture_opens_a_server(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        page.locator("#overview").scroll_into_view_if_needed()
        page.wait_for_selector("#canvas canvas")
        box = page.locator("#canvas").bounding_box()
        assert box is not None
        tapped = False
        for y in range(20, int(box["height"]), 25):
            page.locator("#canvas").click(position={"x": 0.42 * box["width"], "y": y})
            if page.locator("#overview-picked button").count():
                tapped = True
                break
        assert tapped, "no node of the second column answered"
        assert page.inner_text("#overview-panel h4").startswith("Tools of ")


def test_each_finding_draws_its_witness_when_opened(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        card = page.locator(".finding:not([open])", has_text="Strangers' words").first
        card.scroll_into_view_if_needed()
        identity = card.get_attribute("id")
        card.locator("summary").first.click()
        page.wait_for_selector(f"#{identity} .witness-picture canvas")
        page.locator(f"#{identity} > summary").click()
        page.wait_for_function(f"!document.querySelector('#{identity} .witness-picture canvas')")


def test_how_an_agent_reaches_a_resource(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        page.select_option("#paths-agent", label="Cursor")
        page.select_option("#paths-action", "delete")
        page.fill("#paths-resource", "sql:db.logistics.example:5432/warehouse")
        page.click("#paths-form button")
        assert page.inner_text("#paths-said").startswith("2 routes by which Cursor may delete it")
        assert page.locator("#paths-found .route").count() == 2
        page.locator("#paths-found .route", has_text="execute_sql").locator("summary").click()
        assert ".cursor/permissions.json:4:5" in page.inner_text("#paths-found")
        assert page.inner_text("#paths-command") == (
            "mcpaudit access --agent cursor --action delete"
            " --resource sql:db.logistics.example:5432/warehouse --why"
        )
        page.fill("#paths-resource", "local:host/file/./shipments")
        page.select_option("#paths-agent", label="Claude Code")
        page.click("#paths-form button")
        assert "everything of its kind" in page.inner_text("#paths-found"), "the shell covers all files"
        page.fill("#paths-resource", "github:acme/repo.code")
        page.select_option("#paths-agent", label="Claude Desktop")
        page.click("#paths-form button")
        assert page.inner_text("#paths-said").startswith("No listed row lets Claude Desktop delete it")


def test_what_falls_away_without_a_server(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        said = suppose(page, "cursor/warehouse")
        assert "3 of 35 open findings" in said
        assert "1 of 7 conflicts and 0 of 8 flows" in said
        assert "Cursor: sql:db.logistics.example:5432/warehouse" in said
        assert "Only a new audit sees that" in said
        assert page.inner_text("#what-if-command") == "mcpaudit access --what-if-remove cursor/warehouse"
        assert page.locator(".finding.falls").count() == 3
        assert page.locator(".conflict.falls").count() == 1
        assert page.locator("td.falls").count() == 1
        said = suppose(page, "claude-code/builtin:claude-code/Bash")
        assert "--what-if-deny claude-code/builtin:claude-code/Bash" in page.inner_text("#what-if-command")
        assert "high: commands run without asking" in said.lower()
        page.click("#what-if-none")
        assert page.locator(".falls").count() == 0
        assert suppose(page, "cursor/warehuose") == ""
        assert "No server or tool here is called cursor/warehuose" in page.inner_text("#what-if-wrong")


def test_hostile_names_change_nothing_but_the_text(tmp_path: Path) -> None:
    everything = " ".join(text for name, text in HOSTILE.items() if name not in ("very-long", "surrogate"))
    report = with_hostile(everything)
    with opened(html.render(report), tmp_path) as one:
        page = one.page
        for button in page.locator(".column-button").all():
            button.click()
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        page.locator("#overview").scroll_into_view_if_needed()
        page.wait_for_selector("#canvas canvas")
        page.locator("#overview-nodes button").nth(3).click()
        resource = page.locator("#paths-names option").first.get_attribute("value") or ""
        page.evaluate("text => { document.getElementById('paths-resource').value = text }", resource)
        page.click("#paths-form button")
        assert page.is_visible("#paths-answer")
        server = page.locator("#what-if-names option").first.get_attribute("value") or ""
        page.evaluate("text => { document.getElementById('what-if-name').value = text }", server)
        page.click("#what-if-form button")
        command = page.inner_text("#what-if-command")
        assert re.fullmatch(r"mcpaudit access --what-if-remove '(?:[^']|'\\'')*'", command), command
        assert page.locator("script, style").count() == 4
        assert page.locator("img, iframe, object, embed, link, base, svg:not(.graph)").count() == 0
        assert page.locator("h1").count() == 1


@pytest.mark.parametrize("report", [NOTHING, CLEAN, SAMPLE], ids=["nothing", "clean", "sample"])
def test_every_kind_of_report_opens_quietly(report: object, tmp_path: Path) -> None:
    with opened(html.render(report), tmp_path, dark=True) as one:  # type: ignore[arg-type]
        assert one.page.locator("h1").is_visible()


def test_without_scripts_all_that_matters_can_be_read(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path, scripts=False) as one:
        page = one.page
        for text in ("Decide these three first", "What is wrong", "Where routes disagree", "How to verify"):
            assert page.get_by_text(text).first.is_visible()
        assert page.locator(".matrix").first.is_visible()
        assert page.locator(".graph").is_visible()
        assert page.locator("noscript p").is_visible()
        for idle in ("#filter", "#overview", "#what-if", "#paths", "[data-try]"):
            assert not page.locator(idle).first.is_visible()
        page.locator(".finding:not([open]) > summary").first.click()
        assert page.locator(".finding").nth(1).locator(".path").is_visible()


def test_a_phone_scrolls_in_one_direction_only(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path, width=390) as one:
        wide = one.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        assert not one.page.locator(".witness-picture").first.is_visible()


def test_print_shows_what_is_folded_and_no_controls(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        for idle in (".bar", "#filter", "#overview", "#ask"):
            assert not page.is_visible(idle)
        assert page.is_visible(".graph")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() > 10


def test_everything_that_works_can_be_reached_with_the_keyboard(tmp_path: Path) -> None:
    with opened(PAGE, tmp_path) as one:
        page = one.page
        unnamed = page.evaluate(
            """[...document.querySelectorAll('button, input, select, a, summary, [role=img], [role=region]')]
              .filter((node) => !(node.textContent.trim() || node.getAttribute('aria-label')
                || node.getAttribute('aria-labelledby') || (node.labels && node.labels.length)))
              .map((node) => node.outerHTML)"""
        )
        assert unnamed == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        head = page.locator(".column-button").first
        head.focus()
        page.keyboard.press("Enter")
        assert head.get_attribute("aria-expanded") == "true"
        assert page.locator(".tools-of table").count() == 1


def test_two_hundred_servers_can_be_searched(tmp_path: Path) -> None:
    with opened(html.render(large(200)), tmp_path) as one:
        page = one.page
        assert page.locator("[data-search]").is_visible()
        page.fill("[data-search]", "slack-177")
        assert page.locator("tr[data-row]:not([hidden])").count() == 1
        page.locator("#overview").scroll_into_view_if_needed()
        page.wait_for_selector("#canvas canvas")
        assert "14 of 200 servers" in page.inner_text("#overview-said")
        said = suppose(page, "claude-code/slack-000")
        assert said.startswith("8 rows of access fall away")
