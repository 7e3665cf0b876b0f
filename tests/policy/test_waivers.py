"""Waivers and the baseline: one function decides, and what does not apply is said."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mcpaudit.errors import ConfigurationError
from mcpaudit.model.certainty import Certainty
from mcpaudit.model.configuration import Configuration
from mcpaudit.model.finding import Finding
from mcpaudit.model.place import Place
from mcpaudit.policy.waivers import (
    Accepted,
    Register,
    Waiver,
    apply_baseline,
    apply_waivers,
    decide,
    read_register,
)

TODAY = date(2026, 11, 22)
FINDING = Finding(
    fingerprint="0123456789abcdef",
    policy="p",
    title="P",
    severity="high",
    status="fail",
    certainty=Certainty.CERTAIN,
    message="m",
    fix="f",
    subject="s",
    agents=("claude-code",),
    places=(),
    witness=(),
    digest="d" * 64,
)
WAIVER = Waiver(
    finding="0123456789abcdef",
    policy="p",
    agents=("claude-code",),
    owner="ann",
    approver="bob",
    reason="until the migration is done",
    expires=date(2026, 12, 1),
    digest="",
    place=Place(".mcpaudit/waivers.yaml"),
)


def state(waiver: Waiver, finding: Finding | None = FINDING, limits: dict | None = None) -> str:
    return decide(waiver, finding, TODAY, limits or {})[0]


def test_a_waiver_applies_until_its_last_day() -> None:
    assert state(WAIVER) == "applied"
    assert state(replace(WAIVER, expires=TODAY)) == "applied"
    assert state(replace(WAIVER, expires=date(2026, 11, 21))) == "expired"


def test_nobody_approves_their_own_waiver() -> None:
    assert state(replace(WAIVER, approver="ann")) == "refused"


def test_a_waiver_lasts_as_long_as_its_severity_allows() -> None:
    long = replace(WAIVER, expires=date(2027, 1, 1))
    assert state(long) == "refused"
    assert state(long, replace(FINDING, severity="medium")) == "applied"
    assert state(long, limits={"high": 60}) == "applied"
    assert state(WAIVER, limits={"high": 3}) == "refused"


def test_a_waiver_ends_when_what_it_waives_changes() -> None:
    bound = replace(WAIVER, digest=FINDING.digest)
    assert state(bound) == "applied"
    assert state(bound, replace(FINDING, digest="e" * 64)) == "changed"
    assert state(bound, replace(FINDING, places=(Place("moved.json"),))) == "applied"


def test_a_waiver_that_nobody_approved_is_a_proposal() -> None:
    assert state(replace(WAIVER, approver="")) == "proposed"
    assert state(replace(WAIVER, approver=" Ann ")) == "refused"


def test_the_longest_time_counts_from_the_day_that_it_was_granted() -> None:
    month = replace(WAIVER, granted=date(2026, 11, 1), expires=date(2026, 12, 1))
    assert state(month) == "applied"
    assert state(replace(month, expires=date(2026, 12, 2))) == "refused"
    assert state(replace(month, granted=date(2026, 11, 23))) == "refused"


@pytest.mark.parametrize(
    ("expires", "warning"),
    [
        (date(2026, 12, 7), ""),
        (date(2026, 12, 6), "it ends in 14 days"),
        (date(2026, 11, 23), "it ends tomorrow"),
        (TODAY, "it ends today"),
        (date(2026, 11, 21), ""),
    ],
)
def test_an_owner_is_told_before_a_waiver_ends(expires: date, warning: str) -> None:
    waiver = replace(WAIVER, expires=expires, digest=FINDING.digest)
    assert apply_waivers([FINDING], [waiver], TODAY, Configuration())[1][0].warning == warning


def test_a_waiver_without_a_digest_is_told_apart() -> None:
    loose = replace(WAIVER, expires=date(2026, 12, 20))
    (use,) = apply_waivers([FINDING], [loose], TODAY, Configuration())[1]
    assert use.warning == "without a digest it stays when what it waives changes"


def test_a_new_agent_is_a_new_finding() -> None:
    wider = replace(FINDING, agents=("claude-code", "cursor"))
    assert decide(WAIVER, wider, TODAY, {}) == ("changed", "it does not cover cursor")
    assert state(replace(WAIVER, agents=("claude-code", "cursor", "cody")), wider) == "applied"


def test_a_waiver_of_nothing_is_said() -> None:
    findings, uses = apply_waivers([FINDING], [replace(WAIVER, finding="f" * 16)], TODAY, Configuration())
    assert findings == [FINDING]
    assert [(use.state, use.explanation) for use in uses] == [
        ("unmatched", "no finding has this fingerprint")
    ]


def test_a_waived_finding_names_who_and_until_when() -> None:
    (finding,), (use,) = apply_waivers([FINDING], [WAIVER], TODAY, Configuration())
    assert finding.status == "waived"
    assert finding.reason == "until the migration is done (ann, approved by bob, until 2026-12-01)"
    assert use.state == "applied"


def test_an_expired_waiver_leaves_the_finding_open() -> None:
    old = replace(WAIVER, expires=date(2026, 1, 1))
    (finding,), (use,) = apply_waivers([FINDING], [old], TODAY, Configuration())
    assert (finding.status, use.state) == ("fail", "expired")


def test_limits_come_from_the_configuration() -> None:
    _, (use,) = apply_waivers([FINDING], [WAIVER], TODAY, Configuration(waiver_days={"high": 2}))
    assert use.explanation == "a waiver of a high finding may last 2 days at most"


def test_the_baseline_accepts_what_it_lists_for_the_agents_that_it_lists() -> None:
    def status(finding: Finding, *accepted: Accepted) -> str:
        return apply_baseline([finding], accepted)[0].status

    assert status(FINDING, Accepted(FINDING.fingerprint, ("claude-code", "cursor"))) == "baselined"
    assert status(FINDING, Accepted(FINDING.fingerprint, ("cursor",))) == "fail"
    assert status(FINDING, Accepted("f" * 16, ("claude-code",))) == "fail"
    assert status(FINDING) == "fail"
    assert status(replace(FINDING, agents=()), Accepted("f" * 16, ())) == "fail"
    assert (
        status(replace(FINDING, status="waived"), Accepted(FINDING.fingerprint, ("claude-code",))) == "waived"
    )


TEXT = """\
apiVersion: mcpaudit/v1
waivers:
  - finding: 0123456789abcdef
    policy: p
    agents: [claude-code]
    owner: ann
    approver: bob
    reason: until the migration is done
    expires: 2026-12-01
