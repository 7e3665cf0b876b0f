"""Compliance evidence: what adds up, what a result says, what has changed, and what ran when."""

from dataclasses import replace

import pytest

from mcpaudit.model.access_review import SCHEMA, AccessReview, Answer
from mcpaudit.model.evidence import Control, Dossier, Evidence, Run
from mcpaudit.model.report import Report
from mcpaudit.model.run import GapRow, PolicyRow
from mcpaudit.report.build_controls import LEADING
from mcpaudit.report.build_evidence import build_evidence, run_of
from mcpaudit.report.canonical import digest
from mcpaudit.report.counts import counts
from mcpaudit.report.entitlements import entitlements
from tests.report.example import EXAMPLE
from tests.report.sample import CLEAN, NOTHING, SAMPLE
from tests.report.sample_parts import at

NIST = Dossier(frameworks=("nist-800-53",))


def control(report: Report, item: str, dossier: Dossier = NIST) -> Control:
    parts = build_evidence(report, dossier).frameworks
    return next(row for part in parts for row in (*part.firm, *part.touched) if row.item == item)


@pytest.mark.parametrize("report", [SAMPLE, EXAMPLE, CLEAN, NOTHING])
def test_every_whole_is_the_sum_of_its_parts_and_the_reports_own_number(report: Report) -> None:
    found = {row.title: row for row in counts(report)}
    assert all(row.holds for row in found.values())
    assert found["Rows of access"].total == len(report.access)
    assert found["Findings"].total == len(report.findings)
    assert found["Policies"].total == len(report.coverage.policies)
    assert found["Clients whose files were looked for"].total == len(report.coverage.clients)
    servers = found["Servers of agents (a server counts for each agent that has it)"]
    assert servers.total == len(report.installations)
    by_status = dict(report.summary.by_status)
    assert [part.number for part in found["Findings"].parts] == [by_status.get(s, 0) for s in
            ("fail", "possible", "inconclusive", "waived", "baselined")]  # fmt: skip


def test_a_file_counts_once_whatever_became_of_it() -> None:
    gaps = (
        GapRow("malformed", "half of it", "cursor", at(".cursor/mcp.json", 3, 1)),
        GapRow("unreadable", "permission denied", "cody", at("/etc/cody.json", 0, 0)),
        GapRow("without-effect", "the client passes it over", "cody", at(".cody/extra.json", 1, 1)),
    )
    report = replace(SAMPLE, coverage=replace(SAMPLE.coverage, gaps=gaps, credential_files=("~/.asana",)))
    row = next(row for row in counts(report) if row.title == "Files found")
    assert [part.number for part in row.parts] == [4, 1, 1, 1, 1]
    assert row.holds


def _with_policy(status: str, source: str = "shipped:x.yaml", population: int = 3) -> Report:
    policy = "read-only-bypass"
    finding = replace(SAMPLE.findings[0], policy=policy, status=status or "fail")
    row = PolicyRow(policy, "A bypass", "high", population, 1, source, ("nist-800-53:AC-3",))
    coverage = replace(SAMPLE.coverage, policies=(row,))
    return replace(SAMPLE, coverage=coverage, findings=(finding,) if status else ())


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ("fail", "against"),
        ("possible", "undecided"),
        ("inconclusive", "undecided"),
        ("waived", "accepted"),
        ("baselined", "accepted"),
        ("", "nothing-found"),
    ],
)
def test_a_result_is_the_worst_that_firm_tests_say(status: str, result: str) -> None:
    assert control(_with_policy(status), "AC-3").result == result


def test_a_policy_without_subjects_tests_nothing() -> None:
    assert control(_with_policy("", population=0), "AC-3").result == "not-tested"


def test_what_is_only_touched_or_not_rated_has_no_result() -> None:
    row = control(_with_policy("fail", source=".mcpaudit/policies/own.yaml"), "AC-3")
    assert (row.result, row.tests[0].firmness) == ("", "")
    touched = replace(_with_policy("fail").coverage.policies[0], controls=("nist-800-53:CM-6",))
    report = replace(_with_policy("fail"), coverage=replace(SAMPLE.coverage, policies=(touched,)))
    assert control(report, "CM-6").result == ""


def test_a_process_shows_only_what_is_there() -> None:
    assert control(SAMPLE, "CA-7").result == "not-tested"
    with_runs = replace(NIST, runs=(run_of(SAMPLE, "a.json"),))
    assert control(SAMPLE, "CA-7", with_runs).result == "shown"
    broken = replace(with_runs, unread_runs=("b.json: no report",))
    assert control(SAMPLE, "CA-7", broken).result == "undecided"
    whole = replace(SAMPLE, coverage=replace(SAMPLE.coverage, gaps=()))
    assert control(whole, "CM-8").result == "shown"
    assert control(SAMPLE, "CM-8").result == "undecided", "a file was not read"


