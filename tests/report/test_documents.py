"""The documents that people sign: every link leads somewhere, every number is the report's own."""

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mcpaudit.model.access_review import SCHEMA, AccessReview, Answer
from mcpaudit.model.evidence import Dossier
from mcpaudit.model.report import Report
from mcpaudit.report import documents
from mcpaudit.report.build_evidence import run_of
from mcpaudit.report.canonical import digest
from mcpaudit.report.entitlements import entitlements
from mcpaudit.report.template import Templates
from mcpaudit.report.template_filters import prose
from mcpaudit.report.unseen import unseen
from tests.hostile import HOSTILE
from tests.report.example import EXAMPLE
from tests.report.hostile_report import with_hostile
from tests.report.sample import CLEAN, NOTHING, SAMPLE

DOCUMENTS = {
    "sign-off": documents.sign_off,
    "access-review": documents.access_review,
    "evidence": documents.evidence,
}


class Parsed(HTMLParser):
    """What the tests ask of a document."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.headings: list[str] = []
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self._inside: list[str] = []
        self.feed(text)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self._inside.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids[value or ""] += 1
            if name == "href":
                self.links.append(value or "")
            if tag == "h2" and name == "id":
                self.headings.append(value or "")
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" in self._inside or "script" in self._inside:
            return
        self.words.append(data)
        if self.rows and {"td", "th"} & set(self._inside):
            self.rows[-1][-1] += data


def review_of(report: Report) -> AccessReview:
    asked = entitlements(report)
    answers = tuple(
        Answer(one.id, ("keep", "change", "remove")[number % 3], "Mia Sand", "2026-11-23", "why", "what")
        for number, one in enumerate(asked[:-1])
    )
    left = tuple(one.id for one in asked[-1:])
    rows = len(report.access)
    return AccessReview(SCHEMA, digest(report), report.as_of, len(asked), rows, 0, answers, left)


def full(report: Report) -> Dossier:
    """Everything that can be laid beside a report."""
    earlier = replace(report, as_of="2026-10-01", findings=(), access=report.access[1:])
    return Dossier(
        frameworks=("nist-800-53", "owasp-mcp", "hipaa"),
        since=earlier,
        runs=(run_of(earlier, "earlier.json"),),
        unread_runs=("broken.json: this is no report",),
        review=review_of(report),
    )


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("report", [SAMPLE, EXAMPLE, CLEAN, NOTHING])
@pytest.mark.parametrize("beside", [False, True])
def test_every_link_has_its_target_and_every_part_is_in_the_contents(
    name: str, report: Report, beside: bool
) -> None:
    page = Parsed(DOCUMENTS[name](report, full(report) if beside else Dossier()))
    assert all(number == 1 for number in page.ids.values())
    assert all(link.startswith("#") and link[1:] in page.ids for link in page.links)
    contents = [link[1:] for link in page.links if link[1:] in page.headings]
    assert contents[: len(page.headings)] == page.headings
    assert digest(report) in page.text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_called_compliant(name: str) -> None:
    for report in (SAMPLE, EXAMPLE, CLEAN, NOTHING):
        text = Parsed(DOCUMENTS[name](report, full(report))).text.lower()
        assert not re.findall(r"\bcompliant\b|\bcomplies\b|\bconform(s|ant|ity)\b|\bsatisf", text)
        assert "requirement is met" not in text or "nothing says that a requirement is met" in text


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_was_not_seen_is_said(name: str) -> None:
    text = DOCUMENTS[name](SAMPLE)
    for sentence in unseen(SAMPLE):
        assert f"<li>{prose(sentence)}</li>" in text


def test_the_access_review_puts_every_entitlement_once() -> None:
    for report in (SAMPLE, EXAMPLE):
        rows = Counter(row[0] for row in Parsed(documents.access_review(report)).rows if row)
        for one in entitlements(report):
            assert rows[one.id.removeprefix("E-")] == 1
        assert f"{len(entitlements(report))} entitlements" in documents.access_review(report)


def test_answers_stand_where_they_were_asked() -> None:
    page = documents.access_review(EXAMPLE, full(EXAMPLE))
    review = review_of(EXAMPLE)
    assert page.count('class="tick set"') == len(review.answers)
    assert page.count("Mia Sand, 2026-11-23") == len(review.answers)
    other = replace(review, report_sha256="0" * 64)
    assert "to another report" in documents.access_review(EXAMPLE, Dossier(review=other))


def test_the_evidence_holds_every_input_finding_policy_and_waiver() -> None:
    for report in (SAMPLE, EXAMPLE):
        page = Parsed(documents.evidence(report, full(report)))
        for row in report.inputs:
            assert row.sha256 in page.text
        for finding in report.findings:
            assert page.ids[f"F-{finding.fingerprint}"] == 1
        for policy in report.coverage.policies:
            assert policy.policy in page.text
        for waiver in report.waivers:
            assert waiver.owner in page.text
            assert waiver.expires in page.text
        assert "do not add up" not in page.text
        assert page.text.count("the parts add up") == 6


def test_the_evidence_says_what_was_laid_beside_it_and_what_was_not() -> None:
    alone = Parsed(documents.evidence(SAMPLE)).text
    assert "No earlier report was given" in alone
    assert "No stored runs were given" in alone
    assert "No access review was given" in alone
    assert "is not known" in alone
    beside = Parsed(documents.evidence(SAMPLE, full(SAMPLE))).text
    assert "2 runs on 2 days" in beside
    assert "broken.json: this is no report" in beside
    assert "HIPAA Security Rule" in beside
    assert "only where you are in its scope" in beside


def test_the_sign_off_leads_with_what_to_decide() -> None:
    page = documents.sign_off(EXAMPLE)
    head = Parsed(page[: page.index("<main>")])
    assert "To decide first" in head.text
    assert sum(link.startswith("#F-") for link in head.links) == 3
    assert "No finding is open" in documents.sign_off(CLEAN)
    assert "Nothing was audited, so nothing can be decided" in documents.sign_off(NOTHING)


def test_the_sign_off_speaks_of_every_policy_and_every_server() -> None:
    page = Parsed(documents.sign_off(SAMPLE))
    for policy in SAMPLE.coverage.policies:
        assert policy.policy in page.text
    for server in SAMPLE.servers:
        assert server.id in page.text
    for finding in SAMPLE.findings:
        assert page.ids[f"F-{finding.fingerprint}"] == 1


@pytest.mark.slow  # `test_hostile_formats.py` puts all of them into one report
@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_string_becomes_markup(name: str, hostile: str) -> None:
    report = with_hostile(hostile)
    text = DOCUMENTS[name](report, full(report))
    page, plain = Parsed(text), Parsed(DOCUMENTS[name](SAMPLE, full(SAMPLE)))
    assert set(page.tags) <= set(plain.tags) | {"code", "ol", "li", "i", "wbr"}
    assert page.attributes <= plain.attributes
    assert not [link for link in page.links if not link.startswith("#")]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", text)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_users_templates_change_its_look(name: str, tmp_path: Path) -> None:
    (tmp_path / "brand.css").write_text(":root { --link: #00594c; }")
    (tmp_path / f"{name}.html").write_text(
        f'{{% extends "mcpaudit/{name}.html" %}}{{% block brand %}}Acme{{% endblock %}}'
    )
    page = DOCUMENTS[name](SAMPLE, Dossier(), Templates(tmp_path))
    assert ">Acme</p>" in page
    style = page[page.index("<style>") + 7 : page.index("</style>")]
    assert style.endswith("--link: #00594c; }")
    assert f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}" in page


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_fetches_and_runs_nothing(name: str) -> None:
    page = Parsed(DOCUMENTS[name](EXAMPLE, full(EXAMPLE)))
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not {"style", "src"} & page.attributes