"""


def test_waivers_are_read_with_their_places(tmp_path: Path) -> None:
    (tmp_path / "waivers.yaml").write_text(TEXT, encoding="utf-8")
    register = read_register(tmp_path, "w")
    (waiver,) = register.waivers
    assert replace(waiver, place=WAIVER.place) == WAIVER
    assert waiver.place == Place("w/waivers.yaml", ("waivers", 0))
    assert list(register.documents) == ["w/waivers.yaml"]


def test_a_project_without_either_file_accepts_nothing(tmp_path: Path) -> None:
    assert read_register(tmp_path, "w") == Register((), (), {})


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ("2026-12-01", "2026-13-01", "w/waivers.yaml:9:14", "there is no such date"),
        ("2026-12-01", "soon", "w/waivers.yaml:9:14", "does not have the form"),
        ("    owner: ann\n", "", "w/waivers.yaml:3:5", "needs the key `owner`"),
        ("owner: ann", "ownr: ann", "w/waivers.yaml:6:5", "`ownr` is no key of waivers.0"),
        ("0123456789abcdef", "xyz", "w/waivers.yaml:3:14", "does not have the form"),
        ("until the migration is done", "yes", "w/waivers.yaml:8:13", "too short"),
    ],
)
def test_a_wrong_waiver_is_a_mistake_with_its_place(
    tmp_path: Path, old: str, new: str, where: str, message: str
) -> None:
    (tmp_path / "waivers.yaml").write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_register(tmp_path, "w")
    told = [str(one) for one in caught.value.mistakes if message in one.message]
    assert len(told) == 1
    assert told[0].startswith(where)


def test_a_baseline_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    entry = '{"finding": "0123456789abcdef", "agents": ["a"]}'
    path.write_text(f'{{"schema": "mcpaudit/baseline-v1", "findings": [{entry}]}}')
    assert read_register(tmp_path, "w").baseline == (Accepted("0123456789abcdef", ("a",)),)
    path.write_text(f'{{"findings": [{entry}]}}')
    with pytest.raises(ConfigurationError, match=r"w/baseline\.json:1:1: .*`schema`"):
        read_register(tmp_path, "w")
