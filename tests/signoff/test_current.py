"""What `check` says of a project's newest review: a sign-off that holds, one that ends, one that is stale."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from mcpaudit.audit import audit
from mcpaudit.model.report_finding import FindingRow
from mcpaudit.request import Request
from mcpaudit.signoff.chain import reviews_of
from tests.review.packets import ANN, AS_OF, both, packet, request, signed


@pytest.fixture
def asked(tmp_path: Path) -> Request:
    return replace(request(tmp_path / "site"), shipped_policies=True)


@pytest.fixture
def review(asked: Request) -> Path:
    assert asked.site.project is not None
    return packet(reviews_of(asked.site.project) / "2026-Q4", asked)


def told(asked: Request, days: int = 3, **more: bool) -> dict[str, FindingRow]:
    report = audit(replace(asked, as_of=AS_OF + timedelta(days=days), **more))
    return {one.policy: one for one in report.findings if one.policy.endswith("sign-off")}


def change(asked: Request, name: str, content: str) -> None:
    assert asked.site.project is not None
    (asked.site.project / name).parent.mkdir(parents=True, exist_ok=True)
    (asked.site.project / name).write_text(content)


def test_a_sign_off_that_holds_is_no_finding(asked: Request, review: Path) -> None:
    both(review)
    assert told(asked) == {}


def test_one_that_lacks_a_signature_is_none(asked: Request, review: Path) -> None:
    signed(review, ANN, "security")
    (found,) = told(asked).values()
    assert (found.policy, found.status) == ("missing-sign-off", "fail")
    assert found.message.endswith("there is none today: not enough people have approved")


def test_one_that_has_ended_is_none(asked: Request, review: Path) -> None:
    both(review)
    assert told(asked, 181) == {}
    assert list(told(asked, 182)) == ["missing-sign-off"]


def test_a_packet_that_nobody_signed_leaves_the_one_before_in_force(asked: Request, review: Path) -> None:
    both(review)
    packet(review.parent / "2027-Q1", asked)
    assert told(asked) == {}


def test_what_changed_makes_it_stale(asked: Request, review: Path) -> None:
    both(review)
    change(asked, ".mcp.json", "{}")
    change(asked, ".mcpaudit/waivers.yaml", "apiVersion: mcpaudit/v1\nwaivers: []\n")
    (found,) = told(asked).values()
    assert (found.policy, found.severity) == ("stale-sign-off", "medium")
    assert (
        "2026-Q4 was signed for other files than these: .mcpaudit/waivers.yaml and .mcp.json" in found.message
    )


def test_what_the_audit_does_not_read_is_not_stale(asked: Request, review: Path) -> None:
    both(review)
    assert asked.site.home is not None
    (asked.site.home / ".cursor").mkdir()
    (asked.site.home / ".cursor/mcp.json").write_text('{"mcpServers": {}}')
    assert list(told(asked)) == ["stale-sign-off"]
    assert told(replace(asked, site=replace(asked.site, home=None))) == {}


def test_without_the_library_nobody_says_that_it_is_signed(
    asked: Request, review: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both(review)
    monkeypatch.setattr("mcpaudit.signoff.keys.can_verify", lambda: False)
    (found,) = told(asked).values()
    assert (found.policy, found.status) == ("missing-sign-off", "inconclusive")


@pytest.mark.parametrize("name", ["statement.json", "report.json", "manifest.sha256"])
@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"coverage": 1}'])
def test_a_packet_of_any_bytes_is_no_sign_off(
    asked: Request, review: Path, name: str, content: bytes
) -> None:
    both(review)
    (review / name).write_bytes(content)
    assert list(told(replace(asked, as_of=date(2026, 11, 25)))) == ["missing-sign-off"]
