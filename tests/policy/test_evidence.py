"""The ratings of policies and the duties that remain: all of them about things that exist."""

from mcpaudit.policy.controls import frameworks, unknown_control
from mcpaudit.policy.evidence import FIRM, evidence_facts
from mcpaudit.policy.policy import shipped


def test_every_rating_is_of_a_control_that_its_policy_names() -> None:
    named = {policy.id: set(policy.controls) for policy in shipped()}
    for policy, ratings in evidence_facts().policies.items():
        assert set(ratings) <= named[policy], policy
        assert set(ratings.values()) <= set(FIRM), policy


def test_every_process_and_duty_is_of_a_control_that_exists() -> None:
    facts = evidence_facts()
    for process in facts.processes.values():
        assert set(process.controls.values()) <= set(FIRM)
        assert not [one for one in process.controls if unknown_control(one)]
    assert not [one for one in facts.duties if unknown_control(one)]


def test_every_control_that_is_no_threat_says_what_remains() -> None:
    facts = evidence_facts()
    named = {one for policy in shipped() for one in policy.controls}
    named |= {one for process in facts.processes.values() for one in process.controls}
    controls = {one for one in named if one.partition(":")[0] not in facts.threats}
    assert controls == set(facts.duties)
    assert facts.threats < set(frameworks())
    assert set(frameworks()) >= {one.partition(":")[0] for one in named}


def test_what_is_not_rated_is_partial_and_never_firm() -> None:
    facts = evidence_facts()
    assert facts.firmness("too-many-servers", "cis:4.8", shipped=True) == "partial"
    assert facts.firmness("read-only-bypass", "nist-800-53:AC-3", shipped=True) == "direct"
    assert facts.firmness("read-only-bypass", "nist-800-53:AC-3", shipped=False) == ""


def test_a_control_that_nobody_wrote_about_has_a_duty_too() -> None:
    facts = evidence_facts()
    assert facts.duty("owasp-mcp:MCP01:2025") == facts.against_threats
    assert facts.duty("nist-800-53:AC-17") == facts.otherwise
