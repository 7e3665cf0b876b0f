"""A packet is prepared, signed and verified; each thing that makes a sign-off worthless is named."""

import base64
import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from mcpaudit.errors import UsageError
from mcpaudit.model.site import Site
from mcpaudit.report.canonical import from_json
from mcpaudit.report.schema import verification_schema
from mcpaudit.request import Request
from mcpaudit.review import text
from mcpaudit.review.prepare import prepare
from mcpaudit.review.sign import Wanted, sign
from mcpaudit.review.verify import verify
from mcpaudit.signoff import statement
from mcpaudit.signoff.layout import MANIFEST, STATEMENT, manifest
from mcpaudit.signoff.packet import read_packet
from tests.review.packets import (
    ANN,
    AS_OF,
    BOB,
    CANARY,
    MARIA,
    OWNER,
    POLICY,
    SECURITY,
    SIGNED,
    Held,
    both,
    conditions,
    outcomes,
    packet,
    request,
    signed,
    signers,
    verified,
)


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unsigned")
    return packet(folder / "packet", request(folder / "site"))


@pytest.fixture
def fresh(unsigned: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unsigned, tmp_path / "packet"))


def test_two_approvals_make_a_sign_off(fresh: Path) -> None:
    found = verified(both(fresh))
    assert outcomes(found) == {}
    assert (found.verdict, found.exit_code, found.expires) == ("signed-off", 0, "2027-05-22")
    assert found.sentence == (
        "Signed off by ann@example.com (security), bob@example.com (owner); it holds until 2027-05-22."
    )


def test_the_same_state_gives_the_same_packet(unsigned: Path, tmp_path: Path) -> None:
    again = packet(tmp_path / "again", request(tmp_path / "other"))
    assert read_packet(again) == read_packet(unsigned)


def test_no_secret_and_no_file_of_a_client_is_in_a_packet(fresh: Path) -> None:
    files = read_packet(both(fresh))
    assert not any(CANARY.encode() in content for content in files.values())
    assert not any(".mcp.json" in name for name in files)
    assert b'"file":".mcp.json"' in files["report.json"]


def test_a_configuration_with_a_secret_in_it_is_not_put_into_a_packet(tmp_path: Path) -> None:
    asked = request(tmp_path, servers=[{"identity": "npm:x", "purpose": f"uses {CANARY}"}])
    with pytest.raises(Exception, match=r"mcpaudit.yaml:\d+: this looks like a secret") as caught:
        prepare(asked, [MARIA])
    assert CANARY not in str(caught.value)


def test_nobody_has_signed(fresh: Path) -> None:
    found = verified(fresh)
    assert found.exit_code == 1
    assert outcomes(found) == {
        "signatures": "nobody has signed",
        "threshold": "not enough people have approved",
    }


def test_one_approval_of_two_is_not_enough(fresh: Path) -> None:
    signed(fresh, ANN, "security")
    found = verified(fresh)
    assert list(outcomes(found)) == ["threshold"]
    assert "owner: 1 needed, 0 approved (nobody)" in str(found.checks)


def test_the_keys_of_the_packet_itself_are_not_believed(fresh: Path) -> None:
    found = verify(both(fresh), date(2026, 11, 25))
    assert found.exit_code == 4
    assert list(outcomes(found)) == ["keys"]


def test_an_author_may_not_approve(fresh: Path) -> None:
    with pytest.raises(UsageError, match="may not approve it"):
        signed(fresh, MARIA, "owner")


def test_an_author_who_signs_without_asking_us_is_found_out(unsigned: Path, tmp_path: Path) -> None:
    other = packet(tmp_path / "other", request(tmp_path / "site"), author="someone@example.com")
    signed(other, ANN, "security")
    signed(other, MARIA, "owner")
    # The same signature, put on a packet that names her as its author.
    mine = Path(shutil.copytree(unsigned, tmp_path / "mine"))
    shutil.copytree(other / "signatures", mine / "signatures")
    assert "signatures" in outcomes(verified(mine))
    assert verified(other).exit_code == 0


def test_an_author_may_reject(fresh: Path) -> None:
    both(fresh)
    signed(fresh, MARIA, "owner", choice="reject", reason="the token is still in it")
    assert outcomes(verified(fresh)) == {"rejections": "it was rejected"}


def test_who_rejected_may_approve_later(fresh: Path) -> None:
    signed(fresh, ANN, "security", choice="reject")
    assert "rejections" in outcomes(verified(fresh))
    both(fresh)
    found = verified(fresh)
    assert found.exit_code == 0
    assert [vote.counts for vote in found.votes] == [False, True, True]


def test_a_decision_that_others_saw_cannot_be_taken_out(fresh: Path) -> None:
    signed(fresh, ANN, "security", choice="reject")
    both(fresh)
    for file in (fresh / "signatures").glob("01-*"):
        file.unlink()
    assert outcomes(verified(fresh)) == {"order": "the decisions are not those that were here"}