def test_frameworks_are_those_that_were_asked_for() -> None:
    assert tuple(part.id for part in build_evidence(EXAMPLE, Dossier()).frameworks) == LEADING
    asked = build_evidence(EXAMPLE, Dossier(frameworks=("hipaa", "cis")))
    assert [part.id for part in asked.frameworks] == ["hipaa", "cis"]
    assert asked.frameworks[0].firm == ()


def test_every_control_that_an_audit_names_is_spoken_of_once() -> None:
    for part in build_evidence(EXAMPLE, Dossier()).frameworks:
        items = [row.item for row in (*part.firm, *part.touched)]
        assert len(items) == len(set(items))
        named = {one.partition(":")[2] for policy in EXAMPLE.coverage.policies for one in policy.controls
                 if one.startswith(f"{part.id}:")}  # fmt: skip
        assert named <= set(items)
        assert all(row.duty for row in (*part.firm, *part.touched))


def _run(day: str, *fingerprints: str) -> Run:
    return Run(f"{day}.json", day * 4, day, "0.1.0", "clean", 0, (), frozenset(fingerprints))


def _operation(*runs: Run) -> Evidence:
    return build_evidence(SAMPLE, Dossier(runs=runs))


def test_days_without_a_run_are_named() -> None:
    period = _operation(_run("2026-11-10"), _run("2026-11-11"), _run("2026-11-20")).operation
    assert period is not None
    assert (period.first, period.last, period.days, period.days_with_runs) == (
        *("2026-11-10", SAMPLE.as_of),
        *(13, 4),
    )
    assert period.without == (("2026-11-12", "2026-11-19", 8), ("2026-11-21", "2026-11-21", 1))
    assert period.days - period.days_with_runs == sum(days for _, _, days in period.without)


def test_this_report_among_the_runs_counts_once() -> None:
    period = _operation(run_of(SAMPLE, "today.json")).operation
    assert period is not None
    assert len(period.runs) == 1


def test_the_age_of_a_finding_is_that_of_the_first_run_with_it() -> None:
    old, new = SAMPLE.findings[0].fingerprint, SAMPLE.findings[1].fingerprint
    found = _operation(_run("2026-11-10", old), _run("2026-11-01", old), _run("2026-11-12", "gone"))
    assert found.first_seen[old] == "2026-11-01"
    assert found.first_seen[new] == SAMPLE.as_of
    assert found.operation is not None
    assert ("gone", "2026-11-12", SAMPLE.as_of) in found.operation.closed


def test_changes_are_what_came_and_what_went() -> None:
    earlier = replace(SAMPLE, as_of="2026-10-01", access=SAMPLE.access[2:], tools=SAMPLE.tools[:-1])
    later = replace(SAMPLE, findings=SAMPLE.findings[1:])
    changes = build_evidence(later, Dossier(since=earlier)).changes
    assert changes is not None
    lists = {sort: (came, went) for sort, came, went in changes.lists}
    assert len(lists["Access"][0]) == 2
    assert lists["Access"][1] == ()
    assert lists["Tools"] == ((f"{SAMPLE.tools[-1].name} of {SAMPLE.tools[-1].server}",), ())
    assert SAMPLE.findings[0].fingerprint in lists["Open findings"][1][0]
    same = build_evidence(SAMPLE, Dossier(since=SAMPLE)).changes
    assert same is not None
    assert same.none


def test_who_reviews_what_is_their_own_is_named() -> None:
    server = SAMPLE.servers[0]
    owned = replace(SAMPLE, servers=(replace(server, owner="Mia Sand"), *SAMPLE.servers[1:]))
    asked = entitlements(owned)
    own = next(one for one in asked if one.server == server.id)
    answer = Answer(own.id, "keep", "mia sand", "2026-11-23", "", "")
    review = AccessReview(SCHEMA, digest(owned), owned.as_of, len(asked), 1, 0, (answer,), ())
    found = build_evidence(owned, Dossier(review=review))
    assert found.own_reviews == (f"mia sand judged the access of `{own.name}`, and is named as its owner",)
    assert found.review_fits
    assert not build_evidence(SAMPLE, Dossier(review=review)).review_fits


def test_the_document_is_named_by_all_that_is_in_it() -> None:
    dossiers = (
        Dossier(),
        Dossier(frameworks=("cis",)),
        Dossier(since=CLEAN),
        Dossier(runs=(_run("2026-11-10"),)),
        Dossier(unread_runs=("x",)),
    )
    assert len({build_evidence(SAMPLE, one).document for one in dossiers}) == len(dossiers)


def test_every_finding_that_is_named_is_in_the_report() -> None:
    found = build_evidence(EXAMPLE, Dossier())
    known = {row.fingerprint for row in EXAMPLE.findings}
    named = {name for row in found.meetings for name in row.findings}
    controls = [row for part in found.frameworks for row in (*part.firm, *part.touched)]
    named |= {name for row in controls for test in row.tests for name in test.findings}
    assert named
    assert named <= known