def test_a_decision_whose_signatures_are_taken_away_is_missed(fresh: Path) -> None:
    signed(fresh, ANN, "security", choice="reject")
    both(fresh)
    for ending in ("dsse.json", "statement.json.sig"):
        (fresh / f"signatures/01-{ANN}.{ending}").unlink()
    assert "order" in outcomes(verified(fresh))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (f'{OWNER},valid-before="20261101"', "the key was valid until 2026-11-01 00:00 UTC"),
        (f'{OWNER},valid-after="20261124"', "the key was not valid before 2026-11-24 00:00 UTC"),
        (SECURITY, "bob@example.com may not sign as owner"),
    ],
)
def test_a_key_counts_in_its_role_and_in_its_time(fresh: Path, options: str, told: str) -> None:
    found = verified(both(fresh), own=signers(bob=options))
    assert list(outcomes(found)) == ["signatures", "threshold"]
    assert told in str(found.checks)


def test_a_key_that_ended_later_was_valid_then(fresh: Path) -> None:
    both(fresh)
    later = signers(bob=f'{OWNER},valid-before="20261124"')
    assert verified(fresh, day="2027-01-10", own=later).exit_code == 0


def test_a_person_who_is_no_signer_any_more_does_not_count(fresh: Path) -> None:
    both(fresh)
    fewer = "\n".join(line for line in signers().split("\n") if not line.startswith(BOB))
    assert list(outcomes(verified(fresh, own=fewer))) == ["signatures", "threshold"]


def test_an_approval_ends(fresh: Path) -> None:
    signed(fresh, ANN, "security", expires=date(2026, 12, 1))
    signed(fresh, BOB, "owner")
    assert verified(fresh, day="2026-12-01").expires == "2026-12-01"
    found = verified(fresh, day="2026-12-02")
    assert list(outcomes(found)) == ["threshold"]
    assert "it ended on 2026-12-01" in str(found.votes)


def test_a_condition_falls_due_until_the_reviewer_signs_again(fresh: Path) -> None:
    due = conditions(("rotate the token", "2026-12-01"))
    signed(fresh, ANN, "security", choice="conditional", conditions=due)
    signed(fresh, BOB, "owner")
    assert verified(fresh, day="2026-12-01").exit_code == 0
    assert outcomes(verified(fresh, day="2026-12-02")) == {"conditions": "1 condition overdue"}
    signed(fresh, ANN, "security", time=datetime(2026, 12, 2, tzinfo=UTC))
    assert verified(fresh, day="2026-12-02").exit_code == 0


def test_a_time_of_signing_that_cannot_be_does_not_count(fresh: Path) -> None:
    signed(fresh, ANN, "security", time=datetime(2027, 1, 1, tzinfo=UTC))
    signed(fresh, BOB, "owner")
    found = verified(fresh, day="2026-11-25")
    assert "which is still to come" in str(found.votes)
    with pytest.raises(UsageError, match="cannot be signed on 2026-11-01"):
        signed(fresh, ANN, "security", time=datetime(2026, 11, 1, tzinfo=UTC))


def test_one_key_is_one_person(tmp_path: Path) -> None:
    shared = signers().replace(Held(BOB).text, Held(ANN).text)
    folder = packet(tmp_path / "packet", request(tmp_path / "site", {".mcpaudit/signers": shared}))
    signed(folder, ANN, "security")

    for name, content in sign(
        read_packet(folder), Wanted(BOB, "owner", "approve", SIGNED), Held(ANN)
    ).items():
        (folder / name).write_bytes(content)
    found = verified(folder, own=shared)
    assert list(outcomes(found)) == ["threshold"]
    assert f"its key has signed for {ANN} already" in str(found.votes)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"role": "securty"}, "did you mean `security`"),
        ({"who": "eve@example.com"}, "may not sign as security by inputs/.mcpaudit/signers"),
        ({"expires": date(2028, 1, 1)}, r"a day from 2026-11-23 to 2027-05-22"),
        ({"choice": "conditional"}, "names its conditions"),
        ({"conditions": conditions(("x", "2026-12-01"))}, "only a conditional approval"),
        ({"choice": "conditional", "conditions": conditions(("x", "2026-01-01"))}, "is due on 2026-01-01"),
    ],
)
def test_what_would_not_count_is_not_signed(fresh: Path, wanted: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        signed(fresh, **{"who": ANN, "role": "security", **wanted})  # type: ignore[arg-type]


def test_a_packet_that_was_changed_is_not_signed(fresh: Path) -> None:
    (fresh / "report.md").write_text("all is well")
    with pytest.raises(UsageError, match="not as it was prepared"):
        signed(fresh, ANN, "security")


def test_the_statement_is_read_back_as_it_was(fresh: Path) -> None:
    raw = read_packet(fresh)[STATEMENT]
    state, decision = statement.read(raw, STATEMENT)
    assert decision is None
    assert statement.written(state) == raw


def remade(folder: Path, change: Callable[[Path], None]) -> Path:
    """A packet by somebody who changes it and makes the digests fit again."""
    change(folder)
    files = read_packet(folder)
    (folder / MANIFEST).write_bytes(manifest(files))
    files = read_packet(folder)
    state, _ = statement.read(files[STATEMENT], STATEMENT)
    report = from_json(files["report.json"])
    again = statement.state_of(files, files[MANIFEST], report, state.authors, state.terms, state.previous)
    (folder / STATEMENT).write_bytes(statement.written(again))
    return folder


def test_findings_that_the_policies_do_not_make_are_seen(fresh: Path) -> None:
    def change(folder: Path) -> None:
        raw = (folder / "report.json").read_text("utf-8")
        (folder / "report.json").write_text(raw.replace("slack is installed in", "all is well in"), "utf-8")

    found = verified(both(remade(fresh, change)))
    assert "the findings are not what the policies say" in outcomes(found).values()


def test_a_policy_that_was_weakened_is_seen(fresh: Path) -> None:
    def change(folder: Path) -> None:
        file = folder / "policies/no-slack.yaml"
        file.write_text(file.read_text().replace("- slack", "- slick"))

    found = verified(both(remade(fresh, change)))
    assert "the findings are not what the policies say" in outcomes(found).values()


def test_a_document_that_says_something_else_than_the_report_is_seen(fresh: Path) -> None:
    def change(folder: Path) -> None:
        file = folder / "report.html"
        file.write_text(
            file.read_text("utf-8").replace("slack is installed", "nothing is installed"), "utf-8"
        )

    found = verified(both(remade(fresh, change)))
    assert outcomes(found) == {"documents": "the documents do not say what the report says"}


def waived(folder: Path, until: str) -> Path:
    """A packet whose finding is waived."""
    first = prepare(request(folder / "first"), [MARIA]).report.findings[0]
    entry = {
        "finding": first.fingerprint,
        "policy": first.policy,
        "agents": list(first.agents),
        "owner": "maria",
        "approver": "ann",
        "reason": "replaced in December",
        "granted": "2026-11-20",
        "expires": until,
        "digest": first.digest,
    }
    register = yaml.safe_dump({"apiVersion": "mcpaudit/v1", "waivers": [entry]})
    return packet(folder / "packet", request(folder / "site", {".mcpaudit/waivers.yaml": register}))


def test_a_waiver_that_ends_ends_the_sign_off(tmp_path: Path) -> None:
    folder = both(waived(tmp_path, "2026-12-10"))
    assert verified(folder, day="2026-12-10").exit_code == 0
    found = verified(folder, day="2026-12-11")
    assert outcomes(found) == {"waivers": "1 of the findings that were waived are open"}
    assert "its waiver ended on 2026-12-10" in str(found.checks)


def test_the_packet_holds_policies_as_they_were_applied(tmp_path: Path) -> None:
    asked = request(
        tmp_path / "site", severities={"no-slack": "critical"}, params={"no-slack": {"names": []}}
    )
    files = prepare(asked, [MARIA]).files
    applied = yaml.safe_load(files["policies/no-slack.yaml"])
    assert applied["metadata"]["severity"] == "critical"
    assert applied["spec"]["params"] == {"names": []}
    assert applied["spec"]["where"] == POLICY["spec"]["where"]  # type: ignore[index]


def test_an_author_has_no_second_name(tmp_path: Path) -> None:
    aliases = signers().replace(f"{BOB} ", f"{BOB},robert ")
    asked = request(tmp_path / "site", {".mcpaudit/signers": aliases})
    folder = packet(tmp_path / "packet", asked, author="Robert")
    with pytest.raises(UsageError, match="may not approve it"):
        signed(folder, BOB, "owner")
    other = signers().replace(f"{BOB} ", f"{BOB},someone ")
    asked = request(tmp_path / "other", {".mcpaudit/signers": other})
    mine = both(packet(tmp_path / "mine", asked, author="Robert"))
    assert "authors" in outcomes(verified(mine, own=aliases))


def test_the_verification_holds_its_published_schema(fresh: Path) -> None:
    signed(fresh, ANN, "security", choice="conditional", conditions=conditions(("x", "2026-12-01")))
    tree = json.loads(text.as_json(verified(fresh)))
    Draft202012Validator(verification_schema()).validate(tree)
    assert tree["votes"][0]["conditions"] == [{"text": "x", "due": "2026-12-01"}]


def test_secrets_planted_in_the_example_are_nowhere_in_its_packet(tmp_path: Path) -> None:
    example = Path(__file__).parent.parent.parent / "examples" / "logistics"
    folder = Path(shutil.copytree(example, tmp_path / "p"))
    token, password = "xoxb-90125-5150-canarytokencanary", "c4n4ry-p4ssw0rd"
    servers = folder / ".mcp.json"
    planted = servers.read_text("utf-8").replace("${SLACK_BOT_TOKEN}", token)
    servers.write_text(planted.replace("dispatch@db", f"dispatch:{password}@db"), "utf-8")
    assert servers.read_text("utf-8").count(token) == servers.read_text("utf-8").count(password) == 1
    packed = packet(tmp_path / "packet", Request(Site(folder, folder / "home"), AS_OF))
    for name, content in read_packet(packed).items():
        forms = (token, password, base64.b64encode(token.encode()).decode().rstrip("=")[:-2], token[5:])
        assert not any(form.encode() in content for form in forms), name
